"""What each field of a recipe accepts."""

import math
import numbers

from zoo.errors import UsageError, no_such
from zoo.inputs.arguments import fraction, positive_integer, whole

SCHEDULES = ("constant", "cosine")
METHODS = ("none", "rbm", "autoencoder", "denoising", "contractive")
OF_LABELS = ("circle", "ctc", "sparse_categorical_crossentropy")  # losses of no reconstruction
OPTIONAL = ("momentum", "pretrain_epochs")  # fields whose value may be None


def checked(key: str, value):
    """Returns the value of a field of a recipe as the type that the field has.

    The names of losses, optimizers and metrics are checked by `Recipe.compile`, which knows Keras.

    Args:
        key: String. Name of the field.
        value: Anything. Integers become floats, and lists tuples, where a field has these types.

    Returns:
        The value.

    Raises:
        UsageError: If the field does not accept the value.

    Example:

    >>> checked("metrics", ["mae"]), checked("learning_rate", 1)
    (('mae',), 1.0)
    """
    if value is None and key in OPTIONAL:
        return None
    return _CHECKS[key](key, value)


def _positive_number(key, value):
    real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not (real and math.isfinite(value) and value > 0):
        raise UsageError(f"`{key}` must be a finite number > 0. Received: {key}={value!r}.")
    return float(value)


def _count(key, value):
    if not whole(value, least=0):
        raise UsageError(f"`{key}` must be an integer of at least 0. Received: {key}={value!r}.")
    return int(value)


def _name(key, value):
    if not isinstance(value, str) or not value:
        raise UsageError(f"`{key}` must be a name, a string. Received: {key}={value!r}.")
    return value


def _names(key, value):
    if not isinstance(value, (list, tuple)) or not all(isinstance(name, str) for name in value):
        raise UsageError(f"`{key}` must be a list of names, strings. Received: {key}={value!r}.")
    return tuple(value)


def _schedule(key, value):
    if value not in SCHEDULES:
        accepted = " or ".join(map(repr, SCHEDULES))
        raise UsageError(f"`{key}` must be {accepted}. Received: {key}={value!r}.")
    return value


def _method(key, value):
    if value not in METHODS:
        raise no_such("method of pre-training", value, list(METHODS))
    return value


_CHECKS = {
    "loss": _name,
    "optimizer": _name,
    "learning_rate": _positive_number,
    "momentum": lambda key, value: float(fraction(key, value)),
    "schedule": _schedule,
    "batch_size": positive_integer,
    "epochs": _count,
    "steps_per_execution": positive_integer,
    "metrics": _names,
    "pretrain": _method,
    "pretrain_epochs": positive_integer,
}
