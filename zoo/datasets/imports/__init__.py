"""Imports datasets from local files, so that they load without a network."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

from zoo.datasets.imports import cifar10_subset, newsgroups, olivetti
from zoo.datasets.sources import scikit_learn, texts, tfds
from zoo.errors import UsageError


@dataclasses.dataclass(frozen=True)
class Import:
    """A dataset, other than those of tensorflow-datasets, that can be imported from local files.

    Attributes:
        kind: String. `"images"` or `"documents"`.
        source: String. What the import writes: `"a file of arrays"` or `"a folder"`.
        licence: String. The terms of the data, in a few words.
        reader: String. The call that reads the dataset afterwards.
        write: Callable. Takes the path of the source files and the path to write to (or None), and
            returns the list of paths written.

    Example:

    >>> IMPORTS["olivetti"].reader
    'zoo.datasets.load("olivetti")'
    """

    kind: str
    source: str
    licence: str
    reader: str
    write: Callable[[Path, Path | None], list[Path]]


IMPORTS = {
    "20newsgroups": Import(
        "documents",
        "a file of arrays",
        texts.BY_NAME["20newsgroups"].licence,
        'zoo.datasets.load("20newsgroups")',
        newsgroups.write,
    ),
    "cifar10_subset": Import(
        "images",
        "a folder",
        tfds.BY_NAME["cifar10"].licence,
        "the folder that `zoo data import cifar10_subset DIR --to FOLDER` writes",
        cifar10_subset.write,
    ),
    "olivetti": Import(
        "images",
        "a file of arrays",
        scikit_learn.BY_NAME["olivetti"].licence,
        'zoo.datasets.load("olivetti")',
        olivetti.write,
    ),
}


def import_sources(name: str, source: str | Path, to: str | Path | None = None) -> list[Path]:
    """Imports the original files of a dataset, so that it loads without a network.

    Args:
        name: String. `"20newsgroups"` or `"olivetti"`, which become a file of arrays in
            scikit-learn's data folder; `"cifar10_subset"`, which becomes a folder of images; or a
            dataset of tensorflow-datasets, whose files go into its cache.
        source: String or path. The folder that holds the files under their original names, or the
            file itself if there is only one.
        to: String or path. The folder to write to. Defaults to the library's data folder:
            `SCIKIT_LEARN_DATA` of the environment or `~/scikit_learn_data`, `TFDS_DATA_DIR` or
            `~/tensorflow_datasets`. For `"cifar10_subset"` it is required and must be a new folder.

    Returns:
        List of the paths of the files, or of the folder, that were written.

    Raises:
        UsageError: If a file is missing or not the original one. Nothing is written then.

    Example:

    >>> zoo.datasets.import_sources("olivetti", "downloads")  # doctest: +SKIP
    """
    source, to = Path(source).expanduser(), None if to is None else Path(to).expanduser()
    if name in IMPORTS:
        return IMPORTS[name].write(source, to)
    if name in scikit_learn.BY_NAME:
        raise UsageError(f"{name} is part of scikit-learn: there is nothing to import.")
    return tfds.import_sources(name, source, to, others=tuple(IMPORTS))
