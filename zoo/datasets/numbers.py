"""How the numbers of a data set become float32: one rule for arrays, files, streams and tables.

Images of unsigned integers of 8 or 16 bits are divided by the largest, 255 or 65,535, unless all of
them are 0 or 1: then they are masks, and stay 0 and 1, as booleans do. Features are never scaled:
integers and booleans of any size are the same numbers in float32, and are refused where float32
cannot tell them apart. A model's own methods take numbers that are in its range already: floats,
booleans, and, as features, integers.
"""

from collections.abc import Sequence

import numpy as np

from zoo.errors import UsageError

LOST = 1e-3  # of a column's standard deviation, that rounding may move its values by
CONSTANT = 1e-12  # relative deviation of a column that differs only by float64's own rounding


def scaled(*parts: np.ndarray) -> list[np.ndarray]:
    """Returns the images of a data set's parts as float32 in [0, 1]; anything else as it is.

    Args:
        *parts: arrays of images, `(rows, height, width, ...)`, such as those to train and to test
            on: what is a mask is decided for all together.
    """
    stored = [part for part in parts if _is_stored(part)]
    masks = all(part.max(initial=0) <= 1 for part in stored)
    return [
        np.divide(part, 1 if masks else np.iinfo(part.dtype).max, dtype=np.float32)
        if _is_stored(part)
        else part
        for part in parts
    ]


def _is_stored(images):  # in either order of bytes
    array = isinstance(images, np.ndarray) and images.ndim > 2
    return array and images.dtype.kind == "u" and images.dtype.itemsize <= 2


def require_float32(features: np.ndarray, names: Sequence[str] | None = None) -> None:
    """Raises `UsageError` for a column of numbers that float32 cannot tell apart.

    Such are times, ids and cents: large numbers that differ little from each other.

    Args:
        features: `(rows, columns)`.
        names: of the columns, for the message.
    """
    if features.ndim != 2 or features.dtype.kind not in "iuf" or features.dtype.itemsize < 4:
        return
    if features.dtype == np.float32 or len(features) == 0 or not np.isfinite(features).all():
        return
    for index, exact in enumerate(features.T):
        column = exact.astype(np.float64)
        largest = np.abs(column).max()
        if largest > np.finfo(np.float32).max:  # which is refused as no finite number
            continue
        moved, deviation = np.abs(column - column.astype(np.float32)).max(), _deviation(exact)
        rounding = CONSTANT * largest if exact.dtype.kind == "f" else 0.0
        if moved > LOST * deviation > LOST * rounding:
            name = repr(names[index]) if names else index
            raise UsageError(
                f"Column {name} must be numbers that float32 can tell apart. Received: values up "
                f"to {largest:.10g} that deviate by {deviation:.3g}. Subtract their smallest value "
                "first, or leave the column out."
            )


def _deviation(column):
    """Returns the standard deviation of numbers; of integers that float64 cannot hold too."""
    if column.dtype.kind != "f":  # differences of 64-bit integers fit into 64 bits without a sign
        column = column if column.dtype.itemsize == 8 else column.astype(np.int64)
        column = (column - column.min()).astype(np.uint64)
    return column.astype(np.float64).std()
