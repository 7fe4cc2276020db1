"""What the system says of a file that it does not give, as an error that names the file."""

import contextlib
import os
from collections.abc import Iterator

from zoo.errors import UsageError

LONGEST = 200  # characters of a path that are shown


@contextlib.contextmanager
def told() -> Iterator[None]:
    """Raises a `UsageError` for a file that the system does not let be used.

    Such are files without permission, links that lead round in a circle, and names that are too
    long. As a decorator it is for the functions that take a path from a user. Other errors of the
    system pass.
    """
    try:
        yield
    except OSError as error:
        if error.filename is None or not error.strerror:
            raise
        raise UsageError(f"{shown(error.filename)} cannot be used: {error.strerror}.") from error


def shown(path) -> str:
    """Returns a path, without its middle if it is long."""
    text = os.fsdecode(path) if isinstance(path, (str, bytes, os.PathLike)) else str(path)
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]}...{text[-LONGEST // 4 :]}"


def printable(name: str) -> str:
    r"""Returns a file's name as text that every writer takes.

    Bytes of a name that are not UTF-8 become escapes.

    Example:

    >>> printable(os.fsdecode(b"caf\xe9"))
    'caf\\xe9'
    """
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def kind(path) -> str | None:
    """Returns `"folder"` or `"file"`, or None where there is nothing of that name.

    Raises:
        OSError: if the system does not say, for want of permission or as the name is too long.
    """
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: a null character
        return None
    return "folder" if os.path.isdir(path) else "file"
