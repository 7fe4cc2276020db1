"""Reads safetensors that may be hostile: the header is compared with the size of the file first."""

import math
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
import safetensors.numpy

from zoo.errors import CheckFailedError
from zoo.storage import json_files, untrusted

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
    """Returns the header of safetensors that reach from an open file's position to its end.

    The position of the file is the same afterwards.

    Args:
        file: Open binary file.
        path: String or path of the file, for errors.

    Returns:
        A `Header`.

    Raises:
        CheckFailedError: If it is damaged, or states more or fewer bytes than there are.

    Example:

    >>> data = safetensors.numpy.save({"x": np.zeros((2, 3), "float32")})
    >>> _ = Path("x.safetensors").write_bytes(data)
    >>> with open("x.safetensors", "rb") as file:
    ...     header(file, "x.safetensors").shapes
    {'x': (2, 3)}
    """
    start = file.tell()
    left = untrusted.size_of(file) - start - 8
    length = int.from_bytes(file.read(8), "little")
    if not 0 < length <= min(left, LARGEST_HEADER):
        raise CheckFailedError(f"{path} is not a whole safetensors file: its header is cut off.")
    content = json_files.parse(file.read(length), path, {str: dict})
    file.seek(start)
    metadata = content.pop("__metadata__", {})
    json_files.require(metadata, {str: str}, path)
    json_files.require(content, {str: _TENSOR}, path)
    total = sum(
        math.prod(tensor["shape"]) * ITEM_SIZES[tensor["dtype"]] for tensor in content.values()
    )
    if total != left - length:
        raise CheckFailedError(
            f"{path} is not a whole safetensors file: its tensors have {total} bytes, and it holds "
            f"{left - length}."
        )
    shapes = {name: tuple(tensor["shape"]) for name, tensor in content.items()}
    return Header(shapes, metadata, total)


def tensors(data: bytes, path: str | Path) -> dict[str, np.ndarray]:
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
    >>> tensors(data, "x.safetensors")["x"].shape
    (2, 3)
    """
    with untrusted.guard(path, "a whole safetensors file"):
        return safetensors.numpy.load(data)
