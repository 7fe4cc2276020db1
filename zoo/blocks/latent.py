"""The layer where the encoder ends and the decoder begins."""

import keras

from zoo.layers import L2Penalty


def latent_code(x, latent_weight: float = 0.0):
    """Returns the code through the layer named `latent`, where encoder ends and decoder begins.

    Args:
        x: Keras tensor. The code, `(rows, ...)`.
        latent_weight: Float. Weight in the loss of the squared length of a code, as the mean over
            rows; 0 for none. Defaults to 0.0.

    Returns:
        A Keras tensor in the shape of `x`.

    Example:

    >>> latent_code(keras.Input((30,)), latent_weight=0.01).shape
    (None, 30)
    """
    if latent_weight:
        x = L2Penalty(latent_weight, name="latent_penalty")(x)
    return keras.layers.Identity(name="latent")(x)
