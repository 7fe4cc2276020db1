"""Images or features from an `.npy` or `.npz` file."""

import numpy as np

from zoo.datasets import numbers, stored
from zoo.datasets.dataset import Dataset, Split, split_by_seed
from zoo.errors import CheckFailedError, UsageError

IMAGES, SPLITS = ["images", "labels"], ["x_train", "x_test", "y_train", "y_test"]


def load_arrays(path, divide=split_by_seed) -> Dataset | Split:
    """An `.npy` of images, or an `.npz` of `images` and `labels`, or of `x_train`, `x_test`, ..."""
    names, members = _stored(path, lambda names: IMAGES if "images" in names else SPLITS)
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
    """Every row of an `.npy`, or of the `images` of an `.npz`, in the file's order."""
    names, members = _stored(path, lambda _: ["images"])
    if names is not None:
        if "images" not in members:
            raise UsageError(
                f"An .npz must hold images. Received: {', '.join(names) or 'nothing'} in {path}."
            )
        members = members["images"]
    return Split(*numbers.scaled(members)).inputs


def _stored(path, choose):
    """Returns what `stored.read` does; whatever is wrong with the file is the caller's mistake."""
    try:
        return stored.read(path, choose)
    except CheckFailedError as error:
        raise UsageError(
            f"A data file must be a whole .npy or .npz of numbers, or a table: .csv, .tsv or "
            f".parquet (images are read from their folder). Received: {error}"
        ) from None
