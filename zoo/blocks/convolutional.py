"""Convolutional encoders and decoders, level by level."""

from collections.abc import Iterable

import keras

from zoo.fused import Bias
from zoo.layers import (
    ArgmaxPooling1D,
    ArgmaxPooling2D,
    ArgmaxPooling3D,
    FilledConv2DTranspose,
    Unpooling1D,
    Unpooling2D,
    Unpooling3D,
)

# The layers for maps of one, two and three axes beside those of the rows and the channels.
CONVOLUTIONS = {1: keras.layers.Conv1D, 2: keras.layers.Conv2D, 3: keras.layers.Conv3D}
DECONVOLUTIONS = {
    1: keras.layers.Conv1DTranspose,
    2: keras.layers.Conv2DTranspose,
    3: keras.layers.Conv3DTranspose,
}
POOLINGS = {
    1: keras.layers.MaxPooling1D,
    2: keras.layers.MaxPooling2D,
    3: keras.layers.MaxPooling3D,
}
ARGMAX_POOLINGS = {1: ArgmaxPooling1D, 2: ArgmaxPooling2D, 3: ArgmaxPooling3D}
UNPOOLINGS = {1: Unpooling1D, 2: Unpooling2D, 3: Unpooling3D}


def convolve_and_pool(x, filters: Iterable[int], switches: bool = False):
    """Returns a map after convolutions of 3 × 3 that are each followed by pooling by two and ReLU.

    The kernels have 3 values along each axis of the map: a sequence has one, a volume three.

    Args:
        x: Keras tensor, `(rows, height, width, channels)`, or of a sequence or volume.
        filters: Iterable of integers. Number of filters of each level.
        switches: Boolean. Keep the position of each maximum, in layers named `switches_1`,
            `switches_2`, ... Defaults to False.

    Returns:
        A pair: the pooled map, and the list of levels that `unpool_and_deconvolve` takes. A level
        is the size before the pooling, the number of channels before the convolution, and a list
        that holds the switches or is empty.

    Example:

    >>> x, levels = convolve_and_pool(zoo.blocks.image_input((28, 28, 1)), filters=(8, 16))
    >>> x.shape, levels
    ((None, 7, 7, 16), [((28, 28), 1, []), ((14, 14), 8, [])])
    """
    levels = []
    for number, width in enumerate(filters, start=1):
        channels, size = x.shape[-1], x.shape[1:-1]
        x = CONVOLUTIONS[len(size)](width, 3, padding="same", use_bias=False)(x)
        if switches:
            x, positions = ARGMAX_POOLINGS[len(size)](2)(x)
            positions = [keras.layers.Identity(name=f"switches_{number}")(positions)]
        else:
            x, positions = POOLINGS[len(size)](2)(x), []
        x = Bias("relu")(x)  # equals bias and ReLU before pooling, on fewer values
        levels.append((size, channels, positions))
    return x, levels


def unpool_and_deconvolve(
    x,
    levels: list,
    activation: str | None = "sigmoid",
    name: str = "reconstruction",
    last_initializer: str = "glorot_uniform",
):
    """Returns a reconstruction by undoing `convolve_and_pool`, last level first.

    The last layer has the image's own channels.

    Args:
        x: Keras tensor in the shape of the pooled map.
        levels: List of levels, as `convolve_and_pool` returned it.
        activation: String, or None for a linear layer. Activation of the last layer. Defaults to
            `"sigmoid"`.
        name: String. Name of the last layer. Defaults to `"reconstruction"`.
        last_initializer: String. Initializer of the last layer's kernel. Defaults to
            `"glorot_uniform"`.

    Returns:
        A Keras tensor in the shape of the input of `convolve_and_pool`.

    Example:

    >>> x, levels = convolve_and_pool(zoo.blocks.image_input((27, 28, 1)), filters=(8, 16))
    >>> unpool_and_deconvolve(x, levels).shape
    (None, 27, 28, 1)
    """
    for number, (size, channels, positions) in reversed(list(enumerate(levels))):
        last = {"activation": activation, "name": name, "kernel_initializer": last_initializer}
        options = last if number == 0 else {"activation": "relu"}
        rank, doubled = len(size), tuple(2 * length for length in x.shape[1:-1])
        if not positions and rank == 2 and size == doubled:
            x = FilledConv2DTranspose(channels, 3, **options)(x)
        else:
            mode = "argmax" if positions else "fill"
            x = UNPOOLINGS[rank](2, mode=mode, output_size=size)(x, *positions)
            x = DECONVOLUTIONS[rank](channels, 3, padding="same", **options)(x)
    return x


def convolve_with_stride(x, filters: Iterable[int]):
    """Returns a map after convolutions of 4 × 4 with stride 2, which each halve it, rounding up.

    The layers are named `down_1`, `down_2`, ... and have ReLU.

    Args:
        x: Keras tensor, `(rows, height, width, channels)`.
        filters: Iterable of integers. Number of filters of each level.

    Returns:
        A pair: the last map, and the list of levels that `deconvolve_with_stride` takes. A level is
        the size and the number of channels before its convolution.

    Example:

    >>> x, levels = convolve_with_stride(zoo.blocks.image_input((28, 28, 1)), filters=(8, 16))
    >>> x.shape, levels
    ((None, 7, 7, 16), [((28, 28), 1), ((14, 14), 8)])
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
    """Returns a reconstruction by undoing `convolve_with_stride`, last level first.

    The layers are named `up_1`, `up_2`, ...; `up_1`, the last, has the image's own channels and a
    sigmoid, the others have ReLU.

    Args:
        x: Keras tensor in the shape of the last map.
        levels: List of levels, as `convolve_with_stride` returned it.

    Returns:
        A Keras tensor in the shape of the input of `convolve_with_stride`.

    Example:

    >>> x, levels = convolve_with_stride(zoo.blocks.image_input((27, 28, 1)), filters=(8, 16))
    >>> deconvolve_with_stride(x, levels).shape
    (None, 27, 28, 1)
    """
    for number, ((height, width), channels) in reversed(list(enumerate(levels, start=1))):
        layer = keras.layers.Conv2DTranspose(
            channels, 4, strides=2, padding="same", name=f"up_{number}"
        )
        x = keras.layers.Activation("relu" if number > 1 else "sigmoid")(layer(x))
        cropping = ((0, x.shape[1] - height), (0, x.shape[2] - width))
        x = keras.layers.Cropping2D(cropping)(x)
    return x
