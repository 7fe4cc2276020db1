"""Functional pieces that builders share."""

import math
from collections.abc import Iterable

import keras

from zoo.errors import UsageError
from zoo.layers import ArgmaxPooling2D, Unpooling2D


def image_input(input_shape: tuple[int, ...], pools: tuple[int, ...] = ()):
    """The input of an image variant, `(rows, height, width, channels)`.

    Args:
        input_shape: height, width and channels.
        pools: the pool of each level below it; their product is the smallest size.
    """
    smallest = math.prod(pools)
    if len(input_shape) != 3 or min(input_shape[:2]) < smallest:
        raise UsageError(
            f"`input_shape` must be (height, width, channels) of at least "
            f"({smallest}, {smallest}, 1). Received: input_shape={tuple(input_shape)}."
        )
    return keras.Input(input_shape, name="image")


def dense_stack(x, widths: Iterable[int], activation: str = "relu"):
    """One dense layer after another."""
    for width in widths:
        x = keras.layers.Dense(width, activation=activation)(x)
    return x


def convolve_and_pool(x, filters: Iterable[int], switches: bool = False):
    """Convolutions, each followed by pooling by two.

    Returns:
        The pooled map, and for each level, first to last, what undoes it: the size before the
        pooling, the filters before the convolution, and with `switches` the switches.
    """
    levels = []
    for number, width in enumerate(filters, start=1):
        before, size = x.shape[-1], x.shape[1:3]
        x = keras.layers.Conv2D(width, 3, padding="same", activation="relu")(x)
        if switches:
            x, where = ArgmaxPooling2D(2)(x)
            where = [keras.layers.Identity(name=f"switches_{number}")(where)]
        else:
            x, where = keras.layers.MaxPooling2D(2)(x), []
        levels.append((size, before, where))
    return x, levels


def unpool_and_deconvolve(x, levels: list):
    """Undoes `convolve_and_pool`, last level first, down to the image's own channels."""
    for number, (size, channels, where) in reversed(list(enumerate(levels))):
        x = Unpooling2D(2, mode="argmax" if where else "fill", output_size=size)(x, *where)
        last = {"activation": "sigmoid", "name": "reconstruction"}
        layer = last if number == 0 else {"activation": "relu"}
        x = keras.layers.Conv2DTranspose(channels, 3, padding="same", **layer)(x)
    return x
