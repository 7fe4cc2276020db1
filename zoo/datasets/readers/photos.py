"""Opens image files whose pixels stay on disk: each file is decoded once."""

import dataclasses
import functools
import hashlib
import os
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from zoo.datasets.readers import decoded, images, memory
from zoo.datasets.readers.preparation import Preparation
from zoo.errors import UsageError
from zoo.inputs import kinds
from zoo.inputs.stored import StoredRows
from zoo.storage import file_errors

FORMAT = "photos 1"  # to be changed with what is written


def reader(
    folder: Path, preparation: Preparation, in_memory: bool | None
) -> Callable[[Sequence[Path]], tuple]:
    """Returns a function that reads image files into memory, or opens those that stay on disk.

    Args:
        folder: Path of the folder of the files.
        preparation: `Preparation` of each image.
        in_memory: Boolean. What the user wants. Defaults to None: see `fits` in
            `zoo/datasets/readers/memory.py`.

    Returns:
        A function of a list of paths, which returns what `images.read_all` does; rows that stay on
        disk are `StoredRows`.

    Example:

    >>> from PIL import Image
    >>> Image.new("L", (4, 3)).save("only.png")
    >>> read = reader(Path("."), Preparation(), in_memory=False)
    >>> rows, kept, reasons = read([Path("only.png")])
    >>> rows.shape, kept, reasons
    ((1, 3, 4, 1), [0], [])
    """

    def read(paths):
        if memory.fits(_numbers(paths, preparation), in_memory):
            return images.read_all(paths, preparation)
        return open_all(folder, paths, preparation)

    return read


def open_all(
    folder: Path, paths: Sequence[Path], preparation: Preparation
) -> tuple[StoredRows, list[int], list[str]]:
    """Opens image files as rows on disk, with the pixels of `images.read_all`.

    At the first call the files are decoded, by a thread for each core, into one file of their
    pixels (see `zoo/datasets/readers/decoded.py`), which is read from then on. It is written again
    if a file is added, removed or changed.

    Args:
        folder: Path of the folder of the files.
        paths: Sequence of paths.
        preparation: `Preparation` of each image.

    Returns:
        A tuple of three: the images, `StoredRows` of shape `(images, height, width, channels)`; the
        list of their positions in `paths`; and for each of the other files a sentence that says why
        it cannot be used.

    Raises:
        UsageError: If the images differ in size and the preparation has no `image_size`, or if
            their pixels cannot be written.

    Example:

    >>> from PIL import Image
    >>> Image.new("L", (8, 6)).save("tree.png")
    >>> rows, _, _ = open_all(Path("."), [Path("tree.png")], Preparation(image_size=2))
    >>> rows[:1].shape
    (1, 2, 2, 1)
    """
    identity = _identity(folder, paths)
    if preparation.color is None:
        write = functools.partial(_note_color, paths, preparation)
        _, facts = _open_once(folder, preparation, identity, write)
        preparation = dataclasses.replace(preparation, color=facts["color"])
    write = functools.partial(_write, folder, paths, preparation)
    rows, facts = _open_once(folder, preparation, identity, write)
    unusable = set(facts["unusable"])
    kept = [row for row in range(len(paths)) if row not in unusable]
    return images.NONE if rows is None else rows, kept, facts["reasons"]


def _numbers(paths, preparation):
    """Returns how many numbers the pixels of files are, at least about."""
    stored = (images.stored_size(path) for path in paths)
    size = preparation.image_size or next(filter(None, stored), None)
    height, width = size or (1, 1)
    return len(paths) * height * width * (1 if preparation.color == "gray" else 3)


def _open_once(folder, preparation, identity, write):
    source = f"{Path(folder).absolute()} {preparation}"
    return decoded.open_once(source, identity, write, kinds.IMAGES.name)


def _identity(folder, paths):
    """Returns a hash of the files' names, sizes and times."""
    import PIL

    digest = hashlib.sha256(f"{FORMAT}, Pillow {PIL.__version__}".encode())
    for path in paths:
        try:
            status = os.stat(path)
        except OSError:  # a broken link
            facts = "none"
        else:
            facts = f"{status.st_size} {status.st_mtime_ns}"
        digest.update(f"\0{path.relative_to(folder)}\0{facts}".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _note_color(paths, preparation, _):
    """Returns the colour of images of which no file is written: `"rgb"` if any is in colour."""
    images.require_stored_size(paths, preparation)
    found = images.decoded(paths, preparation)
    colour = any(not isinstance(image, UsageError) and image.shape[-1] == 3 for image in found)
    return {"color": "rgb" if colour else "gray"}


def _write(folder, paths, preparation, target):
    """Writes the pixels of files, and returns which could not be used and why."""
    images.require_stored_size(paths, preparation)
    print(f"zoo: decoding {len(paths)} photos of {folder}, once", file=sys.stderr, flush=True)
    try:
        return _written(paths, preparation, target, as_floats=False)
    except _Mixed:
        return _written(paths, preparation, target, as_floats=True)


class _Mixed(Exception):
    """Images are stored as different types of numbers, such as some of 8 and some of 16 bits."""


def _written(paths, preparation, target, as_floats):
    unusable, reasons = [], []

    def usable():
        first = None
        for row, image in enumerate(images.decoded(paths, preparation)):
            if isinstance(image, UsageError):
                unusable.append(row)
                reasons.append(file_errors.printable(str(image)))
                continue
            if as_floats and image.dtype.kind == "u":
                image = np.divide(image, np.iinfo(image.dtype).max, dtype=np.float32)
            first = image if first is None else first
            images.require_one_size(Counter([first.shape[:2], image.shape[:2]]))
            if image.dtype != first.dtype:
                raise _Mixed
            yield image[None]

    decoded.append(target, usable())
    return {"unusable": unusable, "reasons": reasons}
