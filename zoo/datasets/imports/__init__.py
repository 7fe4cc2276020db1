"""Files someone already has, put where data sets are read from without a network."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

from zoo.datasets import scikit, sources, texts
from zoo.datasets.imports import cifar10_subset, newsgroups, olivetti
from zoo.errors import UsageError


@dataclasses.dataclass(frozen=True)
class Import:
    """A data set that can be imported, beside those of tensorflow-datasets.

    Attributes:
        kind: `"images"` or `"documents"`.
        source: what its files become.
        licence: the terms of the data, in a few words.
        reader: the call that reads it afterwards.
        write: from where the files lie to where they belong; gives the paths written.
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
        sources.BY_NAME["cifar10"].licence,
        "the folder that `zoo data import cifar10_subset DIR --to FOLDER` writes",
        cifar10_subset.write,
    ),
    "olivetti": Import(
        "images",
        "a file of arrays",
        scikit.BY_NAME["olivetti"].licence,
        'zoo.datasets.load("olivetti")',
        olivetti.write,
    ),
}


def import_sources(name: str, source: str | Path, to: str | Path | None = None) -> list[Path]:
    """Puts the files of a data set where it is read from, if they are the original ones.

    Args:
        name: `"20newsgroups"` or `"olivetti"`, for a file of arrays in scikit-learn's data folder;
            `"cifar10_subset"`, for a folder of images; or a data set of tensorflow-datasets, for
            its cache.
        source: the folder the files lie in, under their original names, or, where there is only
            one, the file itself.
        to: the library's folder, if not its own: the environment's SCIKIT_LEARN_DATA or
            `~/scikit_learn_data`, TFDS_DATA_DIR or `~/tensorflow_datasets`. `"cifar10_subset"`
            has none: there it must be given, a new folder.

    Returns:
        The files, or the folder, written.

    Raises:
        UsageError: if a file is missing or is not the original; nothing is then written.
    """
    source, to = Path(source).expanduser(), None if to is None else Path(to).expanduser()
    if name in IMPORTS:
        return IMPORTS[name].write(source, to)
    if name in scikit.BY_NAME:
        raise UsageError(f"{name} comes inside scikit-learn: there is nothing to import.")
    return sources.import_sources(name, source, to, others=tuple(IMPORTS))
