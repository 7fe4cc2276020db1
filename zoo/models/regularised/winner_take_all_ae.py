"""The winner-take-all auto-encoder: a unit learns only from what excites it most."""

from typing import Literal

import keras

from zoo import blocks
from zoo.autoencoder import AutoEncoder
from zoo.errors import UsageError
from zoo.layers import LifetimeSparsity, SpatialSparsity
from zoo.registry import Recipe, register


@register(
    # Held-out digits (results/tuning.jsonl): sse 11.8; 25.5 in batches of 128, 103 also at 1e-3;
    # of convolutions in 10 epochs 5.6, 6.5 at 1e-3.
    # `zoo bench recipe`, times as fast as with: one step a call 1.45, 64 steps 0.91, half the batch
    # 1.54, twice 0.75, bfloat16 0.97, Keras's own feed 1.27.
    recipe=Recipe(
        loss="mse",
        learning_rate=3e-3,
        schedule="cosine",
        batch_size=32,
        steps_per_execution=16,
    ),
    tiny={"input_shape": (8, 8, 1), "latent_dim": 12, "filters": 4, "rate": 0.2},
    modes=({"architecture": "conv"}, {"tied": True}),
    paper="Makhzani & Frey, 2015",
)
def winner_take_all_ae(
    input_shape: tuple[int, ...] = (28, 28, 1),
    *,
    architecture: Literal["dense", "conv"] = "dense",
    latent_dim: int = 1000,
    rate: float = 0.05,
    filters: int = 64,
    tied: bool = False,
):
    """Dense: a unit is active in the share `rate` of a batch (section 2 of the paper).

    That is in training; at rest nothing is dropped, and the code is the ReLU's.
    Convolutional: of each feature map of an image only the largest value is kept (section 3), at
    rest too. The whole maps, the paper's features, are what the layer `spatial_sparsity` is given.

    Args:
        input_shape: of one image, or, dense, of any other array of numbers in [0, 1].
        architecture: one dense layer, or two convolutions; then the code is a map.
        latent_dim: the size of the dense code.
        rate: the share of a batch in which a dense unit may be active, within (0, 1].
        filters: of the convolutions.
        tied: dense: whether the decoder's kernel is the encoder's, transposed.
    """
    if tied and architecture == "conv":
        raise UsageError("`tied` is for architecture='dense'. Received: architecture='conv'.")
    if architecture == "dense":
        inputs, x, restore = blocks.flat_input(input_shape)
        x, levels = blocks.dense_encoder(x, (latent_dim,), code_activation="relu", tied=tied)
        code = LifetimeSparsity(rate, name="lifetime_sparsity")(x)
    else:
        inputs = blocks.image_input(input_shape)
        x = inputs
        for size in (5, 5):
            x = keras.layers.Conv2D(filters, size, padding="same", activation="relu")(x)
        code = SpatialSparsity(name="spatial_sparsity")(x)
    latent = blocks.latent_code(code)

    if architecture == "dense":
        reconstruction = restore(blocks.dense_decoder(latent, levels), activation="linear")
    else:
        deconvolution = keras.layers.Conv2DTranspose(
            input_shape[-1], 11, padding="same", name="reconstruction"
        )
        reconstruction = deconvolution(latent)

    return AutoEncoder(inputs, reconstruction)
