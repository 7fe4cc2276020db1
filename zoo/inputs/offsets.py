"""The numbers of a column less an offset, which makes float32 tell them apart, and back."""

import numpy as np


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


def restored(values: np.ndarray, offset: float | None) -> np.ndarray:
    """Returns the numbers of a column from those less its offset.

    Args:
        values: Array of numbers, `(rows,)`.
        offset: Number, or None for none.

    Returns:
        Float64 array, `(rows,)`, or the values themselves without an offset.

    Example:

    >>> restored(np.float32([60]), 1_700_000_000)
    array([1.70000006e+09])
    """
    return values.astype(np.float64) + offset if offset else values


def as_float32(values) -> np.ndarray:
    """Returns numbers as float32; those that are too large become infinite, and are rejected later.

    Args:
        values: Array of numbers.

    Example:

    >>> as_float32([1.0, 1e300])
    array([ 1., inf], dtype=float32)
    """
    with np.errstate(over="ignore"):
        return np.asarray(values).astype(np.float32)
