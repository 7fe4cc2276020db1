r"""Stacked auto-encoder: wide layers, pre-trained one by one, as the start of a classifier.

With the activation $f$, from $h_0 = x$ to the code $z = h_K$:

$$h_k = f(h_{k-1} W_k + b_k)$$

Before all layers are trained together, each learns to restore its own input from a copy
$\tilde h_{k-1}$, in which some numbers are set to zero. The loss $\ell$ compares

$$\ell \left( h_{k-1},\; g \left( f(\tilde h_{k-1} W_k + b_k) W_k^\top + c_k \right) \right)$$

where $g$ is the activation of the layer before or, for the input itself, a sigmoid. $\ell$ is
the cross-entropy if $g$ is a sigmoid, and otherwise the squared error, as the sum over the numbers.
The decoder of the whole model and its loss are those of `deep_ae`.
"""

from typing import Literal

from zoo import blocks
from zoo.autoencoder import AutoEncoder
from zoo.inputs.columns import Columns
from zoo.registry import Recipe, register


@register(
    recipe=Recipe(
        loss="binary_crossentropy",
        schedule="cosine",
        epochs=10,
        steps_per_execution=16,
        pretrain="denoising",
    ),
    tiny={"input_shape": (6, 6, 1), "widths": (40,), "latent_dim": 8},
    modes=({"tied": True}, {"standardise": True, "input_shape": (7,)}),
    feature_arguments={"standardise": True},
    paper="Bengio, Lamblin, Popovici & Larochelle, 2007; Vincent et al., 2010",
)
def stacked_ae(
    input_shape: tuple[int, ...] = (28, 28, 1),
    *,
    widths: tuple[int, ...] = (1000, 1000),
    latent_dim: int = 500,
    activation: Literal["relu", "silu", "sigmoid", "tanh"] = "relu",
    tied: bool = False,
    standardise: bool = False,
    missing: Literal["refuse", "mask"] = "refuse",
    hidden: float = 0.2,
    columns: Columns | None = None,
):
    """Builds a stack of wide dense layers, pre-trained one by one, as the start of a classifier.

    On MNIST its layers are 784-1000-1000-500 and back; `zoo.classifier(model.encoder, 10)` adds the
    10 classes.

    `zoo.train` first trains each layer as a denoising auto-encoder of its own. A layer that is not
    narrower than its input, such as one of 1,000 units for 784 pixels, could learn to copy it, with
    an error of zero, and learn nothing else; noise cannot be removed by copying. If such layers are
    pre-trained as plain auto-encoders, they have an L1 penalty on their activity instead.

    Args:
        input_shape: Tuple of integers. Shape of one image, or of any other array of numbers in [0,
            1]. Defaults to `(28, 28, 1)`.
        widths: Tuple of integers. Sizes of the encoder's hidden layers; the decoder has them in
            reverse. Defaults to `(1000, 1000)`.
        latent_dim: Integer. Size of the latent code. Defaults to 500.
        activation: String. Activation of all layers, including the code: `"relu"`, `"silu"`,
            `"sigmoid"` or `"tanh"`. Defaults to `"relu"`.
        tied: Boolean. Whether the decoder's kernels stay the encoder's, transposed; if not,
            pre-training only starts them there. Defaults to False.
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

    >>> model = zoo.build("stacked_ae", input_shape=(6, 6, 1), widths=(40,), latent_dim=8)
    >>> model.encode(np.zeros((4, 6, 6, 1), np.float32)).shape
    (4, 8)
    """
    inputs, x, restore = blocks.flat_input(
        input_shape, standardise, columns=columns, missing=missing, hidden=hidden
    )
    code, levels = blocks.dense_encoder(
        x, (*widths, latent_dim), activation, code_activation=activation, tied=tied
    )
    latent = blocks.latent_code(code)

    x = blocks.dense_decoder(latent, levels, activation)

    return AutoEncoder(inputs, restore(x))
