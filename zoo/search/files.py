"""An index in one file: a line, the sha256 of all that follows, and safetensors."""

import hashlib
import json
from pathlib import Path

import numpy as np
import safetensors.numpy

from zoo import json_files, tensor_files, untrusted
from zoo.atomic import replace_file
from zoo.errors import CheckFailedError, UsageError
from zoo.search.nearest import METRICS

FIRST_LINE = b"autoencoder-zoo index 1\n"
NOTES = {
    "metric": frozenset(METRICS),
    "approximate": bool,
    "encoder": str,
    "folder": (None, lambda name: isinstance(name, str) and "\0" not in name),
}
HEAD = len(FIRST_LINE) + 64 + 1  # and the sum, in hexadecimal, on a line of its own


def require_free(path) -> None:
    """Raises `UsageError` where another file than an index would be overwritten."""
    path = Path(path)
    if path.is_file():
        with open(path, "rb") as file:
            if file.read(len(FIRST_LINE)) != FIRST_LINE:
                raise UsageError(f"{path} is a file, and no index: name another.")


def write(path, tensors: dict[str, np.ndarray], notes: dict) -> Path:
    """Arrays of numbers and JSON-able notes, whole or not at all; an index may be there."""
    require_free(path)
    body = safetensors.numpy.save(tensors | {"notes": as_bytes(notes)})
    head = FIRST_LINE + hashlib.sha256(body).hexdigest().encode() + b"\n"
    return replace_file(path, head + body)


def read(path) -> tuple[dict[str, np.ndarray], dict]:
    """The arrays and the notes of a file that `write` wrote; nothing is parsed that differs.

    Raises:
        UsageError: if there is no such file, or it is no index.
        CheckFailedError: if it is damaged.
    """
    with untrusted.open_file(path) as file:
        if file.read(len(FIRST_LINE)) != FIRST_LINE:
            raise UsageError(
                f"{path} is not an index: it is none of the files that zoo search writes."
            )
        told = file.read(HEAD - len(FIRST_LINE))
        try:
            tensor_files.header(file, path)
        except CheckFailedError as error:
            raise CheckFailedError(f"{path} is damaged: {error}") from None
        body = file.read()
    if told != hashlib.sha256(body).hexdigest().encode() + b"\n":
        raise CheckFailedError(
            f"{path} is damaged: its sha256 differs. Copy it again, or index again."
        )
    tensors = tensor_files.tensors(body, path)
    notes = from_bytes(tensors.pop("notes", np.empty(0, np.uint8)), path, NOTES)
    _require_arrays(tensors, notes, path)
    return tensors, notes


def _require_arrays(tensors, notes, path):
    """Raises `CheckFailedError` if the arrays of an index do not fit together."""
    kinds = {name: (array.dtype.str, array.ndim) for name, array in tensors.items()}
    accepted = {"codes": {("<f4", 2)}, "ids": {("<i8", 1), ("|u1", 1)}, "graph": {("|u1", 1)}}
    if not notes["approximate"]:
        del accepted["graph"]
    if set(kinds) != set(accepted) or any(kinds[name] not in accepted[name] for name in kinds):
        raise CheckFailedError(f"{path} is damaged: its arrays are {kinds}.")


def as_bytes(content) -> np.ndarray:
    """Something JSON-able as uint8."""
    return np.frombuffer(json.dumps(content).encode(), np.uint8)


def from_bytes(array: np.ndarray, path, schema):
    """Returns what `as_bytes` was given; `path` and `schema` are as of `json_files.parse`."""
    return json_files.parse(array.tobytes(), path, schema)
