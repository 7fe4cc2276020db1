r"""Transformer auto-encoder: self-attention over patches of a sequence, pooled into one code.

The sequence is cut into patches of some steps, and each becomes a vector, to which a learned vector
of its position is added. A block lets all vectors $h$ attend to each other and transforms each:

$$h' = h + \mathrm{attention}(\mathrm{norm}(h)), \qquad
h'' = h' + \mathrm{silu}(\mathrm{norm}(h') A + a) B + b$$

With the mean over the patches $\bar h$, the principal components of whole sequences $x$ as the
columns of $P$, and their mean $m$, the code is

$$z = (x - m) P + (\bar h U + c) W + d$$

The decoder cuts what PCA makes of it, $y = z P^\top + m$, into patches, which pass blocks of the
same form without vectors of positions, by which it would learn few rows by heart; what it makes of
each patch is added to its steps of $y$. $W$ and the decoder's last kernel start at zero, so that
training starts with PCA. Without `pca_path` the code is $z = \bar h W + d$, and every patch of the
decoder starts as $z V + e$ with a vector of its position. The loss is the mean of
$(x - \hat x)^2$ over steps and channels, of standardised channels.
"""

import keras

from zoo import blocks
from zoo.autoencoder import AutoEncoder
from zoo.fused import Dense
from zoo.inputs.arguments import positive_integer
from zoo.layers import LearnedPositions
from zoo.registry import Recipe, register


@register(
    recipe=Recipe(loss="mse", learning_rate=3e-3, schedule="cosine", batch_size=32),
    tiny={"input_shape": (10, 2), "width": 8, "heads": 2, "depth": 1, "latent_dim": 3},
    kinds=("sequences",),
    value_range=None,
    paper="Vaswani et al., 2017",
)
def transformer_ae(
    input_shape: tuple[int, ...] = (28, 28),
    *,
    patch: int = 4,
    width: int = 64,
    heads: int = 4,
    depth: int = 2,
    latent_dim: int = 32,
    standardise: bool = True,
    pca_path: bool = True,
    latent_weight: float = 0.0,
):
    """Builds a small transformer auto-encoder of sequences with a dense code.

    Args:
        input_shape: Tuple of integers. Steps and channels of a sequence. Defaults to `(28, 28)`.
        patch: Integer. Number of steps in a patch; the last patch is filled up with zeros. Defaults
            to 4.
        width: Integer. Size of the vector of a patch. Defaults to 64.
        heads: Integer. Number of attention heads; each has `width // heads` numbers. Defaults to 4.
        depth: Integer. Number of blocks of the encoder, and of the decoder. Defaults to 2.
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

    >>> model = zoo.build("transformer_ae", input_shape=(10, 2), width=8, heads=2, latent_dim=3)
    >>> model.encode(np.zeros((4, 10, 2), np.float32)).shape
    (4, 3)
    """
    patch = positive_integer("patch", patch)
    sequences, x, restore = blocks.sequence_input(input_shape, standardise)
    steps, channels = x.shape[1:]
    path = blocks.PcaPath(x, latent_dim, pca_path)
    x = LearnedPositions(name="positions")(_cut(x, patch, width, "patches"))
    patches = x.shape[1]
    rest = patches * patch - steps
    for _ in range(depth):
        x = _block(x, width, heads)
    pooled = keras.layers.GlobalAveragePooling1D()(keras.layers.LayerNormalization()(x))
    latent = blocks.latent_code(path.code(pooled), latent_weight)

    if pca_path:
        x = _cut(path.linear(latent), patch, width, "decoder_patches")
    else:
        x = keras.layers.RepeatVector(patches)(Dense(width)(latent))
        x = LearnedPositions(name="decoder_positions")(x)
    for _ in range(depth):
        x = _block(x, width, heads)
    x = keras.layers.LayerNormalization()(x)
    x = keras.layers.Dense(  # of each patch
        patch * channels, kernel_initializer=path.last_initializer, name="decoded"
    )(x)
    x = keras.layers.Reshape((patches * patch, channels))(x)
    x = keras.layers.Cropping1D((0, rest))(x) if rest else x

    return AutoEncoder(sequences, restore(path.output(latent, x)))


def _cut(x, patch, width, name):
    """Returns a vector for each patch; the last is filled up with zeros."""
    rest = -x.shape[1] % patch
    x = keras.layers.ZeroPadding1D((0, rest))(x) if rest else x
    return keras.layers.Conv1D(width, patch, strides=patch, name=name)(x)


def _block(x, width, heads):
    normed = keras.layers.LayerNormalization()(x)
    attended = keras.layers.MultiHeadAttention(heads, max(1, width // heads), use_bias=False)(
        normed, normed
    )
    x = keras.layers.Add()([x, attended])
    hidden = keras.layers.LayerNormalization()(x)
    hidden = keras.layers.Dense(2 * width, activation="silu")(hidden)
    return keras.layers.Add()([x, keras.layers.Dense(width)(hidden)])
