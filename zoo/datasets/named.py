"""A row of the table of data sets that have a name of their own."""

import dataclasses
from collections.abc import Callable

from zoo.datasets.dataset import Dataset


@dataclasses.dataclass(frozen=True)
class Named:
    """What is known of a data set before it is read.

    Attributes:
        kind: `"images"`, `"features"` or `"documents"`.
        source: where it comes from, in a few words.
        licence: the terms of the data, in a few words.
        read: gives it, from its name and licence; imports what it needs only then.
    """

    kind: str
    source: str
    licence: str
    read: Callable[[str, str], Dataset]
