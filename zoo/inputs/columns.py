"""The columns of a table as numbers: categories as integer codes, large numbers less an offset."""

import reprlib
from collections.abc import Sequence

import numpy as np

from zoo.errors import UsageError
from zoo.inputs.categories import OTHERS, codes, decoded, known_codes
from zoo.inputs.offsets import as_float32, centred, restored


class Columns(tuple):
    """The form in which a model takes each column of a table.

    An entry is None for a column of numbers; a number, the offset, for one whose numbers are taken
    less this offset, since float32 could not tell them apart; or the tuple of the categories of a
    column of categories. A category is a string, a number or a boolean, and its code is its
    position in the tuple. With n categories, a missing value has the code n, and a value that is
    none of them the code n + 1: the column has n + 2 classes.

    Args:
        entries: Sequence of these entries; lists are accepted as tuples.

    Raises:
        UsageError: If an entry is none of these.

    Example:

    >>> columns = Columns([None, ["cat", "dog"]])
    >>> columns.classes, columns.has_categories
    ((0, 4), True)
    """

    def __new__(cls, entries: Sequence = ()):
        if isinstance(entries, (str, bytes)) or not isinstance(entries, Sequence):
            raise UsageError(
                "`columns` must be a sequence with an entry for each column. Received: "
                f"columns={entries!r}."
            )
        return super().__new__(cls, map(_entry, entries))

    @classmethod
    def as_argument(cls, value) -> tuple:
        """Returns the value of a builder's argument as a plain tuple, after checking it.

        Args:
            value: Sequence of entries.

        Raises:
            UsageError: If an entry is none of the three.

        Example:

        >>> Columns.as_argument([None, ["cat", "dog"]])
        (None, ('cat', 'dog'))
        """
        return tuple(cls(value))

    def __getnewargs__(self):
        return (tuple(self),)

    @property
    def classes(self) -> tuple[int, ...]:
        """Number of classes of each column; 0 for a column of numbers."""
        return tuple(len(e) + OTHERS if isinstance(e, tuple) else 0 for e in self)

    @property
    def categories(self) -> list[int]:
        """Positions of the columns of categories."""
        return [position for position, classes in enumerate(self.classes) if classes]

    @property
    def numbers(self) -> list[int]:
        """Positions of the columns of numbers."""
        return [position for position, classes in enumerate(self.classes) if not classes]

    @property
    def has_categories(self) -> bool:
        """Boolean. True if there is a column of categories."""
        return any(self.classes)

    def in_order(self, order: Sequence[int]) -> "Columns":
        """Returns the entries in another order.

        Args:
            order: Positions of the entries.

        Example:

        >>> Columns([None, ["cat"]]).in_order([1, 0])
        (('cat',), None)
        """
        return Columns([self[position] for position in order]) if self else self

    def of_array(self, array: np.ndarray) -> np.ndarray:
        """Returns an array less the offsets of its columns; float32 is the form after that already.

        Args:
            array: Array, `(rows, columns)`.

        Example:

        >>> Columns([None, 1_700_000_000]).of_array(np.array([[1, 1_700_000_060]]))
        array([[ 1., 60.]], dtype=float32)
        """
        offsets = [position for position in self.numbers if self[position]]
        numeric = array.dtype.kind in "iuf" and array.dtype != np.float32
        if not offsets or not numeric or array.ndim != 2 or array.shape[1] != len(self):
            return array
        result = array.astype(np.float64)
        for position in offsets:
            result[:, position] = centred(array[:, position], self[position])
        return as_float32(result)

    def of_values(self, values: Sequence[np.ndarray]) -> np.ndarray:
        """Returns the columns of a table as the array that a model takes.

        Args:
            values: Sequence of arrays, `(rows,)`, one for each column.

        Returns:
            Float32 array, `(rows, columns)`.

        Example:

        >>> columns = Columns([None, ["cat", "dog"]])
        >>> columns.of_values([np.array([0.5, 2.0]), np.array(["dog", None])])
        array([[0.5, 1. ],
               [2. , 2. ]], dtype=float32)
        """
        coded = [
            codes(column, entry) if isinstance(entry, tuple) else centred(column, entry)
            for column, entry in zip(values, self, strict=True)
        ]
        return as_float32(np.stack(coded, axis=1))

    def values_of(self, rows: np.ndarray) -> list[np.ndarray]:
        """Returns the values of each column: the categories of codes, and numbers with the offset.

        Args:
            rows: Array, `(rows, columns)`, in the form that a model takes and returns.

        Returns:
            A list of arrays, `(rows,)`. A column of categories is an array of objects, with None
            for a missing value and for one that is none of the categories; a column with an offset
            is float64, and any other float32.

        Example:

        >>> columns = Columns([None, ["cat", "dog"]])
        >>> [column.tolist() for column in columns.values_of(np.float32([[0.5, 1], [2, 2]]))]
        [[0.5, 2.0], ['dog', None]]
        """
        rows = np.asarray(rows)
        return [values_of(rows[:, n], entry) for n, entry in enumerate(self)]

    def missing(self, rows: np.ndarray) -> np.ndarray:
        """Returns which cells are missing: NaN, or a category that is missing.

        Args:
            rows: Array, `(rows, ...)`, in the form that a model takes.

        Returns:
            Array of booleans in the shape of `rows`.

        Example:

        >>> Columns([["cat", "dog"], None]).missing(np.float32([[1, 0.5], [2, np.nan]]))
        array([[False, False],
               [ True,  True]])
        """
        missing = np.isnan(rows)
        for position in self.categories:
            missing[:, position] |= rows[:, position] == self.classes[position] - OTHERS
        return missing

    def one_hot(self, rows: np.ndarray) -> np.ndarray:
        """Returns rows with the numbers first, and a 1 at the class of each category after them.

        Args:
            rows: Array, `(rows, columns)`. In a column of categories NaN is a missing value, and a
                number that is no code a value that was never seen.

        Returns:
            Float32 array, `(rows, numbers + classes)`.

        Example:

        >>> Columns([["cat", "dog"], None]).one_hot(np.float32([[1, 0.5]]))
        array([[0.5, 0. , 1. , 0. , 0. ]], dtype=float32)
        """
        rows = np.asarray(rows)
        parts = [rows[:, self.numbers]]
        for position in self.categories:
            classes = self.classes[position]
            coded = known_codes(rows[:, position], classes)
            parts.append(coded[:, None] == np.arange(classes))
        return np.concatenate(parts, axis=1).astype(np.float32)


def values_of(column: np.ndarray, entry) -> np.ndarray:
    """Returns the values of one column, as `Columns.values_of` those of all.

    Args:
        column: Array, `(rows,)`, in the form that a model takes and returns.
        entry: The entry of the column in its `Columns`.

    Example:

    >>> values_of(np.float32([1, 0]), ("cat", "dog")).tolist()
    ['dog', 'cat']
    """
    return decoded(column, entry) if isinstance(entry, tuple) else restored(column, entry)


def _entry(entry):
    if entry is None:
        return None
    if isinstance(entry, (list, tuple)):
        known = (str, bool, int, float)
        plain = tuple(entry)
        if all(isinstance(value, known) for value in plain) and len({*plain}) == len(plain):
            return plain
    elif isinstance(entry, (int, float)) and not isinstance(entry, bool) and np.isfinite(entry):
        return entry
    raise UsageError(
        "`columns` must have None, a number or a tuple of different categories for each column. "
        f"Received: {reprlib.repr(entry)}."
    )
