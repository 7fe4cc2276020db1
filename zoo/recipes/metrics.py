"""The metrics that a recipe names."""

import inspect

import keras

from zoo.errors import no_such


def require(name: str) -> str:
    """Returns the name of a Keras metric, if there is such a metric.

    Args:
        name: String, such as `"mae"`.

    Returns:
        `name`.

    Raises:
        UsageError: If Keras has no such metric.

    Example:

    >>> require("mae")
    'mae'
    """
    try:
        keras.metrics.get(name)
    except ValueError:
        known = {key for key, metric in vars(keras.metrics).items() if inspect.isfunction(metric)}
        raise no_such("metric", name, sorted(known - {"get", "serialize", "deserialize"})) from None
    return name
