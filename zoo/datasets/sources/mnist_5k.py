"""The 5,000 digits in the package, as images and as sequences."""

from importlib import resources

import numpy as np

from zoo.datasets.dataset import Dataset
from zoo.datasets.named import Named
from zoo.datasets.sources import tfds
from zoo.datasets.split import Split
from zoo.inputs import kinds, numbers

TRAINING = 4000  # images, which stand first


def _images(name, licence):
    packed = resources.files("zoo.datasets") / "embedded" / "mnist_5k.npz"
    with packed.open("rb") as file, np.load(file) as stored:
        whole = Split(*numbers.scaled(stored["images"]), stored["labels"])
    first, rest = np.split(np.arange(len(whole)), [TRAINING])
    return Dataset(name, whole.take(first), whole.take(rest), licence)


def _rows(name, licence):
    """Returns the digits as sequences of 28 steps, the pixels of a row from top to bottom."""
    return _images(name, licence).map(
        lambda split: Split(split.images[..., 0], split.labels, kind=kinds.SEQUENCES.name)
    )


_LICENCE = tfds.BY_NAME["mnist"].licence
BY_NAME = {
    "mnist_5k": Named("images", "in the package", _LICENCE, _images),
    "mnist_5k_rows": Named("sequences", "in the package: mnist_5k, row by row", _LICENCE, _rows),
}
