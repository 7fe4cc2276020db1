"""The one table of variants: what there is, what each accepts, and how to build it."""

import ast
import dataclasses
import fnmatch
import functools
import importlib
import importlib.util
import inspect
import operator
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.arguments import bind
from zoo.errors import UsageError, no_such
from zoo.recipe import Recipe

if TYPE_CHECKING:
    from zoo.autoencoder import AutoEncoder

_folders = [Path(__file__).parent / "models"]
_entries: dict[str, "Entry"] = {}


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
        paper: where it was introduced.
        value_range: the smallest and largest value of its input, or None for any finite one.
        monitor: the figure that falls while it learns.
        preset: arguments that differ from the builder's defaults.
    """

    name: str
    family: str
    summary: str
    builder: Callable
    recipe: Recipe = dataclasses.field(default_factory=Recipe)
    recipe_changes: tuple[tuple[dict, dict], ...] = ()
    tiny: dict = dataclasses.field(default_factory=dict)
    modes: tuple[dict, ...] = ()
    paper: str = ""
    value_range: tuple[float, float] | None = (0.0, 1.0)
    monitor: str = "loss"
    preset: dict = dataclasses.field(default_factory=dict)

    def arguments(self, given: dict | None = None) -> dict:
        """All of the builder's arguments, checked: its defaults, the preset's, then the given."""
        return bind(self.builder, self.name, self.preset | (given or {}))

    def arguments_for(self, data) -> dict:
        """The arguments by which it takes the rows of a `Dataset`; `UsageError` if it cannot."""
        taken = inspect.signature(self.builder).parameters
        shape = {} if data.kind == "documents" else {"input_shape": data.input_shape}
        told = "documents" if "weighting" in taken else "images (rows, height, width, channels)"
        if data.kind == "features" and "standardise" in taken:
            return shape | {"standardise": True}
        if data.kind == "features" or (data.kind == "documents") != ("weighting" in taken):
            raise UsageError(
                f"{self.name} takes {told}. Received: {data.kind} of {data.input_shape} from "
                f"{data.name}."
            )
        return shape

    def recipe_for(self, arguments: dict, **changes) -> Recipe:
        """The recipe for all its arguments, with further changes that come last."""
        asked = (
            change
            for those, change in self.recipe_changes
            if all(arguments[key] == value for key, value in those.items())
        )
        changes = functools.reduce(operator.or_, asked, {}) | changes
        return dataclasses.replace(self.recipe, **changes)

    def build(self, **given) -> "AutoEncoder":
        """A compiled `AutoEncoder`; raises `UsageError` for arguments it does not accept."""
        import tensorflow as tf

        arguments = self.arguments(given)
        try:
            model = self.builder(**arguments)
        except (MemoryError, tf.errors.ResourceExhaustedError) as error:
            told = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
            raise UsageError(
                f"{self.name} with {told} does not fit into this machine's memory."
            ) from error
        model.variant, model.arguments = self.name, arguments
        model.value_range = None if model.standardisation else self.value_range
        return self.recipe_for(arguments).compile(model)


def register(*, presets: dict[str, dict] | None = None, **facts):
    """Decorates a function that draws a variant's graph and returns an `AutoEncoder`.

    Args:
        presets: other names under which people look for it, each with its arguments; a literal,
            since `names` reads it without running the file.
        **facts: fields of `Entry`: `recipe`, `recipe_changes`, `tiny`, `modes`, `paper`,
            `value_range`, `monitor`.
    """

    def add(builder):
        module = sys.modules[builder.__module__]
        path = Path(getattr(module, "__file__", "") or "notebook/cell")
        own_file = path.stem == builder.__name__
        summary = _first_line(module.__doc__ if own_file else builder.__doc__)
        entry = Entry(builder.__name__, path.parent.name, summary, builder, **facts)
        _entries[entry.name] = entry
        for name, preset in (presets or {}).items():
            _entries[name] = dataclasses.replace(
                entry, name=name, preset=preset, summary=_preset_summary(summary, preset)
            )
        return builder

    return add


def add_models(folder: str | Path) -> None:
    """Adds the variants of a folder laid out as `zoo/models` is: `<family>/<variant>.py`."""
    folder = Path(folder)
    if not folder.is_dir():
        raise UsageError(f"`folder` must be a folder of <family>/<variant>.py. Received: {folder}")
    if not any(folder.glob("*/[!_]*.py")):
        raise UsageError(f"`folder` must hold <family>/<variant>.py. There is none in {folder}.")
    _folders.append(folder)
    _files.cache_clear()


def names(pattern: str = "*") -> list[str]:
    """The names of all variants that match a wildcard pattern, sorted; imports no TensorFlow."""
    return sorted(fnmatch.filter({*_files(), *_entries}, pattern))


def families() -> dict[str, list[tuple[str, str]]]:
    """Each family with its variants' names and summaries; imports no TensorFlow."""
    rows = {name: (path.parent.name, summary) for name, (path, summary) in _files().items()}
    rows |= {entry.name: (entry.family, entry.summary) for entry in _entries.values()}
    table = {}
    for name, (family, summary) in sorted(rows.items(), key=lambda row: (row[1][0], row[0])):
        table.setdefault(family, []).append((name, summary))
    return table


def entry(name: str) -> Entry:
    """A variant's facts; raises `UsageError` with the nearest names for one there is not."""
    require(name)
    if name not in _entries:
        path, _ = _files()[name]
        _import(path)
    return _entries[name]


def require(name: str) -> None:
    """Raises `UsageError`, with the nearest names, for one there is not; imports no TensorFlow."""
    if name not in names():
        raise no_such("variant", name, names())


def build(name: str, **arguments) -> "AutoEncoder":
    """Builds a variant, compiled by its recipe.

    Args:
        name: one of `names()`.
        **arguments: of the variant's function; `entry(name).arguments()` shows them all.

    Returns:
        An `AutoEncoder`, ready to `fit`.

    Raises:
        UsageError: for a name, an argument or a value that is not accepted.
    """
    return entry(name).build(**arguments)


@functools.cache
def _files() -> dict[str, tuple[Path, str]]:
    """Every variant's file and summary, read without running it."""
    found = {}
    for folder in _folders:
        for path in sorted(folder.glob("*/[!_]*.py")):
            try:
                tree = ast.parse(path.read_text(encoding="utf-8"))
            except SyntaxError as error:
                raise UsageError(
                    f"{path} is not Python: {error.msg}, line {error.lineno}."
                ) from None
            summary = _first_line(ast.get_docstring(tree))
            found[path.stem] = (path, summary)
            for name, preset in _literal_presets(tree).items():
                found[name] = (path, _preset_summary(summary, preset))
    return found


def _literal_presets(tree) -> dict[str, dict]:
    keywords = (
        keyword
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        for call in node.decorator_list
        if isinstance(call, ast.Call)
        for keyword in call.keywords
    )
    return next((ast.literal_eval(k.value) for k in keywords if k.arg == "presets"), {})


def _import(path: Path) -> None:
    if _folders[0] in path.parents:
        importlib.import_module(f"zoo.models.{path.parent.name}.{path.stem}")
    else:
        spec = importlib.util.spec_from_file_location(f"zoo_models_{path.stem}", path)
        module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    if path.stem not in _entries:
        raise UsageError(f"{path} must register a function named {path.stem}; it does not.")


def _preset_summary(summary: str, preset: dict) -> str:
    return f"{summary} With {', '.join(f'{key}={value!r}' for key, value in preset.items())}."


def _first_line(docstring: str | None) -> str:
    return inspect.cleandoc(docstring or "").split("\n")[0]
