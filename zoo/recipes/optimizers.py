"""The optimizers that a recipe names."""

import inspect

import keras

from zoo import fused
from zoo.errors import UsageError, no_such

FUSED = {"adam": fused.FusedAdam, "sgd": fused.FusedSGD}
WRAPPERS = ("lossscaleoptimizer", "multioptimizer", "optimizer")  # no optimizers by themselves


def get(name: str, **config):
    """Returns a fused optimizer by its name, or Keras's if there is no fused one.

    Args:
        name: String. Name of a Keras optimizer, such as `"adam"`.
        **config: Arguments of the optimizer, such as `learning_rate`.

    Returns:
        A `keras.optimizers.Optimizer`.

    Raises:
        UsageError: If there is no such optimizer, or if it has no momentum and `config` has one.

    Example:

    >>> type(get("adam", learning_rate=1e-3)).__name__, type(get("rmsprop")).__name__
    ('FusedAdam', 'RMSprop')
    """
    known = _of_keras()
    if name not in known:
        raise no_such("optimizer", name, sorted(known))
    if "momentum" in config and "momentum" not in inspect.signature(known[name]).parameters:
        raise UsageError(
            f"`momentum` must be None for {name}, which has none. "
            f"Received: momentum={config['momentum']!r}."
        )
    return FUSED.get(name, known[name])(**config)


def _of_keras():
    """Returns Keras's optimizers by their names in lower case."""
    classes = [item for item in vars(keras.optimizers).values() if inspect.isclass(item)]
    optimizers = [item for item in classes if issubclass(item, keras.optimizers.Optimizer)]
    by_name = {item.__name__.lower(): item for item in optimizers}
    return {name: item for name, item in by_name.items() if name not in WRAPPERS}
