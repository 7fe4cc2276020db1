r"""Denoising auto-encoder: it reconstructs clean inputs from corrupted ones.

The encoder $f$ sees a corrupted copy of the input, such as one with normal noise of the standard
deviation $s$, `level`, and the output of the decoder $g$ is compared with the clean input, for $d$
numbers in a row:

$$\tilde x_i = \min(\max(x_i + s \epsilon_i, 0), 1), \quad
\epsilon_i \sim \mathcal{N}(0, 1), \qquad \hat x = g(f(\tilde x))$$

$$L = -\frac{1}{d} \sum_i \left( x_i \log \hat x_i + (1 - x_i) \log(1 - \hat x_i) \right)$$
"""

from typing import Literal

from zoo import blocks
from zoo.autoencoder import AutoEncoder
from zoo.errors import UsageError
from zoo.layers import Corruption
from zoo.registry import Recipe, register


@register(
    recipe=Recipe(loss="binary_crossentropy", schedule="cosine", steps_per_execution=16),
    recipe_changes=(({"architecture": "conv"}, {"learning_rate": 3e-3, "batch_size": 64}),),
    tiny={"input_shape": (8, 8, 1), "widths": (16,), "filters": (4, 8), "latent_dim": 8},
    modes=(
        {"architecture": "conv"},
        {"corruption": "masking", "tied": True},
        {"corruption": "salt_and_pepper", "architecture": "conv"},
    ),
    paper="Vincent, Larochelle, Lajoie, Bengio & Manzagol, 2010",
)
def denoising_ae(
    input_shape: tuple[int, ...] = (28, 28, 1),
    *,
    architecture: Literal["dense", "conv"] = "dense",
    corruption: Literal["gaussian", "masking", "salt_and_pepper"] = "gaussian",
    level: float = 0.4,
    widths: tuple[int, ...] = (1000, 500),
    latent_dim: int = 250,
    filters: tuple[int, ...] = (32, 64),
    tied: bool = False,
    latent_weight: float = 0.0,
    missing: Literal["refuse", "mask"] = "refuse",
    hidden: float = 0.2,
):
    """Builds a denoising auto-encoder, dense or convolutional.

    The input is corrupted in `fit` and `evaluate` (section 3.1 of the paper), and clipped to [0,
    1]. The loss compares the reconstructions of noisy images with the clean images. In `evaluate`
    and validation the noise is the same each time, and `loss_without_noise` is the loss of clean
    images. `reconstruct` adds no noise: `reconstruct(noisy)` returns the restored image.

    Args:
        input_shape: Tuple of integers. Shape of one image, or, for dense layers, of any other array
            of numbers in [0, 1]. Defaults to `(28, 28, 1)`.
        architecture: String. `"dense"`, or `"conv"`, whose code is a map of `filters[-1]` channels.
            Defaults to `"dense"`.
        corruption: String. `"gaussian"` adds normal noise, `"masking"` sets values to 0, and
            `"salt_and_pepper"` sets values to 0 or 1. Defaults to `"gaussian"`.
        level: Float. Standard deviation of the normal noise, or the fraction of values that are
            set. Defaults to 0.4.
        widths: Tuple of integers. Sizes of the dense encoder's hidden layers. Defaults to `(1000,
            500)`.
        latent_dim: Integer. Size of the dense code. Defaults to 250.
        filters: Tuple of integers. Number of filters of the convolutional encoder's levels, each of
            which halves the map. Defaults to `(32, 64)`.
        tied: Boolean. Only for dense layers: whether the decoder's kernels are the encoder's,
            transposed. Defaults to False.
        latent_weight: Float. Weight in the loss of the squared length of the code, which draws
            codes towards zero. Defaults to 0, for none.
        missing: String. `"mask"` takes missing cells, NaN, and `"refuse"` refuses them; see
            `zoo.blocks.flat_input`. Defaults to `"refuse"`.
        hidden: Float in [0, 1). Fraction of the observed cells that training hides; see
            `zoo.blocks.flat_input`. Defaults to 0.2.

    Returns:
        An `AutoEncoder`.

    Raises:
        UsageError: If `tied` is True and the architecture is convolutional.

    Example:

    >>> model = zoo.build("denoising_ae", input_shape=(8, 8, 1), widths=(16,), latent_dim=8)
    >>> model.encode(np.zeros((4, 8, 8, 1), np.float32)).shape
    (4, 8)
    """
    if tied and architecture == "conv":
        raise UsageError("`tied` is for architecture='dense'. Received: architecture='conv'.")
    noise = Corruption(corruption, level, name="corruption")
    if architecture == "dense":
        inputs, x, restore = blocks.flat_input(
            input_shape, corruption=noise, missing=missing, hidden=hidden
        )
        code, levels = blocks.dense_encoder(x, (*widths, latent_dim), tied=tied)
    else:
        inputs = blocks.image_input(input_shape)
        x = blocks.missing_cells(noise(inputs), missing, hidden)
        code, levels = blocks.convolve_with_stride(x, filters)
    latent = blocks.latent_code(code, latent_weight)

    if architecture == "dense":
        reconstruction = restore(blocks.dense_decoder(latent, levels))
    else:
        reconstruction = blocks.deconvolve_with_stride(latent, levels)

    return AutoEncoder(inputs, reconstruction)
