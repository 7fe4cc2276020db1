"""The nearest codes by a blocked matrix product: every code is looked at."""

import numpy as np

METRICS = ("l2", "cosine")
SCORES = 1 << 22  # at a time: small blocks leave BLAS's threads waiting for each other
QUERIES = 64  # at a time


class Exact:
    """Ranks codes by the distance to queries, up to a constant that a query's codes share.

    ½‖c − q‖² is ½‖c − m‖² − (q − m)·c and terms without c, for any m; at the codes' mean they
    round off least. Of unit vectors, −q·c ranks alike.

    Args:
        codes: float32, `(rows, numbers)`; for cosine of unit length, as `normalised` gives them.
        metric: `"l2"` or `"cosine"`.
    """

    def __init__(self, codes, metric="l2"):
        self.codes = codes
        self._centre = self._half = np.zeros(1, np.float32)
        if metric == "l2" and len(codes):
            self._centre = codes.mean(axis=0, dtype=np.float64).astype(np.float32)
            blocks = range(0, len(codes), 1 << 16)
            self._half = np.concatenate([self._half_squares(start, 1 << 16) for start in blocks])

    def scores(self, queries, start=0, stop=None) -> np.ndarray:
        """`(queries, stop - start)`, float32: the smaller, the nearer."""
        half = self._half if len(self._half) == 1 else self._half[start:stop]
        scores = (self._centre - queries) @ self.codes[start:stop].T
        scores += half
        return scores

    def candidates(self, queries, k: int) -> np.ndarray:
        """Rows among which the k nearest are, `(queries, k or more)`, in no order.

        They are more than k, so that what float32 rounds off puts none of the k out.
        """
        rows, most = len(self.codes), min(2 * k + 64, len(self.codes))
        block = max(most, SCORES // max(1, len(queries)))
        found, scored = [], []
        for start in range(0, rows, block):
            scores = self.scores(queries, start, start + block)
            kept = _smallest(scores, most)
            found.append(kept + start)
            scored.append(np.take_along_axis(scores, kept, axis=1))
        kept = _smallest(np.concatenate(scored, axis=1), most)
        return np.take_along_axis(np.concatenate(found, axis=1), kept, axis=1)

    def _half_squares(self, start, size):
        return 0.5 * np.square(self.codes[start : start + size] - self._centre).sum(axis=1)


def nearest(searcher, codes, queries, k: int, metric="l2") -> tuple[np.ndarray, np.ndarray]:
    """The k nearest codes of each query, nearest first; those equally near in the order of rows.

    Args:
        searcher: what proposes candidates: an `Exact`, or a `Graph`.
        codes: float32, `(rows, numbers)`; for cosine of unit length.
        queries: `(queries, numbers)`, likewise.
        k: at most the rows.
        metric: `"l2"`, the Euclidean distance, or `"cosine"`, 1 minus the cosine.

    Returns:
        Rows, int64, and distances, float64, both `(queries, k)`; -1 and infinity where a `Graph`
        proposed fewer.
    """
    rows, distances = np.empty((len(queries), k), np.int64), np.empty((len(queries), k))
    for start in range(0, len(queries), QUERIES):
        part = slice(start, start + QUERIES)
        candidates = np.sort(searcher.candidates(queries[part], k), axis=1)
        found = _distances(codes[candidates], queries[part], metric)
        found[candidates < 0] = np.inf
        order = np.argsort(found, axis=1, kind="stable")[:, :k]
        rows[part] = np.take_along_axis(candidates, order, axis=1)
        distances[part] = np.take_along_axis(found, order, axis=1)
    return rows, distances


def normalised(codes) -> np.ndarray:
    """Codes at unit length; a code of zeros, which has no direction, stays one."""
    length = np.linalg.norm(codes, axis=1, keepdims=True)
    return codes / np.where(length > 0, length, 1)


def _distances(codes, queries, metric):
    """Of `(queries, candidates, numbers)` to `(queries, numbers)`, in float64."""
    codes, queries = codes.astype(np.float64), queries[:, None].astype(np.float64)
    if metric == "cosine":
        return np.clip(1 - np.sum(codes * queries, axis=2), 0, 2)
    return np.linalg.norm(codes - queries, axis=2)


def _smallest(scores, most):
    """The columns of each row's smallest scores."""
    if scores.shape[1] <= most:
        return np.broadcast_to(np.arange(scores.shape[1]), scores.shape)
    return np.argpartition(scores, most - 1, axis=1)[:, :most]
