"""Convolutional encoders and decoders, level by level."""

import math
from collections.abc import Iterable

import keras

from zoo.errors import UsageError
from zoo.fused import Bias
from zoo.inputs import kinds
from zoo.layers import ArgmaxPooling2D, FilledConv2DTranspose, Unpooling2D


def image_input(input_shape: tuple[int, ...], pools: tuple[int, ...] = ()):
    """Returns the input of an image variant, `(rows, height, width, channels)`.

    Args:
        input_shape: Tuple of integers. Height, width and channels.
        pools: Tuple of integers. The pool size of each level; height and width must be at least
            their product. Defaults to `()`.

    Returns:
        A `keras.Input` named `image`.

    Raises:
        UsageError: If the shape is not that of images or is too small, or if Keras's image data
            format is not `"channels_last"`.

    Example:

    >>> image_input((28, 28, 1), pools=(2, 2)).shape
    (None, 28, 28, 1)
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
    return keras.Input(input_shape, name=kinds.IMAGES.tensor_name)


def convolve_and_pool(x, filters: Iterable[int], switches: bool = False):
    """Returns a map after convolutions of 3 × 3 that are each followed by pooling by two and ReLU.

    Args:
        x: Keras tensor, `(rows, height, width, channels)`.
        filters: Iterable of integers. Number of filters of each level.
        switches: Boolean. Keep the position of each maximum, in layers named `switches_1`,
            `switches_2`, ... Defaults to False.

    Returns:
        A pair: the pooled map, and the list of levels that `unpool_and_deconvolve` takes. A level
        is the size before the pooling, the number of channels before the convolution, and a list
        that holds the switches or is empty.

    Example:

    >>> x, levels = convolve_and_pool(image_input((28, 28, 1)), filters=(8, 16))
    >>> x.shape, levels
    ((None, 7, 7, 16), [((28, 28), 1, []), ((14, 14), 8, [])])
    """
    levels = []
    for number, width in enumerate(filters, start=1):
        channels, size = x.shape[-1], x.shape[1:3]
        x = keras.layers.Conv2D(width, 3, padding="same", use_bias=False)(x)
        if switches:
            x, positions = ArgmaxPooling2D(2)(x)
            positions = [keras.layers.Identity(name=f"switches_{number}")(positions)]
        else:
            x, positions = keras.layers.MaxPooling2D(2)(x), []
        x = Bias("relu")(x)  # equals bias and ReLU before pooling, on fewer values
        levels.append((size, channels, positions))
    return x, levels


def unpool_and_deconvolve(x, levels: list):
    """Returns a reconstruction by undoing `convolve_and_pool`, last level first.

    The last layer has the image's own channels, a sigmoid, and the name `reconstruction`.

    Args:
        x: Keras tensor in the shape of the pooled map.
        levels: List of levels, as `convolve_and_pool` returned it.

    Returns:
        A Keras tensor in the shape of the input of `convolve_and_pool`.

    Example:

    >>> x, levels = convolve_and_pool(image_input((27, 28, 1)), filters=(8, 16))
    >>> unpool_and_deconvolve(x, levels).shape
    (None, 27, 28, 1)
    """
    for number, (size, channels, positions) in reversed(list(enumerate(levels))):
        last = {"activation": "sigmoid", "name": "reconstruction"}
        options = last if number == 0 else {"activation": "relu"}
        if not positions and size == tuple(2 * length for length in x.shape[1:3]):
            x = FilledConv2DTranspose(channels, 3, **options)(x)
        else:
            x = Unpooling2D(2, mode="argmax" if positions else "fill", output_size=size)(
                x, *positions
            )
            x = keras.layers.Conv2DTranspose(channels, 3, padding="same", **options)(x)
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

    >>> x, levels = convolve_with_stride(image_input((28, 28, 1)), filters=(8, 16))
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

    >>> x, levels = convolve_with_stride(image_input((27, 28, 1)), filters=(8, 16))
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
