r"""Convolutional auto-encoder of volumes: convolution and pooling in space, and back.

With convolutions by kernels $K_k$ of three axes, from $h_0 = x$ to the code, and from
$g_K = \mathrm{relu}(z V + c)$ back:

$$h_k = \mathrm{relu} \left( \mathrm{pool}(K_k * h_{k-1}) + b_k \right), \qquad z = h_K W + b$$

$$g_{k-1} = \mathrm{relu} \left( V_k * \mathrm{unpool}(g_k) + c_k \right), \qquad
\hat x = \sigma \left( V_1 * \mathrm{unpool}(g_1) + c_1 \right)$$

The loss is the mean of $(x_i - \hat x_i)^2$ over the voxels.
"""

import math
from typing import Literal

import keras

from zoo import blocks
from zoo.autoencoder import AutoEncoder
from zoo.fused import Dense
from zoo.registry import Recipe, register


@register(
    recipe=Recipe(loss="mse", schedule="cosine", batch_size=8),
    tiny={"input_shape": (8, 9, 9, 1), "filters": (3, 4), "latent_dim": 3},
    modes=({"unpooling": "argmax"},),
    kinds=("volumes",),
    paper="Masci et al., 2011",
)
def conv3d_ae(
    input_shape: tuple[int, ...] = (16, 16, 16, 1),
    *,
    filters: tuple[int, ...] = (16, 32),
    latent_dim: int = 64,
    unpooling: Literal["fill", "argmax"] = "fill",
    pca_path: bool = True,
    latent_weight: float = 0.0,
):
    """Builds a convolutional auto-encoder of volumes with a dense code.

    It is `conv_ae` over three axes: each level convolves and then pools by two; the decoder mirrors
    it.

    Args:
        input_shape: Tuple of integers. Depth, height, width and channels of a volume; the sizes are
            at least `2 ** len(filters)`. Defaults to `(16, 16, 16, 1)`.
        filters: Tuple of integers. Number of filters of each level. Defaults to `(16, 32)`.
        latent_dim: Integer. Size of the latent code. Defaults to 64.
        unpooling: String. `"fill"` repeats a value over its window, so that a code can be decoded
            alone. `"argmax"` puts it where the maximum stood, with zeros elsewhere; the encoder
            then also returns `switches_1`, `switches_2`, ..., which the decoder needs. Defaults to
            `"fill"`.
        pca_path: Boolean. Whether code and reconstruction are those of a PCA, as `adapt` finds it,
            plus what the network adds, which starts at zero; without it the network is alone.
            Defaults to True.
        latent_weight: Float. Weight in the loss of the squared length of the code, which draws
            codes towards zero. Defaults to 0, for none.

    Returns:
        An `AutoEncoder`.

    Example:

    >>> model = zoo.build("conv3d_ae", input_shape=(8, 9, 9, 1), filters=(3, 4), latent_dim=3)
    >>> model.encode(np.zeros((4, 8, 9, 9, 1), np.float32)).shape
    (4, 3)
    """
    volumes = blocks.volume_input(input_shape, pools=(2,) * len(filters))
    path = blocks.PcaPath(volumes, latent_dim, pca_path)
    pooled, levels = blocks.convolve_and_pool(volumes, filters, switches=unpooling == "argmax")
    code = path.code(keras.layers.Flatten()(pooled))
    latent = blocks.latent_code(code, latent_weight)

    x = Dense(math.prod(pooled.shape[1:]), activation="relu")(latent)
    x = keras.layers.Reshape(pooled.shape[1:])(x)
    last = None if pca_path else "sigmoid"
    x = blocks.unpool_and_deconvolve(x, levels, last, "decoded", path.last_initializer)

    return AutoEncoder(volumes, path.output(latent, x))
