"""Finds the nearest codes exactly, with a blocked matrix product over all codes."""

import numpy as np

METRICS = ("l2", "cosine")
SCORES = 1 << 22  # computed at a time: in small blocks the threads of BLAS wait for each other
QUERIES = 64  # answered at a time


class Exact:
    """Ranks all codes by their distance to queries.

    The score is the distance up to a constant that all codes share for a query: ½‖c − q‖² equals
    ½‖c − m‖² − (q − m)·c plus terms without c, for any m, and rounding is smallest for m at the
    codes' mean. Unit vectors are ranked in the same way by −q·c.

    Args:
        codes: Float32 array of shape `(rows, numbers)`, of unit length for `"cosine"`; see
            `normalised`.
        metric: String. `"l2"` or `"cosine"`. Defaults to `"l2"`.

    Example:

    >>> exact = Exact(np.float32([[0, 0], [1, 0], [5, 5]]))
    >>> queries = np.float32([[4, 4]])
    >>> exact.scores(queries).argmin(axis=1).tolist()
    [2]
    >>> exact.candidates(queries, k=1).shape
    (1, 3)
    """

    def __init__(self, codes, metric="l2"):
        self.codes = codes
        self._centre = self._half = np.zeros(1, np.float32)
        if metric == "l2" and len(codes):
            self._centre = codes.mean(axis=0, dtype=np.float64).astype(np.float32)
            blocks = range(0, len(codes), 1 << 16)
            self._half = np.concatenate([self._half_squares(start, 1 << 16) for start in blocks])

    def scores(self, queries, start=0, stop=None) -> np.ndarray:
        """Returns the scores of codes, which are smaller for nearer codes.

        Args:
            queries: Float32 array of shape `(queries, numbers)`.
            start: Integer. The first row of the codes. Defaults to 0.
            stop: Integer. The row after the last. Defaults to None, for all rows.

        Returns:
            Float32 array of shape `(queries, stop - start)`.
        """
        half = self._half if len(self._half) == 1 else self._half[start:stop]
        scores = (self._centre - queries) @ self.codes[start:stop].T
        scores += half
        return scores

    def candidates(self, queries, k: int) -> np.ndarray:
        """Returns candidate rows that include the k nearest ones.

        There are more than k candidates, so that float32 rounding leaves out none of the k nearest.

        Args:
            queries: Float32 array of shape `(queries, numbers)`.
            k: Integer. The number of nearest rows wanted.

        Returns:
            Integer array of shape `(queries, candidates)`, unsorted, with min(2k + 64, rows)
            candidates.
        """
        rows, count = len(self.codes), min(2 * k + 64, len(self.codes))
        block = max(count, SCORES // max(1, len(queries)))
        rows_of_blocks, scores_of_blocks = [], []
        for start in range(0, rows, block):
            scores = self.scores(queries, start, start + block)
            kept = _smallest(scores, count)
            rows_of_blocks.append(kept + start)
            scores_of_blocks.append(np.take_along_axis(scores, kept, axis=1))
        kept = _smallest(np.concatenate(scores_of_blocks, axis=1), count)
        return np.take_along_axis(np.concatenate(rows_of_blocks, axis=1), kept, axis=1)

    def _half_squares(self, start, size):
        return 0.5 * np.square(self.codes[start : start + size] - self._centre).sum(axis=1)


def nearest(searcher, codes, queries, k: int, metric="l2") -> tuple[np.ndarray, np.ndarray]:
    """Returns the k nearest codes of each query, nearest first.

    Codes at the same distance are in the order of their rows.

    Args:
        searcher: `Exact` or `Graph` that proposes candidates.
        codes: Float32 array of shape `(rows, numbers)`, of unit length for `"cosine"`.
        queries: Array of shape `(queries, numbers)`, of unit length for `"cosine"`.
        k: Integer. At most the number of rows.
        metric: String. `"l2"` for the Euclidean distance, `"cosine"` for 1 minus the cosine.
            Defaults to `"l2"`.

    Returns:
        A tuple of rows, int64, and distances, float64, both of shape `(queries, k)`. They are -1
        and infinity where a `Graph` proposed fewer than k.

    Example:

    >>> codes = np.float32([[0, 0], [1, 0], [5, 5]])
    >>> rows, distances = nearest(Exact(codes), codes, np.float32([[0, 0]]), k=2)
    >>> rows.tolist(), distances.tolist()
    ([[0, 1]], [[0.0, 1.0]])
    """
    rows, distances = np.empty((len(queries), k), np.int64), np.empty((len(queries), k))
    for start in range(0, len(queries), QUERIES):
        part = slice(start, start + QUERIES)
        candidates = np.sort(searcher.candidates(queries[part], k), axis=1)
        part_distances = _distances(codes[candidates], queries[part], metric)
        part_distances[candidates < 0] = np.inf
        order = np.argsort(part_distances, axis=1, kind="stable")[:, :k]
        rows[part] = np.take_along_axis(candidates, order, axis=1)
        distances[part] = np.take_along_axis(part_distances, order, axis=1)
    return rows, distances


def normalised(codes) -> np.ndarray:
    """Returns codes at unit length; a code of zeros, which has no direction, stays unchanged.

    Args:
        codes: Array of shape `(rows, numbers)`.

    Returns:
        Array of the same shape.

    Example:

    >>> print(normalised(np.array([[3.0, 4.0], [0.0, 0.0]])))
    [[0.6 0.8] [0. 0. ]]
    """
    length = np.linalg.norm(codes, axis=1, keepdims=True)
    return codes / np.where(length > 0, length, 1)


def _distances(codes, queries, metric):
    """Returns float64 distances, `(queries, candidates, numbers)` to `(queries, numbers)`."""
    codes, queries = codes.astype(np.float64), queries[:, None].astype(np.float64)
    if metric == "cosine":
        return np.clip(1 - np.sum(codes * queries, axis=2), 0, 2)
    return np.linalg.norm(codes - queries, axis=2)


def _smallest(scores, count):
    """Returns the columns of the smallest scores in each row."""
    if scores.shape[1] <= count:
        return np.broadcast_to(np.arange(scores.shape[1]), scores.shape)
    return np.argpartition(scores, count - 1, axis=1)[:, :count]
