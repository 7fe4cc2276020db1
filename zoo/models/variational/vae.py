r"""Variational auto-encoder: a Gaussian code that the loss draws to the standard normal.

The encoder returns the mean $\mu$ and the variance $\sigma^2$ of a normal distribution, from which
the code is drawn. With the weight $\beta$, `beta`:

$$z = \mu + \sigma \odot \epsilon, \qquad \epsilon \sim \mathcal{N}(0, I)$$

$$L = -\sum_i \left( x_i \log \hat x_i + (1 - x_i) \log(1 - \hat x_i) \right)
+ \frac{\beta}{2} \sum_j \left( \mu_j^2 + \sigma_j^2 - 1 - \log \sigma_j^2 \right)$$
"""

import math
from typing import Literal

import keras

from zoo import blocks
from zoo.autoencoder import AutoEncoder
from zoo.errors import UsageError
from zoo.fused import Dense
from zoo.inputs.columns import Columns
from zoo.layers import KLDivergence, Sampling
from zoo.registry import Recipe, register


@register(
    recipe=Recipe(
        loss="summed_binary_crossentropy",
        learning_rate=3e-3,
        schedule="cosine",
        steps_per_execution=64,
    ),
    tiny={"input_shape": (8, 8, 1), "widths": (16,), "filters": (4,), "latent_dim": 2},
    modes=({"architecture": "conv"},),
    slow=(({"architecture": "conv"}, 8),),
    presets={"beta_vae": {"beta": 4.0}},
    paper="Kingma & Welling, 2014; beta: Higgins et al., 2017",
)
def vae(
    input_shape: tuple[int, ...] = (28, 28, 1),
    *,
    architecture: Literal["dense", "conv"] = "dense",
    widths: tuple[int, ...] = (512,),
    filters: tuple[int, ...] = (32, 64),
    latent_dim: int = 16,
    beta: float = 1.0,
    missing: Literal["refuse", "mask"] = "refuse",
    hidden: float = 0.2,
    columns: Columns | None = None,
):
    """Builds a variational auto-encoder, dense or convolutional.

    The loss is the summed binary cross-entropy + beta · KL, in nats per image (equation 10). With
    `beta=1` it is the negative evidence lower bound. In `evaluate` and validation the codes are
    sampled with noise that is the same each time; `loss_without_noise` is the loss at the mean of
    the code.

    Args:
        input_shape: Tuple of integers. Shape of one image; for `architecture="conv"` height, width
            and channels. Defaults to `(28, 28, 1)`.
        architecture: String. `"dense"` for dense layers of `widths`, or `"conv"` for convolutions
            of `filters`. Defaults to `"dense"`.
        widths: Tuple of integers. Sizes of the dense encoder's hidden layers; the decoder has them
            in reverse. Defaults to `(512,)`.
        filters: Tuple of integers. Number of filters of the convolutional encoder's levels.
            Defaults to `(32, 64)`.
        latent_dim: Integer. Size of the latent code. Defaults to 16.
        beta: Float. Weight of the KL term. Defaults to 1.
        missing: String. `"mask"` takes missing cells, NaN, and `"refuse"` refuses them; see
            `zoo.blocks.flat_input`. Defaults to `"refuse"`.
        hidden: Float in [0, 1). Fraction of the observed cells that training hides; see
            `zoo.blocks.flat_input`. Defaults to 0.2.
        columns: `Columns` of a table with categories; see `zoo.blocks.flat_input`. The loss is then
            the sum over the columns + beta · KL. Defaults to None.

    Returns:
        An `AutoEncoder`.

    Raises:
        UsageError: If there are `columns` and the architecture is convolutional.

    Example:

    >>> model = zoo.build("vae", input_shape=(8, 8, 1), widths=(16,), latent_dim=2)
    >>> model.encode(np.zeros((4, 8, 8, 1), np.float32)).shape
    (4, 2)
    """
    if columns and architecture == "conv":
        raise UsageError("`columns` are for architecture='dense'. Received: architecture='conv'.")
    if architecture == "dense":
        images, x, restore = blocks.flat_input(
            input_shape,
            missing=missing,
            hidden=hidden,
            columns=columns,
            column_weight=len(columns or ()),
        )
        x, levels = blocks.dense_encoder(x, widths, code_activation="relu")
    else:
        images = blocks.image_input(input_shape, pools=(2,) * len(filters))
        x = blocks.missing_cells(images, missing, hidden)
        pooled, levels = blocks.convolve_and_pool(x, filters)
        x = keras.layers.Flatten()(pooled)
    mean = Dense(latent_dim, name="latent_mean")(x)
    log_variance = Dense(latent_dim, name="latent_log_variance")(x)
    code = KLDivergence(weight=beta, name="kl")([mean, log_variance])
    latent = Sampling(name="latent")(code)

    if architecture == "dense":
        x = Dense(widths[-1], activation="relu")(latent)
        reconstruction = restore(blocks.dense_decoder(x, levels))
    else:
        x = Dense(math.prod(pooled.shape[1:]), activation="relu")(latent)
        x = keras.layers.Reshape(pooled.shape[1:])(x)
        reconstruction = blocks.unpool_and_deconvolve(x, levels)

    return AutoEncoder(images, reconstruction)
