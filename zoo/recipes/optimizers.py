"""The optimizers that a recipe names."""

import keras

from zoo import fused

FUSED = {"adam": fused.FusedAdam, "sgd": fused.FusedSGD}


def get(name: str, **config):
    """Returns a fused optimizer by its name, or Keras's if there is no fused one.

    Args:
        name: String. Name of a Keras optimizer, such as `"adam"`.
        **config: Arguments of the optimizer, such as `learning_rate`.

    Returns:
        A `keras.optimizers.Optimizer`.

    Example:

    >>> type(get("adam", learning_rate=1e-3)).__name__, type(get("rmsprop")).__name__
    ('FusedAdam', 'RMSprop')
    """
    if name in FUSED:
        return FUSED[name](**config)
    return keras.optimizers.get({"class_name": name, "config": config})
