"""Reads images or features from an `.npy` or `.npz` file."""

import numpy as np

from zoo.datasets.dataset import Dataset, split_by_seed
from zoo.datasets.readers import memory, npz
from zoo.datasets.split import Split
from zoo.errors import CheckFailedError, UsageError
from zoo.inputs import numbers

IMAGES, SPLITS = ["images", "labels"], ["x_train", "x_test", "y_train", "y_test"]


def load_arrays(path, divide=split_by_seed, in_memory: bool | None = None) -> Dataset | Split:
    """Loads a file of arrays.

    The arrays are images or features, scaled as `scaled` in `zoo/inputs/numbers.py` does.

    Args:
        path: String or path. An `.npy` file of inputs; an `.npz` file with `images`, and `labels`
            if there are any; or an `.npz` file with `x_train` and `x_test`, and `y_train` and
            `y_test` if there are labels.
        divide: Callable. Takes a name and a `Split` of all rows, for a file without splits, and
            returns the result. Defaults to `split_by_seed`.
        in_memory: Boolean. False leaves the rows of an `.npy` file on disk. Defaults to None, which
            does so if they would take more than a quarter of the memory.

    Returns:
        What `divide` returns, by default a `Dataset`. A file with `x_train` and `x_test` gives a
        `Dataset` of these splits.

    Raises:
        UsageError: If the file is not such a file, or is damaged.

    Example:

    >>> np.savez("data.npz", images=np.zeros((10, 8, 8, 1)), labels=np.arange(10))
    >>> load_arrays("data.npz")
    <zoo.datasets.Dataset data.npz: 8 training and 2 test images of (8, 8, 1)>
    """
    if str(path).endswith(".npy") and not memory.fits(path, in_memory):
        return divide(str(path), Split(_checked(npz.open_rows, path)))
    names, members = _checked(npz.read, path, lambda names: IMAGES if "images" in names else SPLITS)
    if names is None:
        return divide(str(path), Split(*numbers.scaled(members)))
    if "images" in members:
        images = numbers.scaled(members["images"])[0]
        return divide(str(path), Split(images, members.get("labels")))
    if {"x_train", "x_test"} <= set(members):
        inputs = numbers.scaled(members["x_train"], members["x_test"])
        labels = (members.get("y_train"), members.get("y_test"))
        return Dataset(str(path), *map(Split, inputs, labels))
    raise UsageError(
        f"An .npz must hold images (and labels), or x_train and x_test (and y_train, y_test). "
        f"Received: {', '.join(names) or 'nothing'} in {path}."
    )


def read_rows(path) -> np.ndarray:
    """Returns all rows of an `.npy` file, or of the `images` of an `.npz` file, in order.

    Args:
        path: String or path of the file.

    Returns:
        Float32 array: images in [0, 1] of shape `(rows, height, width, channels)`, or features of
        shape `(rows, columns)`.

    Raises:
        UsageError: If the file holds neither, or is damaged.

    Example:

    >>> np.save("rows.npy", np.full((3, 8, 8, 1), 255, "uint8"))
    >>> read_rows("rows.npy").shape
    (3, 8, 8, 1)
    """
    names, members = _checked(npz.read, path, lambda _: ["images"])
    if names is not None:
        if "images" not in members:
            raise UsageError(
                f"An .npz must hold images. Received: {', '.join(names) or 'nothing'} in {path}."
            )
        members = members["images"]
    return Split(*numbers.scaled(members)).inputs


def _checked(read, path, *arguments):
    """Returns the result of a reader, with a `UsageError` for anything wrong with the file."""
    try:
        return read(path, *arguments)
    except CheckFailedError as error:
        raise UsageError(
            f"A data file must be a whole .npy or .npz of numbers, or a table: .csv, .tsv or "
            f".parquet (images are read from their folder). Received: {error}"
        ) from None
