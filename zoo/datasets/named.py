"""Datasets that can be loaded by name."""

import dataclasses
from collections.abc import Callable

from zoo.datasets.dataset import Dataset


@dataclasses.dataclass(frozen=True)
class Named:
    """A dataset that can be loaded by its name, and is not read yet.

    Attributes:
        kind: String. The name of the kind of data, such as `"images"`.
        source: String. Where the data come from, in a few words.
        licence: String. The terms of the data, in a few words.
        read: Callable. Takes the name and the licence, and returns the `Dataset`. It imports the
            libraries it needs only when called.
        packages: Tuple of strings. The distributions whose installed files are the data, which
            therefore depend on their versions. Defaults to `()`.

    Example:

    >>> from zoo.datasets.by_name import BY_NAME
    >>> BY_NAME["wine"].kind, BY_NAME["wine"].source
    ('features', 'in scikit-learn')
    """

    kind: str
    source: str
    licence: str
    read: Callable[[str, str], Dataset]
    packages: tuple[str, ...] = ()
