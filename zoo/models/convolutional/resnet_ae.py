r"""Residual auto-encoder: a deeper convolutional network of residual blocks.

A residual unit adds to its input $h$ what two convolutions, by the kernels $K_1$ and $K_2$, make of
it:

$$r(h) = h + K_2 * \mathrm{relu} \left( K_1 * \mathrm{relu}(h) + b_1 \right) + b_2$$

The loss is the cross-entropy of $x$ and $\hat x$, as the mean over the pixels.
"""

import math

import keras

from zoo import blocks
from zoo.autoencoder import AutoEncoder
from zoo.fused import Dense
from zoo.layers import Unpooling2D
from zoo.registry import Recipe, register


@register(
    recipe=Recipe(
        loss="binary_crossentropy",
        learning_rate=3e-3,
        schedule="cosine",
        batch_size=64,
        epochs=15,
    ),
    tiny={"input_shape": (9, 8, 1), "filters": (4, 8), "latent_dim": 3},
    kinds=("images",),
    paper="He, Zhang, Ren & Sun, 2016",
)
def resnet_ae(
    input_shape: tuple[int, ...] = (28, 28, 1),
    *,
    filters: tuple[int, ...] = (16, 32, 64),
    repeats: int = 1,
    latent_dim: int = 32,
    latent_weight: float = 0.0,
):
    """Builds a residual convolutional auto-encoder with a dense code.

    Each level has residual units with activation before convolution ("Identity Mappings in Deep
    Residual Networks", equation 3 and figure 4e), and halves the image. The last kernel of a unit
    starts at zero, so that the unit starts as the identity and needs no normalisation, which would
    make the images of a batch depend on each other.

    Args:
        input_shape: Tuple of integers. Height, width and channels of an image; height and width are
            at least `2 ** len(filters)`. Defaults to `(28, 28, 1)`.
        filters: Tuple of integers. Number of filters of each level. Defaults to `(16, 32, 64)`.
        repeats: Integer. Number of residual units in each level. Defaults to 1.
        latent_dim: Integer. Size of the latent code. Defaults to 32.
        latent_weight: Float. Weight in the loss of the squared length of the code, which draws
            codes towards zero. Defaults to 0, for none.

    Returns:
        An `AutoEncoder`.

    Example:

    >>> model = zoo.build("resnet_ae", input_shape=(9, 8, 1), filters=(4, 8), latent_dim=3)
    >>> model.encode(np.zeros((4, 9, 8, 1), np.float32)).shape
    (4, 3)
    """
    images = blocks.image_input(input_shape, pools=(2,) * len(filters))
    x, sizes = images, []
    for width in filters:
        sizes.append(x.shape[1:3])
        x = _residual(keras.layers.Conv2D(width, 3, padding="same")(x), repeats)
        x = keras.layers.AveragePooling2D(2)(x)
    pooled = keras.layers.Activation("relu")(x)
    code = Dense(latent_dim, name="code")(keras.layers.Flatten()(pooled))
    latent = blocks.latent_code(code, latent_weight)

    x = Dense(math.prod(pooled.shape[1:]))(latent)
    x = keras.layers.Reshape(pooled.shape[1:])(x)
    for width, size in zip(reversed(filters), reversed(sizes), strict=True):
        x = Unpooling2D(2, mode="fill", output_size=size)(x)
        x = _residual(keras.layers.Conv2DTranspose(width, 3, padding="same")(x), repeats)
    x = keras.layers.Activation("relu")(x)
    last = keras.layers.Conv2DTranspose(
        input_shape[-1], 3, padding="same", activation="sigmoid", name="reconstruction"
    )

    return AutoEncoder(images, last(x))


def _residual(x, repeats):
    for _ in range(repeats):
        added = x
        for initializer in ("glorot_uniform", "zeros"):
            added = keras.layers.Activation("relu")(added)
            added = keras.layers.Conv2D(
                x.shape[-1], 3, padding="same", kernel_initializer=initializer
            )(added)
        x = keras.layers.Add()([x, added])
    return x
