"""Whether the rows nearest to a query are of its class: precision, and mean average precision."""

import math
from collections.abc import Iterable

import numpy as np

from zoo.datasets import augmentation
from zoo.errors import no_such
from zoo.evaluation.metrics import flat
from zoo.search.nearest import Exact, normalised

# What may have happened to an image that is searched by; each from images and a Generator.
QUERIES = {
    "clean": lambda images, random: images,
    "shifted": lambda images, random: augmentation.shifted(images, 3, random),
    "noise": lambda images, random: augmentation.noisy(images, 0.4, random),
    "hidden": lambda images, random: augmentation.hidden(images, 10, random),
}


def queries(images, seed: int) -> dict[str, np.ndarray]:
    """The images as each of `QUERIES`: as they are; shifted by up to 3 pixels down and across;
    with noise of deviation 0.4; and with a square of 10 × 10 hidden.

    Args:
        images: `(rows, height, width, channels)`, in [0, 1].
        seed: of the shifts, the noise and the squares.
    """
    return {
        name: change(images, np.random.default_rng([seed, number]))
        for number, (name, change) in enumerate(QUERIES.items())
    }


DISTANCES = ("l2", "cosine", "whitened_l2", "whitened_cosine")
SAMPLE = 2000  # training rows that a distance is chosen on, at most
LEAST_VARIANCE = 1e-6  # of a direction that is whitened, as a share of the largest


class Distance:
    """A distance between codes: Euclidean or cosine, of codes as they are or whitened.

    Whitened codes have variance 1 along each principal direction of the training codes, but for
    directions without variance, which are left out.

    Args:
        name: One of `DISTANCES`.
        codes: The training codes, `(rows, ...)`.
        like: Another whitened distance, fitted to the same codes, which is then not done again.

    Attributes:
        name: As given.
        metric: `"l2"` or `"cosine"`, the distance between what `prepare` returns.
    """

    def __init__(self, name: str, codes: np.ndarray, like: "Distance | None" = None):
        if name not in DISTANCES:
            raise no_such("distance", name, list(DISTANCES))
        self.name, self.metric = name, name.removeprefix("whitened_")
        self._whiten = None
        if name != self.metric:
            self._whiten = like._whiten if like else _whitening(_rows(codes))

    def prepare(self, codes: np.ndarray) -> np.ndarray:
        """Returns codes, `(rows, ...)`, as float32 rows that `metric` compares."""
        rows = _rows(codes)
        if self._whiten is not None:
            mean, directions = self._whiten
            rows = (rows - mean) @ directions
        return normalised(rows) if self.metric == "cosine" else rows


def choose_distance(codes, labels, seed: int = 0) -> tuple[Distance, dict[str, float]]:
    """Returns the distance under which training rows find their own class best.

    Of at most `SAMPLE` rows, drawn by seed, each is a query among the others; the distance of the
    highest precision among the 10 nearest is chosen, the first of equals in `DISTANCES`.

    Args:
        codes: The training codes, `(rows, ...)`.
        labels: Their classes, `(rows,)`.
        seed: Of the sample.

    Returns:
        The distance, fitted to all the training codes, and the precision of each by name.
    """
    drawn = np.sort(np.random.default_rng(seed).permutation(len(codes))[:SAMPLE])
    labels, nearest = np.asarray(labels)[drawn], max(1, min(10, len(drawn) - 1))
    found, distances = {}, {}
    for name in DISTANCES:
        like = distances.get("whitened_l2")
        distances[name] = distance = Distance(name, codes, like)
        rows = distance.prepare(codes[drawn])
        scores = Exact(rows, distance.metric).scores(rows)
        np.fill_diagonal(scores, np.inf)  # no row finds itself
        found[name] = precision_by_scores([scores], labels, labels, (nearest,))[f"p_at_{nearest}"]
    return distances[max(found, key=found.get)], found


def precision(
    codes, labels, query_codes, query_labels, metric="l2", at=(1, 10, 100)
) -> dict[str, float]:
    """Returns how many of the nearest rows have the query's class, mean over queries.

    Args:
        codes, query_codes: of any shape, `(rows, ...)`; images are their own code.
        labels, query_labels: `(rows,)`.
        metric: `"l2"` or `"cosine"`, or a `Distance` that is fitted to training codes.
        at: so many nearest rows; none for which there are fewer rows.

    Returns:
        What `precision_by_scores` does.
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
    """Returns how many of the rows of the smallest scores have the query's class.

    Args:
        blocks: Arrays of scores, `(queries, rows)`, one for each next few queries. The smaller a
            score, the nearer the row; of equal ones the first row is the nearest.
        labels: The classes of the rows, `(rows,)`.
        query_labels: The classes of the queries, `(queries,)`.
        at: The numbers of nearest rows to look at. Those above the number of rows are left out.

    Returns:
        `p_at_1`, ...: the share of those rows that are of the query's class; `map`: the mean
        average precision, which is the mean over the rows of its class of the precision down to
        each of them. A query whose class no row has is left out of it; NaN if all are.
    """
    at = [k for k in at if k <= len(labels)]
    shares, averages, done = [], [], 0
    for scores in blocks:
        order = np.argsort(scores, axis=1, kind="stable")
        same = labels[order] == query_labels[done : done + len(scores), None]
        done += len(scores)
        running = np.cumsum(same, axis=1) / np.arange(1, len(labels) + 1)
        shares.append(running[:, [k - 1 for k in at]])
        with np.errstate(invalid="ignore"):
            averages.append(np.sum(running * same, axis=1) / same.sum(axis=1))
    averages = np.concatenate(averages)
    averages = averages[np.isfinite(averages)]
    named = zip(at, np.concatenate(shares).T, strict=True)
    return {f"p_at_{k}": float(share.mean()) for k, share in named} | {
        "map": float(averages.mean()) if len(averages) else math.nan
    }


def _rows(codes):
    return np.asarray(flat(codes), np.float32)


def _whitening(rows):
    """Returns the mean of rows, and a matrix that makes their covariance the identity."""
    from sklearn.decomposition import PCA

    with np.errstate(invalid="ignore"):  # shares of no variance, where all rows are equal
        fitted = PCA().fit(rows)
    variances = fitted.explained_variance_
    kept = variances > LEAST_VARIANCE * variances[0]
    return fitted.mean_, (fitted.components_[kept] / np.sqrt(variances[kept])[:, None]).T
