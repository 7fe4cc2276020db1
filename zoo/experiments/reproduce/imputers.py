"""Imputers of scikit-learn, fitted to training rows with gaps, to compare ours with."""

import warnings

import numpy as np

NEIGHBOURS = (2, 5, 10, 20, 40)  # of which the best number is chosen on training cells
CHOSEN_ON = 500  # training rows, at most
HIDDEN = 0.2  # fraction of their observed cells that are hidden for it


def fill(train, test, seed: int) -> tuple[dict[str, np.ndarray], int]:
    """Returns test rows with their missing cells filled by each imputer.

    Args:
        train: Array of shape `(rows, columns)`, standardised, with NaN in missing cells. Every
            column has an observed cell.
        test: Array of shape `(other rows, columns)`, like `train`.
        seed: Integer. Seed of the cells on which the number of neighbours is chosen.

    Returns:
        A pair: a dict of arrays in the shape of `test`, by `mean`, the means of the training
        columns; `knn`, `KNNImputer`; and `iterative`, `IterativeImputer` with its default of
        Bayesian ridge regression, within the range of each training column. And the number of
        neighbours.

    Example:

    >>> x = np.random.default_rng(0).normal(size=(60, 3))
    >>> filled, neighbours = fill(np.where(x > 1, np.nan, x), np.full((1, 3), np.nan), seed=0)
    >>> list(filled), filled["knn"].shape
    (['mean', 'knn', 'iterative'], (1, 3))
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.experimental import enable_iterative_imputer  # noqa: F401, which adds the class
    from sklearn.impute import IterativeImputer, KNNImputer

    neighbours = _best_neighbours(train, seed)
    low, high = (pick(train, axis=0).astype(np.float64) for pick in (np.nanmin, np.nanmax))
    # A column with one value has no range; its imputer may return that value alone.
    iterative = IterativeImputer(
        random_state=seed, min_value=low, max_value=np.where(high > low, high, high + 1e-9)
    )
    with warnings.catch_warnings():  # it keeps its default of ten rounds, converged or not
        warnings.simplefilter("ignore", ConvergenceWarning)
        by_regression = iterative.fit(train).transform(test)
    return {
        "mean": np.where(np.isnan(test), np.nanmean(train, axis=0), test),
        "knn": KNNImputer(n_neighbors=neighbours).fit(train).transform(test),
        "iterative": by_regression,
    }, neighbours


def hidden_error(x, filled, hidden) -> float:
    """Returns the root of the mean squared error of filled cells.

    Args:
        x: Array of shape `(rows, columns)`. The true values.
        filled: Array of the same shape.
        hidden: Array of booleans in the same shape. The cells that count.

    Returns:
        A float.

    Example:

    >>> hidden_error(np.zeros((1, 2)), np.array([[3.0, 9.0]]), np.array([[True, False]]))
    3.0
    """
    return float(np.sqrt(np.mean(np.square(x[hidden] - filled[hidden]))))


def _best_neighbours(train, seed):
    """Returns the number of neighbours with the smallest error on hidden cells of training rows."""
    from sklearn.impute import KNNImputer

    random = np.random.default_rng(seed)
    rows = random.permutation(len(train))[:CHOSEN_ON]
    hidden = (random.random((len(rows), train.shape[1])) < HIDDEN) & ~np.isnan(train[rows])
    gaps = np.where(hidden, np.nan, train[rows])
    learn = train.copy()
    learn[rows] = gaps
    learn = np.where(np.isnan(learn).all(axis=0), train, learn)
    errors = {
        count: hidden_error(
            train[rows], KNNImputer(n_neighbors=count).fit(learn).transform(gaps), hidden
        )
        for count in NEIGHBOURS
    }
    return min(errors, key=errors.get)
