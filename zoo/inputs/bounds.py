"""Checks of values: finite, and within the range that is accepted."""

import numpy as np

from zoo.errors import UsageError


def check_values(array, value_range, name: str, rows=None) -> None:
    """Raises an error for an array with a value that is not finite or out of range.

    Args:
        array: Array of floats, `(rows, ...)`, not empty.
        value_range: Pair of floats, the smallest and the largest value accepted, or None for any
            finite value.
        name: String. What the rows are called in an error message, in the plural.
        rows: Sequence of integers. The number of each row, for the message. Defaults to None, for
            the position in the array.

    Raises:
        UsageError: If a value is not accepted.

    Example:

    >>> check_values(np.ones((2, 3)), (0.0, 1.0), "images")
    """
    lowest, highest = array.min(), array.max()  # either is NaN if any value is
    if not (np.isfinite(lowest) and np.isfinite(highest)):
        row = np.argwhere(~np.isfinite(array))[0][0]
        raise UsageError(
            f"{name} must be finite numbers. Received: {array[row][~np.isfinite(array[row])][0]} "
            f"in row {row if rows is None else rows[row]}. Leave such rows out, or fill them."
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


def between(value_range: tuple[float, float] | None) -> str:
    """Returns a range as the end of a sentence, or nothing for any finite value.

    Args:
        value_range: Pair of floats, the smallest and the largest value, or None.

    Example:

    >>> between((0.0, 1.0))
    ' within [0, 1]'
    """
    return "" if value_range is None else f" within [{value_range[0]:g}, {value_range[1]:g}]"
