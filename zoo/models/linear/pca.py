r"""Principal component analysis: the centred input times W, then times the transpose of W.

With the mean $\mu$ of the training rows, and the eigenvectors of their covariance with the largest
eigenvalues as the columns of $W$:

$$z = (x - \mu) W, \qquad \hat x = z W^\top + \mu$$
"""

from typing import Literal

import keras

from zoo import blocks
from zoo.autoencoder import AutoEncoder
from zoo.inputs.columns import Columns
from zoo.layers import TiedDense
from zoo.registry import Recipe, register


@register(
    recipe=Recipe(loss="mse", learning_rate=1e-3, batch_size=256, epochs=0),
    tiny={"input_shape": (6, 6, 1), "latent_dim": 3},
    modes=({"standardise": True, "input_shape": (7,)},),
    feature_arguments={"standardise": True},
    paper="Baldi & Hornik, 1989",
)
def pca(
    input_shape: tuple[int, ...] = (28, 28, 1),
    *,
    latent_dim: int = 30,
    standardise: bool = False,
    missing: Literal["refuse", "mask"] = "refuse",
    columns: Columns | None = None,
):
    """Builds a PCA as a linear auto-encoder with one kernel and its transpose.

    `adapt(images)` computes the exact solution, and `zoo.train` calls it alone; `fit` would run
    gradient descent.

    Args:
        input_shape: Tuple of integers. Shape of one image, or of any other array of numbers in [0,
            1]. Defaults to `(28, 28, 1)`.
        latent_dim: Integer. Number of components, at most the number of pixels. Defaults to 30.
        standardise: Boolean. Whether features of any range are first scaled to unit deviation, as
            `adapt` finds it. Defaults to False.
        missing: String. `"mask"` takes missing cells, NaN, in the input, and puts the mean of their
            column in their place; `impute` fills them by the reconstruction. `"refuse"` refuses
            them. Defaults to `"refuse"`.
        columns: `Columns` of a table with categories; see `zoo.blocks.flat_input`. Defaults to
            None.

    Returns:
        An `AutoEncoder`.

    Example:

    >>> x = np.random.default_rng(0).random((50, 8), np.float32)
    >>> model = zoo.build("pca", input_shape=(8,), latent_dim=8).adapt(x)
    >>> bool(np.allclose(model.reconstruct(x), x, atol=1e-5))
    True
    """
    projection = TiedDense(latent_dim, name="pca")

    inputs, x, restore = blocks.flat_input(
        input_shape, standardise, columns=columns, missing=missing, hidden=0.0
    )
    latent = keras.layers.Identity(name="latent")(projection(x))

    x = projection(latent, transpose=True)

    return AutoEncoder(inputs, restore(x, activation="linear"))
