"""The tensors of the Open Inference Protocol: names, datatypes, shapes and bytes."""

import math
import struct
from typing import NamedTuple

import numpy as np

from zoo.server.errors import RequestError

DTYPES = {  # by the protocol's name of a datatype, as little-endian numbers
    "FP32": np.dtype("<f4"),
    "INT32": np.dtype("<i4"),
    "INT64": np.dtype("<i8"),
}
TEXT = "BYTES"  # of the protocol: strings, each of any length
_DATATYPES = {"float32": "FP32", "int32": "INT32", "int64": "INT64"}
_LENGTH = struct.Struct("<I")  # before each string in binary data


class Tensor(NamedTuple):
    """Name, datatype and shape of an input or output.

    Attributes:
        name: String.
        datatype: String. A key of `DTYPES`, or `TEXT`.
        shape: Tuple of integers; the first, the number of rows, is -1.

    Example:

    >>> Tensor("latent", "FP32", (-1, 30)).shape
    (-1, 30)
    """

    name: str
    datatype: str
    shape: tuple[int, ...]


def of_facts(facts) -> Tensor:
    """Returns the tensor of the protocol for a tensor of a bundle's signature.

    Args:
        facts: `TensorFacts` of a bundle.

    Example:

    >>> from zoo.serving.bundle import TensorFacts
    >>> of_facts(TensorFacts("latent", (None, 30), "float32"))
    Tensor(name='latent', datatype='FP32', shape=(-1, 30))
    """
    return Tensor(
        facts.name,
        _DATATYPES[facts.dtype],
        tuple(-1 if size is None else size for size in facts.shape),
    )


def require_shape(tensor: Tensor, shape, most_rows: int) -> tuple[int, ...]:
    """Returns the shape of an input of a request, after checking it.

    Args:
        tensor: `Tensor` that the model takes.
        shape: List of integers of the request.
        most_rows: Integer. The largest number of rows of a request.

    Raises:
        RequestError: If the shape is not one that the model takes, or has too many rows.

    Example:

    >>> require_shape(Tensor("latent", "FP32", (-1, 30)), [4, 30], most_rows=100)
    (4, 30)
    """
    accepted = (
        len(shape) == len(tensor.shape)
        and all(type(size) is int and size >= 0 for size in shape)
        and all(size in (-1, given) for size, given in zip(tensor.shape, shape, strict=True))
    )
    if not accepted:
        raise RequestError(
            f"Input {tensor.name!r} must have the shape {list(tensor.shape)}, with any number of "
            f"rows for -1. Received: {list(shape)}."
        )
    if shape[0] > most_rows:
        raise RequestError(
            f"A request may have at most {most_rows} rows. Received: {shape[0]}.", 413
        )
    return tuple(shape)


def from_bytes(tensor: Tensor, shape: tuple[int, ...], data) -> np.ndarray:
    """Returns an input from the protocol's binary form.

    Numbers are little-endian, in row-major order. Before each string stands its length in bytes, as
    an unsigned integer of 32 bits.

    Args:
        tensor: `Tensor`.
        shape: Tuple of integers, as `require_shape` returns it.
        data: Bytes or memoryview.

    Returns:
        Array of numbers, or of bytes as objects.

    Raises:
        RequestError: If the data has another length than the shape asks for.

    Example:

    >>> from_bytes(Tensor("latent", "FP32", (-1, 1)), (1, 1), b"\\0\\0\\x80?")
    array([[1.]], dtype=float32)
    """
    if tensor.datatype == TEXT:
        return _strings(tensor, shape, data)
    dtype = DTYPES[tensor.datatype]
    expected = math.prod(shape) * dtype.itemsize
    if len(data) != expected:
        raise RequestError(
            f"The data of {tensor.name!r} must have {expected} bytes, for {tensor.datatype} of "
            f"shape {list(shape)}. Received: {len(data)} bytes."
        )
    return np.frombuffer(data, dtype).reshape(shape)


def _strings(tensor, shape, data):
    strings, position, data = [], 0, bytes(data)
    while position < len(data):
        start = position + _LENGTH.size
        end = start + _LENGTH.unpack(data[position:start])[0] if start <= len(data) else start
        if end > len(data):
            raise RequestError(
                f"The data of {tensor.name!r} ends within string {len(strings)}: each string must "
                "follow its length, an unsigned integer of 32 bits."
            )
        strings.append(data[start:end])
        position = end
    return of_strings(tensor, shape, strings)


def of_strings(tensor: Tensor, shape: tuple[int, ...], strings: list[bytes]) -> np.ndarray:
    """Returns an input of strings as an array of bytes objects.

    Args:
        tensor: `Tensor`.
        shape: Tuple of integers, as `require_shape` returns it.
        strings: List of bytes.

    Raises:
        RequestError: If the number of strings is not that of the shape.

    Example:

    >>> of_strings(Tensor("text", "BYTES", (-1,)), (2,), [b"one", b"two"]).shape
    (2,)
    """
    if len(strings) != math.prod(shape):
        raise RequestError(
            f"The data of {tensor.name!r} must hold {math.prod(shape)} strings, for the shape "
            f"{list(shape)}. Received: {len(strings)}."
        )
    array = np.empty(len(strings), object)
    array[:] = strings
    return array.reshape(shape)


def from_values(tensor: Tensor, shape: tuple[int, ...], values) -> np.ndarray:
    """Returns an input from values as JSON holds them, nested or in one flat list.

    Args:
        tensor: `Tensor`.
        shape: Tuple of integers, as `require_shape` returns it.
        values: List of numbers or strings, or of lists of them in the given shape.

    Raises:
        RequestError: If the values are of another datatype, shape or number.

    Example:

    >>> from_values(Tensor("latent", "FP32", (-1, 2)), (1, 2), [0, 0.5])
    array([[0. , 0.5]], dtype=float32)
    """
    if tensor.datatype == TEXT:
        if not isinstance(values, list) or not all(isinstance(text, str) for text in values):
            raise _wrong_values(tensor, shape, "strings")
        return of_strings(tensor, shape, [text.encode() for text in values])
    dtype = DTYPES[tensor.datatype]
    wanted = "numbers" if dtype.kind == "f" else "integers"
    try:
        array = _flat(values) if dtype.kind == "f" else None
        array = np.array(values) if array is None else array
    except ValueError:  # rows that differ
        raise _wrong_values(tensor, shape, wanted) from None
    if array.size == 0:
        array = array.astype(dtype)
    if array.dtype.kind not in ("fi" if dtype.kind == "f" else "i"):
        raise _wrong_values(tensor, shape, wanted)
    if array.shape != shape and array.shape != (math.prod(shape),):
        raise _wrong_values(tensor, shape, wanted)
    with np.errstate(over="ignore"):  # values that are too large become infinite, and are rejected
        converted = array.astype(dtype)
    if dtype.kind == "i" and not np.array_equal(converted, array):
        raise _wrong_values(tensor, shape, f"integers of {tensor.datatype}")
    return converted.reshape(shape)


def _flat(values):
    """Returns the array of a flat list of numbers, faster than NumPy does, or None for others."""
    if not values or type(values[0]) is bool:
        return None
    try:
        return np.frombuffer(struct.pack(f"{len(values)}d", *values))
    except (struct.error, OverflowError):  # lists or strings, integers that are too large
        return None


def _wrong_values(tensor, shape, wanted):
    return RequestError(
        f"The data of {tensor.name!r} must be {math.prod(shape)} {wanted}, for the shape "
        f"{list(shape)}, in one list or in lists of that shape. Received: others."
    )


def to_bytes(array: np.ndarray) -> bytes:
    """Returns an output of numbers in the protocol's binary form.

    Args:
        array: Array of numbers.

    Example:

    >>> to_bytes(np.ones((1, 1), np.float32))
    b'\\x00\\x00\\x80?'
    """
    return array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
