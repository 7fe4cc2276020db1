r"""Shallow auto-encoder: one hidden layer, whose activations are the latent code.

With the activation $f$ and the sigmoid $\sigma$, for $d$ numbers in a row:

$$z = f(x W + b), \qquad \hat x = \sigma(z V + c), \qquad
L = -\frac{1}{d} \sum_i \left( x_i \log \hat x_i + (1 - x_i) \log(1 - \hat x_i) \right)$$

With `standardise=True` the output has no sigmoid, and the loss is the mean of the squared error of
the standardised numbers.
"""

from typing import Literal

from zoo import blocks
from zoo.autoencoder import AutoEncoder
from zoo.inputs.columns import Columns
from zoo.registry import Recipe, register


@register(
    recipe=Recipe(
        loss="binary_crossentropy",
        learning_rate=3e-3,
        schedule="cosine",
        batch_size=32,
        steps_per_execution=64,
    ),
    tiny={"input_shape": (6, 6, 1), "latent_dim": 5},
    modes=({"tied": True}, {"standardise": True, "input_shape": (7,)}),
    feature_arguments={"standardise": True},
    paper="Rumelhart, Hinton & Williams, 1986",
)
def shallow_ae(
    input_shape: tuple[int, ...] = (28, 28, 1),
    *,
    latent_dim: int = 32,
    activation: Literal["relu", "sigmoid", "tanh", "silu"] = "relu",
    tied: bool = False,
    latent_weight: float = 0.0,
    standardise: bool = False,
    missing: Literal["refuse", "mask"] = "refuse",
    hidden: float = 0.2,
    columns: Columns | None = None,
):
    """Builds an auto-encoder with a single hidden layer, whose activations are the code.

    It computes weighted sums (equation 1 of the paper) and learns by back-propagation (equations 4
    to 7). A code that is wider than its input may copy it: use a regularised variant instead.

    Args:
        input_shape: Tuple of integers. Shape of one image, or of any other array of numbers in [0,
            1]. Defaults to `(28, 28, 1)`.
        latent_dim: Integer. Size of the latent code. Defaults to 32.
        activation: String. Activation of the code: `"relu"`, `"sigmoid"`, `"tanh"` or `"silu"`.
            Defaults to `"relu"`.
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

    >>> model = zoo.build("shallow_ae", input_shape=(6, 6, 1), latent_dim=5)
    >>> model.encode(np.zeros((4, 6, 6, 1), np.float32)).shape
    (4, 5)
    """
    inputs, x, restore = blocks.flat_input(
        input_shape, standardise, columns=columns, missing=missing, hidden=hidden
    )
    code, levels = blocks.dense_encoder(x, (latent_dim,), code_activation=activation, tied=tied)
    latent = blocks.latent_code(code, latent_weight)

    x = blocks.dense_decoder(latent, levels)

    return AutoEncoder(inputs, restore(x))
