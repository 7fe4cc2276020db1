"""The units in which the columns of features and the channels of sequences are compared."""

import numpy as np

from zoo.inputs import chunks, kinds


def unit_of(dataset) -> np.ndarray:
    """Returns the standard deviation of each column or channel over the training rows.

    The unit is 1 for a constant column, and for images and volumes, whose values share one unit.

    Args:
        dataset: `Dataset` of numbers.

    Returns:
        Float32 array of shape `(columns,)` for features, `(channels,)` for sequences, and `(1,)`
        for other kinds.

    Example:

    >>> table = zoo.datasets.load(np.array([[0.0, 5.0], [4.0, 5.0]] * 50, np.float32))
    >>> unit_of(table)
    array([2., 1.], dtype=float32)
    """
    if not kinds.KINDS[dataset.kind].scaled:
        return np.ones(1, np.float32)
    # In float32, rounding would give a constant column a deviation above 0.
    rows = dataset.train.inputs
    _, deviation = chunks.mean_and_deviation(rows.reshape(-1, rows.shape[-1]))
    return np.where(deviation > 0, deviation, 1).astype(np.float32)
