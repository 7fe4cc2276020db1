"""The inputs of variants of images, sequences and volumes, whose last axis is the channels."""

import math

import keras

from zoo.blocks.missing import missing_cells
from zoo.errors import UsageError
from zoo.inputs import kinds
from zoo.layers import Standardisation


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
    return channels_input(kinds.IMAGES, input_shape, pools)


def volume_input(input_shape: tuple[int, ...], pools: tuple[int, ...] = ()):
    """Returns the input of a variant of volumes, `(rows, depth, height, width, channels)`.

    Args:
        input_shape: Tuple of integers. Depth, height, width and channels.
        pools: Tuple of integers. The pool size of each level; each size must be at least their
            product. Defaults to `()`.

    Returns:
        A `keras.Input` named `volume`.

    Raises:
        UsageError: As for `image_input`.

    Example:

    >>> volume_input((8, 8, 8, 1)).shape
    (None, 8, 8, 8, 1)
    """
    return channels_input(kinds.VOLUMES, input_shape, pools)


def sequence_input(
    input_shape: tuple[int, ...],
    standardise: bool = False,
    pools: tuple[int, ...] = (),
    missing: str = "refuse",
    hidden: float = 0.2,
):
    """Returns the input of a variant of sequences, `(rows, steps, channels)`, and its way back.

    Args:
        input_shape: Tuple of integers. Steps and channels.
        standardise: Boolean. First scale each channel to zero mean and unit standard deviation,
            which `adapt` computes; the loss is then measured in standard deviations. Defaults to
            False.
        pools: Tuple of integers. The pool size of each level; there must be at least as many steps
            as their product. Defaults to `()`.
        missing: String. `"mask"` to take missing cells, NaN, such as the steps that pad a shorter
            sequence, or `"refuse"`; see `MissingCells`. Defaults to `"refuse"`.
        hidden: Float in [0, 1). Fraction of the observed cells that training hides with
            `missing="mask"`. Defaults to 0.2.

    Returns:
        A triple: the `keras.Input` named `sequence`; the sequences, scaled if wanted; and a
        function `restore(x)` that turns `(rows, steps, channels)` into the reconstruction in the
        units of the input.

    Raises:
        UsageError: As for `image_input`.

    Example:

    >>> inputs, x, restore = sequence_input((28, 3), standardise=True)
    >>> x.shape, restore(x).shape
    ((None, 28, 3), (None, 28, 3))
    """
    inputs = channels_input(kinds.SEQUENCES, input_shape, pools)
    if not standardise:
        x = missing_cells(inputs, missing, hidden)
        return inputs, x, keras.layers.Identity(name="reconstruction")
    scale = Standardisation(per_channel=True, name="standardisation")
    x = missing_cells(scale(inputs), missing, hidden)
    return inputs, x, lambda x: scale(x, inverse=True)


def channels_input(kind: kinds.Kind, input_shape: tuple[int, ...], pools: tuple[int, ...] = ()):
    """Returns the input of a variant of a kind of data whose last axis is that of the channels.

    Args:
        kind: `Kind`.
        input_shape: Tuple of integers, one for each of the kind's axes.
        pools: Tuple of integers. The pool size of each level; each size must be at least their
            product. Defaults to `()`.

    Returns:
        A `keras.Input` with the name of the kind's tensors.

    Raises:
        UsageError: If the shape is not that of the kind or is too small, or if Keras's image data
            format is not `"channels_last"`.

    Example:

    >>> channels_input(kinds.SEQUENCES, (28, 3)).name
    'sequence'
    """
    if keras.config.image_data_format() != "channels_last":
        raise UsageError(
            f"Models of {kind.name} need `keras.config.image_data_format()` to be 'channels_last'. "
            f"Received: {keras.config.image_data_format()!r}."
        )
    smallest, rank = math.prod(pools), len(kind.axes) - 1
    if len(input_shape) != rank + 1 or min(input_shape[:-1]) < smallest:
        raise UsageError(
            f"`input_shape` must be ({', '.join(kind.axes)}) of at least "
            f"{(*[smallest] * rank, 1)}. Received: input_shape={tuple(input_shape)}."
        )
    return keras.Input(input_shape, name=kind.tensor_name)
