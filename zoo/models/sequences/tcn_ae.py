r"""Temporal convolutional auto-encoder: residual blocks of convolutions at growing distances.

A block at the distance $d$ adds to its input $h$ what two convolutions over the steps $t - d$, $t$
and $t + d$ make of it:

$$r_d(h) = \mathrm{relu} \left( h + \mathrm{relu} \left( K_2 *_d \mathrm{relu}
\left( K_1 *_d h + b_1 \right) + b_2 \right) \right)$$

The encoder stacks blocks of the distances 1, 2, 4, ..., and pools their output to $h$ by its mean
over windows of steps. With the principal components of whole sequences $x$ as the columns of $P$,
and their mean $m$:

$$z = (x - m) P + (h U + a) W + b, \qquad y = z P^\top + m, \qquad \hat x = y + V * r(y) + c$$

where $r$ are blocks of the distances ..., 4, 2, 1. $W$ and $V$ start at zero, so that training
starts with PCA. Without `pca_path` the decoder mirrors the encoder, $z = h W + b$ and
$\hat x = V * r(\mathrm{unpool}(\mathrm{relu}(z A + d))) + c$. The loss is the mean of
$(x - \hat x)^2$ over steps and channels, of standardised channels.
"""

import math

import keras

from zoo import blocks
from zoo.autoencoder import AutoEncoder
from zoo.fused import Dense
from zoo.inputs.arguments import positive_integer
from zoo.layers import Unpooling1D
from zoo.registry import Recipe, register


@register(
    recipe=Recipe(loss="mse", learning_rate=3e-3, schedule="cosine", batch_size=32),
    tiny={"input_shape": (17, 2), "filters": 6, "dilations": (1, 2), "latent_dim": 3},
    kinds=("sequences",),
    value_range=None,
    paper="Thill, Konen, Wang & Bäck, 2021",
)
def tcn_ae(
    input_shape: tuple[int, ...] = (28, 28),
    *,
    filters: int = 32,
    dilations: tuple[int, ...] = (1, 2, 4, 8),
    pool: int = 4,
    latent_dim: int = 32,
    standardise: bool = True,
    pca_path: bool = True,
    latent_weight: float = 0.0,
):
    """Builds a temporal convolutional auto-encoder of sequences with a dense code.

    The blocks are those of Bai, Kolter & Koltun (2018), without dropout and weight normalisation,
    and with kernels that see both sides of a step, since the whole sequence is known.

    Args:
        input_shape: Tuple of integers. Steps and channels of a sequence; there are at least `pool`
            steps. Defaults to `(28, 28)`.
        filters: Integer. Number of filters of each convolution. Defaults to 32.
        dilations: Tuple of integers. Distance in steps between the values of a kernel, in each
            block of the encoder; the decoder has them in reverse. Defaults to `(1, 2, 4, 8)`.
        pool: Integer. Number of steps whose mean is one step before the code. Defaults to 4.
        latent_dim: Integer. Size of the latent code. Defaults to 32.
        standardise: Boolean. Whether each channel is first scaled to zero mean and unit deviation,
            as `adapt` finds them. Defaults to True.
        pca_path: Boolean. Whether code and reconstruction are those of a PCA, as `adapt` finds it,
            plus what the network adds, which starts at zero; without it the network is alone.
            Defaults to True.
        latent_weight: Float. Weight in the loss of the squared length of the code, which draws
            codes towards zero. Defaults to 0, for none.

    Returns:
        An `AutoEncoder`.

    Example:

    >>> model = zoo.build("tcn_ae", input_shape=(17, 2), filters=6, dilations=(1, 2), latent_dim=3)
    >>> model.encode(np.zeros((4, 17, 2), np.float32)).shape
    (4, 3)
    """
    pool = positive_integer("pool", pool)
    sequences, x, restore = blocks.sequence_input(input_shape, standardise, pools=(pool,))
    steps, channels = x.shape[1:]
    path = blocks.PcaPath(x, latent_dim, pca_path)
    for dilation in dilations:
        x = _block(x, filters, dilation)
    pooled = keras.layers.AveragePooling1D(pool)(x)
    code = path.code(keras.layers.Flatten()(pooled))
    latent = blocks.latent_code(code, latent_weight)

    if pca_path:
        x = path.linear(latent)
    else:
        x = Dense(math.prod(pooled.shape[1:]), activation="relu")(latent)
        x = keras.layers.Reshape(pooled.shape[1:])(x)
        x = Unpooling1D(pool, mode="fill", output_size=(steps,))(x)
    for dilation in reversed(dilations):
        x = _block(x, filters, dilation)
    x = keras.layers.Conv1D(channels, 1, kernel_initializer=path.last_initializer, name="decoded")(
        x
    )

    return AutoEncoder(sequences, restore(path.output(latent, x)))


def _block(x, filters, dilation):
    added = x
    for _ in range(2):
        added = keras.layers.Conv1D(
            filters, 3, padding="same", dilation_rate=dilation, activation="relu"
        )(added)
    if x.shape[-1] != filters:
        x = keras.layers.Conv1D(filters, 1)(x)
    return keras.layers.Activation("relu")(keras.layers.Add()([x, added]))
