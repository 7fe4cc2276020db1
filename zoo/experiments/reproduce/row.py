"""A row of the results table: a published result, its targets, and how ours is measured."""

import dataclasses
import math
from collections.abc import Callable
from pathlib import Path

from zoo import datasets
from zoo.datasets.dataset import Dataset


@dataclasses.dataclass(frozen=True)
class Target:
    """The bounds that one metric of a results line is compared with.

    A bound is a number, or the name of another metric of the same line.

    Args:
        match: Float or string. The bound to reach.
        beat: Float or string. A stricter bound. Defaults to None, for none.
        figure: String. The name of the metric in the line. Defaults to `"value"`.
        higher: Boolean. Whether a higher value is better. Defaults to False.

    Example:

    >>> Target(2.65, 2.5).verdict({"value": 2.6})
    'match'
    """

    match: float | str
    beat: float | str | None = None
    figure: str = "value"
    higher: bool = False

    def verdict(self, figures: dict) -> str:
        """Returns `"beat"`, `"match"` or `"miss"` for the metrics of a results line.

        It is a miss where the value falls short of another metric that is the bound to reach, even
        if it reaches the stricter number.

        Args:
            figures: Dict. The metrics of a line by name. A metric that equals a bound reaches it.

        Returns:
            A string.
        """
        if not self._reaches(figures, self.match):
            return "miss"
        return "beat" if self.beat is not None and self._reaches(figures, self.beat) else "match"

    def describe(self) -> str:
        """Returns the bounds as a table shows them, such as `≤ 2.65 (beat: ≤ 2.5)`."""
        sign = "≥" if self.higher else "≤"
        name = "" if self.figure == "value" else f"{spelled(self.figure)} "
        stricter = "" if self.beat is None else f" (beat: {sign} {spelled(self.beat)})"
        return f"{name}{sign} {spelled(self.match)}{stricter}"

    def _reaches(self, metrics, bound):
        value, bound = metrics[self.figure], metrics[bound] if isinstance(bound, str) else bound
        reached = value >= bound if self.higher else value <= bound
        # 1.05 % of 10,000 is not exact in floats.
        return reached or math.isclose(value, bound, rel_tol=1e-9)


@dataclasses.dataclass(frozen=True)
class Row:
    """One published result to reach.

    Attributes:
        title: String. What is measured, on which data.
        unit: String. The unit of the value.
        published: String. What others report; `"–"` if nothing is published.
        targets: Tuple of `Target`. The verdict is that of the worst of them.
        measure: Function of the data, a seed, and a folder for pictures. It returns a dict of the
            `value` and of everything else to record.
        variants: Tuple of strings. The names of the variants that it trains, on whose pages of the
            documentation it is shown. Defaults to `()`.
        beside: Tuple of strings. The names of the metrics shown beside the value in the table of
            results. Defaults to `()`.
        inseparable: Tuple of strings. The names of the metrics without which the value is never
            shown. Defaults to `()`.
        data: String. The name of the dataset that it is measured on. Defaults to `"mnist"`.
        read: Function of that name that returns the data for `measure`. Defaults to
            `zoo.datasets.load`.
        yardstick: Pair of the name of a metric and its published value. If ours differs by more
            than 5 %, the data are not like the published data, and there is no verdict. Defaults to
            None, if the data are the same.
        parts: Function without arguments that returns the names of the parts of the row, each of
            which is measured and recorded by itself: `measure` takes the name as `part`. Defaults
            to None, for a row without parts.
        combine: Function of the results lines of all parts of one seed that returns a dict of what
            the row tells. Defaults to None.

    Example:

    >>> row = Row("PCA", "sse", "13.87", (Target(13.936),), measure=None)
    >>> row.verdict([{"value": 13.9}])
    'match'
    """

    title: str
    unit: str
    published: str
    targets: tuple[Target, ...]
    measure: Callable[[Dataset, int, Path], dict]
    variants: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    inseparable: tuple[str, ...] = ()
    data: str = "mnist"
    read: Callable[[str], object] = datasets.load
    yardstick: tuple[str, float] | None = None
    parts: Callable[[], list[str]] | None = None
    combine: Callable[[list[dict]], dict] | None = None

    @property
    def bounds(self) -> str:
        """The bounds of all targets, as a table shows them."""
        return ", ".join(target.describe() for target in self.targets)

    def comparable(self, lines: list[dict]) -> bool:
        """Returns whether some results lines may be compared with the published result.

        Args:
            lines: List of dicts. Results lines of this row.

        Returns:
            A boolean: False if there is a yardstick and a line differs from it by more than 5 %.
        """
        if self.yardstick is None:
            return True
        name, published = self.yardstick
        return all(abs(line[name] / published - 1) <= 0.05 for line in lines)

    def verdict(self, lines: list[dict]) -> str:
        """Returns the verdict on some results lines of this row.

        It is `"beat"` if every target is matched and the stricter bound of every target that has
        one is reached; `"match"` if every target is matched; and `"miss"` otherwise. Where nothing
        is published, the targets are our own, and `"reached"` takes the place of both `"beat"` and
        `"match"`. The metrics are means over the lines.

        Args:
            lines: List of dicts. The results lines of this row, one for each seed.

        Returns:
            `"beat"`, `"match"`, `"reached"`, `"miss"`, or `"–"` if there are no comparable lines.
        """
        if not lines or not self.comparable(lines):
            return "–"
        names = {name for target in self.targets for name in dataclasses.astuple(target)[:3]}
        names = {name for name in names if isinstance(name, str)}
        metrics = {name: sum(line[name] for line in lines) / len(lines) for name in names}
        verdicts = [target.verdict(metrics) for target in self.targets]
        if "miss" in verdicts:
            return "miss"
        if self.published == "–":
            return "reached"
        stricter = [
            verdict
            for verdict, target in zip(verdicts, self.targets, strict=True)
            if target.beat is not None
        ]
        return "beat" if stricter and set(stricter) == {"beat"} else "match"


def spelled(bound: float | str) -> str:
    """Returns a number, or the name of a metric, as a table shows it.

    Args:
        bound: Float or string.

    Returns:
        A string.

    Example:

    >>> spelled("isolation_forest"), spelled(2.50)
    ('isolation forest', '2.5')
    """
    return bound.replace("_", " ") if isinstance(bound, str) else f"{bound:g}"
