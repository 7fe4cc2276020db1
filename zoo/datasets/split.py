"""Splits: rows of one kind, with labels and names if there are any."""

import dataclasses
import hashlib
import math
import re

import numpy as np

from zoo.errors import UsageError, no_such
from zoo.inputs import arrays, chunks, columns, containers, documents, kinds, numbers, words
from zoo.inputs.columns import Columns
from zoo.inputs.lazy import LazyRows
from zoo.inputs.sparse import SparseRows
from zoo.inputs.stored import StoredRows
from zoo.storage import file_errors

MANY = 8  # no image has as many channels and only 1 or 3 rows of pixels
FINGERPRINTED = 4_000_000  # bytes of rows on disk that identify a split


@dataclasses.dataclass(frozen=True)
class Split:
    """Some rows of a dataset, with their labels and names if there are any.

    Attributes:
        inputs: Array of the rows' inputs. Images are float32 in [0, 1] of shape
            `(rows, height, width, channels)`; grey images of shape `(rows, height, width)` get a
            channel axis. Features are finite float32 of shape `(rows, columns)`, sequences of
            shape `(rows, steps, channels)`. Volumes are float32 in [0, 1] of shape
            `(rows, depth, height, width, channels)`. Documents are strings of shape `(rows,)`.
            With `kind="documents"` they are instead counts or weights of words, `(rows, words)`;
            those of a scipy sparse matrix stay sparse. `StoredRows` stay on disk, and are checked
            when they are read; features of a scipy sparse matrix become `SparseRows`, which are
            made dense batch by batch.
        labels: Integer array of shape `(rows,)` or `(rows, 1)`, kept as int64 of shape `(rows,)`.
            Defaults to None, for rows without labels.
        names: Tuple of strings. The path of each row's file within its folder, or the series and
            the time that a window begins at. Defaults to None, for other rows.
        column_names: Tuple of strings. The names of the columns, for features that came from a
            table. Defaults to the names of a DataFrame's columns, else None.
        class_names: Tuple of strings. The names of the classes: the name of label k at position k.
            Defaults to None.
        kind: String. The kind of the rows. It must be given where the number of axes fits two
            kinds: `"sequences"` for `(rows, steps, channels)`, which are grey images without it,
            and `"documents"` for `(rows, words)`, which are features without it.
            Defaults to None, for that of the axes; the split then holds the name.
        windows: Integer array of shape `(rows, 2)`: the number of the series that each row was cut
            from, and the step of the series at which it begins. Rows of one series may overlap, so
            that they are never divided at random. Defaults to None, for rows of their own.
        missing: String. `"mask"` accepts missing cells, NaN; `"refuse"`, or None, refuses them.
            Defaults to `"refuse"`.
        columns: `Columns`. How the columns of a table became numbers: the
            categories that integer codes stand for, and offsets. Defaults to None, for numbers as
            they are; it is then kept as an empty one.

    The values are checked when the split is made, and not again: do not change its arrays in place.

    Raises:
        UsageError: If the inputs or labels have another shape or type, if values are not finite or
            out of range, if float32 cannot hold the numbers of a column of features, or if there
            are more or fewer names than rows or columns.

    Example:

    >>> rows = zoo.datasets.Split(np.eye(3), [0, 1, 1])
    >>> rows
    <zoo.datasets.Split of 3 features of (3,), labels>
    >>> rows.kind, len(rows.take([0, 2]))
    ('features', 2)
    """

    inputs: np.ndarray
    labels: np.ndarray | None = None
    names: tuple[str, ...] | None = None
    column_names: tuple[str, ...] | None = None
    class_names: tuple[str, ...] | None = None
    kind: str | None = None
    windows: np.ndarray | None = None
    missing: str | None = "refuse"
    columns: Columns | None = None

    _bounds: tuple | None = dataclasses.field(default=None, init=False, repr=False, compare=False)

    def __post_init__(self):
        names = self.column_names or containers.column_names(self.inputs)
        object.__setattr__(self, "column_names", names and tuple(names))
        if self.missing not in ("mask", "refuse", None):
            raise no_such("value of `missing`", self.missing, ["refuse", "mask"])
        object.__setattr__(self, "columns", Columns(self.columns or ()))
        if isinstance(self.inputs, StoredRows):
            kind = self.inputs.kind
            value_range = kinds.KINDS[kind].value_range
            inputs = self.inputs.within(value_range, kind, self.missing)
        else:
            kind, inputs = self._checked()
        object.__setattr__(self, "kind", kind)
        object.__setattr__(self, "inputs", inputs)
        self._require_lengths()
        if self.labels is None:
            return
        labels = arrays.without_column(arrays.regular(self.labels, "labels"))
        if labels.shape != (len(self),) or labels.dtype.kind not in "iu":
            raise UsageError(
                f"labels must be {len(self)} integers, one for each row. "
                f"Received: {labels.dtype} of shape {labels.shape}."
            )
        object.__setattr__(self, "labels", labels.astype(np.int64))

    def _require_lengths(self):
        """Raises an error for names or windows that are not one for each row or column."""
        columns = None if self.kind == kinds.DOCUMENTS.name else self.inputs.shape[-1]
        for field, size, of in (
            ("names", len(self), "row"),
            ("windows", len(self), "row"),
            ("column_names", columns, "column"),
        ):
            value = getattr(self, field)
            if value is not None and len(value) != size:
                raise UsageError(
                    f"`{field}` must be one for each {of}, {size}. Received: {len(value)}."
                )

    def _checked(self):
        """Returns the name of the kind, and the inputs as float32 or texts, after checking them."""
        inputs = self.inputs
        if documents.is_sparse(inputs) and self.kind == kinds.DOCUMENTS.name:
            inputs = documents.SparseDocuments(inputs)
        inputs = containers.as_array(inputs, "images or features")
        texts = words.as_texts(inputs)
        if texts is not None:
            return kinds.DOCUMENTS.name, np.array(texts, dtype=object)
        inputs = arrays.regular(inputs, "images or features")
        kind = kinds.of_array(inputs.ndim, self.kind)
        if kind is None:
            shapes = " or ".join(
                f"(rows, {', '.join(known.axes)})"
                for known in kinds.KINDS.values()
                if known.name in (kinds.OF_NUMBERS if self.kind is None else (self.kind,))
            )
            raise UsageError(
                f"{self.kind or 'images or features'} must have the shape {shapes}. Received: "
                f"{np.shape(self.inputs)}."
            )
        if kind is kinds.DOCUMENTS:
            inputs = documents.fractions(inputs)
        elif isinstance(inputs, SparseRows) and kind is not kinds.FEATURES:
            inputs = np.asarray(inputs)
        inputs = inputs[..., None] if inputs.ndim == len(kind.axes) else inputs
        if kind is kinds.IMAGES:
            _require_channels_last(inputs.shape)
        if kind.integers:
            numbers.require_float32(inputs, self.column_names)
        options = {"integers": kind.integers, "missing": self.missing}
        return kind.name, arrays.check(
            inputs, inputs.shape[1:], kind.value_range, kind.name, **options
        )

    @property
    def images(self) -> np.ndarray:
        """Returns the inputs of a split of images.

        Raises:
            UsageError: If the inputs are not images.
        """
        return self._inputs_of(kinds.IMAGES.name)

    @property
    def features(self) -> np.ndarray:
        """Returns the inputs of a split of features.

        Raises:
            UsageError: If the inputs are not features.
        """
        return self._inputs_of(kinds.FEATURES.name)

    def _inputs_of(self, kind):
        if self.kind != kind:
            raise UsageError(f"The split must hold {kind}. Received: {self.kind}.")
        return self.inputs

    def __len__(self):
        return len(self.inputs)

    def __repr__(self):
        labels = "no labels" if self.labels is None else "labels"
        return (
            f"<zoo.datasets.Split of {len(self)} {self.kind} of {self.inputs.shape[1:]}, {labels}>"
        )

    def take(self, rows) -> "Split":
        """Returns some of the rows, with their labels and names.

        Args:
            rows: Integer array of row numbers, boolean mask, or slice. The rows to take.

        Returns:
            A new `Split`.
        """
        labels = None if self.labels is None else self.labels[rows]
        names = None if self.names is None else tuple(np.array(self.names, object)[rows])
        windows = None if self.windows is None else self.windows[rows]
        inputs = chunks.take(self.inputs, rows)
        return self._with(inputs=inputs, labels=labels, names=names, windows=windows)

    def _with(self, **changes):
        """Returns a copy with other fields, which are not checked."""
        copy = object.__new__(type(self))
        for field in dataclasses.fields(self):
            value = changes.get(field.name, getattr(self, field.name))
            object.__setattr__(copy, field.name, value)
        return copy

    @property
    def holds_texts(self) -> bool:
        """Returns whether the inputs are strings, which a vocabulary turns into numbers."""
        return self.inputs.dtype.hasobject

    @property
    def in_memory(self) -> bool:
        """Returns whether the inputs are an array, rather than rows on disk or sparse."""
        return not isinstance(self.inputs, LazyRows)

    @property
    def fingerprint(self) -> str:
        """Returns a SHA-256 hash of the inputs, in hexadecimal; of `LazyRows`, of a sample."""
        inputs = self.sample(FINGERPRINTED).inputs
        digest = hashlib.sha256(repr(self.inputs.shape).encode())
        if inputs.dtype.hasobject:
            inputs = np.frombuffer("\0".join(inputs).encode(), np.uint8)
        digest.update(np.ascontiguousarray(inputs).view(np.uint8).data)
        return digest.hexdigest()

    def sample(self, most: int) -> "Split":
        """Returns at most so many bytes of rows, drawn with seed 0, in memory.

        Args:
            most: Integer. Bytes of the inputs in float32; at least one row is drawn.

        Returns:
            The split itself if it is in memory or empty, else a new `Split`.

        Example:

        >>> len(zoo.datasets.Split(np.eye(3)).sample(most=8))
        3
        """
        if self.in_memory or not len(self):
            return self
        size = 4 * math.prod(self.inputs.shape[1:])
        count = min(len(self), max(1, most // size))
        rows = np.sort(np.random.default_rng(0).choice(len(self), count, replace=False))
        part = self.take(rows)
        return part._with(inputs=np.asarray(part.inputs))

    def lies_within(self, value_range: tuple[float, float] | None) -> bool:
        """Returns whether all values of this kind of data lie within a range.

        Args:
            value_range: Pair of floats, the smallest and the largest value, or None for any finite
                value.

        Returns:
            A boolean.

        Example:

        >>> zoo.datasets.Split(np.eye(3)).lies_within(None)
        True
        """
        kind = kinds.KINDS[self.kind]
        if kind is kinds.DOCUMENTS or not len(self) or self.missing == "mask":
            return False
        if value_range in (None, kind.value_range):
            return True
        if isinstance(self.inputs, LazyRows):
            return False
        if self._bounds is None:
            object.__setattr__(self, "_bounds", (self.inputs.min(), self.inputs.max()))
        return bool(value_range[0] <= self._bounds[0] and self._bounds[1] <= value_range[1])

    def label_of(self, name: int | str) -> int:
        """Returns the label of a class.

        Args:
            name: String or integer. The name of the class if the classes have names, else its
                label. If the names are numbers themselves, as for folders named 1, 2 and 10, a
                number stands for a name.

        Returns:
            Integer. The label.

        Raises:
            UsageError: If there are no labels, no class has this name, or no row has this label.

        Example:

        >>> rows = zoo.datasets.Split(np.eye(2), [0, 1], class_names=("good", "scratch"))
        >>> rows.label_of("scratch")
        1
        """
        if self.labels is None:
            raise UsageError(f"The data have no labels to find class {name!r} by.")
        name = file_errors.printable(name) if isinstance(name, str) else name
        labels, names = np.unique(self.labels), self.class_names or ()
        if str(name) in names:
            label = names.index(str(name))
        elif _is_number(name) and not any(map(_is_number, names)):
            label = int(name)
        elif names:
            raise no_such("class", str(name), list(names))
        else:
            label = None
        if label not in labels:
            known = [names[number] if names else str(number) for number in labels[:20]]
            raise UsageError(
                f"There must be rows of class {name!r}. Received: those of {', '.join(known)}."
            )
        return label

    def in_order(self, column_names) -> "Split":
        """Returns the split with its columns in the order of `column_names`.

        Args:
            column_names: Sequence of strings, or None. The columns of the table that a model
                learned from. With None, or if this split has no column names, the order stays as it
                is.

        Returns:
            A `Split` with reordered columns, or this one if there is nothing to reorder.

        Raises:
            UsageError: If this split has column names and they are not the same set of names.

        Example:

        >>> rows = zoo.datasets.Split([[1.0, 2.0]], column_names=("width", "height"))
        >>> print(rows.in_order(("height", "width")).inputs)
        [[2. 1.]]
        """
        if not column_names or not self.column_names or column_names == self.column_names:
            return self
        order = containers.positions(self.column_names, column_names, "The table")
        rows = self.inputs
        return self._with(
            inputs=rows[..., order] if self.in_memory else rows.reordered(order),
            column_names=tuple(column_names),
            columns=self.columns.in_order(order),
        )

    def in_form(self, column_names, wanted: Columns) -> "Split":
        """Returns the split with its columns as a model takes them: in its order, with its codes.

        Args:
            column_names: Sequence of strings, or None. As for `in_order`.
            wanted: `Columns` of the model; empty for numbers alone. A split
                without column names has this form already.

        Returns:
            A `Split`, or this one if there is nothing to change.

        Raises:
            UsageError: As for `in_order`; or if a column of categories is wanted as numbers.

        Example:

        >>> own, wanted = Columns([["cat", "cow"]]), Columns([["cat", "dog"]])
        >>> rows = zoo.datasets.Split([[0.0], [1.0]], column_names=("kind",), columns=own)
        >>> rows.in_form(("kind",), wanted).inputs.tolist()
        [[0.0], [3.0]]
        """
        split = self.in_order(column_names)
        of_table = split.column_names is not None or split.columns
        plain = not any(entry is not None for entry in (*split.columns, *wanted))
        if not of_table or plain or split.columns == wanted or not self.in_memory:
            return split
        if wanted and len(wanted) != split.inputs.shape[-1]:
            return split  # which the check of the shape refuses
        names = split.column_names or range(split.inputs.shape[-1])
        inputs = columns.recoded(split.inputs, split.columns, wanted, names)
        return split._with(inputs=inputs, columns=wanted)


def _require_channels_last(shape):
    """Raises an error for images of 1 or 3 rows of pixels and many channels: the axes are moved."""
    if shape[1] in (1, 3) and min(shape[2:]) >= MANY:
        raise UsageError(
            "The channels of images are their last axis, (rows, height, width, channels). "
            f"Received: {shape}. Move them there: numpy.moveaxis(x, 1, -1)."
        )


def _is_number(name):
    return re.fullmatch("-?[0-9]+", str(name)) is not None
