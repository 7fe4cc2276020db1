"""Loads folders and lists of image files or of texts."""

import dataclasses
import os.path
from collections.abc import Callable, Sequence
from pathlib import Path

from zoo.datasets.dataset import Dataset, split_by_seed
from zoo.datasets.readers import folder_data, folders, images, photos, preparation, texts
from zoo.datasets.split import Split
from zoo.errors import UsageError


def are_paths(rows: Sequence) -> bool:
    """Returns whether rows are paths of image files, or of text files that exist.

    Args:
        rows: Sequence of anything.

    Returns:
        Boolean.

    Example:

    >>> are_paths(["photos/1.png", "photos/2.png"]), are_paths(["A text.", "Another."])
    (True, False)
    """
    if any(isinstance(row, Path) for row in rows):
        return all(isinstance(row, (str, Path)) for row in rows)
    suffixes = (*images.SUFFIXES, *texts.SUFFIXES)
    if not all(isinstance(row, str) and row.lower().endswith(suffixes) for row in rows):
        return False
    return not rows[0].lower().endswith(texts.SUFFIXES) or all(map(os.path.isfile, rows))


def read(paths: Sequence[str | Path], options: dict | None = None) -> tuple[Split, str]:
    """Reads a list of image files, or of texts, in their order.

    Args:
        paths: Sequence of strings or paths.
        options: Dict of `image_size`, `fit` and `color`, as for `zoo.datasets.load`. Defaults to
            None, for images used as they are.

    Returns:
        A tuple of a `Split`, with the paths as `names`, and the end of a dataset's name that
        records how the images were prepared.

    Raises:
        UsageError: If a file cannot be used, or an option is not accepted.

    Example:

    >>> from PIL import Image
    >>> Image.new("L", (40, 30)).save("photo.png")
    >>> split, query = read(["photo.png"], {"image_size": (8, 8)})
    >>> split.images.shape, query
    ((1, 8, 8, 1), '?image_size=8x8&fit=crop&color=gray')
    """
    paths = [Path(path).expanduser() for path in paths]
    suffixes = {path.suffix.lower() for path in paths}
    if not (suffixes <= images.SUFFIXES or suffixes <= {*texts.SUFFIXES}):
        raise UsageError(
            "A list of files must be of images, or of texts (.txt). Received: "
            f"{', '.join(sorted(suffixes))}."
        )
    prepared = None
    if suffixes <= images.SUFFIXES:
        prepared = preparation.given({}, **(options or {}))
        inputs, _, unusable = images.read_all(paths, prepared)
    else:
        require_none(options or {}, "texts")
        inputs, _, unusable = texts.read_all(paths)
    if unusable:
        raise UsageError(unusable[0])
    query = prepared.query(inputs.shape[-1]) if prepared else ""
    return Split(inputs, names=tuple(map(str, paths))), query


def load_folder(
    folder: Path,
    in_address: dict[str, str],
    options: dict,
    divide: Callable,
    in_memory: bool | None = None,
) -> Dataset | Split:
    """Loads the images of a folder, or its texts if it holds no image.

    Args:
        folder: Path of the folder, or of a single file.
        in_address: Dict of the options of its address.
        options: Dict of `image_size`, `fit` and `color`, which come before those of the address
            unless they are None.
        divide: Callable. `split_by_seed` for a `Dataset`; anything else for a `Split` of all rows.
        in_memory: Boolean. False leaves the pixels of images on disk. Defaults to None, which does
            so if they would take more than a quarter of the memory.

    Returns:
        A `Dataset`, whose name records how the images were prepared, or a `Split`.

    Raises:
        UsageError: If the folder cannot be used, or an option is not accepted.

    Example:

    >>> from PIL import Image
    >>> Path("mixed").mkdir()
    >>> for side in range(20, 30):
    ...     Image.new("L", (side, 20)).save(f"mixed/{side}.png")
    >>> load_folder(Path("mixed"), {}, {"image_size": 8}, split_by_seed).name
    'mixed?image_size=8x8&fit=crop&color=gray'
    """
    load = folder_data.load if divide is split_by_seed else folder_data.rows
    of_images = folders.holds(folder, images.SUFFIXES)
    if not of_images and folders.holds(folder, texts.SUFFIXES):
        require_none(options | in_address, f"the texts of {folder}")
        if in_memory is False:
            raise UsageError(
                "Texts are read into memory: `in_memory` must not be False. Received: the texts of "
                f"{folder}."
            )
        return load(folder, texts.SUFFIXES, texts.read_all, only_classes=True)
    prepared = preparation.given(in_address, **options)
    data = load(folder, images.SUFFIXES, photos.reader(folder, prepared, in_memory))
    if isinstance(data, Dataset):
        data = dataclasses.replace(data, name=data.name + prepared.query(data.input_shape[-1]))
    return data


def require_none(options: dict, source) -> None:
    """Raises an error if there are options for images where there are no image files.

    Args:
        options: Dict. Options with the value None count as not there.
        source: What the options are given for, for the message.

    Raises:
        UsageError: If an option is not None.

    Example:

    >>> require_none({"image_size": None}, "mnist_5k")
    """
    for name, value in options.items():
        if value is not None:
            raise UsageError(
                f"`{name}` is for image files: a folder of them, or a list of their paths. "
                f"Received: {name}={value!r} for {source}."
            )
