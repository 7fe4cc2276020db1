"""The deep auto-encoder: dense layers down to a small linear code, and a mirror of them back."""

import math

import keras

from zoo import blocks
from zoo.autoencoder import AutoEncoder
from zoo.registry import Recipe, register


@register(
    recipe=Recipe(
        loss="mse", learning_rate=5e-4, schedule="cosine", batch_size=64, steps_per_execution=16
    ),
    tiny={"input_shape": (6, 6, 1), "widths": (16, 8), "latent_dim": 3},
    paper="Hinton & Salakhutdinov, 2006",
)
def deep_ae(
    input_shape: tuple[int, ...] = (28, 28, 1),
    *,
    widths: tuple[int, ...] = (1000, 500, 250),
    latent_dim: int = 30,
):
    """784-1000-500-250-30 and back on MNIST; the decoder's weights are its own.

    Args:
        input_shape: of one image, or of any other array of numbers in [0, 1].
        widths: of the encoder's hidden layers; the decoder has them in reverse.
        latent_dim: the size of the code.
    """
    images = keras.Input(input_shape, name="image")
    x = keras.layers.Flatten()(images)
    x = blocks.dense_stack(x, widths)
    latent = keras.layers.Dense(latent_dim, name="latent")(x)

    x = blocks.dense_stack(latent, reversed(widths))
    x = keras.layers.Dense(math.prod(input_shape), activation="sigmoid")(x)
    reconstruction = keras.layers.Reshape(input_shape, name="reconstruction")(x)

    return AutoEncoder(images, reconstruction)
