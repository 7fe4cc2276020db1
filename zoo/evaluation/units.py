"""The units in which the columns of features are compared."""

import numpy as np

from zoo import arrays


def unit_of(dataset) -> np.ndarray:
    """Returns the standard deviation of each column of features over the training rows.

    It is 1 for a constant column, and for images, whose pixels share one unit.

    Args:
        dataset: A `Dataset` of images or features.
    """
    if dataset.kind != "features":
        return np.ones(1, np.float32)
    # In float32 a constant column would have a deviation, of rounding.
    _, deviation = arrays.mean_and_deviation(dataset.train.inputs)
    return np.where(deviation > 0, deviation, 1).astype(np.float32)
