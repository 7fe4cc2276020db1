r"""Convolutional auto-encoder of volumes: convolution and pooling in space, around a PCA.

A volume passes convolutions and poolings down and up again,

$$h_k = \mathrm{relu} \left( \mathrm{pool}(K_k * h_{k-1}) + b_k \right), \qquad
g_{k-1} = \mathrm{relu} \left( V_k * \mathrm{unpool}(g_k) + c_k \right), \qquad g_K = h_K ,$$

with kernels of three axes, $h_0 = x$, and no relu at the end: $f(x) = g_0$. With the principal
components of the training volumes as the columns of $P$, and their mean $m$,

$$z = (x + f(x) - m) P, \qquad y = z P^\top + m, \qquad \hat x = y + f'(y)$$

where $f'$ has the form of $f$. The last kernels of both start at zero, so that training starts with
PCA. Convolutions that see the same few weights at every place learn from few volumes, from which
dense layers would learn by heart. Without `pca_path`, $z = h_K W + b$, $g_K = \mathrm{relu}(z V +
c)$, and $\hat x = \sigma(g_0)$.

The loss is the mean of $(x_i - \hat x_i)^2$ over the voxels.
"""

import math
from typing import Literal

import keras

from zoo import blocks
from zoo.autoencoder import AutoEncoder
from zoo.fused import Dense
from zoo.layers import PrincipalComponents
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

    It is `conv_ae` over three axes: each level convolves and then pools by two; the way up mirrors
    it. The code is that of a PCA of the corrected volume, and the decoder corrects PCA's volume.

    Args:
        input_shape: Tuple of integers. Depth, height, width and channels of a volume; the sizes are
            at least `2 ** len(filters)`. Defaults to `(16, 16, 16, 1)`.
        filters: Tuple of integers. Number of filters of each level. Defaults to `(16, 32)`.
        latent_dim: Integer. Size of the latent code. Defaults to 64.
        unpooling: String. `"fill"` repeats a value over its window, so that a code can be decoded
            alone. `"argmax"` puts it where the maximum stood, with zeros elsewhere; the encoder
            then also returns `switches_1`, `switches_2`, ..., which the decoder needs. Defaults to
            `"fill"`.
        pca_path: Boolean. Whether convolutions correct the input and the output of a PCA, as
            `adapt` finds it; without it the code is dense and the network alone. Defaults to True.
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
    pooled, levels = blocks.convolve_and_pool(volumes, filters, switches=unpooling == "argmax")
    if pca_path:
        pca = PrincipalComponents(latent_dim, name="pca")
        added = blocks.unpool_and_deconvolve(pooled, levels, None, "added", "zeros")
        code = pca(keras.layers.Flatten()(keras.layers.Add()([volumes, added])))
    else:
        code = Dense(latent_dim, name="code")(keras.layers.Flatten()(pooled))
    latent = blocks.latent_code(code, latent_weight)

    if pca_path:
        linear = keras.layers.Reshape(input_shape)(pca(latent, transpose=True))
        x, _ = blocks.convolve_and_pool(linear, filters)
        x = blocks.unpool_and_deconvolve(x, levels, None, "decoded", "zeros")
        x = keras.layers.Add(name="reconstruction")([linear, x])
    else:
        x = Dense(math.prod(pooled.shape[1:]), activation="relu")(latent)
        x = keras.layers.Reshape(pooled.shape[1:])(x)
        x = blocks.unpool_and_deconvolve(x, levels)

    return AutoEncoder(volumes, x)
