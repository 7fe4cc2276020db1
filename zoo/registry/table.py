"""The registry of variants: their names, their entries, and how to build them."""

import ast
import dataclasses
import fnmatch
import functools
import importlib
import importlib.util
import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.errors import UsageError, no_such
from zoo.inputs.kinds import KINDS
from zoo.recipes.recipe import Recipe as Recipe  # re-exported for the files of variants
from zoo.registry.entry import Entry
from zoo.storage.file_errors import as_path

if TYPE_CHECKING:
    from zoo.autoencoder import AutoEncoder

# Arguments of `zoo.train` and `zoo.build`, and fields of the recipe, which `zoo.train` takes too: a
# variant's argument of that name would not reach it.
RESERVED = (
    *("variant", "data", "seed", "validation_split", "start_from", "augment"),
    *("folder", "resume", "callbacks", "tensorboard", "name", "weights"),
    *(field.name for field in dataclasses.fields(Recipe)),
)

_folders = [Path(__file__).parent.parent / "models"]
_entries: dict[str, Entry] = {}


def register(*, presets: dict[str, dict] | None = None, **facts):
    """Decorates a function that builds a variant's graph and returns an `AutoEncoder`.

    Args:
        presets: Dictionary from further names of the variant to their arguments. It must be a
            literal, since `names` reads it without running the file. Defaults to None, for no
            presets.
        **facts: Fields of `Entry`: `recipe`, `recipe_changes`, `tiny`, `modes`, `slow`, `kinds`,
            `feature_arguments`, `paper`, `value_range`, `monitor`, `resolve`.

    Returns:
        A decorator that returns the function itself.

    Raises:
        UsageError: If the function has an argument of the same name as one of `zoo.train` or
            `zoo.build` or a field of the recipe, if a kind of data is unknown, or if a variant in
            another file has the same name.

    Example:

    >>> @zoo.register(recipe=zoo.Recipe(epochs=5), paper="This notebook")  # doctest: +SKIP
    ... def my_variant(input_shape: tuple[int, ...] = (28, 28, 1), *, latent_dim: int = 10):
    ...     inputs, x, restore = zoo.blocks.flat_input(input_shape)
    ...     code, levels = zoo.blocks.dense_encoder(x, (latent_dim,))
    ...     x = zoo.blocks.dense_decoder(zoo.blocks.latent_code(code), levels)
    ...     return zoo.AutoEncoder(inputs, restore(x))
    """

    def add(builder):
        for argument in inspect.signature(builder).parameters:
            if argument in RESERVED:
                raise UsageError(
                    f"A variant's arguments must not have the name of one of zoo.train or "
                    f"zoo.build, or of the recipe: {', '.join(RESERVED)}. Received: `{argument}` "
                    f"of {builder.__name__}."
                )
        module = sys.modules[builder.__module__]
        path = Path(getattr(module, "__file__", "") or "notebook/cell")
        own_file = path.stem == builder.__name__
        summary = _first_line(module.__doc__ if own_file else builder.__doc__)
        for name in (builder.__name__, *(presets or {})):
            _require_free(name, path)
        for kind in facts.get("kinds", ()):
            if kind not in KINDS:
                raise no_such("kind of data", kind, list(KINDS))
        entry = Entry(builder.__name__, path.parent.name, summary, builder, **facts)
        _entries[entry.name] = entry
        for name, preset in (presets or {}).items():
            _entries[name] = dataclasses.replace(
                entry, name=name, preset=preset, summary=_preset_summary(summary, preset)
            )
        return builder

    return add


def add_models(folder: str | Path) -> None:
    """Adds the variants of a folder that is laid out as `zoo/models` is: `<family>/<variant>.py`.

    Args:
        folder: String or path. The folder.

    Raises:
        UsageError: If there is no such folder, if it holds no such file, or if another file has a
            variant of the same name.

    Example:

    >>> zoo.add_models("my_models")  # doctest: +SKIP
    """
    folder = as_path("folder", folder)
    if not folder.is_dir():
        raise UsageError(f"`folder` must be a folder of <family>/<variant>.py. Received: {folder}")
    if not any(folder.glob("*/[!_]*.py")):
        raise UsageError(f"`folder` must hold <family>/<variant>.py. There is none in {folder}.")
    for path in folder.glob("*/[!_]*.py"):
        _require_free(path.stem, path)
    _folders.append(folder)
    _files.cache_clear()


def _require_free(name, path):
    """Raises `UsageError` if a variant in another file has the name; old runs refer to that one."""
    existing, _ = _files().get(name, (path, ""))
    if existing.resolve() != path.resolve():
        raise UsageError(
            f"`{name}` is already the variant in {existing}: rename the one in {path}."
        )


def names(pattern: str = "*") -> list[str]:
    """Returns the sorted names of all variants that match a pattern, without importing TensorFlow.

    Args:
        pattern: String. Pattern with the wildcards `*`, `?` and `[...]`. Defaults to `"*"`.

    Returns:
        A list of strings.

    Raises:
        UsageError: If the pattern is not a string.

    Example:

    >>> zoo.names("*pca")
    ['logistic_pca', 'pca']
    """
    if not isinstance(pattern, str):
        raise UsageError(f"`pattern` must be a string. Received: pattern={pattern!r}.")
    return sorted(fnmatch.filter({*_files(), *_entries}, pattern))


def families() -> dict[str, list[tuple[str, str]]]:
    """Returns the names and summaries of the variants of each family, without importing TensorFlow.

    Returns:
        A dictionary from the name of a family to a list of pairs, name and summary.

    Example:

    >>> [name for name, summary in families()["linear"]]
    ['linear_ae', 'logistic_pca', 'pca']
    """
    rows = {name: (path.parent.name, summary) for name, (path, summary) in _files().items()}
    rows |= {entry.name: (entry.family, entry.summary) for entry in _entries.values()}
    table = {}
    for name, (family, summary) in sorted(rows.items(), key=lambda row: (row[1][0], row[0])):
        table.setdefault(family, []).append((name, summary))
    return table


def entry(name: str) -> Entry:
    """Returns the entry of a variant.

    Args:
        name: String. One of `names()`.

    Returns:
        An `Entry`.

    Raises:
        UsageError: If there is no such variant; the message has the nearest names.

    Example:

    >>> zoo.entry("pca").summary
    'Principal component analysis: the centred input times W, then times the transpose of W.'
    """
    require(name)
    if name not in _entries:
        path, _ = _files()[name]
        _import(path)
    return _entries[name]


def require(name: str) -> None:
    """Raises an error if there is no variant of a name, without importing TensorFlow.

    Args:
        name: String.

    Raises:
        UsageError: If there is no such variant; the message has the nearest names.

    Example:

    >>> require("pca")
    """
    if name not in names():
        raise no_such("variant", name, names())


def build(name: str, **arguments) -> "AutoEncoder":
    """Builds a variant, compiled by its recipe.

    Args:
        name: String. One of `names()`.
        **arguments: Arguments of the variant; `entry(name).arguments()` returns all of them with
            their defaults.

    Returns:
        An `AutoEncoder` that is ready to `fit`.

    Raises:
        UsageError: If the name, an argument or a value is not accepted.

    Example:

    >>> model = zoo.build("conv_ae", input_shape=(32, 32, 3), latent_dim=16)
    >>> model.encode(np.zeros((2, 32, 32, 3), "float32")).shape
    (2, 16)
    """
    return entry(name).build(**arguments)


@functools.cache
def _files() -> dict[str, tuple[Path, str]]:
    """Returns the file and the summary of every variant, read without running the file."""
    variants = {}
    for folder in _folders:
        for path in sorted(folder.glob("*/[!_]*.py")):
            try:
                tree = ast.parse(path.read_text(encoding="utf-8"))
            except SyntaxError as error:
                raise UsageError(
                    f"{path} is not Python: {error.msg}, line {error.lineno}."
                ) from None
            summary = _first_line(ast.get_docstring(tree))
            variants[path.stem] = (path, summary)
            for name, preset in _literal_presets(tree).items():
                variants[name] = (path, _preset_summary(summary, preset))
    return variants


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
