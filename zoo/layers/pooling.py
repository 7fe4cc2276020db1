"""Max pooling that remembers where each maximum stood, and the unpooling that puts it back.

A switch is an offset inside its window, row-major, from 0 to the window's size - 1: an int32
array shaped like the pooled map, the same in every runtime. Windows do not overlap.
Zeiler, Krishnan, Taylor & Fergus, 2010; Noh, Hong & Han, 2015 (unpooling).
"""

import math

import keras
import tensorflow as tf
from keras import ops

from zoo.arguments import positive_integer
from zoo.errors import UsageError


class _Pooled(keras.layers.Layer):
    """What both directions share: a window of `rank` axes over a channels-last map."""

    rank = 0

    def __init__(self, pool_size=2, **kwargs):
        super().__init__(**kwargs)
        self.pool_size = self._sizes("pool_size", pool_size)

    def _sizes(self, name, given):
        sizes = tuple(given) if isinstance(given, (tuple, list)) else (given,) * self.rank
        if len(sizes) != self.rank:
            raise UsageError(f"`{name}` must be {self.rank} integers. Received: {given!r}.")
        return tuple(positive_integer(name, size) for size in sizes)

    def get_config(self):
        return super().get_config() | {"pool_size": self.pool_size}


class ArgmaxPooling(_Pooled):
    """Base of the poolings that remember: `values, switches = layer(x)`."""

    def build(self, input_shape):
        sizes = input_shape[1:-1]
        if len(sizes) != self.rank or None in sizes:
            raise UsageError(
                f"{type(self).__name__} needs a map of {self.rank} fixed sizes and channels. "
                f"Received: the shape {tuple(input_shape)}."
            )
        if any(size < pool for size, pool in zip(sizes, self.pool_size, strict=True)):
            raise UsageError(
                f"A map must be at least as large as the pool {self.pool_size}. "
                f"Received: {tuple(sizes)}."
            )

    def call(self, x):
        windows = _windows(x, self.pool_size)  # (rows, *pooled, channels, offsets)
        switches = tf.argmax(windows, axis=-1, output_type=tf.int32)
        chosen = ops.one_hot(switches, math.prod(self.pool_size), dtype=windows.dtype)
        return ops.sum(windows * chosen, axis=-1), switches

    @property
    def switch_bits(self) -> float:
        """What the switches of one row weigh: log2 of the window's size for each pooled value."""
        return math.prod(self.output[1].shape[1:]) * math.log2(math.prod(self.pool_size))


class Unpooling(_Pooled):
    """Base of the unpoolings: `layer(values, switches)` or `layer(values)`."""

    def __init__(self, pool_size=2, mode="argmax", output_size=None, **kwargs):
        super().__init__(pool_size, **kwargs)
        if mode not in ("argmax", "fill"):
            raise UsageError(f"`mode` must be 'argmax' or 'fill'. Received: mode={mode!r}.")
        self.mode = mode
        self.output_size = None if output_size is None else self._sizes("output_size", output_size)

    def __call__(self, values, switches=None, **kwargs):
        """Checks the call here, where Keras adds nothing to the message."""
        if (switches is None) != (self.mode == "fill"):
            raise UsageError(
                "Unpooling is called as layer(values, switches) with mode='argmax', as "
                f"layer(values) with mode='fill'. Received: mode={self.mode!r} "
                f"{'without' if switches is None else 'with'} switches."
            )
        filled, target = self._target(values)
        rests = [out - size for out, size in zip(target, filled, strict=True)]
        if any(not 0 <= rest < pool for rest, pool in zip(rests, self.pool_size, strict=True)):
            raise UsageError(
                f"`output_size` must be from {filled} up to less than one pool {self.pool_size} "
                f"more. Received: output_size={target}."
            )
        tensors = (values,) if switches is None else (values, switches)
        return super().__call__(*tensors, **kwargs)

    def call(self, values, switches=None):
        if switches is None:
            x = values
            for axis, pool in enumerate(self.pool_size, start=1):
                x = ops.repeat(x, pool, axis=axis)
        else:
            chosen = ops.one_hot(switches, math.prod(self.pool_size), dtype=values.dtype)
            x = _unwindows(values[..., None] * chosen, self.pool_size)
        filled, target = self._target(values)
        for axis, (size, out) in enumerate(zip(filled, target, strict=True), start=1):
            x = self._extended(x, axis, out - size)
        return x

    def _target(self, values):
        """The sizes that the windows fill, and those of the output."""
        sizes = values.shape[1:-1]
        filled = tuple(size * pool for size, pool in zip(sizes, self.pool_size, strict=True))
        return filled, self.output_size or filled

    def _extended(self, x, axis, rest):
        """`x` longer by `rest` along an axis: zeros for argmax, the last value for fill."""
        if not rest:
            return x
        if self.mode == "argmax":
            pads = [(0, rest if each == axis else 0) for each in range(self.rank + 2)]
            return ops.pad(x, pads)
        last = ops.take(x, [x.shape[axis] - 1] * rest, axis=axis)
        return ops.concatenate([x, last], axis=axis)

    def get_config(self):
        return super().get_config() | {"mode": self.mode, "output_size": self.output_size}


def _windows(x, pool):
    """`(rows, *sizes, channels)` to `(rows, *pooled, channels, offsets)`; the rest is dropped."""
    rank, channels = len(pool), x.shape[-1]
    pooled = [size // each for size, each in zip(x.shape[1:-1], pool, strict=True)]
    kept = tuple(slice(0, n * each) for n, each in zip(pooled, pool, strict=True))
    x = x[(slice(None), *kept)]
    split = [each for pair in zip(pooled, pool, strict=True) for each in pair]
    x = ops.reshape(x, (-1, *split, channels))  # (rows, h, ph, w, pw, channels)
    outer, inner = range(1, 2 * rank, 2), range(2, 2 * rank + 1, 2)
    x = ops.transpose(x, (0, *outer, 2 * rank + 1, *inner))  # (rows, h, w, channels, ph, pw)
    return ops.reshape(x, (-1, *pooled, channels, math.prod(pool)))


def _unwindows(windows, pool):
    """The inverse: `(rows, *pooled, channels, offsets)` to `(rows, *sizes, channels)`."""
    rank = len(pool)
    *pooled, channels, _ = windows.shape[1:]
    x = ops.reshape(windows, (-1, *pooled, channels, *pool))  # (rows, h, w, channels, ph, pw)
    axes = [each for n in range(rank) for each in (1 + n, rank + 2 + n)]
    x = ops.transpose(x, (0, *axes, rank + 1))  # (rows, h, ph, w, pw, channels)
    sizes = [size * each for size, each in zip(pooled, pool, strict=True)]
    return ops.reshape(x, (-1, *sizes, channels))


@keras.saving.register_keras_serializable(package="zoo")
class ArgmaxPooling1D(ArgmaxPooling):
    """Max pooling over `(rows, length, channels)` that returns `values, switches`.

    Args:
        pool_size: the window's length, a positive integer. A rest at the end is dropped.
    """

    rank = 1


@keras.saving.register_keras_serializable(package="zoo")
class ArgmaxPooling2D(ArgmaxPooling):
    """Max pooling over `(rows, height, width, channels)` that returns `values, switches`.

    Of equal values the first in the window is taken, and it alone receives the gradient.

    Args:
        pool_size: the window's height and width: one positive integer or two. A rest at the
            lower or right edge is dropped.
    """

    rank = 2


@keras.saving.register_keras_serializable(package="zoo")
class Unpooling1D(Unpooling):
    """The inverse of pooling over `(rows, length, channels)`; see `Unpooling2D`."""

    rank = 1


@keras.saving.register_keras_serializable(package="zoo")
class Unpooling2D(Unpooling):
    """The inverse of pooling: `layer(values, switches)`, or `layer(values)` to fill.

    Args:
        pool_size: the window's height and width: one positive integer or two.
        mode: `"argmax"` puts each value where its switch says, with zeros elsewhere; `"fill"`
            repeats it over its window, as Keras's UpSampling does.
        output_size: height and width of the output where pooling had dropped a rest: zeros
            there for argmax, the last value again for fill.
    """

    rank = 2
