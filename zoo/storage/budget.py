"""Limits the memory that Keras allocates for a model that an untrusted file describes."""

import contextlib
import inspect
import math
from collections.abc import Iterator
from pathlib import Path

from zoo.errors import CheckFailedError

TIMES = 8  # a classifier's file lacks the decoder, which is built nevertheless
SPARE_BYTES, SPARE_VARIABLES = 1 << 24, 200  # for variables of metrics, which no file holds


@contextlib.contextmanager
def limited(path: str | Path, stored: int, tensors: int) -> Iterator[None]:
    """Limits the variables that may be created within the context, before they are allocated.

    Eight times the stored bytes plus 16 MiB may be created, and eight times the tensors plus 200.

    Args:
        path: String or path of the file of weights, for the message.
        stored: Integer. The bytes of weights that the file holds.
        tensors: Integer. The number of tensors that the file holds.

    Raises:
        CheckFailedError: At the first variable that is too many or too large.

    Example:

    >>> with limited("model.weights.h5", stored=32, tensors=2):
    ...     keras.layers.Dense(2).build((None, 3))
    >>> with limited("model.weights.h5", stored=32, tensors=2):
    ...     keras.layers.Dense(10_000).build((None, 10_000))
    Traceback (most recent call last):
    ...
    zoo.errors.CheckFailedError: model.weights.h5 must ...
    """
    import tensorflow as tf

    budget = [TIMES * stored + SPARE_BYTES, TIMES * tensors + SPARE_VARIABLES]
    refused = []

    def create(next_creator, **kwargs):
        shape, size = _shape_and_size(kwargs["initial_value"], kwargs.get("dtype"))
        budget[0] -= math.prod(shape) * size
        budget[1] -= 1
        if min(budget) < 0:
            refused.append(True)
            raise MemoryError
        return next_creator(**kwargs)

    try:
        with tf.variable_creator_scope(create):
            yield
    finally:
        if refused:  # Keras or a builder may have turned the error into another one
            raise CheckFailedError(
                f"{path} must hold the weights of the model that is described beside it. "
                f"Received: {tensors} tensors of {stored} bytes, too few for that model."
            ) from None


def _shape_and_size(initial_value, dtype):
    """Returns a variable's shape and the bytes of one number, before its values are computed."""
    import tensorflow as tf

    if callable(initial_value):
        # Keras passes a function without arguments, whose closure holds its own variable.
        owner = inspect.getclosurevars(initial_value).nonlocals.get("self")
        shape = getattr(owner, "shape", None)
        if shape is None or dtype is None:
            traced = tf.function(initial_value).get_concrete_function().structured_outputs
            shape, dtype = traced.shape, traced.dtype
    else:
        value = tf.convert_to_tensor(initial_value)
        shape, dtype = value.shape, value.dtype
    return tuple(shape), tf.as_dtype(dtype).size
