r"""Linear auto-encoder: trained by gradient descent, it finds the subspace of PCA.

$$z = x W + b, \qquad \hat x = z V + c, \qquad
L = \frac{1}{d} \sum_{i=1}^{d} (x_i - \hat x_i)^2$$

for $d$ numbers in a row. With `tied=True`, $V = W^\top$.
"""

from typing import Literal

from zoo import blocks
from zoo.autoencoder import AutoEncoder
from zoo.inputs.columns import Columns
from zoo.registry import Recipe, register


@register(
    recipe=Recipe(
        loss="mse",
        learning_rate=3e-3,
        schedule="cosine",
        batch_size=32,
        steps_per_execution=64,
    ),
    tiny={"input_shape": (6, 6, 1), "latent_dim": 3},
    modes=({"tied": True}, {"standardise": True, "input_shape": (7,)}),
    feature_arguments={"standardise": True},
    paper="Baldi & Hornik, 1989",
)
def linear_ae(
    input_shape: tuple[int, ...] = (28, 28, 1),
    *,
    latent_dim: int = 30,
    tied: bool = False,
    latent_weight: float = 0.0,
    standardise: bool = False,
    missing: Literal["refuse", "mask"] = "refuse",
    hidden: float = 0.2,
    columns: Columns | None = None,
):
    """Builds a linear auto-encoder, which learns the subspace of PCA by gradient descent.

    Its smallest error is that of PCA (equation 3 of the paper); its code need not be orthogonal.

    Args:
        input_shape: Tuple of integers. Shape of one image, or of any other array of numbers in [0,
            1]. Defaults to `(28, 28, 1)`.
        latent_dim: Integer. Size of the latent code. Defaults to 30.
        tied: Boolean. Whether the decoder's kernel is the encoder's, transposed. Defaults to False.
        latent_weight: Float. Weight in the loss of the squared length of the code, which draws
            codes towards zero. Defaults to 0, for none.
        standardise: Boolean. Whether features of any range are first scaled to zero mean and unit
            deviation, as `adapt` finds them. Defaults to False.
        missing: String. `"mask"` takes missing cells, NaN, and `"refuse"` refuses them; see
            `zoo.blocks.flat_input`. Defaults to `"refuse"`.
        hidden: Float in [0, 1). Fraction of the observed cells that training hides; see
            `zoo.blocks.flat_input`. Defaults to 0.2.
        columns: `Columns` of a table with categories; see `zoo.blocks.flat_input`. Defaults to
            None.

    Returns:
        An `AutoEncoder`.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(6, 6, 1), latent_dim=3)
    >>> model.encode(np.zeros((4, 6, 6, 1), np.float32)).shape
    (4, 3)
    """
    inputs, x, restore = blocks.flat_input(
        input_shape, standardise, columns=columns, missing=missing, hidden=hidden
    )
    code, levels = blocks.dense_encoder(x, (latent_dim,), tied=tied)
    latent = blocks.latent_code(code, latent_weight)

    x = blocks.dense_decoder(latent, levels)

    return AutoEncoder(inputs, restore(x, activation="linear"))
