"""Loads the files of a folder as a dataset, with a warning about the files left out."""

import warnings
from collections.abc import Callable, Collection
from pathlib import Path

import numpy as np

from zoo.datasets.dataset import Dataset, split_by_seed
from zoo.datasets.readers import folders
from zoo.datasets.split import Split
from zoo.errors import FolderWarning, UsageError

SHOWN = 3  # files that a message names


def load(folder: Path, suffixes: Collection[str], read: Callable, only_classes=False) -> Dataset:
    """Reads the files of a folder as a training split and a test split.

    `zoo.datasets.readers.folders.find` describes the parts and the classes of a folder. If a folder
    is not divided, a fifth of the rows, drawn with seed 0, becomes the test split. Files that
    cannot be used, and files outside of all parts, are left out with a `FolderWarning`.

    Args:
        folder: Path of the folder.
        suffixes: Collection of strings. The files' lower-case suffixes, with their dots.
        read: Callable. Takes a list of paths; returns the inputs of the files that can be used,
            their positions in the list, and for each of the others a sentence that says why.
        only_classes: Boolean. Whether to leave out files without a class if other files have one.
            If False, no row has a label in that case. Defaults to False.

    Returns:
        A `Dataset`.

    Raises:
        UsageError: If there are no such files, or more than half of them cannot be used.

    Example:

    >>> from zoo.datasets.readers import texts
    >>> Path("notes").mkdir()
    >>> for name in "abcde":
    ...     _ = Path("notes", f"{name}.txt").write_text("Some words.")
    >>> load(Path("notes"), texts.SUFFIXES, texts.read_all)
    <zoo.datasets.Dataset notes: 4 training and 1 test documents of ()>
    """
    files = folders.find(folder, suffixes)
    outside = []
    if files.divided:
        outside = [row for row, part in enumerate(files.parts) if part is None]
    kept, whole = _read(files, read, only_classes, outside)
    if not files.divided:
        return split_by_seed(str(folder), whole)
    parts = np.array(kept.parts)
    return Dataset(str(folder), *(whole.take(parts == part) for part in ("train", "test")))


def rows(folder: Path, suffixes: Collection[str], read: Callable, only_classes=False) -> Split:
    """Reads every file of a folder as one split.

    Args:
        folder: Path of the folder.
        suffixes: Collection of strings. The files' lower-case suffixes, with their dots.
        read: Callable. As for `load`.
        only_classes: Boolean. As for `load`. Defaults to False.

    Returns:
        A `Split` in the order of the files' paths, with these paths as `names`.

    Raises:
        UsageError: If there are no such files, or more than half of them cannot be used.

    Example:

    >>> from zoo.datasets.readers import texts
    >>> Path("letters").mkdir()
    >>> for name in "abc":
    ...     _ = Path("letters", f"{name}.txt").write_text("Some words.")
    >>> rows(Path("letters"), texts.SUFFIXES, texts.read_all).names
    ('a.txt', 'b.txt', 'c.txt')
    """
    return _read(folders.find(folder, suffixes), read, only_classes, [])[1]


def require_half(folder: Path, total: int, reasons: list[str]) -> None:
    """Raises an error if more than half of a folder's files cannot be used.

    Args:
        folder: Path of the folder.
        total: Integer. The number of all files, including those that cannot be used.
        reasons: List with a sentence for each file that cannot be used, saying why.

    Raises:
        UsageError: If `reasons` are more than half of `total`.

    Example:

    >>> require_half(Path("pets"), 10, ["a.png cannot be read."])
    """
    if 2 * len(reasons) > total:
        raise UsageError(
            f"At least half of the files of {folder} must be usable. Received: {len(reasons)} of "
            f"{total} that are not. {summary(reasons)}"
        )


def summary(found: list[str], between: str = " ") -> str:
    """Returns the first three of some sentences or names, and the number of the others.

    Args:
        found: List of strings.
        between: String that joins them. Defaults to a space.

    Returns:
        String.

    Example:

    >>> summary(["a.png", "b.png", "c.png", "d.png"], ", ")
    'a.png, b.png, c.png, (1 more)'
    """
    more = [f"({len(found) - SHOWN} more)"] if len(found) > SHOWN else []
    return between.join(found[:SHOWN] + more)


def _read(files, read, only_classes, outside):
    """Returns the files that are used, and a `Split` of their rows."""
    folder, total = files.folder, len(files.paths) + len(files.unread)
    if not files.paths:
        raise UsageError(
            f"A folder must hold image files or texts (.txt). Received: {folder}, with neither."
            + "".join(f" {reason}" for reason in files.unread[:1])
        )
    names = files.names
    reasons = [f"{names[row]} is in none of the parts." for row in outside]
    if only_classes and any(files.classes):
        unclassified = [row for row, name in enumerate(files.classes) if name is None]
        unclassified = sorted({*unclassified} - {*outside})
        reasons += [f"{names[row]} has no class." for row in unclassified]
        outside = outside + unclassified
    files = files.take(sorted({*range(len(names))} - {*outside}))
    inputs, kept, unusable = read(files.paths)
    unusable = files.unread + unusable
    require_half(folder, len(files.paths) + len(files.unread), unusable)
    files, reasons = files.take(kept), unusable + reasons
    if reasons:
        _warn(f"{len(reasons)} of {total} files of {folder} are left out: {summary(reasons)}")
    labels, class_names = files.labels()
    if labels is None and any(files.classes):
        unclassified = [
            name for name, label in zip(files.names, files.classes, strict=True) if not label
        ]
        _warn(
            f"No row of {folder} has a label, as {len(unclassified)} of {len(kept)} files lie in "
            f"no class's folder: {summary(unclassified, ', ')}."
        )
    return files, Split(inputs, labels, tuple(files.names), class_names=class_names)


def _warn(message):
    warnings.warn(message, FolderWarning, stacklevel=2)
