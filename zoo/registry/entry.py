"""The entry of a variant in the registry: its builder, its recipe, and what it accepts."""

import dataclasses
import functools
import inspect
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING

from zoo.errors import UsageError
from zoo.inputs.arguments import bind
from zoo.inputs.kinds import IMAGES, KINDS, OF_NUMBERS, to_name
from zoo.recipes.recipe import Recipe

if TYPE_CHECKING:
    from zoo.autoencoder import AutoEncoder

LEARNS_IN = 5  # epochs within which a variant learns real data
LEARNT = 0.9  # a model has learnt if its error is below this fraction of the mean row's


@dataclasses.dataclass(frozen=True)
class Entry:
    """Entry of a variant in the registry.

    Attributes:
        name: String. Name of the variant: that of its file, or of a preset.
        family: String. Name of the folder in which the file lies.
        summary: String. First line of the file's docstring.
        builder: Function that builds the graph and returns an `AutoEncoder`.
        recipe: `Recipe` that it is trained with.
        recipe_changes: Pairs of dictionaries: arguments, and what they change in the recipe.
        tiny: Dictionary of arguments that make the variant small enough for the common checks.
        modes: Dictionaries of further arguments with which the common checks run too.
        slow: Pairs of a dictionary of arguments and the number of epochs in which the variant
            learns real data with them; with all other arguments the number is `LEARNS_IN`.
        kinds: Tuple of strings. The kinds of data that it takes, such as `"images"`. Defaults to
            all kinds of numbers: images, features, sequences and volumes.
        feature_arguments: Dictionary of the arguments that the variant is built with for features
            and sequences, whose columns or channels have units of their own.
        paper: String. Where the variant was introduced.
        value_range: Pair of floats, the smallest and the largest value of the input, or None for
            any finite value. Defaults to that of images.
        monitor: String. Name of the metric that falls while the variant learns.
        preset: Dictionary of arguments that differ from the builder's defaults.
        resolve: Function of all arguments, by name, that returns a dictionary of those that follow
            from others, or None.

    Example:

    >>> entry = zoo.entry("pca")
    >>> entry.family, entry.paper
    ('linear', 'Baldi & Hornik, 1989')
    """

    name: str
    family: str
    summary: str
    builder: Callable
    recipe: Recipe = dataclasses.field(default_factory=Recipe)
    recipe_changes: tuple[tuple[dict, dict], ...] = ()
    tiny: dict = dataclasses.field(default_factory=dict)
    modes: tuple[dict, ...] = ()
    slow: tuple[tuple[dict, int], ...] = ()
    kinds: tuple[str, ...] = OF_NUMBERS
    feature_arguments: dict = dataclasses.field(default_factory=dict)
    paper: str = ""
    value_range: tuple[float, float] | None = IMAGES.value_range
    monitor: str = "loss"
    preset: dict = dataclasses.field(default_factory=dict)
    resolve: Callable[..., dict] | None = None

    def arguments(self, changes: dict | None = None) -> dict:
        """Returns all arguments of the builder, checked.

        Args:
            changes: Dictionary of arguments, which take precedence over the preset's, and those
                over the builder's defaults. Defaults to None, for no arguments.

        Returns:
            A dictionary.

        Raises:
            UsageError: If an argument is unknown, or its value is not accepted.

        Example:

        >>> zoo.entry("logistic_pca").arguments({"latent_dim": 5})
        {'input_shape': (28, 28, 1), 'latent_dim': 5, 'tied': False, 'latent_weight': 0.0}
        """
        arguments = bind(self.builder, self.name, self.preset | (changes or {}))
        return arguments | self.resolve(**arguments) if self.resolve else arguments

    def arguments_for(self, data) -> dict:
        """Returns the arguments with which the variant takes the rows of a dataset.

        Args:
            data: `zoo.datasets.Dataset`.

        Returns:
            A dictionary of `input_shape`, for features and sequences the `feature_arguments`, and
            for a table with categories or offsets its `columns`.

        Raises:
            UsageError: If the variant does not take this kind of data, or such columns.

        Example:

        >>> zoo.entry("pca").arguments_for(zoo.datasets.load("breast_cancer"))
        {'input_shape': (30,), 'standardise': True}
        """
        if data.kind not in self.kinds:
            raise UsageError(
                f"{self.name} takes {' or '.join(self.kinds)}. Received: {data.kind} of "
                f"{data.input_shape} from {data.name}."
            )
        shape = {"input_shape": data.input_shape} if data.input_shape else {}
        arguments = shape | (self.feature_arguments if KINDS[data.kind].scaled else {})
        if "columns" in inspect.signature(self.builder).parameters and data.columns:
            return arguments | {"columns": tuple(data.columns)}
        self._require_numbers(data)
        return arguments

    def _require_numbers(self, data):
        """Raises an error for columns that are not the numbers that they hold; booleans are."""
        for position, entry in enumerate(data.columns):
            name = data.column_names[position] if data.column_names else position
            if isinstance(entry, tuple) and not {*entry} <= {False, True}:
                received = f"categories, such as {entry[0]!r}" if entry else "missing values alone"
            elif entry is not None and not isinstance(entry, tuple):
                received = f"numbers near {entry:.10g} that float32 cannot tell apart"
            else:
                continue
            raise UsageError(
                f"{self.name} takes columns of numbers that float32 can tell apart; `deep_ae` "
                f"takes others too. Received: column {name!r} of {data.name} with {received}."
            )

    @property
    def kind_of_arrays(self) -> str | None:
        """The kind of data by whose name arrays are loaded for the variant, or None."""
        return to_name(KINDS[self.kinds[0]]) if len(self.kinds) == 1 else None

    def missing(self, changes: dict) -> str | None:
        """Returns how the variant takes missing cells, NaN, with some arguments.

        Args:
            changes: Dictionary of arguments that differ from the defaults.

        Returns:
            `"mask"` or `"refuse"`, its argument `missing`; None for a variant without it.

        Example:

        >>> zoo.entry("deep_ae").missing({"missing": "mask"}), zoo.entry("vq_vae").missing({})
        ('mask', None)
        """
        parameter = inspect.signature(self.builder).parameters.get("missing")
        default = None if parameter is None else parameter.default
        return (self.preset | changes).get("missing", default) if parameter else None

    def recipe_for(self, arguments: dict, **changes) -> Recipe:
        """Returns the recipe for a variant's arguments.

        Args:
            arguments: Dictionary of all arguments of the builder.
            **changes: Fields of the recipe that take precedence.

        Returns:
            A `Recipe`.

        Example:

        >>> entry = zoo.entry("linear_ae")
        >>> entry.recipe_for(entry.arguments(), epochs=3).epochs
        3
        """
        changes = functools.reduce(operator.or_, _for(arguments, self.recipe_changes), {}) | changes
        return dataclasses.replace(self.recipe, **changes)

    def learns_in(self, arguments: dict) -> int:
        """Returns the number of epochs within which the variant learns real data.

        Args:
            arguments: Dictionary of all arguments of the builder.

        Returns:
            An integer, at least `LEARNS_IN`.

        Example:

        >>> entry = zoo.entry("linear_ae")
        >>> entry.learns_in(entry.arguments())
        5
        """
        return max([LEARNS_IN, *_for(arguments, self.slow)])

    def build(self, **kwargs) -> "AutoEncoder":
        """Builds the model and compiles it by the recipe.

        Args:
            **kwargs: Arguments of the builder that differ from its defaults.

        Returns:
            A compiled `AutoEncoder`.

        Raises:
            UsageError: If an argument is not accepted, or if the model does not fit into memory.

        Example:

        >>> zoo.entry("pca").build(latent_dim=5).output_shape
        (None, 28, 28, 1)
        """
        import tensorflow as tf

        from zoo.autoencoder.variant_model import require_float32

        arguments = self.arguments(kwargs)
        require_float32()
        try:
            model = self.builder(**arguments)
        except (MemoryError, tf.errors.ResourceExhaustedError) as error:
            description = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
            raise UsageError(
                f"{self.name} with {description} does not fit into this machine's memory."
            ) from error
        model.variant, model.arguments = self.name, arguments
        if model.value_range is not None:
            model.value_range = None if model.standardisation else self.value_range
        return self.recipe_for(arguments).compile(model)


def _for(arguments, pairs):
    """Returns the second elements of the pairs whose first element agrees with `arguments`."""
    return [
        result
        for condition, result in pairs
        if all(arguments[key] == value for key, value in condition.items())
    ]
