"""The files of a folder: which of them are read, and the part and the class of each.

A folder below `train`, `val` or `test` (or directly below the folder, where there are no such
parts) is a class, with all that lies below it. Classes are in natural order: 1, 2, 10. Rows of
`val` are training rows, as validation rows are drawn from those by seed; where there is no `test`,
they are the test rows. Hidden files and folders are left alone.
"""

import dataclasses
import os
import re
import stat
from collections.abc import Collection, Iterator
from pathlib import Path, PurePath

import numpy as np

from zoo import file_errors
from zoo.errors import UsageError

PARTS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validation"), "validation"),
    **dict.fromkeys(("test", "testing"), "test"),
}
UNLABELLED = ("unsup", "unlabeled", "unlabelled")  # folders of rows without a class


@dataclasses.dataclass(frozen=True)
class Files:
    """Files below a folder.

    Attributes:
        folder: The folder.
        paths: Their paths, in the order of these.
        parts: For each file `"train"` or `"test"`; None if it lies outside of both, and for all
            files of a folder that is not divided.
        classes: For each file the name of its class, or None.
        unread: For each folder that cannot be read a sentence that says why.
    """

    folder: Path
    paths: list[Path]
    parts: list[str | None]
    classes: list[str | None]
    unread: list[str]

    @property
    def divided(self) -> bool:
        """Whether there are files to train on and files to test on."""
        return any(self.parts)

    @property
    def names(self) -> list[str]:
        """The files' paths within the folder, with slashes."""
        return [path.relative_to(self.folder).as_posix() for path in self.paths]

    def take(self, rows: Collection[int]) -> "Files":
        """Returns some of the files."""
        columns = {
            name: [getattr(self, name)[row] for row in rows]
            for name in ("paths", "parts", "classes")
        }
        return dataclasses.replace(self, **columns)

    def labels(self) -> tuple[np.ndarray | None, tuple[str, ...] | None]:
        """Returns the files' labels and the names of the classes; None if a file has no class."""
        if None in self.classes or not self.classes:
            return None, None
        names = sorted(set(self.classes), key=natural)
        numbers = {name: number for number, name in enumerate(names)}
        labels = np.array([numbers[name] for name in self.classes])
        return labels, tuple(map(file_errors.printable, names))


def find(folder: Path, suffixes: Collection[str]) -> Files:
    """Returns the files of some suffixes anywhere below a folder.

    Args:
        folder: The folder.
        suffixes: The lower-case endings of the files' names, with their dots.

    Raises:
        UsageError: if the folder itself cannot be read.
    """
    unread = []
    paths = sorted(_walk(folder, suffixes, unread))
    names = [path.relative_to(folder) for path in paths]
    tops = {name.parts[0] for name in names if len(name.parts) > 1}
    kinds = {PARTS.get(top.lower()) for top in tops}
    in_parts = bool(kinds) and (None not in kinds or ("train" in kinds and len(kinds - {None}) > 1))
    found = [PARTS.get(name.parts[0].lower()) if in_parts else None for name in names]
    found = [part if len(name.parts) > 1 else None for part, name in zip(found, names, strict=True)]
    classes = [_class(name, part) for part, name in zip(found, names, strict=True)]
    validation = "train" if "test" in kinds else "test"
    parts = [validation if part == "validation" else part for part in found]
    if not {"train", "test"} <= set(parts):
        parts = [None] * len(parts)
    return Files(folder, paths, parts, classes, unread)


def holds(folder: Path, suffixes: Collection[str]) -> bool:
    """Returns whether a file of one of the suffixes lies anywhere below a folder."""
    return any(True for _ in _walk(folder, suffixes, []))


def natural(name: str) -> tuple:
    """Returns the key that sorts names with their numbers in order: 1, 2, 10."""
    pieces = re.split("([0-9]+)", name)
    return tuple(int(piece) if n % 2 else piece for n, piece in enumerate(pieces)), name


def require_file(path: Path) -> None:
    """Raises `UsageError` for what is no file, such as a pipe, which would be waited for."""
    try:
        regular = stat.S_ISREG(os.stat(path).st_mode)
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {getattr(error, 'strerror', error)}.") from None
    if not regular:
        raise UsageError(f"{path} must be a file. It is a folder, a pipe or a device.")


def _class(name: PurePath, part: str | None) -> str | None:
    inside = name.parts[1:-1] if part else name.parts[:-1]
    return inside[0] if inside and inside[0].lower() not in UNLABELLED else None


def _walk(folder: Path, suffixes: Collection[str], unread: list[str]) -> Iterator[Path]:
    """Yields files; into links to folders it goes too, but never round in a circle."""
    left = [(folder, frozenset())]
    while left:
        inside, above = left.pop()
        try:
            status = os.stat(inside)
            entries = list(os.scandir(inside))
        except OSError as error:
            message = f"{inside} cannot be read: {error.strerror}."
            if inside == folder:
                raise UsageError(message) from None
            unread.append(message)
            continue
        if (status.st_dev, status.st_ino) in above:
            continue
        above |= {(status.st_dev, status.st_ino)}
        for entry in entries:
            if entry.name.startswith(".") or entry.name == "__MACOSX":
                continue
            if _is_folder(entry):
                left.append((inside / entry.name, above))
            elif Path(entry.name).suffix.lower() in suffixes:
                yield inside / entry.name


def _is_folder(entry):
    try:
        return entry.is_dir()
    except OSError:  # a link to nowhere that can be looked at: told when it is read
        return False
