"""Forms in which an exported graph pools with switches and unpools by them."""

import contextlib
import contextvars
import math
from collections.abc import Iterator

import numpy as np
import tensorflow as tf

# In "native" and "scatter" the layers draw TensorFlow operations that only stand for the ONNX ones:
# `zoo.exporting.unpooling` converts them, and positions then count as ONNX counts, channels first.
FORMS = "one-hot", "scatter", "native"

_drawn = contextvars.ContextVar("drawn", default=None)


@contextlib.contextmanager
def drawn_as(form: str) -> Iterator[None]:
    """Draws pooling with switches and unpooling in one of the `FORMS`, in graphs for an export.

    Args:
        form: String. `"one-hot"`, which every runtime computes; `"scatter"`; or `"native"`, ONNX's
            MaxPool with positions and MaxUnpool.

    Example:

    >>> with drawn_as("one-hot"):
    ...     print(zoo.layers.Unpooling1D(2)(np.ones((1, 1, 1)), np.ones((1, 1, 1), int))[0, :, 0])
    tf.Tensor([0. 1.], shape=(2,), dtype=float32)
    """
    token = _drawn.set({"form": form, "positions": {}})
    try:
        yield
    finally:
        _drawn.reset(token)


def pooled(x, pool: tuple[int, ...]):
    """Returns the maxima and the switches of a map in the native form, or None in other forms.

    Args:
        x: Tensor, `(rows, *sizes, channels)`.
        pool: Tuple of integers. The sizes of the window.

    Example:

    >>> pooled(tf.zeros((1, 4, 4, 1)), (2, 2)) is None
    True
    """
    drawn, sizes, channels = _drawn.get(), x.shape[1:-1], x.shape[-1]
    if drawn is None or drawn["form"] != "native" or len(pool) > 2:
        return None
    (height, width), (ph, pw) = _as_plane(sizes), _as_plane(pool)
    window = (1, ph, pw, 1)
    values, positions = tf.raw_ops.MaxPoolWithArgmax(
        input=tf.reshape(x, (-1, height, width, channels)),
        ksize=window, strides=window, padding="VALID", Targmax=tf.int64,
    )  # fmt: skip
    row = tf.math.floormod(tf.math.floordiv(positions, width), height)
    column = tf.math.floormod(positions, width)
    offsets = tf.math.floormod(row, ph) * pw + tf.math.floormod(column, pw)
    shape = (-1, *(size // length for size, length in zip(sizes, pool, strict=True)), channels)
    switches = tf.reshape(tf.cast(offsets, tf.int32), shape)
    # Unpooling that gets these very switches takes the positions as they are.
    drawn["positions"][id(switches)] = switches, positions, tuple(sizes), pool
    return tf.reshape(values, shape), switches


def unpooled(values, switches, pool: tuple[int, ...], target: tuple[int, ...]):
    """Returns a map with each value where its switch says, or None in the one-hot form.

    Args:
        values: Tensor, `(rows, *sizes, channels)`.
        switches: Integer tensor of the same shape.
        pool: Tuple of integers. The sizes of the window.
        target: Tuple of integers. The sizes of the map.

    Example:

    >>> unpooled(tf.ones((1, 2, 2, 1)), tf.zeros((1, 2, 2, 1), tf.int32), (2, 2), (4, 4)) is None
    True
    """
    drawn, channels = _drawn.get(), values.shape[-1]
    if drawn is None or drawn["form"] == "one-hot":
        return None
    plane = (-1, *_as_plane(values.shape[1:-1]), channels)
    _, known, *facts = drawn["positions"].get(id(switches), (None, None))
    if facts == [tuple(target), pool]:
        positions = known
    else:
        positions = _positions(switches, pool, tuple(target), drawn["form"] == "native")
        positions = tf.reshape(positions, plane)
    rows, sizes = tf.shape(values)[0], _as_plane(target)
    like = tf.fill(tf.stack([rows, *sizes, channels]), tf.constant(0, values.dtype))
    one = (1, 1, 1, 1)
    result = tf.raw_ops.MaxPoolGradWithArgmax(
        input=like, grad=tf.reshape(values, plane), argmax=positions,
        ksize=one, strides=one, padding="VALID",
    )  # fmt: skip
    result.set_shape((None, *sizes, channels))
    return tf.reshape(result, (-1, *target, channels))


def _as_plane(sizes):
    """Returns sizes of one to three axes as two, with the same order of the values."""
    return sizes[0], math.prod(sizes[1:])


def _positions(switches, pool, target, with_rows):
    """Returns where values go in `(channels, *target)`, or in all `(rows, channels, *target)`."""
    sizes, channels = switches.shape[1:-1], switches.shape[-1]
    strides = [math.prod(target[axis + 1 :]) for axis in range(len(target))]
    corners = np.arange(channels) * math.prod(target)
    for axis, (size, length, stride) in enumerate(zip(sizes, pool, strides, strict=True)):
        along = np.arange(size) * length * stride
        corners = corners + along.reshape([-1 if axis == n else 1 for n in range(len(sizes) + 1)])
    rest, result = tf.cast(switches, tf.int64), tf.constant(corners[None], tf.int64)
    for length, stride in zip(reversed(pool), reversed(strides), strict=True):
        result += tf.math.floormod(rest, length) * stride
        rest = tf.math.floordiv(rest, length)
    if with_rows:
        rows = tf.range(tf.cast(tf.shape(switches)[0], tf.int64)) * (channels * math.prod(target))
        result += tf.reshape(rows, [-1] + [1] * (len(sizes) + 1))
    return result
