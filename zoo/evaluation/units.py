"""The units in which the columns of features are compared."""

import numpy as np

from zoo.inputs import chunks, kinds


def unit_of(dataset) -> np.ndarray:
    """Returns the standard deviation of each column of features over the training rows.

    The unit is 1 for a constant column, and for images, whose pixels share one unit.

    Args:
        dataset: `Dataset` of images or features.

    Returns:
        Float32 array of shape `(columns,)` for features, and `(1,)` for images.

    Example:

    >>> table = zoo.datasets.load(np.array([[0.0, 5.0], [4.0, 5.0]] * 50, np.float32))
    >>> unit_of(table)
    array([2., 1.], dtype=float32)
    """
    if not kinds.KINDS[dataset.kind].scaled:
        return np.ones(1, np.float32)
    # In float32, rounding would give a constant column a deviation above 0.
    _, deviation = chunks.mean_and_deviation(dataset.train.inputs)
    return np.where(deviation > 0, deviation, 1).astype(np.float32)
