"""Latent semantic analysis as a baseline, with its weighting chosen on held-out training texts."""

import itertools

import numpy as np

HELD_OUT = 1 / 12  # fraction of the training texts
WEIGHTINGS = tuple(  # arguments of scikit-learn's TfidfTransformer
    {"use_idf": idf, "sublinear_tf": logarithms, "norm": norm}
    for idf, logarithms, norm in itertools.product((False, True), (False, True), ("l2", None))
)


def choose(counts, labels, sizes, seed) -> dict[int, dict]:
    """Returns for each number of components the weighting that is best on held-out texts.

    The best is the one with the highest precision among the 10 nearest texts.

    Args:
        counts: Array of shape `(rows, words)`. Word counts of the training texts.
        labels: Array of shape `(rows,)`. The groups of those texts.
        sizes: Sequence of integers. Numbers of components.
        seed: Integer. Seed of the held-out texts and of the decomposition.

    Returns:
        A dict from each number of components to arguments of scikit-learn's `TfidfTransformer`.

    Example:

    >>> counts = np.random.default_rng(0).poisson(1.0, size=(240, 20))
    >>> sorted(choose(counts, np.arange(240) % 2, sizes=(2,), seed=0)[2])
    ['norm', 'sublinear_tf', 'use_idf']
    """
    from sklearn.model_selection import train_test_split

    from zoo.evaluation import retrieval

    split = train_test_split(counts, labels, test_size=HELD_OUT, random_state=seed)
    train, test, train_labels, test_labels = split
    precisions = {size: [] for size in sizes}
    for weighting in WEIGHTINGS:
        indexed, queries = codes(train, test, max(sizes), weighting, seed)
        for size, values in precisions.items():
            pair = indexed[:, :size], queries[:, :size]
            result = retrieval.precision(
                pair[0], train_labels, pair[1], test_labels, "cosine", (10,)
            )
            values.append(result["p_at_10"])
    return {size: WEIGHTINGS[int(np.argmax(values))] for size, values in precisions.items()}


def codes(counts, queries, size, weighting, seed):
    """Returns the codes of training texts and of queries by latent semantic analysis.

    Args:
        counts: Array of shape `(rows, words)`. Word counts of the training texts, which it is
            fitted to.
        queries: Array of shape `(queries, words)`. Word counts of the queries.
        size: Integer. Number of components.
        weighting: Dict. Arguments of scikit-learn's `TfidfTransformer`.
        seed: Integer. Seed of the decomposition.

    Returns:
        A pair of arrays, `(rows, size)` and `(queries, size)`.

    Example:

    >>> counts = np.random.default_rng(0).poisson(1.0, size=(50, 20))
    >>> [z.shape for z in codes(counts, counts[:5], 3, WEIGHTINGS[0], seed=0)]
    [(50, 3), (5, 3)]
    """
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.pipeline import make_pipeline

    analysis = make_pipeline(
        TfidfTransformer(**weighting), TruncatedSVD(size, random_state=seed)
    ).fit(counts)
    return analysis.transform(counts), analysis.transform(queries)
