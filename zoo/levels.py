"""The dense layers of an encoder, and their mirror images: what is learnt layer by layer."""

import dataclasses

import keras

from zoo.errors import UsageError


@dataclasses.dataclass(frozen=True)
class Level:
    """A dense layer of an encoder, and its mirror image.

    Attributes:
        layer, decoder: the two; the decoder's is None where none has the mirrored shape.
        activation: of the layer, by name.
        below: the activation of its input: another layer's, or that of the reconstruction.
    """

    layer: keras.layers.Layer
    decoder: keras.layers.Layer | None
    activation: str
    below: str

    @property
    def units(self) -> tuple[int, int]:
        """Of its input and of its output."""
        return tuple(self.layer.kernel.shape)


def levels(model) -> list[Level]:
    """The dense layers of a model's encoder, from the input on; `UsageError` if it has none."""
    by_name = {layer.name: layer for layer in model.layers}
    found, below = [], "sigmoid" if model.value_range == (0.0, 1.0) else "linear"
    while (layer := by_name.get(f"encoder_{len(found) + 1}")) is not None:
        number = len(found) + 1
        decoder = by_name.get(f"decoder_{number}")
        mirrored = decoder is not None and decoder.kernel.shape == layer.kernel.shape[::-1]
        after = by_name.get(f"encoder_{number}_activation")
        activation = after.activation.__name__ if after else "linear"
        found.append(Level(layer, decoder if mirrored else None, activation, below))
        below = activation
    if not found or "flat" not in by_name:
        raise UsageError(
            f"`model` must have dense layers encoder_1, encoder_2, ... to be pre-trained, as "
            f"deep_ae has. Received: {model.variant or model.name}."
        )
    return found
