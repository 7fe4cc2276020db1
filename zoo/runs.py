"""A run's folder: what it was started with, what it gave, and whether it may be gone on with."""

import contextlib
import dataclasses
import itertools
import json
import shutil
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import filelock

from zoo import file_errors, json_files, manifest, manifest_schema
from zoo.atomic import make_folder, replace_file
from zoo.errors import CheckFailedError, UsageError
from zoo.temporaries import is_temporary, sweep
from zoo.versions import versions

if TYPE_CHECKING:
    from zoo.autoencoder import AutoEncoder

LOCK, FIGURES = ".lock", "figures"
CONFIG = {
    "run_id?": str,
    "variant": str,
    "arguments": {str: object},
    "column_names?": (None, [str]),
    "data": manifest_schema.RECORDED,
    "seed": int,
    "classes?": int,
}
HISTORY = {str: [float]}
METRICS = {"test_rows": float, str: float}


@dataclasses.dataclass(frozen=True)
class Run:
    """A finished training.

    Attributes:
        model: the trained `AutoEncoder`.
        history: for each figure that `fit` shows, its value after each epoch.
        metrics: what `zoo.evaluate` gave on the test split.
        folder: where it is all kept.
        config: what it was trained with: variant, arguments, data, seed, recipe, versions.
    """

    model: "AutoEncoder"
    history: dict[str, list[float]]
    metrics: dict[str, float]
    folder: Path
    config: dict

    @classmethod
    @file_errors.told()
    def open(cls, folder, model=None) -> "Run":
        """The finished run that a folder holds; `model`, if it is there already, is not rebuilt.

        Raises:
            UsageError: if the folder holds no finished run.
            CheckFailedError: if its weights are damaged.
        """
        folder = Path(folder)
        config = read_config(folder)
        if not finished(folder):
            raise UsageError(f"The run in {folder} is not finished: train it on with --resume.")
        history = read_part(folder, "history.json", HISTORY)
        metrics = read_part(folder, "metrics.json", METRICS)
        if model is None:
            from zoo import weights

            path = folder / "weights.safetensors"
            model = weights.rebuild(config, path)
        model.record = {key: config[key] for key in ("data", "seed")} | {"metrics": metrics}
        return cls(model, history, metrics, folder, config)


def open_model(folder):
    """The model in a folder, a run's or an exported one, and the name of its data, or None."""
    if manifest.is_export(folder):
        from zoo import serving

        bundle = serving.load(folder)
        return bundle, (bundle.manifest["data"] or {}).get("name")
    run = Run.open(folder)
    return run.model, run.config["data"]["name"]


def finished(folder) -> bool:
    """Whether the run in a folder came to its end."""
    return (Path(folder) / "metrics.json").exists()


def default_folder(variant: str, data: str, seed: int, resume: bool) -> Path:
    """A name under `runs` that is not taken; to resume, the newest of those that are."""
    name = Path(data.partition("?")[0]).stem.replace(":", "-")
    stem = f"{variant}-{name}-seed{seed}"
    taken = {path.name for path in Path("runs").glob(f"{stem}*")}
    names = itertools.chain([stem], (f"{stem}-{number}" for number in itertools.count(2)))
    there = list(itertools.takewhile(taken.__contains__, names))
    if resume and there:
        return Path("runs") / there[-1]
    return Path("runs") / (f"{stem}-{len(there) + 1}" if there else stem)


@file_errors.told()
def read_config(folder) -> dict:
    """What the run in a folder was started with."""
    path = Path(folder) / "config.json"
    if not path.parent.exists():
        raise UsageError(f"There is no folder {folder}.")
    if not path.is_file():
        raise UsageError(f"{folder} holds no run: there is no {path.name} in it.")
    return read(path, CONFIG)


def run_id(folder) -> str | None:
    """Returns what binds the files of a run together; None for a run of an older version."""
    return read_config(folder).get("run_id") if (Path(folder) / "config.json").exists() else None


def require_same(folder, found: str | None, path) -> None:
    """Raises `CheckFailedError` if a file in a run's folder is another run's.

    Args:
        folder: of the run.
        found: the run id in the file.
        path: of the file.
    """
    if found != run_id(folder):
        raise CheckFailedError(
            f"{path} must belong to the run of the config.json beside it; it is another run's."
        )


@contextlib.contextmanager
def claimed(folder):
    """Holds a run's folder against every other process, until the end, however it comes.

    Raises:
        UsageError: if another process holds it, or a link lies where a run writes.
    """
    with _locked(folder):
        figures = Path(folder) / FIGURES
        if figures.is_symlink() or figures.is_file():  # now rather than after the last epoch
            raise UsageError(f"{figures} must be a folder of the run's own: remove what is there.")
        sweep(folder)
        try:
            yield
        except UsageError:  # nothing was learnt, and the next call may be a better one
            if _names(folder) <= {"config.json"}:
                shutil.rmtree(folder)
            raise


@contextlib.contextmanager
def _locked(folder):
    """Holds the lock, whose file stays: removed, it could be one that another has just locked."""
    path = Path(folder) / LOCK
    if path.is_symlink() or path.is_dir():
        raise UsageError(f"{path} must be a file of the run's own: remove what is there.")
    lock = filelock.FileLock(path)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise UsageError(
            f"Another process is training in {folder}: wait for its end, or name another folder."
        ) from None
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}.") from None
    try:
        yield
    finally:
        lock.release()


def _names(folder):
    """What a folder holds besides the lock and what is not yet, or never was, finished."""
    names = {path.name for path in Path(folder).iterdir()}
    return {name for name in names if name != LOCK and not is_temporary(name)}


@file_errors.told()
def prepare(folder, config: dict, resume: bool) -> None:
    """Makes a run's folder, or checks that it may go on with the run that is there.

    A folder whose run was killed before its `config.json` was there counts as empty.

    Args:
        folder: a `Path`.
        config: what the run is started with; must agree with what is there.
        resume: whether a run may be there.

    Raises:
        UsageError: if the folder holds another run, this one without `resume`, or other files.
    """
    config = json.loads(json.dumps(config))
    if folder.is_file():
        raise UsageError(f"{folder} must be a folder; it is a file.")
    if not folder.exists() or not _names(folder):
        make_folder(folder)
        with _locked(folder):
            if not _names(folder):  # another process may have been quicker
                write(
                    folder / "config.json",
                    config | {"run_id": uuid.uuid4().hex, "versions": versions()},
                )
                return
    if not (folder / "config.json").is_file():
        raise UsageError(f"{folder} holds no run, but other files: name another folder.")
    there = read_config(folder)
    for key, (was, came) in _differences(there, config).items():
        raise UsageError(
            f"{folder} holds another run, with {key}={was!r}. Received: {key}={came!r}. "
            "Name another folder."
        )
    if not resume:
        raise UsageError(
            f"{folder} holds this run already: go on with it by resume=True (on the command "
            "line --resume), or name another folder."
        )


def _differences(there, config, prefix=""):
    """For each setting of `config` that differs, inside dicts too: what is there, what came."""
    found = {}
    for key, came in config.items():
        was = there.get(key)
        if isinstance(came, dict) and isinstance(was, dict):
            found |= _differences(was, came, f"{prefix}{key}.")
        elif came != was:
            found[prefix + key] = (was, came)
    return found


def write(path, content) -> None:
    """A JSON file, whole or not at all."""
    replace_file(path, (json.dumps(content, indent=2) + "\n").encode())


def read(path, schema):
    """Returns what a run's JSON file holds.

    Raises:
        UsageError: if it cannot be read, is damaged, or is not like the schema, as of
            `json_files.require`.
    """
    try:
        content = json_files.read(path)
    except CheckFailedError:
        raise UsageError(f"{path} is damaged: train the run again.") from None
    _require(content, schema, path)
    return content


def write_part(folder, name: str, content: dict) -> None:
    """Writes a JSON file of a run, with the run's id in it, whole or not at all."""
    write(Path(folder) / name, content | {"run_id": run_id(folder)})


def save_weights(folder, model) -> None:
    """Writes a run's `weights.safetensors`, with the run's id in it."""
    from zoo import weights

    weights.save(Path(folder) / "weights.safetensors", model.weights, run_id=run_id(folder))


def read_part(folder, name: str, schema: dict) -> dict:
    """Returns what `write_part` wrote.

    Raises:
        UsageError: as of `read`.
        CheckFailedError: if the file is another run's.
    """
    path = Path(folder) / name
    content = read(path, {"run_id?": (None, str)})
    found = content.pop("run_id", None)
    _require(content, schema, path)
    require_same(folder, found, path)
    return content


def _require(content, schema, path):
    try:
        json_files.require(content, schema, path)
    except CheckFailedError as error:
        raise UsageError(f"{error} zoo.train did not write it.") from None
