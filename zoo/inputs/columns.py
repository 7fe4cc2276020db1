"""The columns of a table as numbers: categories as integer codes, large numbers less an offset."""

import numbers
import reprlib
from collections.abc import Hashable, Sequence

import numpy as np

from zoo.errors import UsageError

OTHERS = 2  # classes of a column of categories beside its categories: missing, and never seen


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
        return _as_float32(result)

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
        return _as_float32(np.stack(coded, axis=1))

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
        return [_values(rows[:, n], entry) for n, entry in enumerate(self)]

    def one_hot(self, rows: np.ndarray) -> np.ndarray:
        """Returns rows with the numbers first, and a 1 at the class of each category after them.

        Args:
            rows: Array, `(rows, columns)`, whose codes are integers.

        Returns:
            Float32 array, `(rows, numbers + classes)`.

        Example:

        >>> Columns([["cat", "dog"], None]).one_hot(np.float32([[1, 0.5]]))
        array([[0.5, 0. , 1. , 0. , 0. ]], dtype=float32)
        """
        rows = np.asarray(rows)
        parts = [rows[:, self.numbers]]
        for position in self.categories:
            parts.append(rows[:, [position]] == np.arange(self.classes[position]))
        return np.concatenate(parts, axis=1).astype(np.float32)


def codes(values: np.ndarray, categories: tuple) -> np.ndarray:
    """Returns the code of each value of a column of categories.

    Args:
        values: Array of any type, `(rows,)`.
        categories: Tuple of the n categories.

    Returns:
        Float64 array, `(rows,)`: the position in `categories`, n for a missing value (None, NaN,
        and pandas's NA), or n + 1 for a value that is none of them.

    Example:

    >>> codes(np.array(["dog", None, "cow"], object), ("cat", "dog"))
    array([1., 2., 3.])
    """
    known = {category: float(code) for code, category in enumerate(categories)}
    missing, unseen = float(len(categories)), len(categories) + 1.0

    def code(value):
        if is_missing(value):
            return missing
        return known.get(value, unseen) if isinstance(value, Hashable) else unseen

    return np.array([code(value) for value in np.asarray(values).tolist()], np.float64)


def categories_of(values: np.ndarray, name) -> tuple:
    """Returns the different values of a column in order, strings after numbers.

    Args:
        values: Array of any type, `(rows,)`.
        name: Name of the column, for the message.

    Returns:
        A tuple of strings, numbers and booleans, without missing values.

    Raises:
        UsageError: If a value is of another type.

    Example:

    >>> categories_of(np.array([94110.0, np.nan, 10115.0]), "zip")
    (10115, 94110)
    """
    found = {}
    for row, value in enumerate(np.asarray(values).tolist()):
        if is_missing(value):
            continue
        if not isinstance(value, (str, bool, numbers.Real)):
            raise UsageError(
                f"Column {name!r} must hold categories that are texts, numbers or booleans. "
                f"Received: {reprlib.repr(value)} in row {row}."
            )
        found[_plain(value)] = None
    return tuple(sorted(found, key=lambda value: (isinstance(value, str), value)))


def is_missing(value) -> bool:
    """Returns whether a value of a table is missing: None, NaN, or pandas's NA or NaT.

    Args:
        value: Anything.

    Example:

    >>> is_missing(None), is_missing(float("nan")), is_missing("")
    (True, True, False)
    """
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and value != value


def centred(values: np.ndarray, offset: float | None) -> np.ndarray:
    """Returns the numbers of a column less its offset, exactly for integers.

    Args:
        values: Array of numbers, `(rows,)`.
        offset: Number, or None for none.

    Returns:
        Float64 array, `(rows,)`, or the values themselves without an offset.

    Example:

    >>> centred(np.array([2**62 + 1]), 2**62)
    array([1.])
    """
    if not offset:
        return values
    if values.dtype.kind in "iu":
        return (values.astype(object) - int(offset)).astype(np.float64)
    return values.astype(np.float64) - offset


def recoded(rows: np.ndarray, own: Columns, wanted: Columns, names: Sequence) -> np.ndarray:
    """Returns rows that were coded by some columns as others code them.

    Args:
        rows: Float32 array, `(rows, columns)`, coded by `own`.
        own: `Columns` of the rows; empty for numbers alone.
        wanted: `Columns` of a model; empty for numbers alone.
        names: Sequence of the names of the columns, for the message.

    Returns:
        Float32 array, `(rows, columns)`; categories that `wanted` does not know have the code for
        values that were never seen.

    Raises:
        UsageError: If a column of categories that are no numbers is wanted as numbers.

    Example:

    >>> own, wanted = Columns([["cat", "cow"]]), Columns([["cat", "dog"]])
    >>> recoded(np.float32([[0], [1]]), own, wanted, ["kind"])
    array([[0.],
           [3.]], dtype=float32)
    """
    own = own or Columns([None] * rows.shape[1])
    wanted = wanted or Columns([None] * rows.shape[1])
    result = rows.copy()
    for n, (mine, theirs) in enumerate(zip(own, wanted, strict=True)):
        if mine == theirs:
            continue
        values = _values(rows[:, n], mine)
        if isinstance(theirs, tuple):
            result[:, n] = codes(values, theirs)
            continue
        if isinstance(mine, tuple):
            values = _as_numbers(values, names[n])
        result[:, n] = _as_float32(centred(values, theirs))
    return result


def _as_numbers(values, name):
    wrong = [not isinstance(value, numbers.Real) for value in values]
    if any(wrong):
        row = wrong.index(True)
        received = "a missing value" if values[row] is None else reprlib.repr(values[row])
        raise UsageError(
            f"Column {name!r} must hold numbers, as in the rows that the model was built for. "
            f"Received: categories, {received} in row {row}."
        )
    return values.astype(np.float64)


def _values(column, entry):
    if isinstance(entry, tuple):
        values = np.empty(len(entry) + OTHERS, object)
        values[: len(entry)] = entry
        known = np.isin(column, np.arange(len(values)))
        return values[np.where(known, column, len(entry)).astype(int)]
    return column.astype(np.float64) + entry if entry else column


def _as_float32(values):
    with np.errstate(over="ignore"):  # values that are too large become infinite, and are rejected
        return np.asarray(values).astype(np.float32)


def _plain(value):
    """Returns a number that is whole as an integer, as it is read from a column without gaps."""
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 2**53
    return int(value) if whole else value


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
