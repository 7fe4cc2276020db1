r"""Logistic PCA: a linear code whose decoder returns the probability of each pixel.

With the sigmoid $\sigma$, $\hat x_i$ is the probability of pixel $i$:

$$z = x W + b, \qquad \hat x = \sigma(z V + c), \qquad
L = -\sum_i \left( x_i \log \hat x_i + (1 - x_i) \log(1 - \hat x_i) \right)$$
"""

from zoo import blocks
from zoo.autoencoder import AutoEncoder
from zoo.registry import Recipe, register


@register(
    recipe=Recipe(
        loss="summed_binary_crossentropy",
        learning_rate=3e-3,
        schedule="cosine",
        batch_size=32,
        steps_per_execution=64,
    ),
    tiny={"input_shape": (6, 6, 1), "latent_dim": 3},
    modes=({"tied": True},),
    paper="Schein, Saul & Ungar, 2003; Hinton & Salakhutdinov, 2006",
)
def logistic_pca(
    input_shape: tuple[int, ...] = (28, 28, 1),
    *,
    latent_dim: int = 30,
    tied: bool = False,
    latent_weight: float = 0.0,
):
    """Builds a logistic PCA: a linear code, decoded to the probability of each pixel.

    The loss is the negative Bernoulli log-likelihood, in nats per image (Schein et al., equations 1
    and 2). The code is a linear function of the image, where the paper fits a code to each image.

    Args:
        input_shape: Tuple of integers. Shape of one image, or of any other array of numbers in [0,
            1]. Defaults to `(28, 28, 1)`.
        latent_dim: Integer. Size of the latent code. Defaults to 30.
        tied: Boolean. Whether the decoder's kernel is the encoder's, transposed. Defaults to False.
        latent_weight: Float. Weight in the loss of the squared length of the code, which draws
            codes towards zero. Defaults to 0, for none.

    Returns:
        An `AutoEncoder`.

    Example:

    >>> model = zoo.build("logistic_pca", input_shape=(6, 6, 1), latent_dim=3)
    >>> model.encode(np.zeros((4, 6, 6, 1), np.float32)).shape
    (4, 3)
    """
    inputs, x, restore = blocks.flat_input(input_shape)
    code, levels = blocks.dense_encoder(x, (latent_dim,), tied=tied)
    latent = blocks.latent_code(code, latent_weight)

    x = blocks.dense_decoder(latent, levels)

    return AutoEncoder(inputs, restore(x))
