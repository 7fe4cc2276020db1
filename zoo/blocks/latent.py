"""Where encoder and decoder meet."""

import keras

from zoo.layers import L2Penalty


def latent_code(x, latent_penalty: float = 0.0):
    """The layer named `latent`, where encoder and decoder meet.

    Args:
        x: the code, `(rows, ...)`.
        latent_penalty: weight in the loss of a code's squared length, mean over rows.
    """
    if latent_penalty:
        x = L2Penalty(latent_penalty, name="latent_penalty")(x)
    return keras.layers.Identity(name="latent")(x)
