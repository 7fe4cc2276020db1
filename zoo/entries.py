"""One variant's facts: what it accepts, how it is trained, and how to build it."""

import dataclasses
import functools
import inspect
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING

from zoo.arguments import bind
from zoo.errors import UsageError
from zoo.recipe import Recipe

if TYPE_CHECKING:
    from zoo.autoencoder import AutoEncoder

LEARNS_IN = 5  # epochs
LEARNT = 0.9  # of the mean row's error on real data: below it, something is learnt


@dataclasses.dataclass(frozen=True)
class Entry:
    """One row of the table.

    Attributes:
        name: the variant's name: its file's name, or a preset's.
        family: the folder its file lies in.
        summary: the first line of its file's docstring.
        builder: the function that draws its graph.
        recipe: how it is trained.
        recipe_changes: pairs of arguments and of what they change in the recipe.
        tiny: arguments that make it small enough for the common checks.
        modes: further arguments under which the common checks run too.
        slow: pairs of arguments and of the number of epochs in which real data are learnt under
            them; under all others it is `LEARNS_IN`.
        paper: where it was introduced.
        value_range: the smallest and largest value of its input, or None for any finite one.
        monitor: the figure that falls while it learns.
        preset: arguments that differ from the builder's defaults.
        resolve: a function of all arguments, by name, that returns those that follow from others;
            None if none does.
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
    paper: str = ""
    value_range: tuple[float, float] | None = (0.0, 1.0)
    monitor: str = "loss"
    preset: dict = dataclasses.field(default_factory=dict)
    resolve: Callable[..., dict] | None = None

    def arguments(self, given: dict | None = None) -> dict:
        """All of the builder's arguments, checked: its defaults, the preset's, then the given."""
        arguments = bind(self.builder, self.name, self.preset | (given or {}))
        return arguments | self.resolve(**arguments) if self.resolve else arguments

    def arguments_for(self, data) -> dict:
        """The arguments by which it takes the rows of a `Dataset`; `UsageError` if it cannot."""
        taken = inspect.signature(self.builder).parameters
        if (data.kind == "documents") != ("weighting" in taken):
            told = "documents" if "weighting" in taken else "images or features"
            raise UsageError(
                f"{self.name} takes {told}. Received: {data.kind} of {data.input_shape} from "
                f"{data.name}."
            )
        shape = {} if data.kind == "documents" else {"input_shape": data.input_shape}
        if data.kind == "features" and "standardise" in taken:
            return shape | {"standardise": True}
        return shape

    def recipe_for(self, arguments: dict, **changes) -> Recipe:
        """The recipe for all its arguments, with further changes that come last."""
        changes = functools.reduce(operator.or_, _for(arguments, self.recipe_changes), {}) | changes
        return dataclasses.replace(self.recipe, **changes)

    def learns_in(self, arguments: dict) -> int:
        """Returns the number of epochs after which real data are learnt, for all its arguments."""
        return max([LEARNS_IN, *_for(arguments, self.slow)])

    def build(self, **given) -> "AutoEncoder":
        """A compiled `AutoEncoder`; raises `UsageError` for arguments it does not accept."""
        import tensorflow as tf

        from zoo.variant_model import require_float32

        arguments = self.arguments(given)
        require_float32()
        try:
            model = self.builder(**arguments)
        except (MemoryError, tf.errors.ResourceExhaustedError) as error:
            told = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
            raise UsageError(
                f"{self.name} with {told} does not fit into this machine's memory."
            ) from error
        model.variant, model.arguments = self.name, arguments
        if model.value_range is not None:
            model.value_range = None if model.standardisation else self.value_range
        return self.recipe_for(arguments).compile(model)


def _for(arguments, pairs):
    """Returns what belongs to those arguments of the pairs that all of `arguments` agree with."""
    return [
        thing
        for those, thing in pairs
        if all(arguments[key] == value for key, value in those.items())
    ]
