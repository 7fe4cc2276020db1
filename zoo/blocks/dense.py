"""Dense encoders and decoders, layer by layer."""

from collections.abc import Iterable

import keras

from zoo.blocks.missing import missing_cells
from zoo.errors import UsageError
from zoo.fused import Activation, Dense
from zoo.inputs import kinds
from zoo.inputs.columns import Columns
from zoo.layers import (
    ColumnLoss,
    ColumnStandardisation,
    Corruption,
    HiddenCells,
    OneHotColumns,
    Standardisation,
    TransposableDense,
)


def flat_input(
    input_shape: tuple[int, ...],
    standardise: bool = False,
    corruption: Corruption | None = None,
    missing: str = "refuse",
    hidden: float = 0.2,
    *,
    columns: Columns | None = None,
    column_weight: float = 1.0,
):
    """Returns the input of a dense variant, which takes images, features or arrays of any shape.

    Args:
        input_shape: Tuple of integers. Shape of one row.
        standardise: Boolean. First scale each number (of sequences each channel) to zero mean and
            unit standard deviation, which `adapt` computes; the loss is then measured in standard
            deviations, and any finite input is accepted. Defaults to False.
        corruption: `Corruption` layer that the input passes first, or None. Defaults to None.
        missing: String. `"mask"` takes missing cells, NaN, in the input: the encoder sees which
            cells are missing (`MissingCells`), the loss counts the observed ones, and `impute`
            fills the others. `"refuse"` refuses them. Defaults to `"refuse"`.
        hidden: Float in [0, 1). Only for `missing="mask"`: the fraction of the observed cells that
            are hidden in each training step, and that the loss still counts. Defaults to 0.2.
        columns: `Columns`: an entry for each column of a table, which `zoo.train` takes from the
            data: None for numbers, a number for those less this offset, or the tuple of the
            categories. Where some hold categories, the numbers are standardised, a code becomes a
            number for each class (`OneHotColumns`), and the loss is a `ColumnLoss`. Defaults to
            None, for numbers alone.
        column_weight: Float. Weight of the `ColumnLoss`. Defaults to 1.0.

    Returns:
        A triple: the `keras.Input`, the input flattened to `(rows, numbers)`, and a function
        `restore(x, activation="sigmoid")` that turns `(rows, numbers)` into the reconstruction in
        the shape of the input. With `standardise` it has no activation.

    Example:

    >>> inputs, x, restore = flat_input((28, 28, 1))
    >>> x.shape, restore(x).shape
    ((None, 784), (None, 28, 28, 1))
    """
    classes = Columns(columns or ()).classes
    if classes and (len(classes),) != tuple(input_shape):
        raise UsageError(
            f"`columns` must have an entry for each column of the input. Received: {len(classes)} "
            f"entries for input_shape={tuple(input_shape)}."
        )
    kind = kinds.of_shape(input_shape) or kinds.IMAGES
    inputs = keras.Input(input_shape, name=kind.tensor_name)
    per_channel = kind.scaled and len(kind.axes) > 1
    scale = Standardisation(per_channel, name="standardisation") if standardise else None
    one_hot = None
    if any(classes):
        scale = ColumnStandardisation(classes, name="standardisation")
        one_hot = OneHotColumns(classes, name="one_hot")
    x = scale(inputs) if scale else inputs
    if one_hot and missing == "mask":
        x, hidden = HiddenCells(hidden, name="hidden_cells")(x), 0.0
    x = one_hot(x) if one_hot else x
    x = keras.layers.Flatten(name="flat")(corruption(x) if corruption else x)
    x = missing_cells(x, missing, hidden)

    def restore(x, activation="sigmoid"):
        if one_hot:
            x = ColumnLoss(classes, column_weight, name="column_loss")(x)
            x = one_hot(x, inverse=True)
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
    """Returns the latent code of dense layers that are named `encoder_1`, `encoder_2`, ...

    The last layer computes the code. The activation after the layer `encoder_1` is a layer named
    `encoder_1_activation`. Kernels are initialised by Glorot & Bengio (2010); before a sigmoid they
    are four times as large.

    Args:
        x: Keras tensor, `(rows, numbers)`.
        widths: Iterable of integers. Number of units of each layer; the last is the size of the
            code.
        activation: String. Activation of all layers but the last. Defaults to `"relu"`.
        code_activation: String, or None for a linear code. Activation of the last layer. Defaults
            to None.
        tied: Boolean. Let `dense_decoder` use the same kernels, transposed. Defaults to False.

    Returns:
        A pair: the code, `(rows, widths[-1])`, and the list of levels that `dense_decoder` takes.

    Example:

    >>> code, levels = dense_encoder(keras.Input((784,)), widths=(100, 30))
    >>> code.shape
    (None, 30)
    """
    levels, widths = [], tuple(widths)
    kind = TransposableDense if tied else Dense
    for number, width in enumerate(widths, start=1):
        layer_activation = activation if number < len(widths) else code_activation
        layer = kind(
            width, kernel_initializer=_initializer(layer_activation), name=f"encoder_{number}"
        )
        levels.append((x.shape[-1], layer if tied else None))
        x = _activated(layer(x), layer_activation, name=f"encoder_{number}_activation")
    return x, levels


def dense_decoder(x, levels: list, activation: str = "relu"):
    """Returns the output of dense layers that undo `dense_encoder`, last level first.

    The layers are named `..., decoder_2, decoder_1`, unless they are tied to the encoder's. The
    last one, `decoder_1`, is linear.

    Args:
        x: Keras tensor, `(rows, code)`.
        levels: List of levels, as `dense_encoder` returned it.
        activation: String. Activation of all layers but the last. Defaults to `"relu"`.

    Returns:
        A Keras tensor, `(rows, numbers)`, in the shape of the input of `dense_encoder`.

    Example:

    >>> code, levels = dense_encoder(keras.Input((784,)), widths=(100, 30), tied=True)
    >>> dense_decoder(code, levels).shape
    (None, 784)
    """
    for number, (width, tied_to) in reversed(list(enumerate(levels, start=1))):
        layer_activation = activation if number > 1 else None
        if tied_to is not None:
            x = tied_to(x, transpose=True)
        else:
            x = Dense(
                width, kernel_initializer=_initializer(layer_activation), name=f"decoder_{number}"
            )(x)
        x = _activated(x, layer_activation)
    return x


def _initializer(activation):
    """Returns the initializer of a kernel before an activation.

    The slope of the sigmoid is at most 1/4, and kernels four times as large as Glorot's compensate
    for it: with Glorot's own, a network of several sigmoid layers learns hardly anything in its
    first epochs.
    """
    if activation == "sigmoid":
        return keras.initializers.VarianceScaling(16, mode="fan_avg", distribution="uniform")
    return "glorot_uniform"


def _activated(x, activation, name=None):
    if activation is None:
        return x
    return Activation(activation, name=name)(x)
