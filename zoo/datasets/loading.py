"""One function from whatever names or holds images to a `Dataset`."""

import dataclasses
from importlib import resources
from pathlib import Path

import numpy as np

from zoo.datasets import files
from zoo.datasets.dataset import Dataset, Split, split_by_seed
from zoo.errors import UsageError, no_such

# Names of tensorflow-datasets, with their licences; `tfds:NAME` reaches all its other image sets.
FROM_TFDS = {
    "mnist": "CC BY-SA 3.0, Y. LeCun and C. Cortes",
    "fashion_mnist": "MIT, Zalando SE",
    "cifar10": "no formal licence; cite A. Krizhevsky, 2009",
}
NAMES = ("mnist_5k", *FROM_TFDS)
INFINITE = -1  # tf.data.INFINITE_CARDINALITY


def load(source="mnist_5k") -> Dataset:
    """Loads images and, where there are any, labels; float32 in [0, 1].

    Args:
        source: one of
            `"mnist_5k"`: 5,000 real digits that come with the package;
            `"mnist"`, `"fashion_mnist"`, `"cifar10"`, or `"tfds:NAME"` for any other image set of
            tensorflow-datasets: downloaded once, then read from its cache;
            a folder of image files, with a subfolder for each class or none, or with `train` and
            `test` subfolders of that kind; an `.npy` or `.npz` file;
            an array `(rows, height, width, channels)`, a pair (images, labels), or Keras's two
            pairs (x_train, y_train), (x_test, y_test);
            a finite `tf.data.Dataset` of images or of (images, labels), read into memory;
            a `Dataset`, which is returned as it is.

    What has no test split of its own gives a fifth of its images, drawn by seed 0, to one.

    Raises:
        UsageError: for a name there is not, or images that cannot be used, saying why.
    """
    if isinstance(source, Dataset):
        return source
    if isinstance(source, (str, Path)):
        return _named(str(source))
    if type(source).__module__.startswith("tensorflow.python.data"):
        return split_by_seed("tf.data", _read_stream(source))
    if isinstance(source, tuple) and len(source) == 2:
        if all(isinstance(part, tuple) and len(part) == 2 for part in source):
            return Dataset("arrays", *(Split(*part) for part in source))
        return split_by_seed("arrays", Split(*source))
    return split_by_seed("array", Split(source))


def _named(name):
    if name == "mnist_5k":
        return _mnist_5k()
    if name in FROM_TFDS or name.startswith("tfds:"):
        from zoo.datasets import sources

        licence = FROM_TFDS.get(name, "see tensorflow-datasets' catalogue")
        return dataclasses.replace(sources.load(name.removeprefix("tfds:"), licence), name=name)
    path = Path(name).expanduser()
    if name and path.is_dir():
        return files.load_folder(path)
    if path.is_file():
        return files.load_arrays(path)
    raise no_such("data set, file or folder", name, [*NAMES, "tfds:NAME"])


def _mnist_5k():
    packed = resources.files("zoo.datasets") / "embedded" / "mnist_5k.npz"
    with packed.open("rb") as file, np.load(file) as arrays:
        whole = Split(files.scaled(arrays["images"]), arrays["labels"])
    first, rest = np.arange(4000), np.arange(4000, 5000)
    return Dataset("mnist_5k", whole.take(first), whole.take(rest), FROM_TFDS["mnist"])


def _read_stream(stream):
    if stream.cardinality() == INFINITE:
        raise UsageError("A tf.data.Dataset must be finite: x.take(n). Received: an infinite one.")
    rows = list(stream.as_numpy_iterator())
    if not rows:
        raise UsageError("A tf.data.Dataset must hold at least two images. Received: none.")
    columns = list(zip(*rows, strict=True)) if isinstance(rows[0], tuple) else [rows]
    batched = np.ndim(columns[0][0]) == 4
    join = np.concatenate if batched else np.stack
    try:
        return Split(*(join(column) for column in columns[:2]))
    except UsageError:
        raise
    except ValueError:
        raise UsageError(
            "Images of a tf.data.Dataset must all have one size. Received: "
            f"{sorted({np.shape(image) for image in columns[0]})}."
        ) from None
