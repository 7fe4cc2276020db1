"""Dense layers on the way down, and what undoes them on the way up."""

from collections.abc import Iterable

import keras
from keras import ops

from zoo.layers import Corruption, Dense, Standardisation, TransposableDense


def flat_input(
    input_shape: tuple[int, ...], standardise: bool = False, corruption: Corruption | None = None
):
    """The input of a dense variant: images, features, or an array of any other shape.

    Args:
        input_shape: of one row.
        standardise: bring every number to zero mean and unit deviation first, as `adapt` finds
            them; the loss then counts in deviations, and any finite input is accepted.
        corruption: a layer for the input to pass first.

    Returns:
        The input; it flattened, `(rows, numbers)`; and a function that draws the reconstruction
        from as many numbers: `restore(x, activation="sigmoid")`. Standardised ones have none.
    """
    inputs = keras.Input(input_shape, name="features" if len(input_shape) == 1 else "image")
    scale = Standardisation(name="standardisation") if standardise else None
    x = scale(inputs) if scale else inputs
    x = keras.layers.Flatten(name="flat")(corruption(x) if corruption else x)

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

    The activation after the layer `encoder_1` is a layer named `encoder_1_activation`. Kernels
    start as Glorot & Bengio (2010) draw them; before a sigmoid, four times as large.

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
    kind = TransposableDense if tied else Dense
    for number, width in enumerate(widths, start=1):
        then = activation if number < len(widths) else code_activation
        layer = kind(width, kernel_initializer=_initializer(then), name=f"encoder_{number}")
        levels.append((x.shape[-1], layer if tied else None))
        x = _activated(layer(x), then, name=f"encoder_{number}_activation")
    return x, levels


def dense_decoder(x, levels: list, activation: str = "relu"):
    """Undoes `dense_encoder`, last level first; the last layer, `decoder_1`, is left linear."""
    for number, (width, tied_to) in reversed(list(enumerate(levels, start=1))):
        then = activation if number > 1 else None
        if tied_to is not None:
            x = tied_to(x, transpose=True)
        else:
            x = Dense(width, kernel_initializer=_initializer(then), name=f"decoder_{number}")(x)
        x = _activated(x, then)
    return x


@keras.saving.register_keras_serializable(package="zoo")
def silu(x):
    """x times its sigmoid. Keras's own computes the sigmoid once more for the gradient."""
    return x * ops.sigmoid(x)


def _initializer(activation):
    """Returns the initializer of a kernel before an activation.

    The slope of the sigmoid is 1/4 at most. Kernels four times as large as Glorot's make up for it:
    with Glorot's own, a net of several sigmoid layers learns next to nothing in its first epochs.
    """
    if activation == "sigmoid":
        return keras.initializers.VarianceScaling(16, mode="fan_avg", distribution="uniform")
    return "glorot_uniform"


def _activated(x, activation, name=None):
    if activation is None:
        return x
    function = silu if activation == "silu" else activation
    return keras.layers.Activation(function, name=name)(x)
