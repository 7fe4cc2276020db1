"""Measures, without labels, whether codes keep the neighbours of their rows."""

import numpy as np

from zoo.evaluation.metrics import flat


def neighbour_recall(train_rows, train_codes, rows, codes, k: int = 15) -> float:
    """Returns the fraction of the nearest training rows that are also nearest in the codes.

    Args:
        train_rows: Array of shape `(rows, ...)`.
        train_codes: Array of shape `(rows, ...)`. Their codes.
        rows: Array of shape `(queries, ...)`. Rows that are not among the training rows.
        codes: Array of shape `(queries, ...)`. Their codes.
        k: Integer. Number of neighbours of each query. Defaults to 15, or to the number of training
            rows if it is smaller.

    Returns:
        A float in [0, 1]: 1 if codes have the same neighbours as rows. By chance it is about
        k / rows.

    Example:

    >>> x = np.random.default_rng(0).random((50, 3), np.float32)
    >>> neighbour_recall(x[:40], 2 * x[:40], x[40:], 2 * x[40:], k=5)
    1.0
    """
    from sklearn.neighbors import NearestNeighbors

    k = min(k, len(train_rows))
    found = []
    for known, queries in ((train_rows, rows), (train_codes, codes)):
        search = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(flat(known))
        found.append(search.kneighbors(flat(queries), return_distance=False))
    shared = [len(np.intersect1d(*pair)) for pair in zip(*found, strict=True)]
    return float(np.mean(shared) / k)
