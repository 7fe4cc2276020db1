"""Files that anyone may have written: opened without waiting, read within a limit, guarded."""

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from zoo.errors import CheckFailedError, UsageError, ZooError

UNBOUNDED = 1 << 62  # bytes: as many as there are


def open_file(path: str | Path) -> BinaryIO:
    """Opens a regular file to read; its size is that of `os.fstat`.

    Args:
        path: of the file, or of a symbolic link to it.

    Raises:
        UsageError: if there is no such file, it cannot be read, or it is a named pipe, a device
            or a folder.
    """
    try:
        # Not blocking: opened otherwise, a named pipe would wait for a writer.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError as error:  # a path with a null character or half a surrogate pair
        raise UsageError(f"{str(path)!r} cannot be read: {error}.") from None
    mode = os.fstat(handle).st_mode
    if stat.S_ISREG(mode):
        return open(handle, "rb")
    os.close(handle)
    kind = "Is a directory" if stat.S_ISDIR(mode) else "it is no regular file"
    raise UsageError(f"{path} cannot be read: {kind}.")


def size_of(file: BinaryIO) -> int:
    """Returns the size in bytes of an open file."""
    return os.fstat(file.fileno()).st_size


def read_file(path: str | Path, most: int) -> bytes:
    """Returns the bytes of a regular file, whose size is compared before a byte is read.

    Args:
        path: of the file.
        most: the largest size in bytes that is read.

    Raises:
        UsageError: as of `open_file`.
        CheckFailedError: if the file is larger.
    """
    with open_file(path) as file:
        size = size_of(file)
        if size > most:
            raise CheckFailedError(f"{path} must have at most {most} bytes. Received: {size}.")
        return file.read(size)


@contextlib.contextmanager
def guard(path: str | Path, kind: str, error: type[ZooError] = CheckFailedError) -> Iterator[None]:
    """Turns whatever a parser raises into one error that names the file.

    A parser of a file that may be anything raises nearly anything, `MemoryError` and
    `RecursionError` among them. A `ZooError` passes as it is.

    Args:
        path: of the file.
        kind: what the file should be, such as "a whole .npz file".
        error: the class of the error.
    """
    try:
        yield
    except ZooError:
        raise
    except Exception as cause:  # whatever the parser raises, as the docstring says
        raise error(f"{path} is not {kind}: {reason(cause)}.") from None


def reason(error: Exception) -> str:
    """Returns the first line of an error's message, or the name of its class."""
    lines = str(error).strip().splitlines()
    return f"{lines[0]:.200}".rstrip(". ") if lines else type(error).__name__
