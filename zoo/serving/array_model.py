"""Abstract base classes of the models that compute named endpoints on NumPy arrays."""

import abc
import dataclasses
import inspect

import numpy as np
from numpy.typing import ArrayLike

from zoo.errors import UsageError
from zoo.inputs import arrays, batches, chunks, containers, documents, kinds, words
from zoo.inputs.columns import Columns
from zoo.inputs.parts import Part


class AbstractWithKeras(abc.ABCMeta):
    """Metaclass of abstract classes that functional Keras models may inherit from.

    Keras calls `__new__` of each base class of a functional model and drops the result. For an
    abstract class Python would raise an error there; this class raises it in the call instead.
    """

    def __call__(cls, *args, **kwargs):
        """Returns a new instance of the class.

        Raises:
            TypeError: If the class is abstract.
        """
        if inspect.isabstract(cls):
            raise TypeError(
                f"{cls.__name__} is abstract: a subclass must define "
                f"{', '.join(sorted(cls.__abstractmethods__))}."
            )
        return super().__call__(*args, **kwargs)


class ArrayModel(metaclass=AbstractWithKeras):
    """Base class of the models that compute named endpoints, such as `encode`, on NumPy arrays.

    Attributes:
        value_range: Pair of floats, the smallest and the largest value of the input, or None for
            any finite value.
        column_names: Names of the columns of the table that the model learned from, or None.
        vocabulary: `Vocabulary` of a model of texts, or None.
    """

    def __new__(cls, *args, **kwargs):
        """Returns a new instance, or None for an abstract class, which only Keras asks for."""
        return None if inspect.isabstract(cls) else super().__new__(cls)

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

    def computed(self, endpoint: str, x: ArrayLike, batch_size: int) -> list:
        """Returns the outputs of an endpoint for rows or a stream of batches, after checking them.

        Of a stream, each batch is checked and computed before the next one is read.

        Args:
            endpoint: String. Name of the endpoint, such as `"encode"`.
            x: Rows, as for `check`, or a stream of batches that ends, whose targets and sample
                weights are left out.
            batch_size: Positive integer. Number of rows that are computed at once.

        Returns:
            A list of arrays, one for each output, in the order of the signature.

        Raises:
            UsageError: If the rows are not accepted.

        Example:

        >>> model = zoo.build("linear_ae", input_shape=(4,), latent_dim=2)
        >>> (codes,) = model.computed("encode", iter([np.zeros((3, 4)), np.zeros((1, 4))]), 256)
        >>> codes.shape
        (4, 2)
        """
        if not containers.is_stream(x):
            return self.run(endpoint, [self.check(x)], batch_size)
        results = [
            self.run(endpoint, [rows], batch_size) for rows in batches.inputs_of(x, self.input_part)
        ]
        empty = np.empty((0, *self.named_input.shape[1:]), np.float32)
        results = results or [self.run(endpoint, [empty], batch_size)]
        return [np.concatenate(parts) for parts in zip(*results, strict=True)]

    @property
    def input_part(self) -> Part:
        """The requirements on the inputs of a batch: check, shape, range and name."""
        shape = tuple(self.named_input.shape[1:])
        name, missing = self.named_input.name, self.missing
        return Part(self.check, shape, "float32", self.value_range, missing, name)

    @property
    def missing(self) -> str | None:
        """Treatment of missing cells, NaN: `"mask"`, or `"refuse"` if the model was built so.

        None if its variant takes them in no form.
        """
        return None

    @property
    def columns(self) -> Columns:
        """The `Columns` by which a table becomes numbers; empty for numbers as they are."""
        return Columns()

    @property
    def kind_of_arrays(self) -> str | None:
        """The kind of data by whose name arrays are loaded for the model; see `kinds.to_name`."""
        return kinds.to_name(kinds.of_tensor(self.named_input.name))

    def check(self, x: ArrayLike, name: str | None = None) -> np.ndarray:
        """Returns rows in the form of the model's input, after checking them.

        Texts become documents, weighted by the model's vocabulary. Counts of words, or weights in a
        scipy sparse matrix, become documents too: each row is divided by its sum. Of a model of
        columns with categories or offsets, the columns of a frame become the numbers that its
        `columns` name. An array holds codes of categories; if it is not float32, the offsets are
        subtracted. The values of a `Split` were checked when it was created, and are not checked
        again.

        Args:
            x: Rows: an array, a list, a tensor of any library, a frame, a scipy sparse matrix, a
                `Split`, or a list of texts for a model of texts; or a dictionary whose only value
                they are, under the name of the input.
            name: String. What the rows are called in an error message; None for the name of the
                input. Defaults to None.

        Returns:
            A float32 array, `(rows, *input_shape)`; rows on disk and of a sparse matrix as
            `LazyRows`.

        Raises:
            UsageError: If the rows have another shape, are not floats (features may be integers),
                or lie outside the range of values; if a cell is missing, NaN, and the model was not
                built with `missing="mask"`; or if the rows are texts and the model has no
                vocabulary.

        Example:

        >>> model = zoo.build("linear_ae", input_shape=(4,), latent_dim=2)
        >>> model.check([[0, 1, 0, 1]])
        array([[0., 1., 0., 1.]], dtype=float32)
        """
        input_name, shape = self.named_input.name, self.named_input.shape[1:]
        rows, columns = arrays.plural(name or input_name), self.columns
        x = containers.by_name(x, input_name)
        checked = containers.known_within(x, self.value_range)
        if documents.is_sparse(x) and kinds.of_tensor(input_name) is kinds.DOCUMENTS:
            x = documents.SparseDocuments(x)
        x = containers.as_array(x, rows, self.column_names, columns)
        texts = words.as_texts(x)
        if texts is None and isinstance(x, (list, tuple)) and not x:
            texts, x = None if self.vocabulary is None else [], np.empty((0, *shape), np.float32)
        if texts is None and columns:
            x = columns.of_array(arrays.regular(x, rows))
        if texts is None:
            kind = kinds.of_tensor(input_name)
            if kind is kinds.DOCUMENTS:
                x = documents.fractions(arrays.regular(x, rows))
            integers = kind is not None and kind.integers
            return arrays.check(
                x, shape, self.value_range, name or input_name, integers, not checked, self.missing
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

        The columns of a table are put in the order of `column_names`, and in the codes of
        `columns`. Documents without any word of the vocabulary are dropped.

        Args:
            split: `zoo.datasets.Split`.

        Raises:
            UsageError: If the model does not accept the rows.

        Example:

        >>> model = zoo.build("linear_ae", input_shape=(8,), latent_dim=2)
        >>> model.prepared(zoo.datasets.Split(np.zeros((3, 8))))
        <zoo.datasets.Split of 3 features of (8,), no labels>
        """
        split = split.in_form(self.column_names, self.columns)
        inputs = self.check(split)
        if split.kind != kinds.DOCUMENTS.name:
            return split
        known = documents.nonempty(inputs)
        inputs = chunks.take(inputs, known)
        return dataclasses.replace(split.take(known), inputs=inputs, kind=None)

    def table(self, rows: ArrayLike) -> dict[str, np.ndarray]:
        """Returns rows that the model takes or returns as the columns of a table, by their names.

        Args:
            rows: Array, `(rows, columns)`, such as the result of `reconstruct`.

        Returns:
            A dictionary from the name of each column, or its position, to an array of its values:
            categories instead of codes, with None for a missing or unknown one, and numbers with
            their offset. `pandas.DataFrame(model.table(rows))` is a frame.

        Raises:
            UsageError: If the rows have not one number for each column.

        Example:

        >>> model = zoo.build("pca", input_shape=(1,), latent_dim=1, columns=[["cat", "dog"]])
        >>> model.table(np.float32([[1], [0]]))
        {'0': array(['dog', 'cat'], dtype=object)}
        """
        rows = arrays.check(rows, self.named_input.shape[1:], None, "rows", integers=True)
        if rows.ndim != 2:
            raise UsageError(
                f"Only features are the columns of a table. Received: {self.named_input.name}."
            )
        names = self.column_names or [str(position) for position in range(rows.shape[1])]
        columns = self.columns or Columns([None] * rows.shape[1])
        return dict(zip(names, columns.values_of(rows), strict=True))


class ClassifyingModel(ArrayModel):
    """Base class of the models that return the probabilities of classes: `classify`.

    Example:

    >>> model = zoo.classifier(zoo.build("linear_ae"), classes=10)
    >>> isinstance(model, ClassifyingModel)
    True
    """

    def classify(self, x: ArrayLike, batch_size: int = 256) -> np.ndarray:
        """Returns the probabilities of the classes for each row.

        Args:
            x: Rows, as for `encode`.
            batch_size: Positive integer. Number of rows that are computed at once. Defaults to 256.

        Returns:
            A float32 array, `(rows, classes)`.

        Raises:
            UsageError: If the model does not accept the rows.

        Example:

        >>> model = zoo.classifier(zoo.build("linear_ae"), classes=10)
        >>> model.classify(np.zeros((3, 28, 28, 1), "float32")).shape
        (3, 10)
        """
        return self.computed("classify", x, batch_size)[0]


def require_endpoint(endpoint: str, endpoints) -> None:
    """Raises an error if a model has no endpoint of a name.

    Args:
        endpoint: String. Name of the endpoint, such as `"encode"`.
        endpoints: The names of the model's endpoints, in order.

    Raises:
        UsageError: If `endpoint` is not one of them.

    Example:

    >>> require_endpoint("encode", ["encode", "decode", "reconstruct"])
    """
    if endpoint not in endpoints:
        raise UsageError(
            f"This model cannot {endpoint}, since it has no such endpoint. "
            f"Its endpoints: {', '.join(endpoints)}."
        )
