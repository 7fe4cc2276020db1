"""The requirements on the parts of a batch: its inputs, targets and sample weights."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from zoo.errors import UsageError
from zoo.inputs import arrays


class Part(NamedTuple):
    """The requirements on one part of a batch: its inputs, targets or sample weights.

    Attributes:
        check: Function that takes an array and a name for messages, and returns the array for Keras
            or raises `UsageError`.
        shape: Tuple. Shape of one row of the array for Keras; None for any shape, as for sample
            weights.
        dtype: String. Type of the array for Keras. Defaults to `"float32"`.
        value_range: Pair of floats, the smallest and the largest value accepted, or None for any
            finite value. Defaults to None.
        missing: String. `"mask"` if missing cells, NaN, are accepted; see `arrays.check`. Defaults
            to None.

    Example:

    >>> Part(np.asarray, shape=(28, 28, 1)).dtype
    'float32'
    """

    check: Callable
    shape: tuple[int, ...] | None
    dtype: str = "float32"
    value_range: tuple[float, float] | None = None
    missing: str | None = None


def weights_part(shape: tuple[int, ...]) -> Part:
    """Returns the requirements on sample weights: finite numbers, one for each row.

    Args:
        shape: Tuple. The positions of a row, each of which may have a weight of its own instead:
            for an image, height and width.

    Returns:
        A `Part`.

    Example:

    >>> weights_part((28, 28)).check([1, 2])
    array([1., 2.], dtype=float32)
    """

    def check(weights, name="`sample_weight`"):
        weights = arrays.regular(weights, name)
        accepted = weights.ndim and weights.shape[1:] in ((), tuple(shape))
        if not accepted or weights.dtype.kind not in "biuf" or not np.isfinite(weights).all():
            received = f"{weights.dtype} of shape {weights.shape}"
            if accepted and weights.dtype.kind == "f":
                received = f"{weights[~np.isfinite(weights)][0]}"
            raise UsageError(
                f"{name} must be finite numbers, one for each row, (rows,). Received: {received}."
            )
        return weights.astype(np.float32)

    return Part(check, None)


def check_part(part: Part, value, number: int) -> np.ndarray:
    """Returns one part of a batch for Keras, after checking it.

    Args:
        part: `Part`. The requirements on it.
        value: Array, tensor or list.
        number: Integer. Number of the batch in its stream, for the message.

    Returns:
        An array of the part's dtype.

    Raises:
        UsageError: If it is not accepted.

    Example:

    >>> check_part(Part(np.asarray, shape=()), [1, 2], number=1)
    array([1., 2.], dtype=float32)
    """
    try:
        return np.asarray(part.check(value), part.dtype)
    except UsageError as error:
        raise UsageError(f"{error} This is in batch {number} of the stream.") from None
