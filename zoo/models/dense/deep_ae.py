r"""Deep auto-encoder: dense layers down to a small linear code, mirrored by the decoder.

With the activation $f$ and the sigmoid $\sigma$, from $h_0 = x$ to the code, and from $g_K = z$
back:

$$h_k = f(h_{k-1} W_k + b_k), \qquad z = h_{K-1} W_K + b_K$$

$$g_{k-1} = f(g_k V_k + c_k), \qquad \hat x = \sigma(g_1 V_1 + c_1)$$

The loss is the cross-entropy of $x$ and $\hat x$, as the mean over the numbers of a row.

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
        loss="binary_crossentropy", schedule="cosine", batch_size=64, steps_per_execution=16
    ),
    tiny={"input_shape": (6, 6, 1), "widths": (16, 8), "latent_dim": 3},
    modes=(
        {"tied": True},
        {"standardise": True, "input_shape": (7,)},
        {"latent_weight": 0.1},
        {"missing": "mask", "standardise": True, "input_shape": (7,)},
    ),
    slow=(({"latent_weight": 0.1}, 15),),
    feature_arguments={"standardise": True},
    paper="Hinton & Salakhutdinov, 2006",
)
def deep_ae(
    input_shape: tuple[int, ...] = (28, 28, 1),
    *,
    widths: tuple[int, ...] = (1000, 500, 250),
    latent_dim: int = 30,
    activation: Literal["silu", "relu", "sigmoid", "tanh"] = "silu",
    tied: bool = False,
    latent_weight: float = 0.0,
    standardise: bool = False,
    missing: Literal["refuse", "mask"] = "refuse",
    hidden: float = 0.2,
    columns: Columns | None = None,
):
    """Builds a deep auto-encoder of dense layers with a linear code.

    On MNIST its layers are 784-1000-500-250-30 and back. The decoder has weights of its own unless
    `tied`.

    Args:
        input_shape: Tuple of integers. Shape of one image, or of any other array of numbers in [0,
            1]. Defaults to `(28, 28, 1)`.
        widths: Tuple of integers. Sizes of the encoder's hidden layers; the decoder has them in
            reverse. Defaults to `(1000, 500, 250)`.
        latent_dim: Integer. Size of the latent code. Defaults to 30.
        activation: String. Activation of the hidden layers: `"silu"`, `"relu"`, `"sigmoid"` or
            `"tanh"`. Defaults to `"silu"`.
        tied: Boolean. Whether the decoder's kernels are the encoder's, transposed. Defaults to
            False.
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

    >>> model = zoo.build("deep_ae", input_shape=(6, 6, 1), widths=(16, 8), latent_dim=3)
    >>> model.encode(np.zeros((4, 6, 6, 1), np.float32)).shape
    (4, 3)
    """
    inputs, x, restore = blocks.flat_input(
        input_shape, standardise, columns=columns, missing=missing, hidden=hidden
    )
    code, levels = blocks.dense_encoder(x, (*widths, latent_dim), activation, tied=tied)
    latent = blocks.latent_code(code, latent_weight)

    x = blocks.dense_decoder(latent, levels, activation)

    return AutoEncoder(inputs, restore(x))
