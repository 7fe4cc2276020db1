"""Principal component analysis: zero-mean input times W, times W transposed."""

import keras

from zoo import blocks
from zoo.autoencoder import AutoEncoder
from zoo.layers import TiedDense
from zoo.registry import Recipe, register


@register(
    recipe=Recipe(loss="mse", learning_rate=1e-3, batch_size=256, epochs=0),
    tiny={"input_shape": (6, 6, 1), "latent_dim": 3},
    modes=({"standardise": True, "input_shape": (7,)},),
    paper="Baldi & Hornik, 1989",
)
def pca(
    input_shape: tuple[int, ...] = (28, 28, 1), *, latent_dim: int = 30, standardise: bool = False
):
    """`adapt(images)` is exact, and all that `zoo.train` does; `fit` is gradient descent.

    Args:
        input_shape: of one image, or of any other array of numbers in [0, 1].
        latent_dim: the number of components, at most the number of pixels.
        standardise: for features of any range: unit deviation first, as `adapt` finds it.
    """
    projection = TiedDense(latent_dim, name="pca")

    inputs, x, restore = blocks.flat_input(input_shape, standardise)
    latent = keras.layers.Identity(name="latent")(projection(x))

    x = projection(latent, transpose=True)

    return AutoEncoder(inputs, restore(x, activation="linear"))
