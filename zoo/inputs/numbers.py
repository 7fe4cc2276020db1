"""Converts the numbers of a dataset to float32, by one rule for all sources."""

from collections.abc import Sequence

import numpy as np

from zoo.errors import UsageError
from zoo.inputs import kinds
from zoo.inputs.lazy import LazyRows
from zoo.inputs.sparse import SparseRows

# Rounding to float32 may change a column's values by this fraction of its standard deviation.
LOST = 1e-3
CONSTANT = 1e-12  # relative deviation of a column that varies only by float64's own rounding


def scaled(*parts: np.ndarray, kind: str | None = None) -> list[np.ndarray]:
    """Returns images stored as unsigned integers as float32 in [0, 1], and anything else unchanged.

    Images, and volumes, of unsigned integers of 8 or 16 bits are divided by the largest number of
    their type, 255 or 65,535. If all of them are 0 or 1, they are masks and stay 0 and 1, as
    booleans do. The rule is the same for arrays, files, streams and tables.

    Features and sequences are never scaled: integers and booleans of any size become the same
    numbers in float32, and are rejected where float32 cannot tell them apart (see
    `require_float32`). The methods of a model take numbers that are already in its range: floats,
    booleans and, for features and sequences, integers.

    Args:
        *parts: Arrays of images of shape `(rows, height, width, ...)`, such as the training and the
            test images. Whether they are masks is decided for all parts together.
        kind: String. The kind of data, as for `Split`. Defaults to None, for that of the axes.

    Returns:
        List with an array for each part.

    Example:

    >>> (images,) = scaled(np.array([[[0, 51], [102, 255]]], "uint8"))
    >>> print(images)
    [[[0. 0.2] [0.4 1. ]]]
    """
    stored = [part for part in parts if _is_stored(part, kind)]
    masks = all(part.max(initial=0) <= 1 for part in stored)
    return [
        np.divide(part, 1 if masks else np.iinfo(part.dtype).max, dtype=np.float32)
        if _is_stored(part, kind)
        else part
        for part in parts
    ]


def _is_stored(images, kind):  # numbers of either byte order
    array = isinstance(images, np.ndarray) and images.dtype.kind == "u"
    if not array or images.dtype.itemsize > 2:
        return False
    kind = kinds.of_array(images.ndim, kind)
    return kind is not None and kind.value_range is not None


def require_float32(features: np.ndarray | LazyRows, names: Sequence[str] | None = None) -> None:
    """Raises an error for a column of numbers that float32 cannot tell apart.

    Such columns hold times, ids or cents: large numbers that differ little from each other. The
    columns are the numbers of the last axis, such as the channels of sequences. A column whose
    standard deviation is at most 1e-12 of its largest number counts as constant and passes.

    Args:
        features: Array, or `LazyRows`, `(rows, columns)` or `(rows, steps, channels)`.
        names: Sequence of strings. The names of the columns, for the message. Defaults to None, for
            columns named by their position.

    Raises:
        UsageError: If rounding to float32 changes a value of a column by more than a thousandth of
            the column's standard deviation.

    Example:

    >>> require_float32(np.array([[1.7e9], [1.7e9 + 1]]), ["time"])
    Traceback (most recent call last):
    ...
    zoo.errors.UsageError: Column 'time' must ...
    """
    if isinstance(features, SparseRows):
        for index in features.doubtful_columns():
            require_float32(features.column(index), [names[index] if names else index])
        return
    if (
        features.ndim not in (2, 3)
        or features.dtype.kind not in "iuf"
        or features.dtype.itemsize < 4
    ):
        return
    if features.dtype == np.float32 or features.size == 0 or np.isinf(features).any():
        return
    features = features.reshape(-1, features.shape[-1])
    for index, exact in enumerate(features.T):
        exact = exact[~np.isnan(exact)]  # missing cells
        if exact.size and _collapses(exact):
            name = repr(names[index]) if names else index
            largest = np.abs(exact.astype(np.float64)).max()
            raise UsageError(
                f"Column {name} must be numbers that float32 can tell apart. Received: values up "
                f"to {largest:.10g} that deviate by {_deviation(exact):.3g}. Subtract their "
                "smallest value first, or leave the column out."
            )


def offset_of(column: np.ndarray) -> int | float | None:
    """Returns what to subtract from the numbers of a column so that float32 can tell them apart.

    Args:
        column: Array of numbers, `(rows,)`; NaN stands for a missing number.

    Returns:
        The smallest number, or None for a column that float32 can hold as it is.

    Example:

    >>> offset_of(np.array([1_700_000_000, 1_700_000_001])), offset_of(np.array([1, 2]))
    (1700000000, None)
    """
    known = column[~np.isnan(column)] if column.dtype.kind == "f" else column
    if not known.size or known.dtype.itemsize < 4 or not _collapses(known):
        return None
    smallest = known.min().item()
    return smallest if abs(smallest) < 2**63 else None


def _collapses(exact):
    """Returns whether float32 changes a column by more than a thousandth of its deviation."""
    column = exact.astype(np.float64)
    largest = np.abs(column).max()
    if not largest <= np.finfo(np.float32).max:  # `arrays.check` rejects it as not finite
        return False
    change, deviation = np.abs(column - column.astype(np.float32)).max(), _deviation(exact)
    rounding = CONSTANT * largest if exact.dtype.kind == "f" else 0.0
    return bool(change > LOST * deviation > LOST * rounding)


def _deviation(column):
    """Returns the standard deviation, also of integers that float64 cannot represent exactly."""
    if column.dtype.kind != "f":  # differences of 64-bit integers fit into 64 bits without a sign
        column = column if column.dtype.itemsize == 8 else column.astype(np.int64)
        column = (column - column.min()).astype(np.uint64)
    return column.astype(np.float64).std()
