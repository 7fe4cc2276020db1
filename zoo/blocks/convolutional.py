"""Convolutions on the way down, and what undoes them on the way up."""

import math
from collections.abc import Iterable

import keras

from zoo.errors import UsageError
from zoo.layers import ArgmaxPooling2D, Bias, FilledConv2DTranspose, Unpooling2D


def image_input(input_shape: tuple[int, ...], pools: tuple[int, ...] = ()):
    """The input of an image variant, `(rows, height, width, channels)`.

    Args:
        input_shape: height, width and channels.
        pools: the pool of each level below it; their product is the smallest size.
    """
    if keras.config.image_data_format() != "channels_last":
        raise UsageError(
            "Models of images need `keras.config.image_data_format()` to be 'channels_last'. "
            f"Received: {keras.config.image_data_format()!r}."
        )
    smallest = math.prod(pools)
    if len(input_shape) != 3 or min(input_shape[:2]) < smallest:
        raise UsageError(
            f"`input_shape` must be (height, width, channels) of at least "
            f"({smallest}, {smallest}, 1). Received: input_shape={tuple(input_shape)}."
        )
    return keras.Input(input_shape, name="image")


def convolve_and_pool(x, filters: Iterable[int], switches: bool = False):
    """Convolutions, each followed by pooling by two.

    Returns:
        The pooled map, and for each level, first to last, what undoes it: the size before the
        pooling, the filters before the convolution, and with `switches` the switches.
    """
    levels = []
    for number, width in enumerate(filters, start=1):
        before, size = x.shape[-1], x.shape[1:3]
        x = keras.layers.Conv2D(width, 3, padding="same", use_bias=False)(x)
        if switches:
            x, where = ArgmaxPooling2D(2)(x)
            where = [keras.layers.Identity(name=f"switches_{number}")(where)]
        else:
            x, where = keras.layers.MaxPooling2D(2)(x), []
        x = Bias("relu")(x)  # as before the pooling, but of a quarter of the values
        levels.append((size, before, where))
    return x, levels


def unpool_and_deconvolve(x, levels: list):
    """Undoes `convolve_and_pool`, last level first, down to the image's own channels."""
    for number, (size, channels, where) in reversed(list(enumerate(levels))):
        last = {"activation": "sigmoid", "name": "reconstruction"}
        layer = last if number == 0 else {"activation": "relu"}
        if not where and size == tuple(2 * each for each in x.shape[1:3]):
            x = FilledConv2DTranspose(channels, 3, **layer)(x)
        else:
            x = Unpooling2D(2, mode="argmax" if where else "fill", output_size=size)(x, *where)
            x = keras.layers.Conv2DTranspose(channels, 3, padding="same", **layer)(x)
    return x


def convolve_with_stride(x, filters: Iterable[int]):
    """Convolutions of 4 × 4 that each halve the map, rounding up: `down_1`, `down_2`, ...

    Returns:
        The last map, and for each level, first to last, what `deconvolve_with_stride` takes: the
        size and the filters before it.
    """
    levels = []
    for number, width in enumerate(filters, start=1):
        levels.append((x.shape[1:3], x.shape[-1]))
        layer = keras.layers.Conv2D(
            width, 4, strides=2, padding="same", activation="relu", name=f"down_{number}"
        )
        x = layer(x)
    return x, levels


def deconvolve_with_stride(x, levels: list):
    """Undoes `convolve_with_stride`, last level first, down to the image's own channels."""
    for number, ((height, width), channels) in reversed(list(enumerate(levels, start=1))):
        layer = keras.layers.Conv2DTranspose(
            channels, 4, strides=2, padding="same", name=f"up_{number}"
        )
        x = keras.layers.Activation("relu" if number > 1 else "sigmoid")(layer(x))
        rest = ((0, x.shape[1] - height), (0, x.shape[2] - width))
        x = keras.layers.Cropping2D(rest)(x)
    return x
