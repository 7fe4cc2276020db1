"""What a variant is built and trained with, for rows of a number of columns."""

import dataclasses
import math
import numbers
import random

import numpy as np

from zoo import registry
from zoo.errors import UsageError, no_such
from zoo.inputs import kinds
from zoo.inputs.arguments import positive_integer, whole
from zoo.training import in_memory

SIZES = ("widths", "latent_dim")  # arguments that count the units of layers
UNITS = 4  # units of a layer for each column, where a variant's default has one for each pixel
STEPS = 20  # of an epoch, at least: 30 epochs of two or three are too few steps to learn a table
OF_RECIPE = ("epochs", "batch_size", "learning_rate")


@dataclasses.dataclass(frozen=True)
class Settings:
    """The entry of a variant, its arguments, and the changes to its recipe.

    Attributes:
        entry: `Entry` of the variant.
        arguments: Dictionary of arguments of the variant.
        changes: Dictionary of fields of its recipe that differ.

    Example:

    >>> Settings(zoo.entry("pca"), {"latent_dim": 2}, {}).for_columns(8).arguments["input_shape"]
    (8,)
    """

    entry: registry.Entry
    arguments: dict
    changes: dict

    def for_columns(self, columns: int) -> "Settings":
        """Returns the settings with all arguments, for rows of a number of columns.

        Sizes of layers that are not set shrink with the number of columns: the defaults of a
        variant are meant for images.

        Args:
            columns: Integer. Number of columns of a table.

        Raises:
            UsageError: If an argument is not accepted, or does not fit the columns.
        """
        arguments, entry = self.arguments, self.entry
        defaults = entry.arguments()
        if "input_shape" not in arguments:
            if kinds.FEATURES.name not in entry.kinds:
                raise UsageError(
                    f"{entry.name} takes images: `input_shape` must be their shape, (height, "
                    "width, channels), into which a row is reshaped. Received: no input_shape."
                )
            sizes = {
                key: _scaled(value, columns, defaults["input_shape"])
                for key, value in defaults.items()
                if key in SIZES and value
            }
            arguments = {"input_shape": (columns,), **sizes, **entry.feature_arguments, **arguments}
        arguments = entry.arguments(arguments)
        shape = arguments["input_shape"]
        if math.prod(shape) != columns:
            raise UsageError(
                f"`input_shape` must have as many numbers as X has columns, {columns}. Received: "
                f"input_shape={shape!r}, of {math.prod(shape)} numbers."
            )
        return dataclasses.replace(self, arguments=arguments)

    @property
    def tensor_name(self) -> str:
        """Name of the input of the model."""
        return (kinds.of_shape(self.arguments["input_shape"]) or kinds.IMAGES).tensor_name

    def train(self, rows: np.ndarray, seed: int):
        """Returns a model that has learned from rows; leaves the caller's random numbers alone.

        Args:
            rows: Array, `(rows, *input_shape)`.
            seed: Integer in [0, 2**31).

        Returns:
            An `AutoEncoder`.

        Raises:
            UsageError: If the model does not accept the rows.
            DivergedError: If the loss becomes NaN or infinite.
        """
        recipe = self.entry.recipe_for(self.arguments)
        usual = min(recipe.batch_size, max(1, len(rows) // STEPS))
        changes = {"batch_size": usual} | self.changes
        states = random.getstate(), np.random.get_state()  # noqa: NPY002, which others may use
        try:
            model, _ = in_memory.train(self.entry.name, rows, seed, **changes, **self.arguments)
        finally:
            random.setstate(states[0])
            np.random.set_state(states[1])  # noqa: NPY002, which others may use
        return model


def of(variant: str, parameters: dict, own: list[str]) -> Settings:
    """Returns the settings that the parameters of an estimator ask for.

    Args:
        variant: String. Name of the variant.
        parameters: Dictionary of all parameters of the estimator.
        own: List of strings. Those of its parameters that are no arguments of the variant.

    Returns:
        `Settings`, not yet for a number of columns.

    Raises:
        UsageError: If the variant is unknown or takes no arrays, or if a parameter is not accepted.

    Example:

    >>> of("pca", {"latent_dim": 2, "epochs": 5}, own=["epochs"]).changes
    {'epochs': 5}
    """
    entry = registry.entry(variant)
    if not {kinds.FEATURES.name, kinds.IMAGES.name} & {*entry.kinds}:
        raise UsageError(
            "`variant` must take tables or images, which scikit-learn's arrays hold. Received: "
            f"variant={variant!r}, which takes {' and '.join(entry.kinds)}."
        )
    accepted = [*entry.arguments(), *own]
    for name in parameters:
        if name not in accepted:
            raise no_such("argument", name, accepted, of=variant)
    changes = {name: parameters[name] for name in OF_RECIPE if parameters.get(name) is not None}
    arguments = {name: value for name, value in parameters.items() if name not in own}
    entry.arguments(arguments)
    return Settings(entry, arguments, {name: _checked(name, changes[name]) for name in changes})


def _checked(name, value):
    """Returns a change to the recipe, if it is accepted."""
    if name == "batch_size":
        return positive_integer(name, value)
    if name == "epochs":
        if not whole(value, least=0):
            raise UsageError(
                f"`epochs` must be an integer of at least 0. Received: epochs={value!r}."
            )
        return int(value)
    real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not (real and 0 < value < math.inf):
        raise UsageError(f"`{name}` must be a positive number. Received: {name}={value!r}.")
    return float(value)


def _scaled(size, columns, shape):
    """Returns the units of a layer, or of several, for columns in place of images of a shape."""
    if isinstance(size, tuple):
        return tuple(_scaled(each, columns, shape) for each in size)
    scaled = math.ceil(size * UNITS * columns / math.prod(shape))
    return min(size, max(scaled, min(columns, 2)))
