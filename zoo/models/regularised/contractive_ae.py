r"""Contractive auto-encoder: a penalty on the Jacobian keeps the code stable.

With the weight $\lambda$, `contraction_weight`:

$$L = -\sum_i \left( x_i \log \hat x_i + (1 - x_i) \log(1 - \hat x_i) \right)
+ \lambda \sum_{i,j} \left( \frac{\partial z_j}{\partial x_i} \right)^2$$

For one sigmoid layer $z = \sigma(x W + b)$ the second sum is

$$\sum_j \left( z_j (1 - z_j) \right)^2 \sum_i W_{ij}^2$$
"""

from zoo import blocks
from zoo.autoencoder import AutoEncoder
from zoo.layers import JacobianPenalty
from zoo.registry import Recipe, register


@register(
    recipe=Recipe(
        loss="summed_binary_crossentropy",
        learning_rate=3e-3,
        schedule="cosine",
        batch_size=32,
        steps_per_execution=16,
    ),
    tiny={"input_shape": (6, 6, 1), "latent_dim": 5},
    modes=({"widths": (16,)}, {"tied": True}),
    paper="Rifai, Vincent, Muller, Glorot & Bengio, 2011",
)
def contractive_ae(
    input_shape: tuple[int, ...] = (28, 28, 1),
    *,
    widths: tuple[int, ...] | None = None,
    latent_dim: int = 1000,
    contraction_weight: float = 0.1,
    tied: bool = False,
):
    """Builds a contractive auto-encoder, whose loss penalises changes of the code.

    The loss is the cross-entropy + contraction_weight · ‖∂code/∂input‖² (equation 7), per image.
    For one sigmoid layer the norm is exact (section 4 of the paper); for a deeper encoder it is
    estimated by a random probe, E‖Jᵀv‖² = ‖J‖². `fit` shows it as `jacobian`.

    Args:
        input_shape: Tuple of integers. Shape of one image, or of any other array of numbers in [0,
            1]. Defaults to `(28, 28, 1)`.
        widths: Tuple of integers. Sizes of hidden layers before the code, with ReLU. Defaults to
            None, for no hidden layers.
        latent_dim: Integer. Size of the latent code; its activation is the sigmoid. Defaults to
            1000.
        contraction_weight: Float. Weight of the norm in the loss (lambda). Defaults to 0.1.
        tied: Boolean. Whether the decoder's kernels are the encoder's, transposed, as in the paper;
            an untied decoder can enlarge what the penalty made the encoder shrink. Defaults to
            False.

    Returns:
        An `AutoEncoder`.

    Example:

    >>> model = zoo.build("contractive_ae", input_shape=(6, 6, 1), latent_dim=5)
    >>> model.encode(np.zeros((4, 6, 6, 1), np.float32)).shape
    (4, 5)
    """
    inputs, x, restore = blocks.flat_input(input_shape)
    code, levels = blocks.dense_encoder(
        x, (*(widths or ()), latent_dim), "relu", code_activation="sigmoid", tied=tied
    )
    only_layer = None if widths else "encoder_1"
    code = JacobianPenalty(only_layer, weight=contraction_weight, name="jacobian")(code)
    latent = blocks.latent_code(code)

    x = blocks.dense_decoder(latent, levels)

    return AutoEncoder(inputs, restore(x))
