"""Checks of the arguments of `fit`, `evaluate` and `predict` besides the rows."""

import inspect
import math
import numbers

import keras

from zoo.errors import UsageError
from zoo.inputs.arguments import whole

LEAST = {
    **dict.fromkeys(("epochs", "initial_epoch"), 0),
    **dict.fromkeys(("steps", "steps_per_epoch", "validation_steps", "validation_batch_size"), 1),
}


def named(method: str, positional: tuple, kwargs: dict) -> dict:
    """Returns all arguments after `batch_size` of a Keras method by their names.

    Args:
        method: String. Name of a method of `keras.Model`: `"fit"`, `"evaluate"` or `"predict"`.
        positional: Tuple of the positional arguments after `batch_size`.
        kwargs: Dictionary of the keyword arguments.

    Returns:
        A dictionary.

    Raises:
        UsageError: If a number of epochs or steps is not accepted.
        TypeError: If an argument is passed twice, or if there are too many, as in Python.

    Example:

    >>> named("fit", (5,), {"verbose": 0})
    {'epochs': 5, 'verbose': 0}
    """
    names = list(inspect.signature(getattr(keras.Model, method)).parameters)
    names = names[names.index("batch_size") + 1 :]
    if len(positional) > len(names):
        raise TypeError(f"{method}() takes {len(names) + 3} positional arguments at most.")
    by_position = dict(zip(names, positional, strict=False))
    for name in by_position.keys() & kwargs.keys():
        raise TypeError(f"{method}() got multiple values for argument '{name}'.")
    arguments = by_position | kwargs
    for name, least in LEAST.items():
        value = arguments.get(name)
        if value is not None and not whole(value, least):
            raise UsageError(
                f"`{name}` must be an integer of at least {least}. Received: {name}={value!r:.60}."
            )
    return arguments


def require_no_classes(kwargs: dict) -> None:
    """Raises an error for a `class_weight`, since an auto-encoder has no classes.

    Args:
        kwargs: Dictionary of the arguments of `fit`.

    Raises:
        UsageError: If it has a `class_weight`.

    Example:

    >>> require_no_classes({"epochs": 5})
    """
    if kwargs.get("class_weight") is not None:
        raise UsageError(
            "`class_weight` is for classifiers; an auto-encoder takes `sample_weight`, one number "
            f"for each row. Received: class_weight={kwargs['class_weight']!r:.60}."
        )


def check_class_weight(class_weight, classes: int) -> None:
    """Raises an error for weights that are not one finite number of at least 0 for each class.

    Args:
        class_weight: Dictionary from the classes to their weights, or None for none.
        classes: Integer. Number of classes.

    Raises:
        UsageError: If it is neither.

    Example:

    >>> check_class_weight({0: 1.0, 1: 5.0}, classes=2)
    """
    if class_weight is None:
        return
    if not (
        isinstance(class_weight, dict)
        and set(class_weight) == set(range(classes))
        and all(map(_is_weight, class_weight.values()))
    ):
        raise UsageError(
            "`class_weight` must be a dictionary with a finite number of at least 0 for each class "
            f"from 0 to {classes - 1}. Received: class_weight={class_weight!r:.200}."
        )


def _is_weight(value):
    return isinstance(value, numbers.Real) and math.isfinite(value) and value >= 0
