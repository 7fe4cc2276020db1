"""What a model and its export do alike: numpy in, numpy out, by whichever runtime.

Each is a method of `AutoEncoder`, `Classifier` or `Scorer`, and of `Bundle`: classes that say
what their code is like (`code_names`, `code_shapes`, `index_names`), check an input, and run an
endpoint.
"""

import dataclasses

import numpy as np
from numpy.typing import ArrayLike

from zoo import arrays, containers
from zoo.errors import UsageError


def checked(self, x: ArrayLike, name: str | None = None) -> np.ndarray:
    """`x` as its input takes it: numbers checked, texts weighed by its vocabulary."""
    given = self._given
    x = containers.as_array(x, arrays.plural(name or given.name), self.column_names)
    texts = arrays.as_texts(x)
    if texts is None and self.vocabulary is not None and isinstance(x, list) and not x:
        texts = []
    if texts is None:
        integers = given.name == "features"
        return arrays.check(x, given.shape[1:], self.value_range, name or given.name, integers)
    vocabulary = self.vocabulary
    if vocabulary is None:
        raise UsageError(
            f"This model takes {arrays.plural(given.name)} of numbers. Received: texts."
        )
    if not vocabulary.known:
        raise UsageError(
            "This model has no vocabulary yet: call model.adapt(texts) on the texts to learn from."
        )
    return vocabulary.weigh(texts)


def prepared(self, split):
    """Returns a `Split` as its input takes it.

    The columns of a table come in the order of `column_names`; of texts the documents with a known
    word.
    """
    split = split.in_order(self.column_names)
    inputs = self._checked(split.inputs)
    if split.kind != "documents":
        return split
    known = inputs.any(axis=1)
    return dataclasses.replace(split.take(known), inputs=inputs[known])


def encode(
    self, x: ArrayLike, switches: bool = False, batch_size: int = 256
) -> np.ndarray | tuple[np.ndarray, list[np.ndarray]]:
    """The codes of `x`, `(rows, *input_shape)`, as an array `(rows, *latent_shape)`.

    With `switches=True` a pair: the codes, and the list of the switches' arrays.
    Raises `UsageError` for arrays of another shape, no floats, or out of range.
    """
    z, *others = self._run("encode", [self._checked(x)], batch_size)
    return (z, others[: len(self.code_names) - 1]) if switches else z


def indices(self, x: ArrayLike, batch_size: int = 256) -> np.ndarray:
    """The quantised codes of `x` as int32 indices into their codebook, `(rows, ...)`."""
    arrays.require_quantised(self.index_names)
    return self._run("encode", [self._checked(x)], batch_size)[len(self.code_names)]


def decode(self, z: ArrayLike, switches=None, batch_size: int = 256) -> np.ndarray:
    """The reconstructions of codes `z`, `(rows, *latent_shape)`.

    A variant that unpools by remembered positions also needs the `switches` that
    `encode(x, switches=True)` returned beside the codes; without, `UsageError` says so.
    """
    code = arrays.check_code(z, switches, self.code_shapes)
    return self._run("decode", code, batch_size)[0]


def reconstruct(self, x: ArrayLike, batch_size: int = 256) -> np.ndarray:
    """`x`, `(rows, *input_shape)`, encoded and decoded."""
    return self._run("reconstruct", [self._checked(x)], batch_size)[0]


def classify(self, x: ArrayLike, batch_size: int = 256) -> np.ndarray:
    """The probabilities of the classes for `x`, `(rows, *input_shape)`: `(rows, classes)`."""
    return self._run("classify", [self._checked(x)], batch_size)[0]


def score(self, x: ArrayLike, batch_size: int = 256) -> np.ndarray:
    """How unlike normal rows each of `x`, `(rows, *input_shape)`, is: float32 `(rows,)`."""
    return self._run("score", [self._checked(x)], batch_size)[0]
