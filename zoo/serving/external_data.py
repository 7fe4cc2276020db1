"""Finds ONNX files that keep tensors in other files, before onnxruntime reads them."""

from zoo.errors import CheckFailedError

# onnxruntime would look for such other files in the current directory, where no manifest lists
# them. The file is read in Protocol Buffers' wire format, because serving does without `onnx`.

# For each message of the ONNX format: the fields that hold further messages, down to the tensors.
_PARTS = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "graph": {1: "node", 5: "tensor", 15: "sparse tensor"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse tensor",
                  23: "sparse tensor"},
    "sparse tensor": {1: "tensor", 2: "tensor"},
    "function": {7: "node", 11: "attribute"},
    "training": {1: "graph", 2: "graph"},
    "tensor": {},
}  # fmt: skip
_EXTERNAL_DATA, _DATA_LOCATION = 13, 14  # fields of a tensor


def refuse(data: bytes) -> None:
    """Raises an error if an ONNX file is damaged or keeps tensors in other files.

    Args:
        data: Bytes of the file.

    Raises:
        CheckFailedError: If it is damaged or keeps tensors in other files.

    Example:

    >>> refuse(b"Not an ONNX file.")
    Traceback (most recent call last):
    ...
    zoo.errors.CheckFailedError: An ONNX file is damaged: ...
    """
    pending = [("model", memoryview(data))]
    while pending:
        kind, message = pending.pop()
        for field, value in _fields(message):
            part = _PARTS[kind].get(field)
            if part is not None and isinstance(value, memoryview):
                pending.append((part, value))
            elif kind == "tensor" and (
                field == _EXTERNAL_DATA or (field == _DATA_LOCATION and value)
            ):
                raise CheckFailedError(
                    "An ONNX file must contain all of its tensors. "
                    "Received: a file that keeps some in another file."
                )


def _fields(message):
    """Yields the number and the value of each field: bytes as a memoryview, an integer, or None."""
    position = 0
    while position < len(message):
        key, position = _integer(message, position)
        value, kind = None, key & 7
        if kind == 0:
            value, position = _integer(message, position)
        elif kind == 2:
            size, position = _integer(message, position)
            value, position = message[position : position + size], position + size
        elif kind in (1, 5):
            position += 8 if kind == 1 else 4
        else:
            raise _damaged()
        if position > len(message):
            raise _damaged()
        yield key >> 3, value


def _integer(message, position):
    """Returns the integer at a position, seven bits to each byte, and the position after it."""
    result = 0
    for shift in range(0, 70, 7):
        if position >= len(message):
            raise _damaged()
        byte = message[position]
        position += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result, position
    raise _damaged()


def _damaged():
    return CheckFailedError("An ONNX file is damaged: it cannot be read.")
