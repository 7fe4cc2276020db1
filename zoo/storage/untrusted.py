"""Reads files that may be hostile: opened without waiting, within a limit, with clear errors."""

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from zoo.errors import CheckFailedError, UsageError, ZooError

UNBOUNDED = 1 << 62  # bytes: no limit


def open_file(path: str | Path) -> BinaryIO:
    """Opens a regular file for reading.

    Args:
        path: String or path of the file, or of a symbolic link to it.

    Returns:
        Open binary file, whose size `size_of` returns.

    Raises:
        UsageError: If there is no such file, it cannot be read, or it is a named pipe, a device or
            a folder.

    Example:

    >>> open_file(".")
    Traceback (most recent call last):
    ...
    zoo.errors.UsageError: . cannot be read: ...
    """
    try:
        # Non-blocking, because opening a named pipe would otherwise wait for a writer.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError as error:  # a path with a null character or half a surrogate pair
        raise UsageError(f"{str(path)!r} cannot be read: {error}.") from None
    mode = os.fstat(handle).st_mode
    if stat.S_ISREG(mode):
        return open(handle, "rb")
    os.close(handle)
    kind = "Is a directory" if stat.S_ISDIR(mode) else "it is not a regular file"
    raise UsageError(f"{path} cannot be read: {kind}.")


def size_of(file: BinaryIO) -> int:
    """Returns the size in bytes of an open file.

    Args:
        file: Open binary file.

    Returns:
        Integer.

    Example:

    >>> _ = Path("four.bin").write_bytes(b"1234")
    >>> with open_file("four.bin") as file:
    ...     size_of(file)
    4
    """
    return os.fstat(file.fileno()).st_size


def read_file(path: str | Path, most: int) -> bytes:
    """Returns the bytes of a regular file, whose size is compared before a byte is read.

    Args:
        path: String or path of the file.
        most: Integer. The largest size in bytes that is read.

    Returns:
        Bytes.

    Raises:
        UsageError: If there is no such file, it cannot be read, or it is not a regular file.
        CheckFailedError: If the file is larger.

    Example:

    >>> _ = Path("three.bin").write_bytes(b"123")
    >>> read_file("three.bin", most=100)
    b'123'
    """
    with open_file(path) as file:
        size = size_of(file)
        if size > most:
            raise CheckFailedError(f"{path} must have at most {most} bytes. Received: {size}.")
        return file.read(size)


@contextlib.contextmanager
def guard(path: str | Path, kind: str, error: type[ZooError] = CheckFailedError) -> Iterator[None]:
    """Turns every error of a parser into one error that names the file.

    For an arbitrary file a parser may raise nearly any error, `MemoryError` and `RecursionError`
    among them. A `ZooError` passes unchanged.

    Args:
        path: String or path of the file.
        kind: String. What the file should be, such as "a whole .npz file".
        error: The class of the error. Defaults to `CheckFailedError`.

    Raises:
        CheckFailedError: Or the class `error`, for any error within the context.

    Example:

    >>> with guard("data.bin", "a whole number"):
    ...     int("many")
    Traceback (most recent call last):
    ...
    zoo.errors.CheckFailedError: data.bin is not a whole number: ...
    """
    try:
        yield
    except ZooError:
        raise
    except Exception as cause:  # the parser may raise any error
        raise error(f"{path} is not {kind}: {reason(cause)}.") from None


def reason(error: Exception) -> str:
    """Returns the first line of an error's message, or the name of its class.

    Args:
        error: Exception.

    Returns:
        String of at most 200 characters.

    Example:

    >>> reason(ValueError("The header is cut off.")), reason(MemoryError())
    ('The header is cut off', 'MemoryError')
    """
    lines = str(error).strip().splitlines()
    return f"{lines[0]:.200}".rstrip(". ") if lines else type(error).__name__
