"""Metrics of tables with columns of categories: of the numbers together, and of each category."""

import numpy as np

from zoo.evaluation import metrics
from zoo.evaluation.units import unit_of
from zoo.inputs import chunks
from zoo.inputs.categories import known_codes


def of_columns(dataset, reconstructions: np.ndarray) -> dict[str, float]:
    """Returns the metrics of reconstructions of the test rows, numbers and categories apart.

    Args:
        dataset: `Dataset` of features with columns of categories.
        reconstructions: Array, `(rows, columns)`, of the test rows.

    Returns:
        A dict: `mse` and `sse` of the columns of numbers in units of the training columns' standard
        deviations, if there are such columns; `accuracy/NAME`, the fraction of rows whose category
        is right, for each column of categories; and `category_accuracy`, their mean.

    Example:

    >>> import pandas
    >>> frame = pandas.DataFrame({"kind": ["a", "b"] * 10, "kg": np.arange(20) % 4})
    >>> data = zoo.datasets.load(frame)
    >>> of_columns(data, data.test.inputs)
    {'mse': 0.0, 'sse': 0.0, 'accuracy/kind': 1.0, 'category_accuracy': 1.0}
    """
    inputs, numbers = dataset.test.inputs, dataset.columns.numbers
    report = {}
    if numbers:
        unit = unit_of(dataset)[numbers]
        pair = inputs[:, numbers] / unit, reconstructions[:, numbers] / unit
        report = {"mse": metrics.mse(*pair), "sse": metrics.sse(*pair)}
    names, classes = dataset.column_names or range(len(dataset.columns)), dataset.columns.classes
    accuracies = {
        f"accuracy/{names[n]}": float(
            np.mean(reconstructions[:, n] == known_codes(inputs[:, n], classes[n]))
        )
        for n in dataset.columns.categories
    }
    return report | accuracies | {"category_accuracy": float(np.mean([*accuracies.values()]))}


def most_frequent(dataset) -> np.ndarray:
    """Returns the row of the mean number and the most frequent category of each training column.

    The mean is that of the observed numbers; a missing category is a class like others.

    Args:
        dataset: `Dataset` of features with columns of categories.

    Returns:
        Float32 array, `(1, columns)`.

    Example:

    >>> import pandas
    >>> frame = pandas.DataFrame({"kind": ["a", "b", "b", "b"] * 5, "kg": np.ones(20)})
    >>> most_frequent(zoo.datasets.load(frame))
    array([[1., 1.]], dtype=float32)
    """
    rows, columns = dataset.train.inputs, dataset.columns
    result, _ = chunks.mean_and_deviation(rows)
    for position in columns.categories:
        codes = known_codes(rows[:, position], columns.classes[position])
        result[position] = np.bincount(codes).argmax()
    return result[None].astype(np.float32)
