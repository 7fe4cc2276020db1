"""Images from a folder of image files, or from an `.npy` or `.npz` file."""

import numpy as np
from PIL import Image

from zoo import untrusted
from zoo.datasets import numbers, stored
from zoo.datasets.dataset import Dataset, Split, split_by_seed
from zoo.errors import CheckFailedError, UsageError

SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm"}
IMAGES, SPLITS = ["images", "labels"], ["x_train", "x_test", "y_train", "y_test"]


def is_folder(folder) -> bool:
    """Whether `load_folder` finds an image file in a folder."""
    parts = [folder, *(path for path in folder.glob("*") if path.is_dir())]
    parts += [path for path in folder.glob("*/*") if path.is_dir()]
    return any(any(_images(part)) for part in parts)


def load_folder(folder) -> Dataset:
    """`folder/*.png`, `folder/CLASS/*.png`, or either of them below `train` and `test`."""
    parts = [folder / "train", folder / "test"]
    if all(part.is_dir() for part in parts):
        classes = sorted({name for part in parts for name in _classes(part)})
        train, test = (_read_folder(part, classes) for part in parts)
        return Dataset(str(folder), train, test)
    return split_by_seed(str(folder), _read_folder(folder, _classes(folder)))


def read_folder(folder) -> Split:
    """Reads every image file below a folder, in the order of their paths, with those as names.

    Args:
        folder: A `Path`. If every file lies in a class's subfolder, of the folder or of its
            `train` and `test`, the rows have the labels that `load_folder` gives them.
    """
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    names = [path.relative_to(folder) for path in paths]
    divided = all((folder / part).is_dir() for part in ("train", "test"))
    classes = [name.parts[:-1][divided and name.parts[0] in ("train", "test") :] for name in names]
    labels = None
    if all(classes):
        labels = np.unique([parts[0] for parts in classes], return_inverse=True)[1]
    return Split(_read_images(paths, folder), labels, tuple(name.as_posix() for name in names))


def load_arrays(path, divide=split_by_seed) -> Dataset | Split:
    """An `.npy` of images, or an `.npz` of `images` and `labels`, or of `x_train`, `x_test`, ..."""
    names, members = _stored(path, lambda names: IMAGES if "images" in names else SPLITS)
    if names is None:
        return divide(str(path), _split(*numbers.scaled(members)))
    if "images" in members:
        images = numbers.scaled(members["images"])[0]
        return divide(str(path), _split(images, members.get("labels")))
    if {"x_train", "x_test"} <= set(members):
        inputs = numbers.scaled(members["x_train"], members["x_test"])
        labels = (members.get("y_train"), members.get("y_test"))
        return Dataset(str(path), *map(_split, inputs, labels))
    raise UsageError(
        f"An .npz must hold images (and labels), or x_train and x_test (and y_train, y_test). "
        f"Received: {', '.join(names) or 'nothing'} in {path}."
    )


def read_rows(path) -> np.ndarray:
    """Every row of an `.npy`, or of the `images` of an `.npz`, in the file's order."""
    names, members = _stored(path, lambda _: ["images"])
    if names is not None:
        if "images" not in members:
            raise UsageError(
                f"An .npz must hold images. Received: {', '.join(names) or 'nothing'} in {path}."
            )
        members = members["images"]
    return _split(*numbers.scaled(members)).inputs


def read_image(path) -> np.ndarray:
    """Returns an image file as float32 in [0, 1], `(height, width, channels)`.

    A grey one has 1 channel; if it holds 0 and 1 only, it is a mask, as in `numbers.scaled`.

    Raises:
        UsageError: if Pillow cannot read it.
    """
    pixels = _pixels(path)
    if pixels.dtype == np.uint8 and pixels.shape[-1] > 1:
        return pixels / np.float32(255)
    return numbers.scaled(pixels)[0]


def _pixels(path):
    """Returns an image file's numbers as they are stored, `(height, width, channels)`."""
    try:
        with untrusted.open_file(path) as file, Image.open(file) as image:
            grey = image.mode in ("1", "L", "LA", "F") or image.mode.startswith("I")
            mode = ("L" if image.mode in ("1", "LA") else image.mode) if grey else "RGB"
            pixels = np.asarray(image.convert(mode))
            if image.mode == "I" and image.format in ("PNG", "PPM"):  # at most 16 bits, in 32
                pixels = pixels.astype(np.uint16)
    except Exception:  # of a file that may be anything, Pillow raises nearly anything
        raise UsageError(
            f"Pillow cannot read {path} as an image. Take it out, or mend it."
        ) from None
    if pixels.dtype == np.int32:
        raise UsageError(
            f"Images must have 8 or 16 bits, or floats in [0, 1]. Received: {path} of 32 bits."
        )
    return pixels[..., None] if grey else pixels


def _stored(path, choose):
    """Returns what `stored.read` does; whatever is wrong with the file is the caller's mistake."""
    try:
        return stored.read(path, choose)
    except CheckFailedError as error:
        raise UsageError(
            f"A data file must be a whole .npy or .npz of numbers, or a table: .csv, .tsv or "
            f".parquet (images are read from their folder). Received: {error}"
        ) from None


def _split(images, labels=None):
    images = images[..., None] if images.ndim == 3 else images  # grey, (rows, height, width)
    return Split(images, None if labels is None else labels.reshape(-1))


def _classes(folder):
    inside = sorted(path for path in folder.iterdir() if path.is_dir())
    return [path.name for path in inside if any(_images(path))]


def _images(folder):
    return (path for path in sorted(folder.iterdir()) if path.suffix.lower() in SUFFIXES)


def _read_folder(folder, classes):
    by_class = [(label, path) for label, name in enumerate(classes) if (folder / name).is_dir()
                for path in _images(folder / name)] if classes else [
                    (None, path) for path in _images(folder)]  # fmt: skip
    paths = [path for _, path in by_class]
    labels = np.array([label for label, _ in by_class]) if classes else None
    names = tuple(path.relative_to(folder).as_posix() for path in paths)
    return Split(_read_images(paths, folder), labels, names)


def _read_images(paths, folder):
    """Image files as one array, `(files, height, width, channels)`; in colour if any is."""
    if not paths:
        raise UsageError(
            f"A folder must hold image files ({', '.join(sorted(SUFFIXES))}) or texts (.txt). "
            f"Received: {folder}."
        )
    images = numbers.scaled(*map(_pixels, paths))
    colour = any(image.shape[-1] == 3 for image in images)
    size = images[0].shape[:2]
    for path, image in zip(paths, images, strict=True):
        if image.shape[:2] != size:
            raise UsageError(
                f"Images of a folder must all have one size. Received: {size} in "
                f"{paths[0]} and {image.shape[:2]} in {path}."
            )
    return np.stack(
        [np.repeat(x, 3, axis=-1) if colour and x.shape[-1] == 1 else x for x in images]
    )
