"""The files of a run directory, bound together by the run's id."""

import json
from pathlib import Path

from zoo.errors import CheckFailedError, UsageError
from zoo.storage import file_errors, json_files, manifest_schema
from zoo.storage.atomic import replace_file

CONFIG = {
    "run_id?": str,
    "variant": str,
    "arguments": {str: object},
    "column_names?": (None, [str]),
    "data": manifest_schema.RECORDED,
    "seed": int,
    "classes?": int,
    "date?": str,
}
HISTORY = {str: [float]}
METRICS = {"test_rows": float, str: float}


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
