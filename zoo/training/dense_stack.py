"""The dense layers of an encoder and their mirror images, which pre-training learns one by one."""

import dataclasses

import keras

from zoo.errors import UsageError


@dataclasses.dataclass(frozen=True)
class Level:
    """A dense layer of an encoder and its mirror image in the decoder.

    Attributes:
        layer: Keras layer of the encoder.
        decoder: Keras layer of the decoder, or None if no layer has the mirrored shape.
        activation: String. Name of the layer's activation.
        below: String. Name of the activation of the layer's input: the activation of the layer
            below, or that of the reconstruction.

    Example:

    >>> first, *_ = levels(zoo.build("deep_ae", input_shape=(6, 6, 1), widths=(16,), latent_dim=3))
    >>> first.units, first.activation, first.below
    ((36, 16), 'silu', 'sigmoid')
    """

    layer: keras.layers.Layer
    decoder: keras.layers.Layer | None
    activation: str
    below: str

    @property
    def units(self) -> tuple[int, int]:
        """The sizes of the layer's input and output."""
        return tuple(self.layer.kernel.shape)


def levels(model) -> list[Level]:
    """Returns the dense layers of a model's encoder, from the input on.

    Args:
        model: An `AutoEncoder`.

    Returns:
        A list of `Level`.

    Raises:
        UsageError: If the model has no dense layers `encoder_1`, `encoder_2`, ...

    Example:

    >>> model = zoo.build("deep_ae", input_shape=(6, 6, 1), widths=(16,), latent_dim=3)
    >>> [level.units for level in levels(model)]
    [(36, 16), (16, 3)]
    """
    by_name = {layer.name: layer for layer in model.layers}
    stack, below = [], "sigmoid" if model.value_range == (0.0, 1.0) else "linear"
    while (layer := by_name.get(f"encoder_{len(stack) + 1}")) is not None:
        number = len(stack) + 1
        decoder = by_name.get(f"decoder_{number}")
        mirrored = decoder is not None and decoder.kernel.shape == layer.kernel.shape[::-1]
        activation_layer = by_name.get(f"encoder_{number}_activation")
        activation = activation_layer.activation.__name__ if activation_layer else "linear"
        stack.append(Level(layer, decoder if mirrored else None, activation, below))
        below = activation
    if not stack or "flat" not in by_name:
        raise UsageError(
            f"`model` must have dense layers encoder_1, encoder_2, ... to be pre-trained, as "
            f"deep_ae has. Received: {model.variant or model.name}."
        )
    return stack
