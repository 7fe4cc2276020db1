"""Run directories: their names, their lock, and the files in them."""

import contextlib
import itertools
import json
import shutil
import uuid
from pathlib import Path

import filelock

from zoo.errors import CheckFailedError, UsageError
from zoo.storage import file_errors, json_files, manifest_schema
from zoo.storage.atomic import make_folder, replace_file
from zoo.storage.temporaries import is_temporary, sweep
from zoo.storage.versions import versions

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
    name = Path(data.partition("?")[0]).stem.replace(":", "-")
    stem = f"{variant}-{name}-seed{seed}"
    used = {path.name for path in Path("runs").glob(f"{stem}*")}
    names = itertools.chain([stem], (f"{stem}-{number}" for number in itertools.count(2)))
    existing = list(itertools.takewhile(used.__contains__, names))
    if resume and existing:
        return Path("runs") / existing[-1]
    return Path("runs") / (f"{stem}-{len(existing) + 1}" if existing else stem)


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


@file_errors.as_usage_errors()
def read_config(folder) -> dict:
    """Returns the configuration that the run in a folder was started with.

    Args:
        folder: String or `Path`. The run directory.

    Returns:
        A dict, the content of `config.json`.

    Raises:
        UsageError: If there is no such folder, if it holds no run, or if the file is damaged.

    Example:

    >>> read_config("runs/deep_ae-mnist_5k-seed0")["seed"]  # doctest: +SKIP
    0
    """
    path = Path(folder) / "config.json"
    if not path.parent.exists():
        raise UsageError(f"There is no folder {folder}.")
    if not path.is_file():
        raise UsageError(f"{folder} holds no run: there is no {path.name} in it.")
    return read(path, CONFIG)


def run_id(folder) -> str | None:
    """Returns the id that the files of a run share.

    Args:
        folder: String or `Path`. The run directory.

    Returns:
        A string, or None if there is no run or it was written by an older version.

    Raises:
        UsageError: If `config.json` is damaged.

    Example:

    >>> run_id(".") is None
    True
    """
    return read_config(folder).get("run_id") if (Path(folder) / "config.json").exists() else None


def require_same(folder, found: str | None, path) -> None:
    """Raises an error if a file in a run directory belongs to another run.

    Args:
        folder: String or `Path`. The run directory.
        found: String. The run id in the file, or None.
        path: String or `Path` of the file, for the message.

    Raises:
        CheckFailedError: If the ids differ.

    Example:

    >>> require_same(".", None, "weights.safetensors")
    """
    if found != run_id(folder):
        raise CheckFailedError(
            f"{path} must belong to the run of the config.json beside it; it is another run's."
        )


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
                    config | {"run_id": uuid.uuid4().hex, "versions": versions()},
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


def write(path, content) -> None:
    """Writes a JSON file, whole or not at all.

    Args:
        path: String or `Path` of the file.
        content: Anything that JSON can hold.

    Example:

    >>> write("history.json", {"loss": [0.2, 0.1]})
    """
    replace_file(path, (json.dumps(content, indent=2) + "\n").encode())


def read(path, schema):
    """Returns the content of a run's JSON file.

    Args:
        path: String or `Path` of the file.
        schema: Schema of the content, as for `json_files.require`.

    Returns:
        The content.

    Raises:
        UsageError: If the file cannot be read, is damaged, or does not match the schema.

    Example:

    >>> write("history.json", {"loss": [0.2, 0.1]})
    >>> read("history.json", {"loss": [float]})
    {'loss': [0.2, 0.1]}
    """
    try:
        content = json_files.read(path)
    except CheckFailedError:
        raise UsageError(f"{path} is damaged: train the run again.") from None
    _require(content, schema, path)
    return content


def write_part(folder, name: str, content: dict) -> None:
    """Writes a JSON file of a run, with the run's id in it, whole or not at all.

    Args:
        folder: String or `Path`. The run directory.
        name: String. Name of the file.
        content: Dict.

    Example:

    >>> write_part(".", "history.json", {"loss": [0.2, 0.1]})
    >>> read_part(".", "history.json", {"loss": [float]})
    {'loss': [0.2, 0.1]}
    """
    write(Path(folder) / name, content | {"run_id": run_id(folder)})


def save_weights(folder, model) -> None:
    """Writes a run's `weights.safetensors`, with the run's id in it.

    Args:
        folder: String or `Path`. The run directory.
        model: Keras model.

    Example:

    >>> save_weights(".", zoo.build("pca", input_shape=(4,), latent_dim=2))
    """
    from zoo.storage import tensors  # which imports NumPy

    tensors.save(Path(folder) / "weights.safetensors", model.weights, run_id=run_id(folder))


def read_part(folder, name: str, schema: dict) -> dict:
    """Returns the content of a JSON file that `write_part` wrote.

    Args:
        folder: String or `Path`. The run directory.
        name: String. Name of the file.
        schema: Schema of the content, as for `json_files.require`.

    Returns:
        A dict, without the run's id.

    Raises:
        UsageError: As for `read`.
        CheckFailedError: If the file belongs to another run.

    Example:

    >>> write_part(".", "history.json", {"loss": [0.2, 0.1]})
    >>> read_part(".", "history.json", {"loss": [float]})
    {'loss': [0.2, 0.1]}
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
