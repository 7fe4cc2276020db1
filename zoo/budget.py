"""A bound on what a stranger's description of a model may make Keras allocate."""

import contextlib
import inspect
import math
from collections.abc import Iterator
from pathlib import Path

from zoo.errors import CheckFailedError

TIMES = 8  # a classifier's file lacks the decoder that its auto-encoder is built with
SPARE_BYTES, SPARE_VARIABLES = 1 << 24, 200  # such as the counts of metrics


@contextlib.contextmanager
def limited(path: str | Path, stored: int, tensors: int) -> Iterator[None]:
    """Limits the variables that are created within, before they are allocated.

    Args:
        path: of the file of weights, for the message.
        stored: the bytes of weights that it holds; eight times as many may be created.
        tensors: their number, likewise.

    Raises:
        CheckFailedError: at a variable that is too many.
    """
    import tensorflow as tf

    left = [TIMES * stored + SPARE_BYTES, TIMES * tensors + SPARE_VARIABLES]
    refused = []

    def create(next_creator, **given):
        shape, size = _shape_and_size(given["initial_value"], given.get("dtype"))
        left[0] -= math.prod(shape) * size
        left[1] -= 1
        if min(left) < 0:
            refused.append(True)
            raise MemoryError
        return next_creator(**given)

    try:
        with tf.variable_creator_scope(create):
            yield
    finally:
        if refused:  # whatever Keras, or a builder, has made of the error
            raise CheckFailedError(
                f"{path} must hold the weights of the model that is described beside it; that "
                f"model has more than the {tensors} tensors, of {stored} bytes, of the file."
            ) from None


def _shape_and_size(initial_value, dtype):
    """Returns a variable's shape and the bytes of one number, before its values are computed."""
    import tensorflow as tf

    if callable(initial_value):
        # Keras hands over a function of no arguments, whose closure holds its own variable.
        owner = inspect.getclosurevars(initial_value).nonlocals.get("self")
        shape = getattr(owner, "shape", None)
        if shape is None or dtype is None:
            traced = tf.function(initial_value).get_concrete_function().structured_outputs
            shape, dtype = traced.shape, traced.dtype
    else:
        value = tf.convert_to_tensor(initial_value)
        shape, dtype = value.shape, value.dtype
    return tuple(shape), tf.as_dtype(dtype).size
