"""Data sets from folders: what cannot be used is left out, counted and named in a warning."""

import warnings
from collections.abc import Callable, Collection
from pathlib import Path

import numpy as np

from zoo.datasets import folders
from zoo.datasets.dataset import Dataset, Split, split_by_seed
from zoo.errors import FolderWarning, UsageError

SHOWN = 3  # files that a message names


def load(folder: Path, suffixes: Collection[str], read: Callable, only_classes=False) -> Dataset:
    """Reads the files of a folder as rows to train on and rows to test on.

    See `zoo.datasets.folders` for the parts and the classes of a folder. One that is not divided
    gives a fifth of its rows, drawn by seed 0, to the test rows.

    Args:
        folder: The folder.
        suffixes: The lower-case endings of the files' names.
        read: A function of paths, which returns the inputs of those that can be used, their
            positions, and for each of the others a sentence that says why.
        only_classes: Whether files without a class are left out where others have one. Otherwise
            no row has a label then.

    Raises:
        UsageError: if there are no such files, or more than half of them cannot be used. Fewer are
            left out, and so are those outside of all parts, with a `FolderWarning`.
    """
    found = folders.find(folder, suffixes)
    outside = []
    if found.divided:
        outside = [row for row, part in enumerate(found.parts) if part is None]
    kept, whole = _read(found, read, only_classes, outside)
    if not found.divided:
        return split_by_seed(str(folder), whole)
    parts = np.array(kept.parts)
    return Dataset(str(folder), *(whole.take(parts == part) for part in ("train", "test")))


def rows(folder: Path, suffixes: Collection[str], read: Callable, only_classes=False) -> Split:
    """Reads every file of a folder, in the order of their paths, with those as names.

    Args and errors are those of `load`, and so are the labels.
    """
    return _read(folders.find(folder, suffixes), read, only_classes, [])[1]


def require_half(folder: Path, total: int, reasons: list[str]) -> None:
    """Raises `UsageError` if more than half of a folder's files cannot be used.

    Args:
        folder: The folder.
        total: The number of files, with those that cannot be used.
        reasons: For each file that cannot be used a sentence that says why.
    """
    if 2 * len(reasons) > total:
        raise UsageError(
            f"At least half of the files of {folder} must be of use. Received: {len(reasons)} of "
            f"{total} that are not. {summary(reasons)}"
        )


def summary(found: list[str], between: str = " ") -> str:
    """Returns the first few of some sentences or names, and the number of the others."""
    more = [f"({len(found) - SHOWN} more)"] if len(found) > SHOWN else []
    return between.join(found[:SHOWN] + more)


def _read(found, read, only_classes, outside):
    """Returns the files that are used, and their rows."""
    folder, total = found.folder, len(found.paths) + len(found.unread)
    if not found.paths:
        raise UsageError(
            f"A folder must hold image files or texts (.txt). Received: {folder}, with neither."
            + "".join(f" {reason}" for reason in found.unread[:1])
        )
    names = found.names
    reasons = [f"{names[row]} lies in no part." for row in outside]
    if only_classes and any(found.classes):
        alone = [row for row, name in enumerate(found.classes) if name is None]
        alone = sorted({*alone} - {*outside})
        reasons += [f"{names[row]} has no class." for row in alone]
        outside = outside + alone
    found = found.take(sorted({*range(len(names))} - {*outside}))
    inputs, kept, unusable = read(found.paths)
    unusable = found.unread + unusable
    require_half(folder, len(found.paths) + len(found.unread), unusable)
    found, reasons = found.take(kept), unusable + reasons
    if reasons:
        _warn(f"{len(reasons)} of {total} files of {folder} are left out: {summary(reasons)}")
    labels, class_names = found.labels()
    if labels is None and any(found.classes):
        alone = [name for name, each in zip(found.names, found.classes, strict=True) if not each]
        _warn(
            f"No row of {folder} has a label, as {len(alone)} of {len(kept)} files lie in no "
            f"class's folder: {summary(alone, ', ')}."
        )
    return found, Split(inputs, labels, tuple(found.names), class_names=class_names)


def _warn(message):
    warnings.warn(message, FolderWarning, stacklevel=2)
