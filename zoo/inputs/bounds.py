"""Checks of values: finite, and within the range that is accepted."""

import math
import numbers

import numpy as np

from zoo.errors import UsageError


def check_values(array, value_range, name: str, rows=None, missing: str | None = None) -> None:
    """Raises an error for an array with a value that is not finite or out of range.

    Args:
        array: Array of floats, `(rows, ...)`, not empty.
        value_range: Pair of floats, the smallest and the largest value accepted, or None for any
            finite value.
        name: String. What the rows are called in an error message, in the plural.
        rows: Sequence of integers. The number of each row, for the message. Defaults to None, for
            the position in the array.
        missing: String. `"mask"` to accept missing cells, NaN; `"refuse"` to name that choice in
            the message; None if there is no such choice. Defaults to None.

    Raises:
        UsageError: If a value is not accepted.

    Example:

    >>> check_values(np.ones((2, 3)), (0.0, 1.0), "images")
    >>> check_values(np.array([[0.5, np.nan]]), (0.0, 1.0), "images", missing="mask")
    """
    lowest, highest = array.min(), array.max()  # either is NaN if any value is
    if missing == "mask" and np.isnan(lowest):
        array = np.where(np.isnan(array), 0.0 if value_range is None else value_range[0], array)
        lowest, highest = array.min(), array.max()
    if not (np.isfinite(lowest) and np.isfinite(highest)):
        row = np.argwhere(~np.isfinite(array))[0][0]
        value = array[row][~np.isfinite(array[row])][0]
        advice = "Leave such rows out, or fill them."
        if missing == "refuse" and np.isnan(value):
            advice = 'Leave such rows out, fill them, or take missing cells by missing="mask".'
        raise UsageError(
            f"{name} must be finite numbers. Received: {value} in row "
            f"{row if rows is None else rows[row]}. {advice}"
        )
    if value_range is not None and not value_range[0] <= lowest <= highest <= value_range[1]:
        row = np.argwhere((array < value_range[0]) | (array > value_range[1]))[0][0]
        advice = f"Scale or clip them: numpy.clip(x, {value_range[0]:g}, {value_range[1]:g})."
        if name.endswith("features"):
            advice = "Scale them, or use a variant that does: one with standardise=True."
        elif value_range == (0.0, 1.0) and lowest >= 0 and 2 < highest <= 255:
            advice = "Divide them by 255."
        raise UsageError(
            f"{name} must lie{between(value_range)}. Received: values from {array[row].min():g} "
            f"to {array[row].max():g} in row {row if rows is None else rows[row]}. {advice}"
        )


def as_range(value_range) -> tuple[float, float] | None:
    """Returns a range of values as a tuple, after checking it.

    Args:
        value_range: Pair of finite numbers, the smaller one first, or None.

    Raises:
        UsageError: If it is neither.

    Example:

    >>> as_range([0.0, 1.0])
    (0.0, 1.0)
    """
    if value_range is None:
        return None
    pair = tuple(value_range) if isinstance(value_range, (list, tuple)) else ()
    if (
        len(pair) != 2
        or not all(isinstance(each, numbers.Real) and math.isfinite(each) for each in pair)
        or not pair[0] < pair[1]
    ):
        raise UsageError(
            "`value_range` must be None or a pair of finite numbers, the smaller one first. "
            f"Received: value_range={value_range!r}."
        )
    return pair


def between(value_range: tuple[float, float] | None) -> str:
    """Returns a range as the end of a sentence, or nothing for any finite value.

    Args:
        value_range: Pair of floats, the smallest and the largest value, or None.

    Example:

    >>> between((0.0, 1.0))
    ' within [0, 1]'
    """
    return "" if value_range is None else f" within [{value_range[0]:g}, {value_range[1]:g}]"
