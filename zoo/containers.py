"""What holds rows: arrays, frames, sparse matrices, lists; told from streams of batches."""

import numbers
import reprlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set

import numpy as np

from zoo.errors import UsageError

READ_WHOLE = ("__array__", "__array_interface__", "__dataframe__", "toarray")


def is_stream(x) -> bool:
    """Returns whether `x` yields batches: an iterable that cannot be read as one array."""
    if isinstance(x, (str, bytes, Mapping, Sequence, Set)):
        return False
    return isinstance(x, Iterable) and not any(hasattr(x, offer) for offer in READ_WHOLE)


def is_frame(x) -> bool:
    """Returns whether `x` is a table with labelled columns, as of pandas, polars or pyarrow."""
    return _labels(x) is not None


def column_names(x) -> list[str] | None:
    """Returns the names of a frame's columns; None for anything else, or where they are counted.

    A frame is what offers `__dataframe__` or `__arrow_c_stream__` and names its columns, as those
    of pandas, polars and pyarrow do.
    """
    names = _labels(x)
    if names is None or names == list(range(len(names))):
        return None
    return [str(name) for name in names]


def as_array(x, name: str, columns: Sequence[str] | None = None):
    """Returns `x` as numpy reads it; lists, tuples and strings stay what they are.

    Args:
        x: anything that offers `__array__`, a frame, a scipy sparse matrix, a sequence, or a split
            of a data set.
        name: what the rows are called in a message, a plural.
        columns: the names of the columns a model takes; a frame's are put in this order.

    Raises:
        UsageError: for anything else, and for a frame with other columns or without numbers.
    """
    if isinstance(x, (list, tuple, str, bytes)):
        return x
    if isinstance(x, Mapping):
        raise UsageError(
            f"{name} must be an array, a frame, or a stream of batches. Received: "
            f"{type(x).__name__}. Take the inputs out of it by their key."
        )
    if hasattr(type(x), "in_order"):  # a split of a data set
        return x.in_order(columns).inputs
    if _labels(x) is not None:
        return _table(x, name, columns)
    if isinstance(x, np.ma.MaskedArray):  # which numpy would read without its mask
        return x.filled(np.nan) if np.ma.is_masked(x) else x.data
    if callable(getattr(x, "toarray", None)):
        return x.toarray()
    if callable(getattr(x, "detach", None)):  # a torch tensor, which may be on a GPU
        x = x.detach().cpu()
    try:
        array = np.asarray(x)
        return array if array.ndim else x  # of which a message tells the type
    except Exception as error:  # another library's `__array__` may raise anything
        reason = str(error).strip().split("\n")[0].rstrip(".")
        raise UsageError(
            f"{name} must be what numpy can read. Received: {type(x).__name__}, of which it "
            f"says: {reason}."
        ) from None


def require_different(names, what: str) -> None:
    """Raises `UsageError` for two columns of one name."""
    for name, count in Counter(names).items():
        if count > 1:
            raise UsageError(
                f"The columns of {what} must have different names. Received: {name!r} "
                f"{count} times."
            )


def positions(names: Sequence[str], wanted: Sequence[str], what: str) -> list[int]:
    """Returns where among `names` the wanted ones stand; `UsageError` unless they are the same."""
    names = list(names)
    require_different(names, what)
    missing = [name for name in wanted if name not in names]
    unknown = [name for name in names if name not in wanted]
    if missing or unknown:
        found = [f"without {reprlib.repr(missing)}"] if missing else []
        found += [f"with {reprlib.repr(unknown)}"] if unknown else []
        raise UsageError(
            f"{what} must have the columns that were learned from, {reprlib.repr(list(wanted))}. "
            f"Received: columns {' and '.join(found)}."
        )
    return [names.index(name) for name in wanted]


def _labels(x):
    """Returns the labels of a frame's columns, as they are, or None."""
    if not any(hasattr(x, offer) for offer in ("__dataframe__", "__arrow_c_stream__")):
        return None
    for attribute in ("column_names", "columns"):  # pyarrow's `columns` are the columns themselves
        if hasattr(type(x), attribute):
            return list(getattr(x, attribute))
    return None


def _table(frame, name, columns):
    labels, names = _labels(frame), column_names(frame)
    require_different(labels, name)
    if names and columns:
        labels = [labels[index] for index in positions(names, list(columns), name)]
    read = [_numbers(np.asarray(frame[label]), label) for label in labels]
    return np.stack(read, axis=1) if read else np.empty((len(frame), 0))


def _numbers(values, label):
    """Returns a column's numbers; of objects those that Python calls real."""
    if values.dtype.kind in "biuf":
        return values
    if values.dtype.kind == "O":
        wrong = [not isinstance(value, numbers.Real) for value in values]
        if not any(wrong):
            return values.astype(np.float64)
        received = f"{values[wrong.index(True)]!r} in row {wrong.index(True)}"
    else:
        received = str(values.dtype)
    raise UsageError(f"Column {label!r} must hold numbers. Received: {received}.")
