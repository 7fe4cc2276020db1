r"""Winner-take-all auto-encoder: a unit learns only from the inputs that activate it most.

In training, with the fraction $r$, `rate`, of the rows $n$ of a batch:

$$a_{n} = \mathrm{relu}(x_n W + b), \qquad
z_{nj} = \begin{cases} a_{nj} & \text{if } a_{nj} \text{ is among the largest } r \text{ of unit } j
\\ 0 & \text{otherwise} \end{cases}, \qquad \hat x_n = z_n V + c$$

With `architecture="conv"`, $a$ is the map that two convolutions return, and $z$ keeps only the
largest number of each of its channels. The loss is the mean of $(x_i - \hat x_i)^2$ over the
numbers of a row.
"""

from typing import Literal

import keras

from zoo import blocks
from zoo.autoencoder import AutoEncoder
from zoo.errors import UsageError
from zoo.layers import LifetimeSparsity, SpatialSparsity
from zoo.registry import Recipe, register


@register(
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
    """Builds a winner-take-all auto-encoder, dense or convolutional.

    In the dense architecture a unit is active in the fraction `rate` of a batch (section 2 of the
    paper). This holds in training; at inference nothing is dropped, and the code is that of the
    ReLU. In the convolutional architecture only the largest value of each feature map of an image
    is kept (section 3), at inference too. The whole maps, which are the paper's features, are the
    input of the layer `spatial_sparsity`.

    Args:
        input_shape: Tuple of integers. Shape of one image, or, for dense layers, of any other array
            of numbers in [0, 1]. Defaults to `(28, 28, 1)`.
        architecture: String. `"dense"`, with one dense layer, or `"conv"`, with two convolutions,
            whose code is a map. Defaults to `"dense"`.
        latent_dim: Integer. Size of the dense code. Defaults to 1000.
        rate: Float. The fraction of a batch in which a dense unit may be active, within (0, 1].
            Defaults to 0.05.
        filters: Integer. Number of filters of each convolution. Defaults to 64.
        tied: Boolean. Only for dense layers: whether the decoder's kernel is the encoder's,
            transposed. Defaults to False.

    Returns:
        An `AutoEncoder`.

    Raises:
        UsageError: If `tied` is True and the architecture is convolutional.

    Example:

    >>> model = zoo.build("winner_take_all_ae", input_shape=(8, 8, 1), latent_dim=12, rate=0.2)
    >>> model.encode(np.zeros((4, 8, 8, 1), np.float32)).shape
    (4, 12)
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
