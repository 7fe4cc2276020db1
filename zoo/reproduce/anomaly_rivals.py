"""Detectors of others, fitted on normal rows: what ours are held against."""

import numpy as np

from zoo.anomaly import measure

COMPONENTS = (4, 8, 16, 24, 32, 48, 64, 96)  # of PCA, of which the best is chosen
NEIGHBOURS = 5


def rival_scores(normal, rows, components: int, seed: int) -> dict[str, np.ndarray]:
    """Returns the anomaly scores of rows by each rival.

    Args:
        normal: The rows to fit on, `(rows, ...)`.
        rows: The rows to score.
        components: The number of PCA's components.
        seed: The seed of the isolation forest.

    Returns:
        `pca`, the reconstruction error; `isolation_forest`; `knn`, the mean distance of the five
        nearest normal rows; and `lof`, the local outlier factor.
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


def pca_error(normal, rows, components: int) -> np.ndarray:
    """Returns what PCA of normal rows, both `(rows, values)`, leaves of each row, squared."""
    from sklearn.decomposition import PCA

    pca = PCA(components, svd_solver="full").fit(normal)
    return np.square(rows - pca.inverse_transform(pca.transform(rows))).sum(axis=1)


def best_components(normal, held_out, anomalies) -> int:
    """Returns the number of PCA's components that best tells held-out normal rows from anomalies.

    Args:
        normal: The rows to fit on, `(rows, ...)`.
        held_out: Other normal rows.
        anomalies: Rows that are not normal, none of which is tested later.
    """
    normal, *others = (x.reshape(len(x), -1) for x in (normal, held_out, anomalies))
    rows = np.concatenate(others)
    anomalous = np.arange(len(rows)) >= len(held_out)
    counts = [count for count in COMPONENTS if count < min(normal.shape)]
    return max(counts, key=lambda n: measure(pca_error(normal, rows, n), anomalous)["auroc"])
