"""scikit-learn's datasets: those in its package, and the faces that it would download."""

import numpy as np

from zoo.datasets.dataset import Dataset, split_by_seed
from zoo.datasets.named import Named
from zoo.datasets.split import Split


def _read_digits(name, licence):
    from sklearn.datasets import load_digits

    digits = load_digits()
    images = (digits.images / 16).astype(np.float32)[..., None]  # from 0 to 16, (rows, 8, 8)
    return split_by_seed(name, Split(images, digits.target), licence)


def _read_features(name, licence):
    from sklearn import datasets

    table = getattr(datasets, f"load_{name}")()
    return split_by_seed(name, Split(table.data.astype(np.float32), table.target), licence)


def _read_olivetti(name, licence):
    """Returns the faces; the last two of each person's ten pictures are the test split."""
    from zoo.datasets.imports import olivetti

    images, people = olivetti.read()
    whole = Split(images[..., None], people)
    test = np.arange(len(whole)) % 10 >= 8  # the pictures are sorted by person
    return Dataset(name, whole.take(~test), whole.take(test), licence)


_PACKAGED = "in scikit-learn"
BY_NAME = {
    "digits": Named(
        "images", _PACKAGED, "CC BY 4.0, E. Alpaydin and C. Kaynak, 1998", _read_digits
    ),
    "olivetti": Named(
        "images",
        "a file that `zoo data import` writes",
        "free for research; cite F. Samaria and A. Harter, 1994",
        _read_olivetti,
    ),
    "breast_cancer": Named(
        "features",
        _PACKAGED,
        "CC BY 4.0, W. Wolberg, O. Mangasarian and W. Street, 1993",
        _read_features,
    ),
    "wine": Named(
        "features", _PACKAGED, "CC BY 4.0, S. Aeberhard and M. Forina, 1992", _read_features
    ),
}
