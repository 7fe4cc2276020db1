"""Containers of rows: arrays, frames, sparse matrices and lists, unlike streams of batches."""

import numbers
import reprlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set

import numpy as np

from zoo.errors import UsageError
from zoo.inputs.columns import Columns
from zoo.inputs.lazy import LazyRows
from zoo.inputs.sparse import SparseRows

READ_WHOLE = ("__array__", "__array_interface__", "__dataframe__", "tocsr")


def is_stream(x) -> bool:
    """Returns whether `x` yields batches: an iterable that cannot be read as one array.

    Args:
        x: Anything.

    Example:

    >>> is_stream(np.zeros(3)), is_stream(iter([np.zeros(3)]))
    (False, True)
    """
    if isinstance(x, (str, bytes, Mapping, Sequence, Set)):
        return False
    return isinstance(x, Iterable) and not any(hasattr(x, name) for name in READ_WHOLE)


def is_frame(x) -> bool:
    """Returns whether `x` is a table with labelled columns, such as those of pandas or polars.

    Args:
        x: Anything.

    Example:

    >>> import pandas as pd
    >>> is_frame(pd.DataFrame({"width": [1.0]})), is_frame(np.zeros(3))
    (True, False)
    """
    return _labels(x) is not None


def column_names(x) -> list[str] | None:
    """Returns the names of a frame's columns; None if they are only numbered, or for anything else.

    A frame offers `__dataframe__` or `__arrow_c_stream__` and names its columns, as those of
    pandas, polars and pyarrow do.

    Args:
        x: Anything.

    Returns:
        A list of strings, or None.

    Example:

    >>> import pandas as pd
    >>> column_names(pd.DataFrame({"width": [1.0], "height": [2.0]}))
    ['width', 'height']
    """
    names = _labels(x)
    if names is None or names == list(range(len(names))):
        return None
    return [str(name) for name in names]


def as_array(x, name: str, columns: Sequence[str] | None = None, coding: Columns | None = None):
    """Returns rows as an array; lists, tuples and strings stay as they are.

    The rows of a sparse matrix are made dense later, when they are read.

    Args:
        x: Anything that offers `__array__`, a frame, a scipy sparse matrix, a sequence, or a
            `Split`.
        name: String. What the rows are called in an error message, in the plural.
        columns: Names of the columns that a model takes; those of a frame are put in this order.
            Defaults to None.
        coding: `Columns`. How a model takes the columns of a frame or a `Split`; empty for numbers
            alone. Defaults to None, for a frame of numbers, and a `Split` as it is.

    Returns:
        An array or `LazyRows`, or `x` itself.

    Raises:
        UsageError: If numpy cannot read `x`, or if a frame has other columns or columns without
            numbers.

    Example:

    >>> import pandas as pd
    >>> as_array(pd.DataFrame({"a": [1], "b": [2]}), "rows", columns=["b", "a"])
    array([[2, 1]])
    """
    if isinstance(x, (list, tuple, str, bytes)):
        return x
    if isinstance(x, Mapping):
        raise UsageError(
            f"{name} must be an array, a frame, or a stream of batches. Received: "
            f"{type(x).__name__}. Take the rows out of it by their key."
        )
    if hasattr(type(x), "in_order"):  # a `Split`
        return (x.in_order(columns) if coding is None else x.in_form(columns, coding)).inputs
    if isinstance(x, LazyRows):
        return x
    if _labels(x) is not None:
        return _table(x, name, columns, coding)
    if isinstance(x, np.ma.MaskedArray):  # numpy would drop the mask
        return x.filled(np.nan) if np.ma.is_masked(x) else x.data
    if callable(getattr(x, "tocsr", None)):
        return SparseRows(x, name)
    if callable(getattr(x, "detach", None)):  # a torch tensor, which may be on a GPU
        x = x.detach().cpu()
    try:
        array = np.asarray(x)
        return array if array.ndim else x  # a scalar: an error message shows its type
    except Exception as error:  # another library's `__array__` may raise anything
        reason = str(error).strip().split("\n")[0].rstrip(".")
        raise UsageError(
            f"{name} must be readable by numpy. Received: {type(x).__name__}, which numpy cannot "
            f"read: {reason}."
        ) from None


def seconds(dates: np.ndarray) -> np.ndarray:
    """Returns dates as seconds since 1970, NaN for a missing one.

    Args:
        dates: Array of `datetime64`, `(rows,)`.

    Returns:
        Float64 array, `(rows,)`.

    Example:

    >>> seconds(np.array(["1970-01-02", "NaT"], "datetime64[D]"))
    array([86400.,    nan])
    """
    whole = dates.astype("datetime64[s]")
    rest = (dates - whole) / np.timedelta64(1, "s")
    return np.where(np.isnat(dates), np.nan, whole.astype(np.int64) + rest)


def by_name(x, name: str | None):
    """Returns the rows of a dictionary that holds them under their tensor's name.

    Args:
        x: Anything; all but dictionaries are returned as they are.
        name: String. Name of the tensor, such as `"image"`; None for rows without one, whose
            dictionaries are returned too.

    Raises:
        UsageError: If the dictionary has other keys than the name.

    Example:

    >>> by_name({"image": "rows"}, "image"), by_name("rows", "image")
    ('rows', 'rows')
    """
    if name is None or not isinstance(x, Mapping):
        return x
    if list(x) != [name]:
        raise UsageError(
            f"A dictionary of inputs must hold them under its only key, {name!r}. Received: "
            f"{type(x).__name__} with the keys {reprlib.repr(list(x))}."
        )
    return x[name]


def known_within(x, value_range: tuple[float, float] | None) -> bool:
    """Returns whether the values of rows are known to lie within a range, without looking at them.

    Args:
        x: Anything; a `Split` knows the range of its values.
        value_range: Pair of floats, the smallest and the largest value, or None for any finite
            value.

    Returns:
        A boolean; False for anything but a `Split`.

    Example:

    >>> x = np.eye(3)
    >>> known_within(x, None), known_within(zoo.datasets.Split(x), (0.0, 1.0))
    (False, True)
    """
    return hasattr(type(x), "lies_within") and x.lies_within(value_range)


def require_different(names, what: str) -> None:
    """Raises an error if two columns have the same name.

    Args:
        names: Iterable of names.
        what: String. What has the columns, in an error message.

    Raises:
        UsageError: If a name occurs more than once.

    Example:

    >>> require_different(["a", "b"], "the table")
    """
    for name, count in Counter(names).items():
        if count > 1:
            raise UsageError(
                f"The columns of {what} must have different names. Received: {name!r} "
                f"{count} times."
            )


def positions(names: Sequence[str], wanted: Sequence[str], what: str) -> list[int]:
    """Returns the position of each wanted name among the names of columns.

    Args:
        names: Names of the columns that exist.
        wanted: Names of the columns that a model takes.
        what: String. What has the columns, in an error message.

    Returns:
        A list of integers.

    Raises:
        UsageError: If the names are not the wanted ones, in any order, or if one occurs twice.

    Example:

    >>> positions(["a", "b", "c"], ["c", "a", "b"], "The table")
    [2, 0, 1]
    """
    names = list(names)
    require_different(names, what)
    missing = [name for name in wanted if name not in names]
    unknown = [name for name in names if name not in wanted]
    if missing or unknown:
        differences = [f"without {reprlib.repr(missing)}"] if missing else []
        differences += [f"with {reprlib.repr(unknown)}"] if unknown else []
        raise UsageError(
            f"{what} must have the columns of the training data, {reprlib.repr(list(wanted))}. "
            f"Received: columns {' and '.join(differences)}."
        )
    return [names.index(name) for name in wanted]


def _labels(x):
    """Returns the labels of a frame's columns, as they are, or None."""
    if not any(hasattr(x, method) for method in ("__dataframe__", "__arrow_c_stream__")):
        return None
    for attribute in ("column_names", "columns"):  # pyarrow's `columns` are the columns themselves
        if hasattr(type(x), attribute):
            return list(getattr(x, attribute))
    return None


def _table(frame, name, columns, coding):
    labels, names = _labels(frame), column_names(frame)
    require_different(labels, name)
    if names and columns:
        labels = [labels[index] for index in positions(names, list(columns), name)]
    entries = coding if coding and len(coding) == len(labels) else [None] * len(labels)
    values = [np.asarray(frame[label]) for label in labels]
    values = [
        column if isinstance(entry, tuple) else _numbers(column, label, bool(entry))
        for column, label, entry in zip(values, labels, entries, strict=True)
    ]
    if entries is coding:
        return coding.of_values(values)
    return np.stack(values, axis=1) if values else np.empty((len(frame), 0))


def _numbers(values, label, dates):
    """Returns a column as numbers; a column of objects must hold real numbers alone.

    Dates are numbers only where they were so in the rows that a model learned from.
    """
    if values.dtype.kind in "biuf":
        return values
    if values.dtype.kind == "M" and dates:
        return seconds(values)
    if values.dtype.kind == "O":
        if (
            dates
            and len(values)
            and all(getattr(value, "tzinfo", None) is not None for value in values)
        ):
            return np.array([value.timestamp() for value in values])  # dates of a time zone
        wrong = [not isinstance(value, numbers.Real) for value in values]
        if not any(wrong):
            return values.astype(np.float64)
        received = f"{values[wrong.index(True)]!r} in row {wrong.index(True)}"
    else:
        received = str(values.dtype)
    raise UsageError(f"Column {label!r} must hold numbers. Received: {received}.")
