"""Latent semantic analysis as a baseline: its weighting is chosen on training texts held out."""

import itertools

import numpy as np

HELD_OUT = 1 / 12  # of the training texts
WEIGHTINGS = tuple(  # of scikit-learn's TfidfTransformer
    {"use_idf": idf, "sublinear_tf": logarithms, "norm": norm}
    for idf, logarithms, norm in itertools.product((False, True), (False, True), ("l2", None))
)


def choose(counts, labels, sizes, seed) -> dict[int, dict]:
    """For each number of components the weighting of the best P@10 on texts held out.

    Args:
        counts: how often each word is in each training text, `(rows, words)`.
        labels: the groups of those texts, `(rows,)`.
        sizes: numbers of components.
        seed: of which texts are held out, and of the decomposition.

    Returns:
        By number of components, the arguments of scikit-learn's TfidfTransformer.
    """
    from sklearn.model_selection import train_test_split

    from zoo.evaluation import retrieval

    split = train_test_split(counts, labels, test_size=HELD_OUT, random_state=seed)
    learnt, asked, groups, wanted = split
    found = {size: [] for size in sizes}
    for weighting in WEIGHTINGS:
        indexed, queries = codes(learnt, asked, max(sizes), weighting, seed)
        for size, tried in found.items():
            pair = indexed[:, :size], queries[:, :size]
            figures = retrieval.precision(pair[0], groups, pair[1], wanted, "cosine", (10,))
            tried.append(figures["p_at_10"])
    return {size: WEIGHTINGS[int(np.argmax(tried))] for size, tried in found.items()}


def codes(counts, asked, size, weighting, seed):
    """Of training texts and of others, by their counts, `(rows, words)`: `(rows, size)` each."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.pipeline import make_pipeline

    analysis = make_pipeline(
        TfidfTransformer(**weighting), TruncatedSVD(size, random_state=seed)
    ).fit(counts)
    return analysis.transform(counts), analysis.transform(asked)
