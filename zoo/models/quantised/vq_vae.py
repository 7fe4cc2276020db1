r"""Vector-quantised auto-encoder: the code is a small map of codebook entries.

Each vector $a$ of the encoder's map becomes the nearest of the entries $e_1, \dots, e_K$ of the
codebook. With the weight $\beta$, `commitment_weight`, and $\mathrm{sg}$, through which no gradient
passes:

$$z = e_k, \quad k = \mathrm{argmin}_j \lVert a - e_j \rVert, \qquad
L = H(x, \hat x) + \beta \, \mathrm{mean} \left( (a - \mathrm{sg}(z))^2 \right)$$

$H$ is the cross-entropy, as the mean over the pixels; its gradient passes from $z$ to $a$
unchanged. An entry is the moving average of the vectors that chose it; one that few vectors choose
is restarted at a vector of the batch.
"""

import keras

from zoo import blocks
from zoo.autoencoder import AutoEncoder
from zoo.layers import VectorQuantizer
from zoo.registry import Recipe, register


@register(
    recipe=Recipe(
        loss="binary_crossentropy",
        learning_rate=3e-3,
        schedule="cosine",
        batch_size=64,
        steps_per_execution=16,
    ),
    tiny={"input_shape": (8, 8, 1), "filters": (4, 8), "latent_dim": 3, "entries": 8},
    kinds=("images",),
    paper="van den Oord, Vinyals & Kavukcuoglu, 2017",
)
def vq_vae(
    input_shape: tuple[int, ...] = (28, 28, 1),
    *,
    filters: tuple[int, ...] = (32, 64),
    latent_dim: int = 16,
    entries: int = 128,
    commitment_weight: float = 0.25,
    decay: float = 0.99,
):
    """Builds a vector-quantised auto-encoder, whose code is a map of codebook entries.

    The loss is equation 3 of the paper, with moving averages of the codebook in place of its middle
    term.

    For images of 28 × 28 pixels the code is 7 × 7 × 16. `model.indices(images)` returns the
    positions of the entries in the codebook, 7 × 7; the exports of `encode` return them as
    `indices`.

    Args:
        input_shape: Tuple of integers. Height, width and channels of an image. Defaults to `(28,
            28, 1)`.
        filters: Tuple of integers. Number of filters of each level, which halves the map. Defaults
            to `(32, 64)`.
        latent_dim: Integer. Size of an entry of the codebook (D). Defaults to 16.
        entries: Integer. Number of entries of the codebook (K). Defaults to 128.
        commitment_weight: Float. Weight of the commitment term (beta). Defaults to 0.25.
        decay: Float. Decay of the codebook's moving averages (gamma in appendix A.1), within [0,
            1). Defaults to 0.99.

    Returns:
        An `AutoEncoder`.

    Example:

    >>> model = zoo.build("vq_vae", input_shape=(8, 8, 1), filters=(4, 8), latent_dim=3, entries=8)
    >>> model.indices(np.zeros((4, 8, 8, 1), np.float32)).shape
    (4, 2, 2)
    """
    images = blocks.image_input(input_shape)
    x, levels = blocks.convolve_with_stride(images, filters)
    x = keras.layers.Conv2D(latent_dim, 1, name="code")(x)
    quantizer = VectorQuantizer(entries, weight=commitment_weight, decay=decay, name="commitment")
    code, _ = quantizer(x)
    latent = blocks.latent_code(code)

    x = keras.layers.Conv2D(filters[-1], 3, padding="same", activation="relu")(latent)
    reconstruction = blocks.deconvolve_with_stride(x, levels)

    return AutoEncoder(images, reconstruction)
