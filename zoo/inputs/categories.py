"""The categories of a column as integer codes, and codes as categories."""

import numbers
import reprlib
from collections.abc import Hashable

import numpy as np

from zoo.errors import UsageError

OTHERS = 2  # classes of a column of categories beside its categories: missing, and never seen


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


def known_codes(column: np.ndarray, classes: int) -> np.ndarray:
    """Returns the codes of a column as integers, with those of the two classes beside categories.

    Args:
        column: Array of numbers, `(rows,)`.
        classes: Integer. Number of classes of the column: n categories and two others.

    Returns:
        Array of integers, `(rows,)`: the codes that are known; n for NaN, which is a missing value;
        and n + 1 for any other number, which is a value that was never seen.

    Example:

    >>> known_codes(np.array([1.0, np.nan, 0.5, 7.0]), classes=4)
    array([1, 2, 3, 3])
    """
    column = np.asarray(column)
    known = np.isin(column, np.arange(classes))
    others = np.where(np.isnan(column), classes - OTHERS, classes - 1)
    return np.where(known, column, others).astype(int)


def decoded(column: np.ndarray, categories: tuple) -> np.ndarray:
    """Returns the categories of codes.

    Args:
        column: Array of codes, `(rows,)`.
        categories: Tuple of the categories.

    Returns:
        Array of objects, `(rows,)`, with None for a missing value and for one that is none of the
        categories.

    Example:

    >>> decoded(np.array([1.0, 2.0, 0.0]), ("cat", "dog")).tolist()
    ['dog', None, 'cat']
    """
    values = np.empty(len(categories) + OTHERS, object)
    values[: len(categories)] = categories
    return values[known_codes(column, len(values))]


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


def _plain(value):
    """Returns a number that is whole as an integer, as it is read from a column without gaps."""
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 2**53
    return int(value) if whole else value
