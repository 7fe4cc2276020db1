r"""Convolutional auto-encoder of sequences: convolution and pooling over time, and back.

With the channels standardised to $h_0$, their principal components as the columns of $P$ and their
mean $m$, and convolutions over time by kernels $K_k$ from $h_0$ to the code:

$$h_k = \mathrm{relu} \left( \mathrm{pool}(K_k * h_{k-1}) + b_k \right), \qquad
z = (h_0 - m) P + (h_K U + a) W + b$$

The decoder convolves what PCA makes of the code, $y = z P^\top + m$, down to $g_K$ as the encoder
does $h_0$, and up again to what is added to it:

$$g_{k-1} = \mathrm{relu} \left( V_k * \mathrm{unpool}(g_k) + c_k \right), \qquad
\hat h_0 = y + V_1 * \mathrm{unpool}(g_1) + c_1$$

$W$ and $V_1$ start at zero, so that training starts with PCA. Convolutions that see the same few
weights at every step learn from few rows, which dense layers of the decoder would learn by heart.
Without `pca_path` the decoder is dense, $g_K = \mathrm{relu}(z V + c)$, and $z = h_K W + b$ and
$\hat h_0 = V_1 * \mathrm{unpool}(g_1) + c_1$.

The loss is the mean of $(h_0 - \hat h_0)^2$ over steps and channels, and $\hat x$ is $\hat h_0$ in
the units of the input.
"""

import math
from typing import Literal

import keras

from zoo import blocks
from zoo.autoencoder import AutoEncoder
from zoo.fused import Dense
from zoo.registry import Recipe, register


@register(
    recipe=Recipe(
        loss="mse", learning_rate=3e-3, schedule="cosine", batch_size=32, steps_per_execution=16
    ),
    tiny={"input_shape": (17, 2), "filters": (4, 8), "latent_dim": 3},
    modes=({"unpooling": "argmax"}, {"pca_path": False}),
    kinds=("sequences",),
    value_range=None,
    paper="Masci et al., 2011",
)
def conv1d_ae(
    input_shape: tuple[int, ...] = (28, 28),
    *,
    filters: tuple[int, ...] = (32, 64),
    latent_dim: int = 32,
    unpooling: Literal["fill", "argmax"] = "fill",
    standardise: bool = True,
    pca_path: bool = True,
    latent_weight: float = 0.0,
    missing: Literal["refuse", "mask"] = "refuse",
    hidden: float = 0.2,
):
    """Builds a convolutional auto-encoder of sequences with a dense code.

    It is `conv_ae` over one axis, with a linear output: each level convolves over time and then
    pools by two; the decoder mirrors it.

    Args:
        input_shape: Tuple of integers. Steps and channels of a sequence; there are at least
            `2 ** len(filters)` steps. Defaults to `(28, 28)`.
        filters: Tuple of integers. Number of filters of each level. Defaults to `(32, 64)`.
        latent_dim: Integer. Size of the latent code. Defaults to 32.
        unpooling: String. `"fill"` repeats a value over its window, so that a code can be decoded
            alone. `"argmax"` puts it where the maximum stood, with zeros elsewhere; the encoder
            then also returns `switches_1`, `switches_2`, ..., which the decoder needs. Defaults to
            `"fill"`.
        standardise: Boolean. Whether each channel is first scaled to zero mean and unit deviation,
            as `adapt` finds them. Signals have units, and one recipe then fits all. Defaults to
            True.
        pca_path: Boolean. Whether code and reconstruction are those of a PCA, as `adapt` finds it,
            plus what convolutions add, which starts at zero; without it the network is alone, with
            a dense layer after the code. Defaults to True.
        latent_weight: Float. Weight in the loss of the squared length of the code, which draws
            codes towards zero. Defaults to 0, for none.
        missing: String. `"mask"` takes missing cells, NaN, in the input, such as the steps that pad
            a shorter sequence: the encoder sees which cells are missing, the loss counts the
            observed ones, and `impute` fills the others. `"refuse"` refuses them. Defaults to
            `"refuse"`.
        hidden: Float in [0, 1). Only for `missing="mask"`: the fraction of the observed cells that
            are hidden in each training step, and that the loss still counts. Defaults to 0.2.

    Returns:
        An `AutoEncoder`.

    Example:

    >>> model = zoo.build("conv1d_ae", input_shape=(17, 3), filters=(4, 8), latent_dim=3)
    >>> model.encode(np.zeros((4, 17, 3), np.float32)).shape
    (4, 3)
    """
    sequences, x, restore = blocks.sequence_input(
        input_shape, standardise, (2,) * len(filters), missing, hidden
    )
    path = blocks.PcaPath(x, latent_dim, pca_path)
    pooled, levels = blocks.convolve_and_pool(x, filters, switches=unpooling == "argmax")
    code = path.code(keras.layers.Flatten()(pooled))
    latent = blocks.latent_code(code, latent_weight)

    if pca_path:
        x, _ = blocks.convolve_and_pool(path.linear(latent), filters)
    else:
        x = Dense(math.prod(pooled.shape[1:]), activation="relu")(latent)
        x = keras.layers.Reshape(pooled.shape[1:])(x)
    x = blocks.unpool_and_deconvolve(x, levels, None, "decoded", path.last_initializer)

    return AutoEncoder(sequences, restore(path.output(latent, x)))
