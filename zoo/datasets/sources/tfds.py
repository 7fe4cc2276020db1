"""Loads image datasets with tensorflow-datasets, and fills its cache from local files."""

import difflib
import hashlib
import json
import struct
import sys
from pathlib import Path

import numpy as np

from zoo.datasets.dataset import Dataset, split_by_seed
from zoo.datasets.named import Named
from zoo.datasets.split import Split
from zoo.errors import UsageError, no_such
from zoo.inputs import numbers
from zoo.storage.atomic import make_folder, replace_file

# The gzip headers of Debian's Fashion-MNIST package lack the time and the name; with these times
# the original bytes are restored.
_GZIP_TIMES = {"train": 0x59A7E9DE, "t10k": 0x59A7E9F3}


def load(name: str, licence: str) -> Dataset:
    """Loads an image dataset of tensorflow-datasets.

    It is downloaded and prepared if it is not in tensorflow-datasets' cache yet. If it has
    no test split, a fifth of the rows, drawn with seed 0, becomes the test split.

    Args:
        name: String. Name of the dataset in tensorflow-datasets.
        licence: String. The terms of the data, in a few words.

    Returns:
        A `Dataset` of images, with labels if it has integer ones.

    Raises:
        UsageError: If there is no such dataset, its images have no fixed size, it has no training
            split, or it can neither be found in the cache nor downloaded.

    Example:

    >>> load("fashion_mnist", "MIT, Zalando SE")  # doctest: +SKIP
    <zoo.datasets.Dataset fashion_mnist: 60000 training and 10000 test images of (28, 28, 1)>
    """
    import tensorflow_datasets as tfds

    builder = _builder(name)
    features = builder.info.features
    if "image" not in features or None in features["image"].shape:
        raise UsageError(
            f"{name} must have an `image` of one fixed size. Received: the features {features}."
        )
    tfds.display_progress_bar(sys.stderr.isatty())
    if not builder.is_prepared():
        _prepare(builder)
        builder = _builder(name)  # knows the splits, also if another process prepared them
    splits = {key: _read(builder, key) for key in ("train", "test") if key in builder.info.splits}
    if len(splits) == 2:
        return Dataset(name, splits["train"], splits["test"], licence)
    if "train" not in splits:
        raise UsageError(
            f"{name} must have a split named train. Received: {', '.join(builder.info.splits)}."
        )
    return split_by_seed(name, splits["train"], licence)


def import_sources(
    name: str, folder: Path, data_dir: Path | None = None, others: tuple[str, ...] = ()
) -> list[Path]:
    """Copies source files into tensorflow-datasets' cache, so that nothing has to be downloaded.

    Args:
        name: String. Name of the dataset in tensorflow-datasets.
        folder: Path of the folder that holds the files under their original names.
        data_dir: Path of tensorflow-datasets' data folder. Defaults to its own.
        others: Tuple of strings. Further names that an error about an unknown name suggests.
            Defaults to `()`.

    Returns:
        List of the paths written. Each file was checked against the checksum that
        tensorflow-datasets registers.

    Raises:
        UsageError: If there is no such dataset, or a file is missing or not the original one.
            Nothing is written then.

    Example:

    >>> import_sources("fashion_mnist", Path("downloads"))  # doctest: +SKIP
    """
    builder = _builder(name, data_dir, others)
    sources = _cached_sources(builder)
    if not sources:
        raise UsageError(f"tensorflow-datasets registers no source files for {name}.")
    missing = [
        info.filename for info, _ in sources.values() if not (folder / info.filename).is_file()
    ]
    if missing:
        where = folder if folder.is_dir() else f"{folder}, which is no folder"
        names = ", ".join(sorted(missing))
        raise UsageError(f"The source files must be in a folder. Missing in {where}: {names}.")
    contents = {url: _original(folder / info.filename, info) for url, (info, _) in sources.items()}
    written = []
    for url, (info, target) in sources.items():
        make_folder(target.parent)
        note = {
            "dataset_names": [builder.name],
            "original_fname": info.filename,
            "url_info": info.asdict(),
            "urls": [url],
        }
        replace_file(Path(f"{target}.INFO"), json.dumps(note, sort_keys=True).encode())
        written.append(replace_file(target, contents[url]))
    return written


def _builder(name, data_dir=None, others=()):
    import tensorflow_datasets as tfds

    try:
        return tfds.builder(name, data_dir=data_dir)
    except (tfds.core.DatasetNotFoundError, ValueError):  # ValueError: a malformed name
        known = [*others, *tfds.list_builders(with_community_datasets=False)]
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
        available = [*others, *BY_NAME, "hundreds more in tensorflow-datasets"]
        raise no_such("dataset", name, near or available) from None


def _cached_sources(builder):
    """Returns for each URL of a dataset its registered info and its path in the cache."""
    from tensorflow_datasets.core.download import resource

    downloads = Path(builder.data_dir).parents[len(Path(builder.info.full_name).parts) - 1]
    return {
        url: (info, downloads / "downloads" / builder.name
              / resource.get_dl_fname(url, info.checksum))
        for url, info in builder.url_infos.items()
    }  # fmt: skip


def _prepare(builder):
    """Downloads and prepares a dataset; fails at once, without minutes of retries, if offline."""
    import filelock
    import requests
    from tensorflow_datasets.core.download.util import DownloadError

    missing = [url for url, (_, path) in _cached_sources(builder).items() if not path.exists()]
    lock = make_folder(Path(builder.data_dir).parent) / ".zoo.lock"
    try:
        for url in missing[:1]:
            requests.head(url, timeout=10).raise_for_status()
        with filelock.FileLock(lock):  # two processes would remove each other's unpacked files
            builder.download_and_prepare()  # does nothing if they are prepared by now
    except (requests.RequestException, DownloadError):
        raise UsageError(
            f"{builder.name} is not on this machine and its source, {missing[0]}, cannot be "
            f"reached. Either run `zoo data import {builder.name} DIR` on a folder that holds its "
            f"source files, or load it once where there is a network and copy {builder.data_dir} "
            "to the same place here. (mnist_5k needs no network.)"
        ) from None


def _original(path, info):
    data = path.read_bytes()
    if _sum(data) != info.checksum and data[:4] == b"\x1f\x8b\x08\x00":
        stem = info.filename.removesuffix(".gz")
        time = _GZIP_TIMES.get(stem.split("-")[0], 0)
        head = b"\x1f\x8b\x08\x08" + struct.pack("<I", time) + b"\x00\x03" + stem.encode() + b"\x00"
        data = head + data[10:]
    if _sum(data) != info.checksum:
        raise UsageError(
            f"{path} must be the original file, of sha256 {info.checksum}. "
            f"Received: {_sum(path.read_bytes())}."
        )
    return data


def _sum(data):
    return hashlib.sha256(data).hexdigest()


def _read(builder, split):
    import tensorflow_datasets as tfds

    columns = tfds.as_numpy(builder.as_dataset(split=split, batch_size=-1, shuffle_files=False))
    labels = columns.get("label")
    if labels is not None and (np.ndim(labels) != 1 or np.asarray(labels).dtype.kind not in "iu"):
        labels = None
    return Split(*numbers.scaled(columns["image"]), labels)


BY_NAME = {
    name: Named("images", "tensorflow-datasets", licence, load)
    for name, licence in {
        "mnist": "CC BY-SA 3.0, Y. LeCun and C. Cortes",
        "fashion_mnist": "MIT, Zalando SE",
        "cifar10": "no formal licence; cite A. Krizhevsky, 2009",
    }.items()
}
