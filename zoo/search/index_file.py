"""Writes, reads and finds index files: a line, the SHA-256 of what follows, and safetensors."""

import hashlib
import json
import os
from pathlib import Path

import numpy as np
import safetensors.numpy

from zoo.errors import CheckFailedError, UsageError
from zoo.search.exact import METRICS
from zoo.serving import Bundle, load
from zoo.storage import json_files, manifest, tensors, untrusted
from zoo.storage.atomic import replace_file
from zoo.storage.file_errors import as_path

FIRST_LINE = b"autoencoder-zoo index 1\n"
NOTES = {
    "metric": frozenset(METRICS),
    "approximate": bool,
    "encoder": str,
    "folder": (None, lambda name: isinstance(name, str) and "\0" not in name),
}
HEAD = len(FIRST_LINE) + 64 + 1  # the second line is the hexadecimal SHA-256


def require_free(path) -> None:
    """Raises an error if a path is a file that is not an index, which would be overwritten.

    Args:
        path: String or path.

    Raises:
        UsageError: If another file is there.

    Example:

    >>> _ = Path("notes.txt").write_text("Some words.")
    >>> require_free("notes.txt")
    Traceback (most recent call last):
    ...
    zoo.errors.UsageError: notes.txt is ...
    """
    path = Path(path)
    if path.is_file():
        with open(path, "rb") as file:
            if file.read(len(FIRST_LINE)) != FIRST_LINE:
                raise UsageError(f"{path} is a file but not an index: name another file.")


def write(path, arrays: dict[str, np.ndarray], notes: dict) -> Path:
    """Writes arrays and notes to an index file, whole or not at all, and may replace an index.

    Args:
        path: String or path of the file.
        arrays: Dict of arrays of numbers by name.
        notes: Dict that JSON can hold, of the schema `NOTES`.

    Returns:
        Path of the file.

    Raises:
        UsageError: If another file is there, or the file cannot be written.

    Example:

    >>> arrays = {"codes": np.eye(2, dtype="float32"), "ids": np.arange(2)}
    >>> notes = {"metric": "l2", "approximate": False, "encoder": "1f3a", "folder": None}
    >>> path = write("digits.index", arrays, notes)
    >>> arrays, read_notes = read(path)
    >>> sorted(arrays), read_notes == notes
    (['codes', 'ids'], True)
    """
    require_free(path)
    body = safetensors.numpy.save(arrays | {"notes": as_bytes(notes)})
    head = FIRST_LINE + hashlib.sha256(body).hexdigest().encode() + b"\n"
    return replace_file(path, head + body)


def read(path) -> tuple[dict[str, np.ndarray], dict]:
    """Returns the arrays and the notes of a file that `write` wrote.

    The header's sizes and the SHA-256 are checked before the arrays are read.

    Args:
        path: String or path of the file.

    Returns:
        A tuple of the dict of arrays and the dict of notes.

    Raises:
        UsageError: If there is no such file, or it is not an index.
        CheckFailedError: If it is damaged.

    Example:

    >>> arrays = {"codes": np.eye(2, dtype="float32"), "ids": np.arange(2)}
    >>> notes = {"metric": "l2", "approximate": False, "encoder": "1f3a", "folder": None}
    >>> found, _ = read(write("rows.index", arrays, notes))
    >>> found["ids"].tolist()
    [0, 1]
    """
    path = as_path("path", path)
    with untrusted.open_file(path) as file:
        if file.read(len(FIRST_LINE)) != FIRST_LINE:
            raise UsageError(f"{path} is not an index that zoo.search wrote.")
        hash_line = file.read(HEAD - len(FIRST_LINE))
        try:
            tensors.header(file, path)
        except CheckFailedError as error:
            raise CheckFailedError(f"{path} is damaged: {error}") from None
        body = file.read()
    if hash_line != hashlib.sha256(body).hexdigest().encode() + b"\n":
        raise CheckFailedError(
            f"{path} is damaged: its sha256 differs. Copy it again, or build it again."
        )
    arrays = tensors.parse(body, path)
    notes = from_bytes(arrays.pop("notes", np.empty(0, np.uint8)), path, NOTES)
    _require_arrays(arrays, notes, path)
    return arrays, notes


def _require_arrays(arrays, notes, path):
    """Raises `CheckFailedError` if an index has other arrays than its notes require."""
    kinds = {name: (array.dtype.str, array.ndim) for name, array in arrays.items()}
    accepted = {"codes": {("<f4", 2)}, "ids": {("<i8", 1), ("|u1", 1)}, "graph": {("|u1", 1)}}
    if not notes["approximate"]:
        del accepted["graph"]
    if set(kinds) != set(accepted) or any(kinds[name] not in accepted[name] for name in kinds):
        raise CheckFailedError(f"{path} is damaged: its arrays are {kinds}.")


def as_bytes(content) -> np.ndarray:
    """Returns an object that JSON can hold as the bytes of its JSON.

    Args:
        content: Object that JSON can hold.

    Returns:
        Uint8 array.

    Example:

    >>> from_bytes(as_bytes(["cat", "dog"]), "ids", [str])
    ['cat', 'dog']
    """
    return np.frombuffer(json.dumps(content).encode(), np.uint8)


def from_bytes(array: np.ndarray, path, schema):
    """Returns the object that `as_bytes` turned into bytes.

    Args:
        array: Uint8 array.
        path: String or path of the file that holds it, for errors.
        schema: Schema of the content, as `json_files.require` takes it.

    Returns:
        The object.

    Raises:
        CheckFailedError: If the bytes are not plain JSON or do not match the schema.

    Example:

    >>> from_bytes(as_bytes({"rows": 2}), "notes", {"rows": int})
    {'rows': 2}
    """
    return json_files.parse(array.tobytes(), path, schema)


def index_path(folder: str | Path) -> Path:
    """Returns the path of an exported model's index: `FOLDER.index`, beside its folder.

    Args:
        folder: String or path. The folder of the exported model.

    Returns:
        Absolute path.

    Example:

    >>> index_path("exported").name
    'exported.index'
    """
    return Path(f"{os.path.abspath(folder)}.index")


def maker(path, folder: str | None) -> Bundle:
    """Returns the exported model whose codes an index file holds.

    Args:
        path: String or path of the index file.
        folder: String. The export's folder relative to the index file, or None for an index of a
            model in memory.

    Returns:
        A `Bundle`.

    Raises:
        UsageError: If `folder` is None, or the export is no longer there.

    Example:

    >>> maker("exported.index", "exported")  # doctest: +SKIP
    <zoo.Bundle vae in exported>
    """
    if folder is None:
        raise UsageError(f"{path} was made by a model in memory: pass it, Index.load(path, model).")
    folder = Path(os.path.realpath(path)).parent / folder
    if not manifest.is_export(folder):
        raise UsageError(
            f"The export that made {path} is no longer at {folder}: pass it, "
            "Index.load(path, zoo.load(FOLDER))."
        )
    return load(folder)
