"""Writes and reads safetensors; a file that is read may be hostile or damaged."""

import hashlib
import json
import math
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
import safetensors.numpy

from zoo.errors import CheckFailedError
from zoo.storage import json_files, untrusted
from zoo.storage.atomic import replace_file

LARGEST_HEADER = 1 << 25  # bytes
ITEM_SIZES = {
    "BOOL": 1, "U8": 1, "I8": 1, "U16": 2, "I16": 2, "F16": 2, "BF16": 2, "U32": 4, "I32": 4,
    "F32": 4, "U64": 8, "I64": 8, "F64": 8,
}  # fmt: skip


def _natural(value):
    return type(value) is int and value >= 0


_TENSOR = {"dtype": frozenset(ITEM_SIZES), "shape": [_natural], "data_offsets": [_natural]}


class Header(NamedTuple):
    """The header of a safetensors file.

    Attributes:
        shapes: Dict with the shape of each tensor.
        metadata: Dict of strings.
        bytes: Integer. The bytes of all tensors.

    Example:

    >>> Header({"x": (2, 3)}, {}, 24).shapes
    {'x': (2, 3)}
    """

    shapes: dict[str, tuple]
    metadata: dict[str, str]
    bytes: int


def header(file: BinaryIO, path: str | Path) -> Header:
    """Returns the header of safetensors from the position of an open file to its end.

    The position of the file is the same afterwards.

    Args:
        file: Open binary file.
        path: String or path of the file, for errors.

    Returns:
        A `Header`.

    Raises:
        CheckFailedError: If it is damaged, or states another size than the file has.

    Example:

    >>> data = safetensors.numpy.save({"x": np.zeros((2, 3), "float32")})
    >>> _ = Path("x.safetensors").write_bytes(data)
    >>> with open("x.safetensors", "rb") as file:
    ...     header(file, "x.safetensors").shapes
    {'x': (2, 3)}
    """
    start = file.tell()
    available = untrusted.size_of(file) - start - 8
    length = int.from_bytes(file.read(8), "little")
    if not 0 < length <= min(available, LARGEST_HEADER):
        raise CheckFailedError(f"{path} is not a whole safetensors file: its header is cut off.")
    content = json_files.parse(file.read(length), path, {str: dict})
    file.seek(start)
    metadata = content.pop("__metadata__", {})
    json_files.require(metadata, {str: str}, path)
    json_files.require(content, {str: _TENSOR}, path)
    total = sum(
        math.prod(tensor["shape"]) * ITEM_SIZES[tensor["dtype"]] for tensor in content.values()
    )
    if total != available - length:
        raise CheckFailedError(
            f"{path} is not a whole safetensors file: its tensors have {total} bytes, but it holds "
            f"{available - length}."
        )
    shapes = {name: tuple(tensor["shape"]) for name, tensor in content.items()}
    return Header(shapes, metadata, total)


def parse(data: bytes, path: str | Path) -> dict[str, np.ndarray]:
    """Returns the arrays in the bytes of a safetensors file.

    Args:
        data: Bytes.
        path: String or path of the file, for errors.

    Returns:
        Dict of arrays.

    Raises:
        CheckFailedError: If the bytes are damaged.

    Example:

    >>> data = safetensors.numpy.save({"x": np.zeros((2, 3), "float32")})
    >>> parse(data, "x.safetensors")["x"].shape
    (2, 3)
    """
    with untrusted.guard(path, "a whole safetensors file"):
        return safetensors.numpy.load(data)


def save(path, variables, half: bool = False, **notes):
    """Writes variables, with notes and a digest of everything, to a safetensors file.

    Args:
        path: String or path of the file.
        variables: List of Keras variables, written in their order.
        half: Boolean. Write float32 numbers as float16, which rounds them to about three digits.
            Defaults to False.
        **notes: Objects that JSON can hold.

    Returns:
        Path of the file.

    Raises:
        UsageError: If the file cannot be written.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4, 4, 1), latent_dim=2)
    >>> path = save("weights.safetensors", model.weights, epoch=3)
    >>> load(path, model.weights)
    {'epoch': 3}
    """
    tensors = {
        f"{index:04d}.{variable.name}": halved(variable) if half else np.asarray(variable)
        for index, variable in enumerate(variables)
    }
    metadata = {key: json.dumps(note) for key, note in notes.items()}
    metadata["sha256"] = digest(tensors, metadata)
    return replace_file(path, safetensors.numpy.save(tensors, metadata))


def halved(variable) -> np.ndarray:
    """Returns the value of a variable, float32 numbers rounded to float16.

    Args:
        variable: Keras variable.

    Example:

    >>> halved(keras.Variable([0.1]))
    array([0.1], dtype=float16)
    """
    value = np.asarray(variable)
    return value.astype(np.float16) if value.dtype == np.float32 else value


def load(path, variables, sha256: str | None = None) -> dict:
    """Assigns variables from a file that `save` wrote, and returns its notes.

    Args:
        path: String or path of the file.
        variables: List of Keras variables, of the shapes and in the order of those written.
        sha256: String. The SHA-256 of the file, in hexadecimal, which is checked before the file is
            parsed. Defaults to None, for any file.

    Returns:
        Dict of the notes.

    Raises:
        UsageError: If there is no such file.
        CheckFailedError: If it is damaged, or was written for other variables.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4, 4, 1), latent_dim=2)
    >>> load(save("some.safetensors", model.weights), model.weights)
    {}
    """
    with untrusted.open_file(path) as file:
        if sha256 and hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            raise CheckFailedError(
                f"{path} is not the file that was released: its SHA-256 differs."
            )
        file.seek(0)
        stored = header(file, path)
        shapes = [stored.shapes[key] for key in sorted(stored.shapes)]
        if shapes != [tuple(variable.shape) for variable in variables]:
            raise CheckFailedError(
                f"{path} must hold this model's {len(variables)} tensors; it holds "
                f"{len(shapes)} of another one."
            )
        tensors = parse(file.read(), path)
    tensors = {key: tensors[key] for key in sorted(tensors)}
    metadata = dict(stored.metadata)
    if metadata.pop("sha256", None) != digest(tensors, metadata):
        raise CheckFailedError(f"{path} is damaged: its content is not what was written.")
    for variable, tensor in zip(variables, tensors.values(), strict=True):
        variable.assign(tensor)
    return {key: json_files.parse(note.encode(), path) for key, note in metadata.items()}


def not_finite(variables) -> str:
    """Returns the paths of the variables that hold NaN or infinity, with the number of such values.

    Args:
        variables: List of Keras variables.

    Returns:
        String; `""` if all values are finite.

    Example:

    >>> not_finite([keras.Variable([1.0, np.nan], name="kernel")])
    'kernel (1 of 2 numbers)'
    """
    descriptions = []
    for variable in variables:
        values = np.asarray(variable)
        count = np.size(values) - np.count_nonzero(np.isfinite(values))
        if count:
            descriptions.append(f"{variable.path} ({count} of {np.size(values)} numbers)")
    return ", ".join(descriptions)


def digest(tensors: dict[str, np.ndarray], metadata: dict[str, str]) -> str:
    """Returns the SHA-256 of arrays, with their names, types and shapes, and of metadata.

    Args:
        tensors: Dict of arrays.
        metadata: Dict of strings.

    Returns:
        String of 64 hexadecimal digits.

    Example:

    >>> len(digest({"x": np.zeros(3)}, {}))
    64
    """
    total = hashlib.sha256(json.dumps(metadata, sort_keys=True).encode())
    for key, tensor in tensors.items():
        total.update(f"{key} {tensor.dtype} {tensor.shape}".encode())
        total.update(np.ascontiguousarray(tensor).tobytes())
    return total.hexdigest()
