"""Loads folders and lists of image files or of texts."""

import dataclasses
import functools
import os.path
from collections.abc import Callable, Sequence
from pathlib import Path

from zoo.datasets.dataset import Dataset, split_by_seed
from zoo.datasets.readers import encodings, folder_data, folders, images, photos, preparation, texts
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
    suffixes = (*images.ALL_SUFFIXES, *texts.SUFFIXES)
    if not all(isinstance(row, str) and row.lower().endswith(suffixes) for row in rows):
        return False
    return not rows[0].lower().endswith(texts.SUFFIXES) or all(map(os.path.isfile, rows))


def read(paths: Sequence[str | Path], options: dict | None = None) -> tuple[Split, str]:
    """Reads a list of image files, or of texts, in their order.

    Args:
        paths: Sequence of strings or paths.
        options: Dict of `image_size`, `fit`, `color` and `encoding`, as for `zoo.datasets.load`.
            Defaults to None, for images used as they are, and texts in UTF-8.

    Returns:
        A tuple of a `Split`, with the paths as `names`, and the end of a dataset's name that
        records how the images were prepared, or the encoding of the texts.

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
    if not (suffixes <= images.ALL_SUFFIXES or suffixes <= {*texts.SUFFIXES}):
        raise UsageError(
            "A list of files must be of images, or of texts (.txt). Received: "
            f"{', '.join(sorted(suffixes))}."
        )
    encoding, options = _divided(options or {})
    of_images = suffixes <= images.ALL_SUFFIXES
    require_none(
        {"encoding": encoding} if of_images else options, "images" if of_images else "texts"
    )
    if of_images:
        prepared = preparation.given({}, **options)
        inputs, _, unusable = images.read_all(paths, prepared)
    else:
        inputs, _, unusable = texts.read_all(paths, encoding)
    if unusable:
        raise UsageError(unusable[0])
    query = prepared.query(inputs.shape[-1]) if of_images else encodings.query(encoding)
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
        options: Dict of `image_size`, `fit`, `color` and `encoding`, which come before those of the
            address unless they are None.
        divide: Callable. `split_by_seed` for a `Dataset`; anything else for a `Split` of all rows.
        in_memory: Boolean. False leaves the pixels of images on disk. Defaults to None, which does
            so if they would take more than a quarter of the memory.

    Returns:
        A `Dataset`, whose name records how the images were prepared or the encoding of the texts,
        or a `Split`.

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
    encoding, options = _divided(options)
    if not folders.holds(folder, images.SUFFIXES) and folders.holds(folder, texts.SUFFIXES):
        of_images = {name: in_address[name] for name in preparation.OPTIONS if name in in_address}
        require_none(options | of_images, f"the texts of {folder}")
        if in_memory is False:
            raise UsageError(
                "Texts are read into memory: `in_memory` must not be False. Received: the texts of "
                f"{folder}."
            )
        encoding = encoding or texts.encoding_in(in_address)
        read_all = functools.partial(texts.read_all, encoding=encoding)
        data = load(folder, texts.ALL_SUFFIXES, read_all, only_classes=True)
        query = encodings.query(encoding)
    else:
        require_none({"encoding": encoding}, folder)
        prepared = preparation.given(in_address, **options)
        data = load(folder, images.ALL_SUFFIXES, photos.reader(folder, prepared, in_memory))
        rows = data.train if isinstance(data, Dataset) else data
        query = prepared.query(rows.inputs.shape[-1])
    return dataclasses.replace(data, name=data.name + query) if isinstance(data, Dataset) else data


def require_none(options: dict, source) -> None:
    """Raises an error if there are options for files of another kind.

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
            kind = "image files: a folder of them, or a list of their paths"
            if name == "encoding":
                kind = "text files (.txt), a folder or a list of paths, and tables (.csv, .tsv)"
            raise UsageError(f"`{name}` is for {kind}. Received: {name}={value!r} for {source}.")


def _divided(options):
    """Returns the encoding in some options, or None, and the other options."""
    others = dict(options)
    return others.pop("encoding", None), others
