"""Max pooling that also returns the position of each maximum, and the unpooling that uses it."""

import math

import keras
import tensorflow as tf
from keras import ops

from zoo.errors import UsageError
from zoo.inputs.arguments import positive_integer
from zoo.layers import unpooling_forms


class _Pooled(keras.layers.Layer):
    """Base class of pooling and unpooling: a window of `rank` axes over a channels-last map."""

    rank = 0

    def __init__(self, pool_size=2, **kwargs):
        super().__init__(**kwargs)
        self.pool_size = self._sizes("pool_size", pool_size)

    def _sizes(self, name, value):
        sizes = tuple(value) if isinstance(value, (tuple, list)) else (value,) * self.rank
        if len(sizes) != self.rank:
            raise UsageError(f"`{name}` must be {self.rank} integers. Received: {value!r}.")
        return tuple(positive_integer(name, size) for size in sizes)

    def get_config(self):
        return super().get_config() | {"pool_size": self.pool_size}


class ArgmaxPooling(_Pooled):
    """Base class of the poolings that also return the position of each maximum.

    `values, switches = layer(x)`; always active. Use `ArgmaxPooling1D`, `ArgmaxPooling2D` or
    `ArgmaxPooling3D`. Windows do not overlap. A switch is an offset inside its window, row-major,
    from 0 to the window's size - 1; switches are an int32 array in the shape of the pooled map, the
    same in every runtime. Zeiler, Taylor & Fergus, 2011.

    Args:
        pool_size: Positive integer, or one for each axis of the window. Defaults to 2.
        **kwargs: Further arguments of `keras.layers.Layer`, such as `name`.

    Raises:
        UsageError: If `pool_size` is not accepted, or when the layer is built for a map of unknown
            size or smaller than the window.

    Example:

    >>> model = zoo.build("conv_ae", filters=(4, 8), unpooling="argmax")
    >>> sum(isinstance(layer, zoo.layers.ArgmaxPooling) for layer in model.layers)
    2
    """

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
        native = unpooling_forms.pooled(x, self.pool_size)
        if native is not None:
            return native
        windows = _windows(x, self.pool_size)  # (rows, *pooled, channels, offsets)
        switches = tf.argmax(windows, axis=-1, output_type=tf.int32)
        chosen = ops.one_hot(switches, math.prod(self.pool_size), dtype=windows.dtype)
        return ops.sum(windows * chosen, axis=-1), switches

    @property
    def switch_bits(self) -> float:
        """Size of one row's switches in bits: log2 of the window's size for each pooled value."""
        return math.prod(self.output[1].shape[1:]) * math.log2(math.prod(self.pool_size))


class Unpooling(_Pooled):
    """Base class of the unpoolings: `layer(values, switches)`, or `layer(values)` to repeat values.

    It is always active. Use `Unpooling1D`, `Unpooling2D` or `Unpooling3D`. The switches are those
    of `ArgmaxPooling`. Zeiler, Taylor & Fergus, 2011; Noh, Hong & Han, 2015.

    Args:
        pool_size: Positive integer, or one for each axis of the window. Defaults to 2.
        mode: String. `"argmax"` puts each value where its switch says, with zeros elsewhere;
            `"fill"` repeats it over its window. Defaults to `"argmax"`.
        output_size: Sizes of the output, one for each axis, if the pooling dropped a remainder;
            None for the sizes times `pool_size`. Defaults to None.
        **kwargs: Further arguments of `keras.layers.Layer`, such as `name`.

    Raises:
        UsageError: If an argument is not accepted, or when the layer is called with switches in the
            mode `"fill"` or without them in the mode `"argmax"`.

    Example:

    >>> zoo.layers.Unpooling2D((2, 3), mode="fill").pool_size
    (2, 3)
    """

    def __init__(self, pool_size=2, mode="argmax", output_size=None, **kwargs):
        super().__init__(pool_size, **kwargs)
        if mode not in ("argmax", "fill"):
            raise UsageError(f"`mode` must be 'argmax' or 'fill'. Received: mode={mode!r}.")
        self.mode = mode
        self.output_size = None if output_size is None else self._sizes("output_size", output_size)

    def __call__(self, values, switches=None, **kwargs):
        """Checks the call here, where Keras does not add to the error message."""
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
        filled, target = self._target(values)
        if switches is None:
            x = values
            for axis, pool in enumerate(self.pool_size, start=1):
                x = ops.repeat(x, pool, axis=axis)
        else:
            x = unpooling_forms.unpooled(values, switches, self.pool_size, target)
            if x is not None:
                return x
            chosen = ops.one_hot(switches, math.prod(self.pool_size), dtype=values.dtype)
            x = _unwindows(ops.expand_dims(values, -1) * chosen, self.pool_size)
        for axis, (size, out) in enumerate(zip(filled, target, strict=True), start=1):
            x = self._extended(x, axis, out - size)
        return x

    def _target(self, values):
        """Returns the sizes that the windows fill, and the sizes of the output."""
        sizes = values.shape[1:-1]
        filled = tuple(size * pool for size, pool in zip(sizes, self.pool_size, strict=True))
        return filled, self.output_size or filled

    def _extended(self, x, axis, rest):
        """Returns `x` extended along an axis: by zeros for argmax, by the last value for fill."""
        if not rest:
            return x
        if self.mode == "argmax":
            pads = [(0, rest if number == axis else 0) for number in range(self.rank + 2)]
            return ops.pad(x, pads)
        last = ops.take(x, [x.shape[axis] - 1] * rest, axis=axis)
        return ops.concatenate([x, last], axis=axis)

    def get_config(self):
        return super().get_config() | {"mode": self.mode, "output_size": self.output_size}


def _windows(x, pool):
    """Turns `(rows, *sizes, channels)` into `(rows, *pooled, channels, offsets)`."""
    rank, channels = len(pool), x.shape[-1]
    pooled = [size // length for size, length in zip(x.shape[1:-1], pool, strict=True)]
    kept = tuple(slice(0, count * length) for count, length in zip(pooled, pool, strict=True))
    x = x[(slice(None), *kept)]
    split = [length for pair in zip(pooled, pool, strict=True) for length in pair]
    x = ops.reshape(x, (-1, *split, channels))  # (rows, h, ph, w, pw, channels)
    if rank > 2:  # in two steps, because LiteRT transposes at most six axes
        (depth, height, width), (pd, ph, pw) = pooled, pool
        x = ops.reshape(x, (-1, height, ph, width, pw, channels))
        x = ops.transpose(x, (0, 1, 3, 5, 2, 4))  # (rows × d × pd, h, w, channels, ph, pw)
        x = ops.reshape(x, (-1, depth, pd, height * width * channels, ph * pw))
        x = ops.transpose(x, (0, 1, 3, 2, 4))  # (rows, d, h × w × channels, pd, ph × pw)
    else:
        outer, inner = range(1, 2 * rank, 2), range(2, 2 * rank + 1, 2)
        x = ops.transpose(x, (0, *outer, 2 * rank + 1, *inner))  # (rows, h, w, channels, ph, pw)
    return ops.reshape(x, (-1, *pooled, channels, math.prod(pool)))


def _unwindows(windows, pool):
    """Turns `(rows, *pooled, channels, offsets)` into `(rows, *sizes, channels)`."""
    rank = len(pool)
    *pooled, channels, _ = windows.shape[1:]
    sizes = [size * length for size, length in zip(pooled, pool, strict=True)]
    if rank > 2:  # in two steps, as in `_windows`
        (depth, height, width), (pd, ph, pw) = pooled, pool
        x = ops.reshape(windows, (-1, depth, height * width * channels, pd, ph * pw))
        x = ops.transpose(x, (0, 1, 3, 2, 4))  # (rows, d, pd, h × w × channels, ph × pw)
        x = ops.reshape(x, (-1, height, width, channels, ph, pw))
        x = ops.transpose(x, (0, 1, 4, 2, 5, 3))  # (rows × d × pd, h, ph, w, pw, channels)
        return ops.reshape(x, (-1, *sizes, channels))
    x = ops.reshape(windows, (-1, *pooled, channels, *pool))  # (rows, h, w, channels, ph, pw)
    axes = [axis for n in range(rank) for axis in (1 + n, rank + 2 + n)]
    x = ops.transpose(x, (0, *axes, rank + 1))  # (rows, h, ph, w, pw, channels)
    return ops.reshape(x, (-1, *sizes, channels))


@keras.saving.register_keras_serializable(package="zoo")
class ArgmaxPooling1D(ArgmaxPooling):
    """Max pooling over `(rows, length, channels)` that also returns the position of each maximum.

    `values, switches = layer(x)`: `switches` are int32 offsets in the windows, in the shape of
    `values`. Of equal values the first is taken. Always active.

    Args:
        pool_size: Positive integer. Length of the window; a remainder at the end is dropped.
            Defaults to 2.
        **kwargs: Further arguments of `keras.layers.Layer`, such as `name`.

    Example:

    >>> x = np.array([1.0, 2.0, 4.0, 3.0]).reshape(1, 4, 1)
    >>> values, switches = zoo.layers.ArgmaxPooling1D(2)(x)
    >>> values.numpy().ravel(), switches.numpy().ravel()
    (array([2., 4.], dtype=float32), array([1, 0], dtype=int32))
    """

    rank = 1


@keras.saving.register_keras_serializable(package="zoo")
class ArgmaxPooling2D(ArgmaxPooling):
    """Max pooling over images that also returns the position of each maximum.

    `values, switches = layer(x)`, for maps `(rows, height, width, channels)`: `switches` are int32
    offsets in the windows, in the shape of `values`. Of equal values the first in the window is
    taken, and it alone receives the gradient. Always active. Zeiler, Taylor & Fergus, 2011.

    Args:
        pool_size: Positive integer, or two: height and width of the window. A remainder at the
            lower or right edge is dropped. Defaults to 2.
        **kwargs: Further arguments of `keras.layers.Layer`, such as `name`.

    Example:

    >>> x = np.array([[1.0, 2.0], [4.0, 3.0]]).reshape(1, 2, 2, 1)
    >>> values, switches = zoo.layers.ArgmaxPooling2D(2)(x)
    >>> values.numpy().item(), switches.numpy().item()
    (4.0, 2)
    """

    rank = 2


@keras.saving.register_keras_serializable(package="zoo")
class ArgmaxPooling3D(ArgmaxPooling):
    """Max pooling over volumes that also returns the position of each maximum.

    `values, switches = layer(x)`, for maps `(rows, depth, height, width, channels)`; see
    `ArgmaxPooling2D`. Always active.

    Args:
        pool_size: Positive integer, or three: depth, height and width of the window. A remainder at
            the far edges is dropped. Defaults to 2.
        **kwargs: Further arguments of `keras.layers.Layer`, such as `name`.

    Example:

    >>> x = np.arange(8.0).reshape(1, 2, 2, 2, 1)
    >>> values, switches = zoo.layers.ArgmaxPooling3D(2)(x)
    >>> values.numpy().item(), switches.numpy().item()
    (7.0, 7)
    """

    rank = 3


@keras.saving.register_keras_serializable(package="zoo")
class Unpooling1D(Unpooling):
    """The inverse of pooling over `(rows, length, channels)`.

    `layer(values, switches)`, or `layer(values)` to repeat values; always active.

    Args:
        pool_size: Positive integer. Length of the window. Defaults to 2.
        mode: String, `"argmax"` or `"fill"`; see `Unpooling2D`. Defaults to `"argmax"`.
        output_size: Integer, or None. Length of the output; see `Unpooling2D`. Defaults to None.
        **kwargs: Further arguments of `keras.layers.Layer`, such as `name`.

    Example:

    >>> values = np.array([2.0, 4.0]).reshape(1, 2, 1)
    >>> zoo.layers.Unpooling1D(2, mode="fill")(values).numpy().ravel()
    array([2., 2., 4., 4.], dtype=float32)
    """

    rank = 1


@keras.saving.register_keras_serializable(package="zoo")
class Unpooling2D(Unpooling):
    """The inverse of pooling over `(rows, height, width, channels)`.

    `layer(values, switches)`, or `layer(values)` to repeat values; always active. Noh, Hong & Han,
    2015.

    Args:
        pool_size: Positive integer, or two: height and width of the window. Defaults to 2.
        mode: String. `"argmax"` puts each value where its switch says, with zeros elsewhere;
            `"fill"` repeats it over its window, as Keras's UpSampling does. Defaults to `"argmax"`.
        output_size: Pair of integers, or None. Height and width of the output, if the pooling
            dropped a remainder: the remainder is zeros for `"argmax"`, and the last value again for
            `"fill"`. None for the sizes times `pool_size`. Defaults to None.
        **kwargs: Further arguments of `keras.layers.Layer`, such as `name`.

    Example:

    >>> values, switches = np.full((1, 1, 1, 1), 4.0), np.full((1, 1, 1, 1), 2)
    >>> zoo.layers.Unpooling2D(2)(values, switches).numpy()[0, :, :, 0]
    array([[0., 0.],
           [4., 0.]], dtype=float32)
    """

    rank = 2


@keras.saving.register_keras_serializable(package="zoo")
class Unpooling3D(Unpooling):
    """The inverse of pooling over `(rows, depth, height, width, channels)`.

    `layer(values, switches)`, or `layer(values)` to repeat values; always active.

    Args:
        pool_size: Positive integer, or three: depth, height and width of the window. Defaults to 2.
        mode: String, `"argmax"` or `"fill"`; see `Unpooling2D`. Defaults to `"argmax"`.
        output_size: Three integers, or None. Depth, height and width of the output; see
            `Unpooling2D`. Defaults to None.
        **kwargs: Further arguments of `keras.layers.Layer`, such as `name`.

    Example:

    >>> values, switches = np.full((1, 1, 1, 1, 1), 4.0), np.full((1, 1, 1, 1, 1), 6)
    >>> zoo.layers.Unpooling3D(2)(values, switches).numpy()[0, 1, :, :, 0]
    array([[0., 0.],
           [4., 0.]], dtype=float32)
    """

    rank = 3
