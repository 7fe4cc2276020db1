"""What a row says: a result to reach, by whom it was published, and how ours is measured."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

from zoo.datasets.dataset import Dataset


@dataclasses.dataclass(frozen=True)
class Row:
    """One result to reach.

    Attributes:
        title: what is measured, on what.
        unit: of the value.
        published: what others report.
        target: what ours is held against.
        measure: from the data, a seed, and a folder for pictures, to a dict of the `value` and of
            what else belongs on record.
        beside: which of those are told beside the value.
        data: what it is measured on, by name.
        yardstick: which of those beside, on data like the published, tells whether ours are like
            them, and what was published of it; None where the data are the same.
    """

    title: str
    unit: str
    published: str
    target: str
    measure: Callable[[Dataset, int, Path], dict]
    beside: tuple[str, ...] = ()
    data: str = "mnist"
    yardstick: tuple[str, float] | None = None

    def comparable(self, lines: list[dict]) -> bool:
        """Whether the published may stand beside these lines: the yardstick is within 5 % of it."""
        if self.yardstick is None:
            return True
        name, published = self.yardstick
        return all(abs(line[name] / published - 1) <= 0.05 for line in lines)
