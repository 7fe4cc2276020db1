"""An index in one file: a line, the sha256 of all that follows, and safetensors."""

import hashlib
import json
from pathlib import Path

import numpy as np
import safetensors.numpy

from zoo.atomic import replace_file
from zoo.errors import CheckFailedError, UsageError

FIRST_LINE = b"autoencoder-zoo index 1\n"
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
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None
    if not data.startswith(FIRST_LINE):
        raise UsageError(f"{path} is not an index: it is none of the files that zoo search writes.")
    told, body = data[len(FIRST_LINE) : HEAD], memoryview(data)[HEAD:]
    if told != hashlib.sha256(body).hexdigest().encode() + b"\n":
        raise CheckFailedError(
            f"{path} is damaged: its sha256 differs. Copy it again, or index again."
        )
    tensors = safetensors.numpy.load(bytes(body))
    return tensors, from_bytes(tensors.pop("notes"))


def as_bytes(content) -> np.ndarray:
    """Something JSON-able as uint8."""
    return np.frombuffer(json.dumps(content).encode(), np.uint8)


def from_bytes(array: np.ndarray):
    """What `as_bytes` was given."""
    return json.loads(array.tobytes())
