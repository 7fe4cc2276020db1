"""What a code tells of classes: by its neighbours, by a linear probe, by its clusters.

A figure that is not defined for the data is NaN; `zoo.evaluate` leaves it out. Rows are drawn by
seed where there are so many that a figure would take hours.
"""

import contextlib
import math
import warnings

import numpy as np

from zoo.evaluation.metrics import flat

KNN_ROWS, QUERIES = 60_000, 10_000  # rows to look among; rows to look up, or to cluster
MOST_CLASSES = 1000  # labels of more are names of rows rather than classes


def drawn(count: int, most: int, seed: int = 0) -> np.ndarray:
    """Returns the positions of at most `most` of `count` rows, drawn by seed, in order."""
    if count <= most:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).permutation(count)[:most])


def knn_accuracy(train_codes, train_labels, test_codes, test_labels, neighbours=5) -> float:
    """Share of test codes whose class most of the nearest training codes have (Euclidean)."""
    from sklearn.neighbors import KNeighborsClassifier

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of few rows for that many classes
        classifier = KNeighborsClassifier(min(neighbours, len(train_codes)), algorithm="brute")
        classifier.fit(flat(train_codes), train_labels)
        return float(np.mean(classifier.predict(flat(test_codes)) == test_labels))


def probe_accuracy(
    train_codes, train_labels, test_codes, test_labels, most_rows=10_000, seed=0
) -> float:
    """Share of test codes whose class a linear probe tells (Alain & Bengio, 2016).

    The probe is a logistic regression on standardised codes, fitted to at most `most_rows`
    training rows, drawn by seed, so that it stays quick; its penalty is the best of three on a
    fifth of them, so that many raw pixels are not overfitted where few code numbers are not.
    NaN if those rows are of one class, or of more than `MOST_CLASSES`.
    """
    rows = np.random.default_rng(seed).permutation(len(train_codes))[:most_rows]
    x, y = flat(train_codes)[rows].astype(np.float64), np.asarray(train_labels)[rows]
    if not 2 <= len(np.unique(y)) <= MOST_CLASSES:
        return math.nan
    held = len(y) // 5
    with _one_thread():
        strength = 1.0
        if held and len(np.unique(y[held:])) > 1:
            probe_of = {c: _probe(x[held:], y[held:], c) for c in (1.0, 0.1, 0.01)}
            strength = max(probe_of, key=lambda c: probe_of[c].score(x[:held], y[:held]))
        predicted = _probe(x, y, strength).predict(flat(test_codes).astype(np.float64))
    return float(np.mean(predicted == test_labels))


def nmi(codes, labels, seed=0) -> float:
    """Normalised mutual information, in [0, 1], of classes and k-means clusters of the codes.

    As many clusters as classes, the best of ten starts by seed; the mutual information over the
    mean of both entropies (Vinh, Epps & Bailey, 2010, NMI_sum).
    NaN if there is one class only, or if there are more than `MOST_CLASSES`.
    """
    from sklearn.cluster import KMeans
    from sklearn.metrics import normalized_mutual_info_score

    classes = len(np.unique(labels))
    if not 2 <= classes <= MOST_CLASSES:
        return math.nan
    with _one_thread():
        clusters = KMeans(classes, n_init=10, random_state=seed).fit_predict(flat(codes))
        return float(normalized_mutual_info_score(labels, clusters))


def _probe(x, y, strength):
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=200)).fit(x, y)


@contextlib.contextmanager
def _one_thread():
    """Many small matrix products: threads that wait for each other made them 15 times slower.

    That k-means found fewer clusters, or the probe stopped at its last step, is no fault of ours.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield
