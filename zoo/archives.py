"""Zip archives that anyone may have packed: sizes are compared before anything is inflated."""

import contextlib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from zoo import untrusted
from zoo.errors import CheckFailedError

FLOOR = 1 << 30  # bytes that any file may be inflated to
RATIO = 100  # and a larger file to so many times its size: real data shrink less


def require_size(path: str | Path, packed: int, inflated: int) -> None:
    """Raises `CheckFailedError` if a file would be inflated to far more bytes than it has.

    Args:
        path: of the file, for the message.
        packed: bytes of the file.
        inflated: bytes that reading it takes.
    """
    most = max(FLOOR, RATIO * packed)
    if inflated > most:
        raise CheckFailedError(
            f"{path}, of {packed} bytes, must inflate to at most {most} bytes. "
            f"Received: {inflated}."
        )


@contextlib.contextmanager
def opened(file: BinaryIO, path: str | Path) -> Iterator[zipfile.ZipFile]:
    """Yields the archive in an open file; `path` names it in errors.

    Raises:
        CheckFailedError: if a name is there twice.
    """
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        if len(set(names)) != len(names):
            raise CheckFailedError(f"{path} must not hold two files of one name.")
        for name in names:
            archive.open(name).close()  # compares its name here with that before its bytes
        yield archive


def require_members(archive: zipfile.ZipFile, names: list[str], path: str | Path) -> None:
    """Raises `CheckFailedError` if members of an archive inflate too much; see `require_size`."""
    packed = untrusted.size_of(archive.fp)
    require_size(path, packed, sum(archive.getinfo(name).file_size for name in names))
