r"""Deep belief network: a deep auto-encoder whose layers are pre-trained as RBMs.

The network is that of `deep_ae`, with sigmoid units. Before all layers are trained together, layer
$k$ learns the outputs $v$ of the layer before it as an RBM, with the hidden units $h$:

$$p(v, h) \propto \exp \left( v W_k h^\top + c_k v^\top + b_k h^\top \right)$$

The units of the linear code are normal instead, with the variance 1, by a further term
$-\frac{1}{2} h h^\top$ in the exponent. The encoder starts with $W_k$ and $b_k$, the decoder with
$W_k^\top$ and $c_k$.
"""

from zoo.models.dense.deep_ae import deep_ae
from zoo.registry import Recipe, register


@register(
    recipe=Recipe(
        loss="binary_crossentropy",
        schedule="cosine",
        batch_size=64,
        steps_per_execution=16,
        pretrain="rbm",
    ),
    tiny={"input_shape": (6, 6, 1), "widths": (16, 8), "latent_dim": 3},
    modes=({"tied": True}, {"standardise": True, "input_shape": (7,)}),
    feature_arguments={"standardise": True},
    paper="Hinton & Salakhutdinov, 2006; Hinton, Osindero & Teh, 2006",
)
def dbn(
    input_shape: tuple[int, ...] = (28, 28, 1),
    *,
    widths: tuple[int, ...] = (1000, 500, 250),
    latent_dim: int = 30,
    tied: bool = False,
    standardise: bool = False,
):
    """Builds a deep auto-encoder of sigmoid layers with a linear code, pre-trained as RBMs.

    On MNIST its layers are 784-1000-500-250-30 and back. `zoo.train` first trains each layer as a
    restricted Boltzmann machine and then the whole model; `zoo.pretrain(model, data)` does only the
    former, and `fit` only the latter.

    Args:
        input_shape: Tuple of integers. Shape of one image, or of any other array of numbers in [0,
            1]. Defaults to `(28, 28, 1)`.
        widths: Tuple of integers. Sizes of the encoder's hidden layers; the decoder has them in
            reverse. Defaults to `(1000, 500, 250)`.
        latent_dim: Integer. Size of the latent code. Defaults to 30.
        tied: Boolean. Whether the decoder's kernels stay the encoder's, transposed; if not,
            pre-training only starts them there. Defaults to False.
        standardise: Boolean. Whether features of any range are first scaled to zero mean and unit
            deviation, as `adapt` finds them; the visible units of the first RBM are then Gaussian.
            Defaults to False.

    Returns:
        An `AutoEncoder`.

    Example:

    >>> model = zoo.build("dbn", input_shape=(6, 6, 1), widths=(16, 8), latent_dim=3)
    >>> model.encode(np.zeros((4, 6, 6, 1), np.float32)).shape
    (4, 3)
    """
    return deep_ae(
        input_shape,
        widths=widths,
        latent_dim=latent_dim,
        activation="sigmoid",
        tied=tied,
        standardise=standardise,
    )
