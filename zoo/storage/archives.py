"""Reads zip archives that may be hostile: sizes are compared before anything is decompressed."""

import contextlib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from zoo.errors import CheckFailedError
from zoo.storage import untrusted

FLOOR = 1 << 30  # bytes that every file may decompress to
RATIO = 100  # a larger file may grow to this many times its size, as real data are compressed less


def require_size(path: str | Path, packed: int, inflated: int) -> None:
    """Raises an error if a file would decompress to far more bytes than it has.

    Accepted are 2³⁰ bytes, or 100 times the size of the file if that is more.

    Args:
        path: String or path of the file, for the message.
        packed: Integer. Size of the file in bytes.
        inflated: Integer. Size of its content in bytes, decompressed.

    Raises:
        CheckFailedError: If it would do so.

    Example:

    >>> require_size("bomb.npz", packed=1000, inflated=1 << 40)
    Traceback (most recent call last):
    ...
    zoo.errors.CheckFailedError: bomb.npz, of 1000 bytes, ...
    """
    most = max(FLOOR, RATIO * packed)
    if inflated > most:
        raise CheckFailedError(
            f"{path}, of {packed} bytes, must decompress to at most {most} bytes. "
            f"Received: {inflated}."
        )


@contextlib.contextmanager
def opened(file: BinaryIO, path: str | Path) -> Iterator[zipfile.ZipFile]:
    """Yields the archive in an open file.

    Args:
        file: Open binary file.
        path: String or path of the file, for errors.

    Yields:
        A `zipfile.ZipFile`.

    Raises:
        CheckFailedError: If two files in the archive have the same name.

    Example:

    >>> with zipfile.ZipFile("texts.zip", "w") as archive:
    ...     archive.writestr("one.txt", "Some words.")
    >>> with open("texts.zip", "rb") as file, opened(file, "texts.zip") as archive:
    ...     archive.namelist()
    ['one.txt']
    """
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        if len(set(names)) != len(names):
            raise CheckFailedError(f"{path} must not hold two files with the same name.")
        for name in names:
            archive.open(name).close()  # checks that the name in its local header is the same
        yield archive


def require_members(archive: zipfile.ZipFile, names: list[str], path: str | Path) -> None:
    """Raises an error if members of an archive would decompress to far too many bytes.

    Args:
        archive: Open `zipfile.ZipFile`.
        names: List of strings. The members to decompress.
        path: String or path of the archive, for the message.

    Raises:
        CheckFailedError: If they would do so; see `require_size`.

    Example:

    >>> with zipfile.ZipFile("words.zip", "w") as archive:
    ...     archive.writestr("one.txt", "Some words.")
    >>> with zipfile.ZipFile("words.zip") as archive:
    ...     require_members(archive, ["one.txt"], "words.zip")
    """
    packed = untrusted.size_of(archive.fp)
    require_size(path, packed, sum(archive.getinfo(name).file_size for name in names))
