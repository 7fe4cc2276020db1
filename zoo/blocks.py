"""Functional pieces that builders share."""

import math
from collections.abc import Iterable

import keras

from zoo.errors import UsageError
from zoo.layers import (
    ArgmaxPooling2D,
    L2Penalty,
    Standardisation,
    TransposableDense,
    Unpooling2D,
)


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


def flat_input(input_shape: tuple[int, ...], standardise: bool = False):
    """The input of a dense variant: images, features, or an array of any other shape.

    Args:
        input_shape: of one row.
        standardise: bring every number to zero mean and unit deviation first, as `adapt` finds
            them; the loss then counts in deviations, and any finite input is accepted.

    Returns:
        The input; it flattened, `(rows, numbers)`; and a function that draws the reconstruction
        from as many numbers: `restore(x, activation="sigmoid")`. Standardised ones have none.
    """
    inputs = keras.Input(input_shape, name="features" if len(input_shape) == 1 else "image")
    scale = Standardisation(name="standardisation") if standardise else None
    x = keras.layers.Flatten()(scale(inputs) if scale else inputs)

    def restore(x, activation="sigmoid"):
        if scale:
            x = keras.layers.Reshape(input_shape, name="standard_reconstruction")(x)
            return scale(x, inverse=True)
        if activation != "linear":
            x = keras.layers.Activation(activation)(x)
        return keras.layers.Reshape(input_shape, name="reconstruction")(x)

    return inputs, x, restore


def dense_encoder(
    x,
    widths: Iterable[int],
    activation: str = "relu",
    code_activation: str | None = None,
    tied: bool = False,
):
    """Dense layers named `encoder_1`, `encoder_2`, ..., the last of them the code's.

    Args:
        x: `(rows, numbers)`.
        widths: of the layers, the code's last.
        activation: of all but the last.
        code_activation: of the last; None for a linear code.
        tied: let `dense_decoder` use the same kernels, transposed.

    Returns:
        The code, `(rows, widths[-1])`, and the levels that `dense_decoder` takes.
    """
    levels, widths = [], tuple(widths)
    kind = TransposableDense if tied else keras.layers.Dense
    for number, width in enumerate(widths, start=1):
        layer = kind(width, name=f"encoder_{number}")
        levels.append((x.shape[-1], layer if tied else None))
        x = _activated(layer(x), activation if number < len(widths) else code_activation)
    return x, levels


def dense_decoder(x, levels: list, activation: str = "relu"):
    """Undoes `dense_encoder`, last level first; the last layer, `decoder_1`, is left linear."""
    for number, (width, tied_to) in reversed(list(enumerate(levels, start=1))):
        if tied_to is not None:
            x = tied_to(x, transpose=True)
        else:
            x = keras.layers.Dense(width, name=f"decoder_{number}")(x)
        x = _activated(x, activation if number > 1 else None)
    return x


def latent_code(x, latent_penalty: float = 0.0):
    """The layer named `latent`, where encoder and decoder meet.

    Args:
        x: the code, `(rows, ...)`.
        latent_penalty: weight in the loss of a code's squared length, mean over rows.
    """
    if latent_penalty:
        x = L2Penalty(latent_penalty, name="latent_penalty")(x)
    return keras.layers.Identity(name="latent")(x)


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


def _activated(x, activation):
    return x if activation is None else keras.layers.Activation(activation)(x)
