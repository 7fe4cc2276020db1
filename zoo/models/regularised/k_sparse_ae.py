r"""k-sparse auto-encoder: only the k largest numbers of a linear code are kept.

$$a = x W + b, \qquad
z_j = \begin{cases} a_j & \text{if } a_j \text{ is one of the } k \text{ largest} \\
0 & \text{otherwise} \end{cases}, \qquad \hat x = z W^\top + c$$

The loss is the mean of $(x_i - \hat x_i)^2$ over the numbers of a row.
"""

from zoo import blocks
from zoo.autoencoder import AutoEncoder
from zoo.layers import KSparse
from zoo.registry import Recipe, register


@register(
    recipe=Recipe(
        loss="mse",
        learning_rate=3e-3,
        schedule="cosine",
        batch_size=32,
        steps_per_execution=16,
    ),
    tiny={"input_shape": (6, 6, 1), "latent_dim": 12, "k": 3, "annealing_steps": 8},
    modes=({"tied": False, "boost": 1.0},),
    paper="Makhzani & Frey, 2014",
)
def k_sparse_ae(
    input_shape: tuple[int, ...] = (28, 28, 1),
    *,
    latent_dim: int = 1000,
    k: int = 25,
    annealing_steps: int | None = 200,
    surplus: float = 1.0,
    boost: float = 0.0,
    tied: bool = True,
):
    """Builds a k-sparse auto-encoder, which keeps only the k largest numbers of a linear code.

    The numbers with the largest values are kept, not those with the largest absolute values
    (section 2.2 of the paper).

    Args:
        input_shape: Tuple of integers. Shape of one image, or of any other array of numbers in [0,
            1]. Defaults to `(28, 28, 1)`.
        latent_dim: Integer. Size of the latent code. Defaults to 1000.
        k: Integer. Number of code numbers that are kept, at most `latent_dim`. Defaults to 25.
        annealing_steps: Integer. Number of training steps over which the number of kept units falls
            to k; None for k from the start.
            Defaults to 200.
        surplus: Float. At inference `surplus * k` numbers are kept (alpha in the paper). Defaults
            to 1.
        boost: Float. Strength by which units that were chosen less often are preferred; 0 for no
            preference. Defaults to 0.
        tied: Boolean. Whether the decoder's kernel is the encoder's, transposed. Defaults to True.

    Returns:
        An `AutoEncoder`.

    Example:

    >>> model = zoo.build("k_sparse_ae", input_shape=(6, 6, 1), latent_dim=12, k=3)
    >>> x = np.random.default_rng(0).random((4, 6, 6, 1), np.float32)
    >>> np.count_nonzero(model.encode(x), axis=1)
    array([3, 3, 3, 3])
    """
    inputs, x, restore = blocks.flat_input(input_shape)
    code, levels = blocks.dense_encoder(x, (latent_dim,), tied=tied)
    code = KSparse(k, annealing_steps or 0, surplus, boost, name="k_sparse")(code)
    latent = blocks.latent_code(code)

    x = blocks.dense_decoder(latent, levels)

    return AutoEncoder(inputs, restore(x, activation="linear"))
