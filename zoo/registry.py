"""The one table of variants: what there is, what each accepts, and how to build it."""

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

from zoo.entries import Entry
from zoo.errors import UsageError, no_such
from zoo.recipe import Recipe as Recipe  # beside `register`, for the files of variants

if TYPE_CHECKING:
    from zoo.autoencoder import AutoEncoder

# Arguments of `zoo.train` and `zoo.build`: one of a variant's own would never reach it.
RESERVED = (
    *("variant", "data", "seed", "epochs", "batch_size", "pretrain", "pretrain_epochs"),
    *("validation", "folder", "resume", "callbacks", "tensorboard", "name"),
)

_folders = [Path(__file__).parent / "models"]
_entries: dict[str, Entry] = {}


def register(*, presets: dict[str, dict] | None = None, **facts):
    """Decorates a function that draws a variant's graph and returns an `AutoEncoder`.

    Args:
        presets: other names under which people look for it, each with its arguments; a literal,
            since `names` reads it without running the file.
        **facts: fields of `Entry`: `recipe`, `recipe_changes`, `tiny`, `modes`, `slow`,
            `paper`, `value_range`, `monitor`, `resolve`.

    Raises:
        UsageError: for a function with an argument that `zoo.train` or `zoo.build` has itself, and
            for a name that another file's variant has.
    """

    def add(builder):
        for argument in inspect.signature(builder).parameters:
            if argument in RESERVED:
                raise UsageError(
                    f"A variant's arguments must not have the name of one of zoo.train or "
                    f"zoo.build: {', '.join(RESERVED)}. Received: `{argument}` of "
                    f"{builder.__name__}."
                )
        module = sys.modules[builder.__module__]
        path = Path(getattr(module, "__file__", "") or "notebook/cell")
        own_file = path.stem == builder.__name__
        summary = _first_line(module.__doc__ if own_file else builder.__doc__)
        for name in (builder.__name__, *(presets or {})):
            _require_free(name, path)
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
    for path in folder.glob("*/[!_]*.py"):
        _require_free(path.stem, path)
    _folders.append(folder)
    _files.cache_clear()


def _require_free(name, path):
    """Raises `UsageError` for a name that another file's variant has: old runs mean that one."""
    taken, _ = _files().get(name, (path, ""))
    if taken.resolve() != path.resolve():
        raise UsageError(
            f"`{name}` is the variant in {taken}: give the one in {path} another name."
        )


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
