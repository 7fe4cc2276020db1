"""Detectors of other libraries, fitted to normal rows, to compare ours with."""

import numpy as np

from zoo.anomaly import measure
from zoo.inputs import numbers

COMPONENTS = (4, 8, 16, 24, 32, 48, 64, 96)  # of PCA; the best number is chosen
NEIGHBOURS = 5


def rival_scores(normal, rows, components: int, seed: int) -> dict[str, np.ndarray]:
    """Returns the anomaly scores of rows by each detector of scikit-learn.

    Args:
        normal: Array of shape `(normal rows, ...)`. The rows to fit to.
        rows: Array of shape `(rows, ...)`. The rows to score.
        components: Integer. Number of components of PCA.
        seed: Integer. Seed of the isolation forest.

    Returns:
        A dict of arrays, `(rows,)`: `pca`, the reconstruction error; `isolation_forest`; `knn`, the
        mean distance to the five nearest normal rows; and `lof`, the local outlier factor.

    Example:

    >>> x = np.random.default_rng(0).normal(size=(60, 4))
    >>> list(rival_scores(x[:50], x[50:], components=2, seed=0))
    ['pca', 'isolation_forest', 'knn', 'lof']
    """
    from sklearn.ensemble import IsolationForest
    from sklearn.neighbors import LocalOutlierFactor, NearestNeighbors

    normal, rows = (values.reshape(len(values), -1) for values in (normal, rows))
    neighbours = NearestNeighbors(n_neighbors=NEIGHBOURS).fit(normal)
    return {
        "pca": pca_error(normal, rows, components),
        "isolation_forest": -IsolationForest(random_state=seed).fit(normal).score_samples(rows),
        "knn": neighbours.kneighbors(rows)[0].mean(axis=1),
        "lof": -LocalOutlierFactor(novelty=True).fit(normal).score_samples(rows),
    }


def measure_rivals(normal, rows, anomalous, seed: int) -> tuple[dict[str, float], int]:
    """Measures the detectors of scikit-learn on rows of a table, standardised on the normal rows.

    Args:
        normal: Array of shape `(normal rows, columns)`. The rows to fit to.
        rows: Array of shape `(rows, columns)`. The rows to test.
        anomalous: Array of booleans, `(rows,)`. Whether each row is an anomaly.
        seed: Integer. Seed of the isolation forest.

    Returns:
        A pair: the AUROC of each detector of `rival_scores`, of `nearest`, the distance from the
        nearest normal row, and of `mahalanobis`, that from the mean of the normal rows; and the
        number of components of PCA, that with the highest AUROC on these rows.

    Example:

    >>> x = np.random.default_rng(0).normal(size=(60, 4))
    >>> aurocs, components = measure_rivals(x[:50], x[50:], np.arange(10) < 5, seed=0)
    >>> sorted(aurocs)
    ['isolation_forest', 'knn', 'lof', 'mahalanobis', 'nearest', 'pca']
    """
    from sklearn.covariance import EmpiricalCovariance

    mean, deviation = normal.mean(axis=0, dtype=float), normal.std(axis=0, dtype=float)
    deviation[deviation <= numbers.CONSTANT * np.abs(mean)] = 1  # a constant column
    normal, rows = ((values - mean) / deviation for values in (normal, rows))
    components = best_size(normal, rows, anomalous)
    scores = rival_scores(normal, rows, components, seed)
    scores["nearest"] = nearest_distance(normal, rows)
    scores["mahalanobis"] = EmpiricalCovariance().fit(normal).mahalanobis(rows)
    return {name: measure(each, anomalous)["auroc"] for name, each in scores.items()}, components


def best_size(normal, rows, anomalous) -> int:
    """Returns the number of PCA components with the highest AUROC on some rows.

    Args:
        normal: Array of shape `(normal rows, columns)`. The rows to fit to.
        rows: Array of shape `(rows, columns)`.
        anomalous: Array of booleans, `(rows,)`. Whether each row is an anomaly.

    Returns:
        An integer from 1 to one less than the number of columns and than that of normal rows, or 1.

    Example:

    >>> normal = np.random.default_rng(0).normal(size=(50, 3)) * [9, 9, 0.1]
    >>> best_size(normal, np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 5.0]]), np.array([False, True]))
    1
    """
    from sklearn.decomposition import PCA

    pca = PCA(svd_solver="full").fit(normal)
    squares = np.square(pca.transform(rows))
    outside = np.square(rows - pca.mean_).sum(axis=1) - squares.sum(axis=1)
    left = np.cumsum(squares[:, ::-1], axis=1)[:, ::-1] + np.maximum(outside, 0)[:, None]
    errors = left[:, 1:]  # of 1, 2, ... components
    aurocs = [measure(errors[:, size], anomalous)["auroc"] for size in range(errors.shape[1])]
    return 1 + int(np.argmax(aurocs)) if aurocs else 1


def pca_error(normal, rows, components: int) -> np.ndarray:
    """Returns the squared error of each row's reconstruction by a PCA of normal rows.

    Args:
        normal: Array of shape `(normal rows, values)`. The rows to fit to.
        rows: Array of shape `(rows, values)`.
        components: Integer. Number of components.

    Returns:
        Array of shape `(rows,)`.

    Example:

    >>> normal = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]])
    >>> pca_error(normal, np.array([[5.0, 3.0]]), components=1).round(3)
    array([9.])
    """
    return pca_errors(normal, rows, components).sum(axis=1)


def pca_errors(normal, rows, components: int) -> np.ndarray:
    """Returns the squared error of each value in the reconstruction by a PCA of normal rows.

    Args:
        normal: Array of shape `(normal rows, ...)`. The rows to fit to.
        rows: Array of shape `(rows, ...)`.
        components: Integer. Number of components.

    Returns:
        Array of the shape of `rows`.

    Example:

    >>> normal = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]])
    >>> pca_errors(normal, np.array([[5.0, 3.0]]), components=1).round(3)
    array([[0., 9.]])
    """
    from sklearn.decomposition import PCA

    pca = PCA(components, svd_solver="full").fit(normal.reshape(len(normal), -1))
    flat = rows.reshape(len(rows), -1)
    return np.square(flat - pca.inverse_transform(pca.transform(flat))).reshape(rows.shape)


def nearest_distance(normal, rows) -> np.ndarray:
    """Returns the distance of each row to the nearest normal row.

    Args:
        normal: Array of shape `(normal rows, ...)`.
        rows: Array of shape `(rows, ...)`.

    Returns:
        Array of shape `(rows,)`.

    Example:

    >>> nearest_distance(np.array([[0.0, 0.0], [3.0, 0.0]]), np.array([[3.0, 4.0]]))
    array([4.])
    """
    from sklearn.neighbors import NearestNeighbors

    normal, rows = (values.reshape(len(values), -1) for values in (normal, rows))
    return NearestNeighbors(n_neighbors=1).fit(normal).kneighbors(rows)[0][:, 0]


def best_components(normal, held_out, anomalies) -> int:
    """Returns the number of PCA components that best separates normal rows from anomalies.

    Args:
        normal: Array of shape `(normal rows, ...)`. The rows to fit to.
        held_out: Array of shape `(rows, ...)`. Other normal rows.
        anomalies: Array of shape `(anomalies, ...)`. Rows that are not normal, and are not tested
            later.

    Returns:
        An integer, one of `COMPONENTS`.

    Example:

    >>> x = np.random.default_rng(0).normal(size=(60, 9))
    >>> best_components(x[:40], x[40:50], x[50:] + 5) in COMPONENTS
    True
    """
    normal, *others = (x.reshape(len(x), -1) for x in (normal, held_out, anomalies))
    rows = np.concatenate(others)
    anomalous = np.arange(len(rows)) >= len(held_out)
    counts = [count for count in COMPONENTS if count < min(normal.shape)]
    return max(counts, key=lambda n: measure(pca_error(normal, rows, n), anomalous)["auroc"])
