"""Measures what codes reveal about classes: by neighbours, by a linear probe, by clusters.

A metric that is not defined for the data is NaN; `zoo.evaluate` leaves it out. Where all rows would
take hours, a random sample of them is used.
"""

import contextlib
import math
import warnings

import numpy as np

from zoo.evaluation.metrics import flat

KNN_ROWS, QUERIES = 60_000, 10_000  # the largest numbers of training rows and of test rows
MOST_CLASSES = 1000  # if there are more different labels, they name rows rather than classes


def drawn(count: int, most: int, seed: int = 0) -> np.ndarray:
    """Returns the positions of at most `most` of `count` rows, drawn at random, in order.

    Args:
        count: Integer. Number of rows.
        most: Integer. The largest number of positions.
        seed: Integer. Seed of the draw. Defaults to 0.

    Returns:
        Array of integers, ascending.

    Example:

    >>> drawn(3, most=5)
    array([0, 1, 2])
    """
    if count <= most:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).permutation(count)[:most])


def knn_accuracy(train_codes, train_labels, test_codes, test_labels, neighbours=5) -> float:
    """Returns the accuracy of a nearest-neighbour classifier of test codes.

    The nearest training codes by Euclidean distance vote on the class of each test code.

    Args:
        train_codes: Array of shape `(rows, ...)`.
        train_labels: Array of shape `(rows,)`.
        test_codes: Array of shape `(test rows, ...)`.
        test_labels: Array of shape `(test rows,)`.
        neighbours: Integer. Number of nearest training codes that vote. Defaults to 5, or to the
            number of training rows if it is smaller.

    Returns:
        A float in [0, 1].

    Example:

    >>> codes, labels = np.array([[0.0], [0.1], [1.0], [1.1]]), np.array([0, 0, 1, 1])
    >>> knn_accuracy(codes, labels, codes, labels, neighbours=1)
    1.0
    """
    from sklearn.neighbors import KNeighborsClassifier

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # about few rows for many classes
        classifier = KNeighborsClassifier(min(neighbours, len(train_codes)), algorithm="brute")
        classifier.fit(flat(train_codes), train_labels)
        return float(np.mean(classifier.predict(flat(test_codes)) == test_labels))


def probe_accuracy(
    train_codes, train_labels, test_codes, test_labels, most_rows=10_000, seed=0
) -> float:
    """Returns the accuracy of a linear probe on test codes (Alain & Bengio, 2016).

    The probe is a logistic regression on standardised codes. It is fitted to at most `most_rows`
    training rows, drawn at random, so that it stays quick. The strength of its L2 penalty is the
    best of three on a fifth of these rows, so that a probe of many raw pixels does not overfit
    more than a probe of short codes.

    Args:
        train_codes: Array of shape `(rows, ...)`.
        train_labels: Array of shape `(rows,)`.
        test_codes: Array of shape `(test rows, ...)`.
        test_labels: Array of shape `(test rows,)`.
        most_rows: Integer. The largest number of training rows. Defaults to 10,000.
        seed: Integer. Seed of the draw of these rows. Defaults to 0.

    Returns:
        A float in [0, 1]; NaN if the drawn training rows belong to one class, or to more than
        1,000.

    Example:

    >>> codes, labels = np.array([[0.0], [0.1], [1.0], [1.1]]), np.array([0, 0, 1, 1])
    >>> probe_accuracy(codes, labels, codes, labels)
    1.0
    """
    rows = np.random.default_rng(seed).permutation(len(train_codes))[:most_rows]
    x, y = flat(train_codes)[rows].astype(np.float64), np.asarray(train_labels)[rows]
    if not 2 <= len(np.unique(y)) <= MOST_CLASSES:
        return math.nan
    held_out = len(y) // 5
    with _one_thread():
        strength = 1.0
        if held_out and len(np.unique(y[held_out:])) > 1:
            probe_of = {c: _probe(x[held_out:], y[held_out:], c) for c in (1.0, 0.1, 0.01)}
            strength = max(probe_of, key=lambda c: probe_of[c].score(x[:held_out], y[:held_out]))
        predicted = _probe(x, y, strength).predict(flat(test_codes).astype(np.float64))
    return float(np.mean(predicted == test_labels))


def nmi(codes, labels, seed=0) -> float:
    """Returns the normalised mutual information of classes and k-means clusters of the codes.

    The number of clusters is that of the classes, and k-means keeps the best of ten random starts.
    The mutual information is divided by the mean of both entropies (Vinh, Epps & Bailey, 2010,
    NMI_sum).

    Args:
        codes: Array of shape `(rows, ...)`.
        labels: Array of shape `(rows,)`.
        seed: Integer. Seed of the starts. Defaults to 0.

    Returns:
        A float in [0, 1]; NaN if there is only one class, or more than 1,000.

    Example:

    >>> codes, labels = np.array([[0.0], [0.1], [1.0], [1.1]]), np.array([0, 0, 1, 1])
    >>> round(nmi(codes, labels), 6)
    1.0
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
    """Limits numerical libraries to one thread, and silences warnings of scikit-learn.

    The matrix products are many and small: threads that wait for each other made them 15 times
    slower. The warnings say that k-means found fewer clusters, or that the probe reached its last
    step; the caller can change neither.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield
