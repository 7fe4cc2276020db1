"""Measures how many of the rows nearest to a query are of its class."""

import math
from collections.abc import Iterable

import numpy as np

from zoo.datasets import augmentation
from zoo.errors import no_such
from zoo.evaluation.metrics import flat
from zoo.search.exact import Exact, normalised

# Changes to query images: functions of the images and a NumPy `Generator`.
QUERIES = {
    "clean": lambda images, random: images,
    "shifted": lambda images, random: augmentation.shifted(images, 3, random),
    "noise": lambda images, random: augmentation.noisy(images, 0.4, random),
    "hidden": lambda images, random: augmentation.hidden(images, 10, random),
}


def queries(images, seed: int) -> dict[str, np.ndarray]:
    """Returns the images under every change in `QUERIES`.

    The changes are: none (`clean`); a shift by up to 3 pixels down and across (`shifted`); noise of
    standard deviation 0.4 (`noise`); and a hidden square of 10 × 10 pixels (`hidden`).

    Args:
        images: Array of shape `(rows, height, width, channels)`, values in [0, 1].
        seed: Integer. Seed of the shifts, the noise and the squares.

    Returns:
        A dict from the name of each change to an array of the shape of `images`.

    Example:

    >>> list(queries(np.zeros((2, 28, 28, 1), np.float32), seed=0))
    ['clean', 'shifted', 'noise', 'hidden']
    """
    return {
        name: change(images, np.random.default_rng([seed, number]))
        for number, (name, change) in enumerate(QUERIES.items())
    }


DISTANCES = ("l2", "cosine", "whitened_l2", "whitened_cosine")
SAMPLE = 2000  # the largest number of training rows that a distance is chosen on
LEAST_VARIANCE = 1e-6  # fraction of the largest; directions of less variance are left out


class Distance:
    """Distance between codes: Euclidean or cosine, of codes as they are or whitened.

    Whitened codes have variance 1 along each principal direction of the training codes. Directions
    without variance are left out.

    Args:
        name: String. One of `DISTANCES`: `"l2"`, `"cosine"`, `"whitened_l2"` or
            `"whitened_cosine"`.
        codes: Array of shape `(rows, ...)`. The training codes.
        like: Another whitened `Distance`, fitted to the same codes, whose whitening is reused.
            Defaults to None.

    Attributes:
        name: String. The name of the distance.
        metric: String. `"l2"` or `"cosine"`, the distance between rows that `prepare` returns.

    Raises:
        UsageError: If `name` is not one of `DISTANCES`.

    Example:

    >>> codes = np.random.default_rng(0).normal(size=(100, 3)) * [1, 10, 100]
    >>> distance = Distance("whitened_l2", codes)
    >>> distance.prepare(codes).std(axis=0, ddof=1).round(3)
    array([1., 1., 1.], dtype=float32)
    """

    def __init__(self, name: str, codes: np.ndarray, like: "Distance | None" = None):
        if name not in DISTANCES:
            raise no_such("distance", name, list(DISTANCES))
        self.name, self.metric = name, name.removeprefix("whitened_")
        self._whiten = None
        if name != self.metric:
            self._whiten = like._whiten if like else _whitening(_rows(codes))

    def prepare(self, codes: np.ndarray) -> np.ndarray:
        """Returns codes as the rows that `metric` compares.

        Args:
            codes: Array of shape `(rows, ...)`.

        Returns:
            Float32 array of shape `(rows, numbers)`: whitened if the distance is, and scaled to
            unit length if the metric is `"cosine"`.
        """
        rows = _rows(codes)
        if self._whiten is not None:
            mean, directions = self._whiten
            rows = (rows - mean) @ directions
        return normalised(rows) if self.metric == "cosine" else rows


def choose_distance(codes, labels, seed: int = 0) -> tuple[Distance, dict[str, float]]:
    """Returns the distance under which training rows find their own class best.

    At most 2,000 rows are drawn at random, and each of them is a query among the others. The
    distance with the highest precision among the 10 nearest rows is chosen; if several are equally
    good, the first of them in `DISTANCES`.

    Args:
        codes: Array of shape `(rows, ...)`. The training codes.
        labels: Array of shape `(rows,)`. Their classes.
        seed: Integer. Seed of the sample. Defaults to 0.

    Returns:
        A pair: the `Distance`, fitted to all the training codes, and a dict from the name of each
        distance to its precision.

    Example:

    >>> codes = np.random.default_rng(0).normal(size=(100, 2)) * [1, 1000]
    >>> distance, precisions = choose_distance(codes, labels=codes[:, 0] > 0)
    >>> distance.name
    'whitened_cosine'
    """
    drawn = np.sort(np.random.default_rng(seed).permutation(len(codes))[:SAMPLE])
    labels, nearest = np.asarray(labels)[drawn], max(1, min(10, len(drawn) - 1))
    values, distances = {}, {}
    for name in DISTANCES:
        like = distances.get("whitened_l2")
        distances[name] = distance = Distance(name, codes, like)
        rows = distance.prepare(codes[drawn])
        scores = Exact(rows, distance.metric).scores(rows)
        np.fill_diagonal(scores, np.inf)  # no row finds itself
        values[name] = precision_by_scores([scores], labels, labels, (nearest,))[f"p_at_{nearest}"]
    return distances[max(values, key=values.get)], values


def precision(
    codes, labels, query_codes, query_labels, metric="l2", at=(1, 10, 100)
) -> dict[str, float]:
    """Returns the fraction of the nearest rows that have the query's class, mean over queries.

    Args:
        codes: Array of shape `(rows, ...)`. The codes to search in; images are their own code.
        labels: Array of shape `(rows,)`. Their classes.
        query_codes: Array of shape `(queries, ...)`.
        query_labels: Array of shape `(queries,)`.
        metric: `"l2"`, `"cosine"`, or a `Distance` fitted to training codes. Defaults to `"l2"`.
        at: Sequence of integers. Numbers of nearest rows to look at; those above the number of rows
            are left out. Defaults to `(1, 10, 100)`.

    Returns:
        A dict, as `precision_by_scores` returns it.

    Example:

    >>> codes, labels = np.array([[0.0], [0.1], [1.0], [1.1]]), np.array([0, 0, 1, 1])
    >>> precision(codes, labels, np.array([[0.2]]), np.array([0]), at=(1, 4))
    {'p_at_1': 1.0, 'p_at_4': 0.5, 'map': 1.0}
    """
    distance = metric if isinstance(metric, Distance) else Distance(metric, codes)
    codes, query_codes = distance.prepare(codes), distance.prepare(query_codes)
    searcher = Exact(codes, distance.metric)
    step = max(1, 2_000_000 // len(codes))
    blocks = (
        searcher.scores(query_codes[start : start + step])
        for start in range(0, len(query_codes), step)
    )
    return precision_by_scores(blocks, labels, query_labels, at)


def precision_by_scores(
    blocks: Iterable[np.ndarray], labels, query_labels, at=(1, 10, 100)
) -> dict[str, float]:
    """Returns the fraction of the rows with the smallest scores that have the query's class.

    Args:
        blocks: Iterable of arrays of shape `(queries, rows)`. Scores, one array for each block of
            queries. The smaller a score, the nearer the row; of rows with equal scores the first
            one counts as the nearest.
        labels: Array of shape `(rows,)`. The classes of the rows.
        query_labels: Array of shape `(queries,)`. The classes of the queries.
        at: Sequence of integers. Numbers of nearest rows to look at; those above the number of rows
            are left out. Defaults to `(1, 10, 100)`.

    Returns:
        A dict: `p_at_1`, ..., the fraction of those rows that have the query's class, mean over
        queries; and `map`, the mean average precision. The average precision of a query is the
        mean, over the rows of its class, of the precision down to that row. Queries without a row
        of their class do not count for `map`, which is NaN if there are only such queries.

    Example:

    >>> scores = np.array([[0.3, 0.1, 0.2]])
    >>> precision_by_scores([scores], np.array([0, 0, 1]), np.array([1]), at=(1, 2))
    {'p_at_1': 0.0, 'p_at_2': 0.5, 'map': 0.5}
    """
    at = [k for k in at if k <= len(labels)]
    fractions, averages, done = [], [], 0
    for scores in blocks:
        order = np.argsort(scores, axis=1, kind="stable")
        same = labels[order] == query_labels[done : done + len(scores), None]
        done += len(scores)
        running = np.cumsum(same, axis=1) / np.arange(1, len(labels) + 1)
        fractions.append(running[:, [k - 1 for k in at]])
        with np.errstate(invalid="ignore"):
            averages.append(np.sum(running * same, axis=1) / same.sum(axis=1))
    averages = np.concatenate(averages)
    averages = averages[np.isfinite(averages)]
    named = zip(at, np.concatenate(fractions).T, strict=True)
    return {f"p_at_{k}": float(values.mean()) for k, values in named} | {
        "map": float(averages.mean()) if len(averages) else math.nan
    }


def _rows(codes):
    return np.asarray(flat(codes), np.float32)


def _whitening(rows):
    """Returns the mean of rows, and a matrix that turns their covariance into the identity."""
    from sklearn.decomposition import PCA

    with np.errstate(invalid="ignore"):  # if all rows are equal, sklearn divides by no variance
        fitted = PCA().fit(rows)
    variances = fitted.explained_variance_
    kept = variances > LEAST_VARIANCE * variances[0]
    return fitted.mean_, (fitted.components_[kept] / np.sqrt(variances[kept])[:, None]).T
