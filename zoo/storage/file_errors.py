"""Turns the system's errors about a file into errors that name the file."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from zoo.errors import UsageError

LONGEST = 200  # characters of a path that are shown


@contextlib.contextmanager
def as_usage_errors() -> Iterator[None]:
    """Context manager or decorator that turns errors of the system about a file into `UsageError`.

    The message names the file. Examples are files without permission, links in a circle, and names
    that are too long. Functions that take a path from a user are decorated with it. Other errors of
    the system pass unchanged.

    Raises:
        UsageError: For an `OSError` that names a file.

    Example:

    >>> with as_usage_errors():
    ...     open("no/such/file")
    Traceback (most recent call last):
    ...
    zoo.errors.UsageError: no/such/file ...
    """
    try:
        yield
    except OSError as error:
        if error.filename is None or not error.strerror:
            raise
        raise UsageError(f"{shown(error.filename)} cannot be used: {error.strerror}.") from error


def as_path(name: str, value) -> Path:
    """Returns an argument as a `Path`.

    Args:
        name: String. Name of the argument in an error message.
        value: String or `Path`.

    Raises:
        UsageError: If it is neither.

    Example:

    >>> as_path("folder", "runs/first").name
    'first'
    """
    if not isinstance(value, (str, Path)):
        raise UsageError(f"`{name}` must be a string or a Path. Received: {name}={value!r:.200}.")
    return Path(value)


def shown(path) -> str:
    """Returns a path as text, without its middle if it has more than 200 characters.

    Args:
        path: String, bytes, path, or any object that `str` accepts.

    Returns:
        String.

    Example:

    >>> shown("data/train"), len(shown("x" * 1000))
    ('data/train', 153)
    """
    text = os.fsdecode(path) if isinstance(path, (str, bytes, os.PathLike)) else str(path)
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]}...{text[-LONGEST // 4 :]}"


def printable(name: str) -> str:
    r"""Returns a file's name as text that can be written anywhere.

    Bytes of the name that are not UTF-8 become escape sequences.

    Args:
        name: String.

    Returns:
        String.

    Example:

    >>> printable(os.fsdecode(b"caf\xe9"))
    'caf\\xe9'
    """
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def kind(path) -> str | None:
    """Returns whether a path is a folder or a file.

    Args:
        path: String or path.

    Returns:
        `"folder"` or `"file"`, or None if nothing has that name.

    Raises:
        OSError: If the system cannot tell, because permission is missing or the name is too long.

    Example:

    >>> kind("."), kind("no-such-file")
    ('folder', None)
    """
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: a null character
        return None
    return "folder" if os.path.isdir(path) else "file"
