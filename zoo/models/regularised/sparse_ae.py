r"""Sparse auto-encoder: a wide code, in which a penalty keeps few units active.

With the weight $\beta$, `sparsity_weight`, the target $\rho$, and the mean activation
$\hat\rho_j$ of unit $j$ in a batch:

$$L = \sum_i (x_i - \hat x_i)^2 + \beta \sum_j \left( \rho \log \frac{\rho}{\hat\rho_j}
+ (1 - \rho) \log \frac{1 - \rho}{1 - \hat\rho_j} \right)$$

With `penalty="l1"` the second sum is $\sum_j |z_j|$.
"""

from typing import Literal

from zoo import blocks
from zoo.autoencoder import AutoEncoder
from zoo.layers import KLSparsity, L1Penalty
from zoo.registry import Recipe, register


@register(
    recipe=Recipe(
        loss="summed_squared_error",
        learning_rate=3e-3,
        schedule="cosine",
        batch_size=32,
        steps_per_execution=64,
    ),
    tiny={"input_shape": (6, 6, 1), "latent_dim": 8},
    modes=({"penalty": "l1"}, {"tied": True}),
    paper="Ng, 2011, CS294A lecture notes; Olshausen & Field, 1996",
)
def sparse_ae(
    input_shape: tuple[int, ...] = (28, 28, 1),
    *,
    latent_dim: int = 500,
    penalty: Literal["kl", "l1"] = "kl",
    sparsity_weight: float = 0.1,
    target: float = 0.05,
    tied: bool = False,
):
    """Builds a sparse auto-encoder: a wide code with a penalty on its activity.

    The loss is the squared error of an image + sparsity_weight · penalty; `fit` shows the penalty
    as `sparsity`. With `"kl"` this is section 3 of Ng's notes, with the whole squared error instead
    of half of it and without weight decay. With `"l1"` it is equations 2 to 4 of Olshausen & Field
    with the absolute value for their S, and with an encoder that computes the code.

    Args:
        input_shape: Tuple of integers. Shape of one image, or of any other array of numbers in [0,
            1]. Defaults to `(28, 28, 1)`.
        latent_dim: Integer. Size of the latent code. Defaults to 500.
        penalty: String. `"kl"` holds the mean activation of each sigmoid unit near `target`; `"l1"`
            draws the activations of ReLU units to zero. Defaults to `"kl"`.
        sparsity_weight: Float. Weight of the penalty in the loss (beta in the notes). Defaults to
            0.1.
        target: Float. Only for `"kl"`: the wanted mean activation (rho in the notes), within (0,
            1). Defaults to 0.05.
        tied: Boolean. Whether the decoder's kernel is the encoder's, transposed. Defaults to False.

    Returns:
        An `AutoEncoder`.

    Example:

    >>> model = zoo.build("sparse_ae", input_shape=(6, 6, 1), latent_dim=8)
    >>> model.encode(np.zeros((4, 6, 6, 1), np.float32)).shape
    (4, 8)
    """
    inputs, x, restore = blocks.flat_input(input_shape)
    activation = "sigmoid" if penalty == "kl" else "relu"
    code, levels = blocks.dense_encoder(x, (latent_dim,), code_activation=activation, tied=tied)
    if penalty == "kl":
        code = KLSparsity(target, sparsity_weight, name="sparsity")(code)
    else:
        code = L1Penalty(sparsity_weight, name="sparsity")(code)
    latent = blocks.latent_code(code)

    x = blocks.dense_decoder(latent, levels)

    return AutoEncoder(inputs, restore(x))
