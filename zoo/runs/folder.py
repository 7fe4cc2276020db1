"""Run directories: their names, and their lock."""

import contextlib
import datetime
import itertools
import json
import shutil
import uuid
from pathlib import Path

from zoo.errors import UsageError
from zoo.runs.files import read_config, write
from zoo.storage import file_errors
from zoo.storage.atomic import make_folder
from zoo.storage.temporaries import is_temporary, sweep
from zoo.storage.versions import versions

LOCK, FIGURES = ".lock", "figures"


def finished(folder) -> bool:
    """Returns whether the run in a folder is finished.

    Args:
        folder: String or `Path`. The run directory.

    Returns:
        A boolean.

    Example:

    >>> finished("runs/deep_ae-mnist_5k-seed0")
    False
    """
    return (Path(folder) / "metrics.json").exists()


def default_folder(variant: str, data: str, seed: int, resume: bool) -> Path:
    """Returns a run directory under `runs` that does not exist, or the newest one to resume.

    Args:
        variant: String. Name of the variant.
        data: String. Name of the data.
        seed: Integer.
        resume: Boolean. Whether to return the newest run directory of that name, if there is one.

    Returns:
        A `Path`: `runs/VARIANT-DATA-seedSEED`, with a number from 2 on if that name is used.

    Example:

    >>> default_folder("deep_ae", "mnist_5k", seed=0, resume=False).as_posix()
    'runs/deep_ae-mnist_5k-seed0'
    """
    stem = run_name(variant, data, seed)
    used = {path.name for path in Path("runs").glob(f"{stem}*")}
    names = itertools.chain([stem], (f"{stem}-{number}" for number in itertools.count(2)))
    existing = list(itertools.takewhile(used.__contains__, names))
    if resume and existing:
        return Path("runs") / existing[-1]
    return Path("runs") / (f"{stem}-{len(existing) + 1}" if existing else stem)


def run_name(variant: str, data: str, seed: int) -> str:
    """Returns the name that a run directory has by default.

    Args:
        variant: String. Name of the variant.
        data: String. Name of the data.
        seed: Integer.

    Returns:
        A string.

    Example:

    >>> run_name("deep_ae", "tables/wine.csv?label=class", seed=0)
    'deep_ae-wine-seed0'
    """
    name = Path(data.partition("?")[0]).stem.replace(":", "-")
    return f"{variant}-{name}-seed{seed}"


def classifier_folder(config: dict, data, seed: int, resume: bool) -> Path:
    """Returns the default run directory for fine-tuning the encoder of a run.

    Args:
        config: Dict. The config of the run.
        data: The labelled `Dataset`, or its name, folder or file; None for the data of the run.
        seed: Integer.
        resume: Boolean. Whether to return the newest run directory of that name, if there is one.

    Returns:
        A `Path`, as `default_folder` returns it for `VARIANT-classifier`.

    Example:

    >>> config = {"variant": "pca", "data": {"name": "mnist_5k"}}
    >>> classifier_folder(config, None, seed=0, resume=False).as_posix()
    'runs/pca-classifier-mnist_5k-seed0'
    """
    if data is None:
        name = config["data"]["name"]
    else:
        name = str(data) if isinstance(data, (str, Path)) else data.name
    return default_folder(f"{config['variant']}-classifier", name, seed, resume)


@contextlib.contextmanager
def claimed(folder):
    """Locks a run directory against every other process within a `with` statement.

    If a `UsageError` is raised within and nothing has been written yet besides `config.json`, the
    folder is removed.

    Args:
        folder: String or `Path`. The run directory.

    Raises:
        UsageError: If another process holds the lock, or if there is a link where a run writes.

    Example:

    >>> with claimed("."):
    ...     pass
    """
    with _locked(folder):
        figures = Path(folder) / FIGURES
        if figures.is_symlink() or figures.is_file():  # fail now rather than after the last epoch
            raise UsageError(f"{figures} must be a folder of the run's own: remove what is there.")
        sweep(folder)
        try:
            yield
        except UsageError:  # nothing was learned, and the next call may be correct
            if _names(folder) <= {"config.json"}:
                shutil.rmtree(folder)
            raise


@contextlib.contextmanager
def _locked(folder):
    """Holds a folder's lock; its file stays, because another process may have just locked it."""
    import filelock

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
    """Returns the names in a folder, without the lock and temporary files."""
    names = {path.name for path in Path(folder).iterdir()}
    return {name for name in names if name != LOCK and not is_temporary(name)}


@file_errors.as_usage_errors()
def prepare(folder, config: dict, resume: bool) -> None:
    """Creates a run directory, or checks that the run in it may be continued.

    A folder whose run was killed before its `config.json` was written counts as empty.

    Args:
        folder: `Path` of the run directory.
        config: Dict. The configuration of the run; it must agree with a run that is already there.
        resume: Boolean. Whether a run may already be there.

    Raises:
        UsageError: If the folder holds another run, this run and `resume` is False, or other files.

    Example:

    >>> config = {"variant": "pca", "arguments": {}, "data": {"name": "digits"}, "seed": 0}
    >>> prepare(Path("a_run"), config, resume=True)
    >>> read_config("a_run")["variant"]
    'pca'
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
                    config | {"run_id": uuid.uuid4().hex, "versions": versions(), "date": _now()},
                )
                return
    if not (folder / "config.json").is_file():
        raise UsageError(f"{folder} holds no run, but other files: name another folder.")
    existing = read_config(folder)
    for key, (old, new) in _differences(existing, config).items():
        raise UsageError(
            f"{folder} holds another run, with {key}={old!r}. Received: {key}={new!r}. "
            "Name another folder."
        )
    if not resume:
        raise UsageError(
            f"{folder} already holds this run: continue it with resume=True (on the command line "
            "--resume), or name another folder."
        )


def _now():
    """Returns the time, such as `2026-11-30T21:15:00Z`."""
    return f"{datetime.datetime.now(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}"


def _differences(existing, config, prefix=""):
    """Returns the old and the new value of each setting that differs, in nested dicts too."""
    differences = {}
    for key, new in config.items():
        old = existing.get(key)
        if isinstance(new, dict) and isinstance(old, dict):
            differences |= _differences(old, new, f"{prefix}{key}.")
        elif new != old:
            differences[prefix + key] = (old, new)
    return differences
