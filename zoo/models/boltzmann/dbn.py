"""The deep belief network: machines learnt one on another, unrolled into a deep auto-encoder."""

from zoo.models.dense.deep_ae import deep_ae
from zoo.registry import Recipe, register


@register(
    # `zoo bench recipe`, times as fast as with: one step a call 1.24, 64 steps 0.98, half the batch
    # 1.50, twice 0.76, bfloat16 0.84, Keras's own feed 1.23.
    recipe=Recipe(
        loss="binary_crossentropy",
        schedule="cosine",
        batch_size=64,
        steps_per_execution=16,
        pretrain="rbm",
    ),
    tiny={"input_shape": (6, 6, 1), "widths": (16, 8), "latent_dim": 3},
    modes=({"tied": True}, {"standardise": True, "input_shape": (7,)}),
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
    """784-1000-500-250-30 on MNIST: sigmoid layers, a linear code, and the same back.

    `zoo.train` learns each layer as a restricted Boltzmann machine first, then the whole;
    `zoo.pretrain(model, data)` does the former alone, and `fit` the latter.

    Args:
        input_shape: of one image, or of any other array of numbers in [0, 1].
        widths: of the encoder's hidden layers; the decoder has them in reverse.
        latent_dim: the size of the code.
        tied: whether the decoder's kernels stay the encoder's, transposed; else they only start so.
        standardise: for features of any range: zero mean and unit deviation first, as `adapt`
            finds them; the first machine's visible units are then Gaussian.
    """
    return deep_ae(
        input_shape,
        widths=widths,
        latent_dim=latent_dim,
        activation="sigmoid",
        tied=tied,
        standardise=standardise,
    )
