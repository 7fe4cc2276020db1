"""Forms in which an exported graph pools with switches and unpools by them."""

import contextlib
import contextvars
from collections.abc import Iterator

import tensorflow as tf

# In "native" and "scatter" the layers draw TensorFlow operations that only stand for the ONNX ones:
# `zoo.exporting.unpooling` converts them. Their "argmax" holds switches.
FORMS = "one-hot", "scatter", "native"

_form = contextvars.ContextVar("form", default=FORMS[0])


@contextlib.contextmanager
def drawn_as(form: str) -> Iterator[None]:
    """Draws pooling with switches and unpooling in one of the `FORMS`, in graphs for an export.

    Args:
        form: String. `"one-hot"`, which every runtime computes; `"scatter"`; or `"native"`, ONNX's
            MaxUnpool.

    Example:

    >>> with drawn_as("one-hot"):
    ...     print(zoo.layers.Unpooling1D(2)(np.ones((1, 1, 1)), np.ones((1, 1, 1), int))[0, :, 0])
    tf.Tensor([0. 1.], shape=(2,), dtype=float32)
    """
    token = _form.set(form)
    try:
        yield
    finally:
        _form.reset(token)


def pooled(x, pool: tuple[int, ...]):
    """Returns the maxima and the switches of a map, or None if a form has no way of its own.

    That is for images and square windows alone.

    Args:
        x: Tensor, `(rows, *sizes, channels)`.
        pool: Tuple of integers. The sizes of the window.

    Example:

    >>> pooled(tf.zeros((1, 4, 4, 1)), (2, 2)) is None
    True
    """
    if _form.get() == "one-hot" or len(pool) != 2 or pool[0] != pool[1]:
        return None
    window = (1, *pool, 1)
    values, switches = tf.raw_ops.MaxPoolWithArgmax(
        input=x, ksize=window, strides=window, padding="VALID", Targmax=tf.int64
    )
    return values, tf.cast(switches, tf.int32)


def unpooled(values, switches, pool: tuple[int, ...], target: tuple[int, ...]):
    """Returns a map with each value where its switch says, or None in the one-hot form.

    Volumes have no other form.

    Args:
        values: Tensor, `(rows, *sizes, channels)`.
        switches: Integer tensor of the same shape.
        pool: Tuple of integers. The sizes of the window.
        target: Tuple of integers. The sizes of the map.

    Example:

    >>> unpooled(tf.ones((1, 2, 2, 1)), tf.zeros((1, 2, 2, 1), tf.int32), (2, 2), (4, 4)) is None
    True
    """
    if _form.get() == "one-hot" or len(pool) > 2:
        return None
    (height, width), sizes = _as_plane(values.shape[1:-1]), _as_plane(target)
    channels, window = values.shape[-1], (1, *_as_plane(pool), 1)
    like = tf.fill(tf.stack([tf.shape(values)[0], *sizes, channels]), tf.constant(0, values.dtype))
    values, switches = (tf.reshape(x, (-1, height, width, channels)) for x in (values, switches))
    result = tf.raw_ops.MaxPoolGradWithArgmax(
        input=like, grad=values, argmax=tf.cast(switches, tf.int64),
        ksize=window, strides=window, padding="VALID",
    )  # fmt: skip
    result.set_shape((None, *sizes, channels))
    return tf.reshape(result, (-1, *target, channels))


def _as_plane(sizes):
    """Returns the sizes of one or two axes as two."""
    return (*sizes, 1)[:2]
