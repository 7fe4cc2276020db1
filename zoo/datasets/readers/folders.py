"""Finds the files of a folder, with the part (train or test) and the class of each."""

import dataclasses
import os
import stat
from collections.abc import Collection, Iterator
from pathlib import Path, PurePath

import numpy as np

from zoo.errors import UsageError
from zoo.storage import file_errors
from zoo.storage.natural_order import natural

PARTS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validation"), "validation"),
    **dict.fromkeys(("test", "testing"), "test"),
}
UNLABELLED = ("unsup", "unlabeled", "unlabelled")  # names of folders that are not a class


@dataclasses.dataclass(frozen=True)
class Files:
    """Files below a folder.

    Attributes:
        folder: Path of the folder.
        paths: List of the files' paths, in natural order (1, 2, 10).
        parts: List with `"train"` or `"test"` for each file. None for a file outside of
            both, and for every file of a folder that is not divided.
        classes: List with the name of each file's class, or None for a file without one.
        unread: List with a sentence for each folder that cannot be read, saying why.

    Example:

    >>> paths = [Path("pets/cat/1.png"), Path("pets/dog/1.png")]
    >>> files = Files(Path("pets"), paths, [None, None], ["cat", "dog"], [])
    >>> files.names, files.divided
    (['cat/1.png', 'dog/1.png'], False)
    >>> labels, class_names = files.take([1, 0]).labels()
    >>> labels.tolist(), class_names
    ([1, 0], ('cat', 'dog'))
    """

    folder: Path
    paths: list[Path]
    parts: list[str | None]
    classes: list[str | None]
    unread: list[str]

    @property
    def divided(self) -> bool:
        """Returns whether the folder has files to train on and files to test on."""
        return any(self.parts)

    @property
    def names(self) -> list[str]:
        """Returns the files' paths within the folder, with forward slashes."""
        return [path.relative_to(self.folder).as_posix() for path in self.paths]

    def take(self, rows: Collection[int]) -> "Files":
        """Returns some of the files.

        Args:
            rows: Collection of integers. The positions of the files to take.

        Returns:
            A new `Files`.
        """
        columns = {
            name: [getattr(self, name)[row] for row in rows]
            for name in ("paths", "parts", "classes")
        }
        return dataclasses.replace(self, **columns)

    def labels(self) -> tuple[np.ndarray | None, tuple[str, ...] | None]:
        """Returns the files' labels and the names of the classes.

        Returns:
            A tuple of an int64 array of shape `(files,)` and the class names in natural order (1,
            2, 10), the name of label k at position k. Both are None if a file has no class or there
            are no files.
        """
        if None in self.classes or not self.classes:
            return None, None
        names = sorted(set(self.classes), key=natural)
        numbers = {name: number for number, name in enumerate(names)}
        labels = np.array([numbers[name] for name in self.classes])
        return labels, tuple(map(file_errors.printable, names))


def find(folder: Path, suffixes: Collection[str]) -> Files:
    """Returns the files with certain suffixes anywhere below a folder, or a single file.

    Folders named `train`, `val` and `test` (also `training`, `valid`, `validation` and `testing`,
    in upper or lower case) directly below the folder are its parts. A folder directly below a part,
    or below the whole folder if there are no parts, is a class, together with everything below it;
    one named `unsup`, `unlabeled` or `unlabelled` holds files without a class. Files of `val` are
    training files, as validation rows are drawn from those by seed; without a `test` folder they
    are the test files. Folders of other names beside the parts are allowed if `train` and a second
    part exist; their files belong to no part. Hidden files and folders are ignored.

    Args:
        folder: Path of the folder, or of a file, which is then the only one, without a class.
        suffixes: Collection of strings. The files' lower-case suffixes, with their dots.

    Returns:
        A `Files`.

    Raises:
        UsageError: If the folder itself cannot be read.

    Example:

    >>> for name in ("train/cat", "train/dog", "test/cat"):
    ...     Path("pets", name).mkdir(parents=True)
    ...     _ = Path("pets", name, "1.txt").write_text("A text.")
    >>> files = find(Path("pets"), {".txt"})
    >>> files.parts, files.classes
    (['test', 'train', 'train'], ['cat', 'cat', 'dog'])
    """
    if os.path.isfile(folder):
        paths = [*_walk(folder, suffixes, [])]
        return Files(folder.parent, paths, [None] * len(paths), [None] * len(paths), [])
    unread = []
    paths = sorted(
        _walk(folder, suffixes, unread),
        key=lambda path: [*map(natural, path.relative_to(folder).parts)],
    )
    names = _with_parts_first([path.relative_to(folder) for path in paths])
    kinds = _kinds(names)
    in_parts = _are_parts(kinds)
    file_parts = [PARTS.get(name.parts[0].lower()) if in_parts else None for name in names]
    file_parts = [
        part if len(name.parts) > 1 else None for part, name in zip(file_parts, names, strict=True)
    ]
    classes = [_class(name, part) for part, name in zip(file_parts, names, strict=True)]
    validation = "train" if "test" in kinds else "test"
    parts = [validation if part == "validation" else part for part in file_parts]
    if not {"train", "test"} <= set(parts):
        parts = [None] * len(parts)
    return Files(folder, paths, parts, classes, unread)


def holds(folder: Path, suffixes: Collection[str]) -> bool:
    """Returns whether a file with one of the suffixes lies anywhere below a folder, or is it.

    Args:
        folder: Path of the folder, or of a file.
        suffixes: Collection of strings. Lower-case suffixes, with their dots.

    Returns:
        Boolean.

    Raises:
        UsageError: If the folder itself cannot be read.

    Example:

    >>> holds(Path(), {".no-such-suffix"})
    False
    """
    return any(True for _ in _walk(folder, suffixes, []))


def require_file(path: Path) -> None:
    """Raises an error for anything but a regular file; reading a pipe, for example, would block.

    Args:
        path: Path of the file.

    Raises:
        UsageError: If there is no such file, or it is a folder, a pipe or a device.

    Example:

    >>> require_file(Path("."))
    Traceback (most recent call last):
    ...
    zoo.errors.UsageError: . must be a file. ...
    """
    try:
        regular = stat.S_ISREG(os.stat(path).st_mode)
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {getattr(error, 'strerror', error)}.") from None
    if not regular:
        raise UsageError(f"{path} must be a file. It is a folder, a pipe or a device.")


def _with_parts_first(names: list[PurePath]) -> list[PurePath]:
    """Returns names that begin with the part, if there are parts at one of three places.

    Else test rows would be mixed with training rows, and the parts would be taken for classes.
    """
    inner = names
    while not _are_parts(_kinds(inner)):
        if len({name.parts[0] for name in inner}) == 1 and all(len(n.parts) > 1 for n in inner):
            inner = [PurePath(*name.parts[1:]) for name in inner]
            continue
        swapped = [
            PurePath(name.parts[1], name.parts[0], *name.parts[2:]) if len(name.parts) > 2 else name
            for name in inner
        ]
        return swapped if _are_parts(_kinds(swapped)) else names
    return inner


def _kinds(names: list[PurePath]) -> set[str | None]:
    """Returns the parts that the outermost folders stand for, None for any other folder."""
    tops = {name.parts[0] for name in names if len(name.parts) > 1}
    return {PARTS.get(top.lower()) for top in tops}


def _are_parts(kinds: set[str | None]) -> bool:
    return bool(kinds) and (None not in kinds or ("train" in kinds and len(kinds - {None}) > 1))


def _class(name: PurePath, part: str | None) -> str | None:
    subfolders = name.parts[1:-1] if part else name.parts[:-1]
    return subfolders[0] if subfolders and subfolders[0].lower() not in UNLABELLED else None


def _walk(folder: Path, suffixes: Collection[str], unread: list[str]) -> Iterator[Path]:
    """Yields files, also those behind links to folders, but never follows links in a circle."""
    if os.path.isfile(folder):
        yield from [folder] if folder.suffix.lower() in suffixes else []
        return
    pending = [(folder, frozenset())]
    while pending:
        current, ancestors = pending.pop()
        try:
            status = os.stat(current)
            entries = list(os.scandir(current))
        except OSError as error:
            message = f"{current} cannot be read: {error.strerror}."
            if current == folder:
                raise UsageError(message) from None
            unread.append(message)
            continue
        if (status.st_dev, status.st_ino) in ancestors:
            continue
        ancestors |= {(status.st_dev, status.st_ino)}
        for entry in entries:
            if entry.name.startswith(".") or entry.name == "__MACOSX":
                continue
            if _is_folder(entry):
                pending.append((current / entry.name, ancestors))
            elif Path(entry.name).suffix.lower() in suffixes:
                yield current / entry.name


def _is_folder(entry):
    try:
        return entry.is_dir()
    except OSError:  # a broken link; reading it as a file reports the error
        return False
