"""Hides some cells of each row, so that a model must guess them from the others."""

import keras
import numpy as np
from keras import ops

from zoo.inputs.arguments import positive_integer

SEED = 0  # of the groups that are hidden together


@keras.saving.register_keras_serializable(package="zoo")
class HiddenCopies(keras.layers.Layer):
    """Layer that makes copies of each row, with other cells hidden in each, and averages errors.

    The cells of a row are divided into `groups` at random, `repeats` times, and a copy hides one
    group, whose cells become NaN: each cell is hidden in `repeats` copies. So
    `copies = layer(x)` maps `(rows, cells)` to `(rows * copies, cells)`, and
    `layer(x, errors)` returns the mean error of each cell over the copies that hide it,
    `(rows, cells)`; it is 0 for a cell that is missing in `x`. The layer is always active, and the
    groups are the same for every layer of these arguments.

    Args:
        groups: Positive integer. Number of groups, at most one for each cell. Defaults to 4.
        repeats: Positive integer. Defaults to 8.
        **kwargs: Arguments of `keras.layers.Layer`, such as `name`.

    Call arguments:
        inputs: Tensor, `(rows, cells)`.
        errors: Tensor, `(rows * copies, cells)`: the error of each cell of a copy. Defaults to
            None, which returns the copies.

    Raises:
        UsageError: If a number is not accepted.

    Example:

    >>> layer = zoo.layers.HiddenCopies(groups=2, repeats=1)
    >>> x = np.array([[1.0, 2.0]], "float32")
    >>> np.sort(layer(x), axis=0)
    array([[ 1.,  2.],
           [nan, nan]], dtype=float32)
    >>> layer(x, np.ones((2, 2), "float32")).numpy()
    array([[1., 1.]], dtype=float32)
    """

    def __init__(self, groups=4, repeats=8, **kwargs):
        super().__init__(**{"dtype": "float32"} | kwargs)
        self.groups = positive_integer("groups", groups)
        self.repeats = positive_integer("repeats", repeats)

    def masks(self, cells: int) -> np.ndarray:
        """Returns which cells each copy hides.

        Args:
            cells: Positive integer. Size of a row.

        Returns:
            Array of booleans, `(copies, cells)`.
        """
        random, groups = np.random.default_rng(SEED), min(self.groups, cells)
        masks = []
        for _ in range(self.repeats):
            group_of = random.permutation(np.arange(cells) % groups)
            masks += [group_of == group for group in range(groups)]
        return np.array(masks)

    def call(self, inputs, errors=None):
        cells = inputs.shape[-1]
        hidden = self.masks(cells)
        rows = inputs[:, None, :]  # (rows, 1, cells)
        if errors is None:
            return ops.reshape(ops.where(hidden, np.float32(np.nan), rows), (-1, cells))
        errors = ops.reshape(errors, (-1, len(hidden), cells))
        counted = ops.logical_and(hidden, ops.logical_not(ops.isnan(rows)))
        return ops.sum(ops.where(counted, errors, 0.0), axis=1) / self.repeats

    def compute_output_shape(self, inputs_shape, errors_shape=None):
        return inputs_shape if errors_shape is not None else (None, inputs_shape[-1])

    def get_config(self):
        return super().get_config() | {"groups": self.groups, "repeats": self.repeats}
