"""The requirements on the parts of a batch: its inputs, targets and sample weights."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from zoo.errors import UsageError
from zoo.inputs import arrays, containers


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
        name: String. The key of the rows in a dictionary of tensors, or None if none is accepted.
            Defaults to None.

    Example:

    >>> Part(np.asarray, shape=(28, 28, 1)).dtype
    'float32'
    """

    check: Callable
    shape: tuple[int, ...] | None
    dtype: str = "float32"
    value_range: tuple[float, float] | None = None
    missing: str | None = None
    name: str | None = None

    def row_shape(self, received: tuple) -> tuple:
        """Returns the shape of one row for Keras.

        Args:
            received: Tuple. The shape of one row as it was received.

        Example:

        >>> weights_part((28, 28)).row_shape((1,))
        ()
        """
        if self.shape is not None:
            return self.shape
        return () if received == (1,) else received


def weights_part(shape: tuple[int, ...]) -> Part:
    """Returns the requirements on sample weights: finite numbers, one for each row.

    Weights of shape `(rows, 1)` become `(rows,)`.

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
        weights = arrays.without_column(np.asarray(arrays.regular(weights, name)))
        accepted = weights.ndim and weights.shape[1:] in ((), tuple(shape))
        if not accepted or weights.dtype.kind not in "biuf" or not np.isfinite(weights).all():
            received = f"{weights.dtype} of shape {weights.shape}"
            if accepted and weights.dtype.kind == "f":
                received = f"{weights[~np.isfinite(weights)][0]}"
            positions = f", or for each position, (rows, {', '.join(map(str, shape))})"
            raise UsageError(
                f"{name} must be finite numbers, one for each row, (rows,)"
                f"{positions if shape else ''}. Received: {received}."
            )
        return weights.astype(np.float32)

    return Part(check, None)


def _refuse_weights(weights, name="`sample_weight`"):
    raise UsageError(
        "`class_weight` and sample weights are not accepted together: multiply the sample weights "
        f"by the weights of the classes. Received: `class_weight` with {name}."
    )


# The requirements on sample weights beside a `class_weight`; no weights have this shape, so that
# the check is called for every batch.
NO_WEIGHTS = Part(_refuse_weights, shape=(0,))


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
        value = containers.by_name(value, part.name)
        require_batched(part, getattr(value, "shape", None))
        return np.asarray(part.check(value), part.dtype)
    except UsageError as error:
        raise UsageError(f"{error} This is in batch {number} of the stream.") from None


def require_batched(part: Part, shape) -> None:
    """Raises an error for a single row in place of a batch of rows.

    Args:
        part: `Part`. The requirements on the rows.
        shape: Tuple or `tf.TensorShape`. The shape that was received, or None if it has none.

    Raises:
        UsageError: If it is the shape of one row.

    Example:

    >>> require_batched(Part(np.asarray, shape=(28, 28, 1)), (32, 28, 28, 1))
    """
    if part.shape and shape is not None and shape == part.shape:
        sizes = ", ".join(map(str, part.shape))
        raise UsageError(
            f"A stream must yield batches of rows, (rows, {sizes}); dataset.batch(32) makes "
            f"batches of the rows of a tf.data.Dataset. Received: one row, ({sizes})."
        )
