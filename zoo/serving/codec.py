"""Abstract base classes of models that take and return NumPy arrays."""

import abc
import dataclasses

import numpy as np
from numpy.typing import ArrayLike

from zoo.errors import UsageError
from zoo.inputs import arrays, containers, kinds, words


class ArrayModel(metaclass=abc.ABCMeta):
    """Base class of the models that compute named endpoints, such as `encode`, on NumPy arrays.

    Attributes:
        value_range: Pair of floats, the smallest and the largest value of the input, or None for
            any finite value.
        column_names: Names of the columns of the table that the model learned from, or None.
        vocabulary: `Vocabulary` of a model of texts, or None.
    """

    def __new__(cls, *args, **kwargs):
        """Returns a new instance, or None for an abstract class.

        Keras calls this on each base class of a functional model and drops the result; an abstract
        class would raise an error.
        """
        return None if cls in (ArrayModel, Codec) else super().__new__(cls)

    @property
    @abc.abstractmethod
    def named_input(self):
        """The input, an object with a `name` and a `shape` whose first size is the batch's."""

    @abc.abstractmethod
    def run(self, endpoint: str, tensors: list, batch_size: int) -> list:
        """Returns the outputs of an endpoint for arrays of any number of rows, batch by batch.

        Args:
            endpoint: String. Name of the endpoint, such as `"encode"`.
            tensors: List of arrays, one for each input, with the same number of rows.
            batch_size: Positive integer. Number of rows that are computed at once.

        Returns:
            A list of arrays, one for each output, in the order of the signature.
        """

    def check(self, x: ArrayLike, name: str | None = None) -> np.ndarray:
        """Returns rows in the form of the model's input, after checking them.

        Texts become documents, weighted by the model's vocabulary. The values of a `Split` were
        checked when it was created, and are not checked again.

        Args:
            x: Rows: an array, a list, a tensor of any library, a frame, a scipy sparse matrix, a
                `Split`, or a list of texts for a model of texts.
            name: String. What the rows are called in an error message; None for the name of the
                input. Defaults to None.

        Returns:
            A float32 array, `(rows, *input_shape)`.

        Raises:
            UsageError: If the rows have another shape, are not floats (features may be integers),
                or lie outside the range of values; or if the rows are texts and the model has no
                vocabulary.

        Example:

        >>> model = zoo.build("linear_ae", input_shape=(4,), latent_dim=2)
        >>> model.check([[0, 1, 0, 1]])
        array([[0., 1., 0., 1.]], dtype=float32)
        """
        checked = containers.known_within(x, self.value_range)
        input_name, shape = self.named_input.name, self.named_input.shape[1:]
        x = containers.as_array(x, arrays.plural(name or input_name), self.column_names)
        texts = words.as_texts(x)
        if texts is None and self.vocabulary is not None and isinstance(x, list) and not x:
            texts = []
        if texts is None:
            kind = kinds.of_tensor(input_name)
            integers = kind is not None and kind.integers
            return arrays.check(
                x, shape, self.value_range, name or input_name, integers, values=not checked
            )
        vocabulary = self.vocabulary
        if vocabulary is None:
            raise UsageError(
                f"This model takes {arrays.plural(input_name)} of numbers. Received: texts."
            )
        if not vocabulary.known:
            raise UsageError(
                "This model has no vocabulary yet: call model.adapt(texts) on the texts to learn "
                "from."
            )
        return vocabulary.weigh(texts)

    def prepared(self, split):
        """Returns a `Split` with its inputs in the form that the model takes.

        The columns of a table are put in the order of `column_names`. Documents without any word of
        the vocabulary are dropped.

        Args:
            split: `zoo.datasets.Split`.

        Raises:
            UsageError: If the model does not accept the rows.

        Example:

        >>> model = zoo.build("linear_ae", input_shape=(8,), latent_dim=2)
        >>> model.prepared(zoo.datasets.Split(np.zeros((3, 8))))
        <zoo.datasets.Split of 3 features of (8,), no labels>
        """
        split = split.in_order(self.column_names)
        inputs = self.check(split)
        if split.kind != "documents":
            return split
        known = inputs.any(axis=1)
        return dataclasses.replace(split.take(known), inputs=inputs[known])


class Codec(ArrayModel):
    """Base class of the models that encode rows to latent codes, and decode latent codes.

    Example:

    >>> isinstance(zoo.build("linear_ae"), zoo.serving.Codec)
    True
    """

    @property
    @abc.abstractmethod
    def code_names(self) -> list[str]:
        """Names of the decoder's inputs: `latent`, then `switches_1`, `switches_2`, ..."""

    @property
    @abc.abstractmethod
    def code_shapes(self) -> list[tuple[int, ...]]:
        """Shapes of one row's code and switches, in the order of `code_names`."""

    @property
    @abc.abstractmethod
    def index_names(self) -> list[str]:
        """Names of the outputs that hold the indices of a quantised code: `indices`, or none."""

    def encode(
        self, x: ArrayLike, switches: bool = False, batch_size: int = 256
    ) -> np.ndarray | tuple[np.ndarray, list[np.ndarray]]:
        """Returns the latent codes of rows.

        Args:
            x: Rows, `(rows, *input_shape)`: an array, a list, a tensor of any library, a frame, a
                scipy sparse matrix, a `Split`, or a list of texts for a model of texts.
            switches: Boolean. Also return the switches, which `decode` needs if the model unpools
                by them. Defaults to False.
            batch_size: Positive integer. Number of rows that are computed at once. Defaults to 256.

        Returns:
            Codes, float32 `(rows, *latent_shape)`; with `switches=True` a pair: the codes, and the
            list of the switches, int32 arrays.

        Raises:
            UsageError: If the rows have another shape, are not floats (features may be integers),
                or lie outside the range of values.

        Example:

        >>> model = zoo.build("linear_ae", latent_dim=10)
        >>> model.encode(np.zeros((3, 28, 28, 1), "float32")).shape
        (3, 10)
        """
        z, *others = self.run("encode", [self.check(x)], batch_size)
        return (z, others[: len(self.code_names) - 1]) if switches else z

    def indices(self, x: ArrayLike, batch_size: int = 256) -> np.ndarray:
        """Returns the codes of rows as indices into a codebook; for models with quantised codes.

        Args:
            x: Rows, as for `encode`.
            batch_size: Positive integer. Number of rows that are computed at once. Defaults to 256.

        Returns:
            An int32 array, `(rows, ...)`.

        Raises:
            UsageError: If the codes of the model are not quantised, or if the model does not accept
                the rows.

        Example:

        >>> zoo.build("vq_vae").indices(np.zeros((3, 28, 28, 1), "float32")).shape
        (3, 7, 7)
        """
        arrays.require_quantised(self.index_names)
        return self.run("encode", [self.check(x)], batch_size)[len(self.code_names)]

    def decode(self, z: ArrayLike, switches=None, batch_size: int = 256) -> np.ndarray:
        """Returns the reconstructions of latent codes.

        Args:
            z: Codes, `(rows, *latent_shape)`.
            switches: List of integer arrays that `encode(x, switches=True)` returned with the
                codes, for a model that unpools by them; None for any other model. Defaults to None.
            batch_size: Positive integer. Number of rows that are computed at once. Defaults to 256.

        Returns:
            A float32 array, `(rows, *input_shape)`.

        Raises:
            UsageError: If codes or switches have another shape or type, or if switches are missing.

        Example:

        >>> zoo.build("linear_ae", latent_dim=10).decode(np.zeros((3, 10), "float32")).shape
        (3, 28, 28, 1)
        """
        code = arrays.check_code(z, switches, self.code_shapes)
        return self.run("decode", code, batch_size)[0]

    def reconstruct(self, x: ArrayLike, batch_size: int = 256) -> np.ndarray:
        """Returns the reconstructions of rows, which are encoded and decoded.

        Args:
            x: Rows, as for `encode`.
            batch_size: Positive integer. Number of rows that are computed at once. Defaults to 256.

        Returns:
            A float32 array, `(rows, *input_shape)`.

        Raises:
            UsageError: If the model does not accept the rows.

        Example:

        >>> model = zoo.build("linear_ae", latent_dim=10)
        >>> model.reconstruct(np.zeros((3, 28, 28, 1), "float32")).shape
        (3, 28, 28, 1)
        """
        return self.run("reconstruct", [self.check(x)], batch_size)[0]
