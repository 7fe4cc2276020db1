"""Hides cells of a table with categories, and measures how well they are filled."""

import numpy as np

from zoo.datasets.dataset import Dataset
from zoo.inputs import chunks

HIDDEN = 0.2  # fraction of the observed cells of the test rows


def hidden_cells(table: Dataset, seed: int) -> np.ndarray:
    """Returns the test rows with a fifth of their observed cells missing too.

    Args:
        table: `Dataset` of features with columns of categories.
        seed: Integer. Seed of the cells.

    Returns:
        Float32 array, `(rows, columns)`, with NaN in the hidden cells and in missing numbers.

    Example:

    >>> rows = np.ones((50, 4), np.float32)
    >>> table = Dataset("ones", *(zoo.datasets.Split(rows, missing="mask") for _ in range(2)))
    >>> 0.1 < np.isnan(hidden_cells(table, 0)).mean() < 0.3
    np.True_
    """
    rows = table.test.inputs
    draw = np.random.default_rng(seed).random(rows.shape)
    return np.where((draw < HIDDEN) & ~table.columns.missing(rows), np.float32(np.nan), rows)


def common_row(table: Dataset) -> np.ndarray:
    """Returns the row of the mean number and the most frequent known category of each column.

    Args:
        table: `Dataset` of features with columns of categories.

    Returns:
        Float array, `(columns,)`, of the training rows.

    Example:

    >>> rows = zoo.datasets.Split(np.float32([[2], [2], [1]]), missing="mask", columns=[("a", "b")])
    >>> common_row(Dataset("three", rows, rows))
    array([1.])
    """
    rows, columns = table.train.inputs, table.columns
    result, _ = chunks.mean_and_deviation(rows)
    for n in columns.categories:
        known = rows[~columns.missing(rows)[:, n], n].astype(int)
        result[n] = np.bincount(known).argmax()
    return result


def filled_errors(table: Dataset, gaps: np.ndarray, filled: np.ndarray) -> dict:
    """Returns how far filled cells are from the truth.

    Args:
        table: `Dataset` of features with columns of categories.
        gaps: Array, as `hidden_cells` returns it.
        filled: Array of the same shape.

    Returns:
        A dict: `accuracy`, the mean over the columns of categories of the fraction that is right;
        `error`, the root mean squared error of the numbers in standard deviations of their columns;
        and `right`, the fraction of each column of categories by its position.

    Example:

    >>> columns = [("a", "b"), None]
    >>> rows = zoo.datasets.Split(np.float32([[0, 1], [1, 3]]), missing="mask", columns=columns)
    >>> gaps, filled = np.full((2, 2), np.nan), np.float32([[0, 1], [0, 2]])
    >>> filled_errors(Dataset("two", rows, rows), gaps, filled)["accuracy"]
    0.5
    """
    from zoo.evaluation.units import unit_of

    rows, columns = table.test.inputs, table.columns
    hidden = np.isnan(gaps) & ~columns.missing(rows)
    right = {
        n: float(np.mean((rows == filled)[hidden[:, n], n]))
        for n in columns.categories
        if hidden[:, n].any()
    }
    numbers = columns.numbers
    errors = ((filled - rows) / unit_of(table))[:, numbers][hidden[:, numbers]]
    return {
        "accuracy": float(np.mean([*right.values()])),
        "error": float(np.sqrt(np.mean(np.square(errors, dtype=np.float64)))),
        "right": right,
    }
