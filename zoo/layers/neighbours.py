"""The distance of rows from the nearest of known rows."""

import keras
import numpy as np
from keras import ops

from zoo.errors import UsageError
from zoo.inputs.arguments import positive_integer

SAME = 1e-3  # a known row that is closer is taken for the row itself
SEED = 0  # of the draw of the known rows that are kept


@keras.saving.register_keras_serializable(package="zoo")
class NeighbourDistance(keras.layers.Layer):
    """Layer that returns the mean distance of each row from its nearest known rows.

    The distances are Euclidean, as in the anomaly score of Angiulli & Pizzuti (2002). A known row
    that is closer than 0.001 is taken for the row itself and left out, once, so that known rows are
    scored as other rows are. The layer keeps the known rows that it was adapted to; before `adapt`
    all of them are zeros. It is always active, computes in float32 under any dtype policy, and maps
    `(rows, numbers)` to `(rows,)`.

    Args:
        known_rows: Positive integer. Number of known rows that it keeps.
        neighbours: Positive integer. Number of the nearest known rows, less than `known_rows`.
            Defaults to 1.
        **kwargs: Arguments of `keras.layers.Layer`, such as `name`.

    Raises:
        UsageError: If a number is not accepted.

    Example:

    >>> layer = zoo.layers.NeighbourDistance(known_rows=3)
    >>> layer.adapt(np.array([[0.0, 0.0], [0.0, 2.0], [9.0, 9.0]]))
    >>> layer(np.array([[0.0, 0.5], [0.0, 0.0]])).numpy()
    array([0.5, 2. ], dtype=float32)
    """

    def __init__(self, known_rows, neighbours=1, **kwargs):
        super().__init__(**{"dtype": "float32"} | kwargs)
        self.known_rows = positive_integer("known_rows", known_rows)
        self.neighbours = positive_integer("neighbours", neighbours)
        if self.neighbours >= self.known_rows:
            raise UsageError(
                f"`neighbours` must be less than the {self.known_rows} known rows. "
                f"Received: neighbours={neighbours}."
            )

    def build(self, input_shape):
        shape = (self.known_rows, input_shape[-1])
        self.known = self.add_weight(
            shape=shape, initializer="zeros", trainable=False, name="known"
        )

    def call(self, inputs):
        # |x - k|² without |x|², which is the same for all known rows.
        half = 0.5 * ops.sum(ops.square(self.known), axis=-1)
        closeness = ops.matmul(inputs, ops.transpose(self.known)) - half  # (rows, known rows)
        _, nearest = ops.top_k(closeness, self.neighbours + 1)
        # Computed anew from the differences: those of large numbers lose the small distances.
        apart = inputs[:, None, :] - ops.take(self.known, nearest, axis=0)
        distances = ops.sqrt(ops.sum(ops.square(apart), axis=-1))  # (rows, neighbours + 1)
        closest = ops.min(distances, axis=-1)
        left_out = ops.where(closest < SAME, closest, ops.max(distances, axis=-1))
        return (ops.sum(distances, axis=-1) - left_out) / self.neighbours

    def compute_output_shape(self, input_shape):
        return input_shape[:1]

    def adapt(self, data):
        """Keeps known rows.

        Args:
            data: Array, `(rows, numbers)`, of at least `known_rows` rows. Of more rows, some are
                drawn, the same at each call.

        Raises:
            UsageError: If there are too few rows.
        """
        rows = np.asarray(data)
        if len(rows) < self.known_rows:
            raise UsageError(
                f"There must be at least {self.known_rows} rows to adapt to. Received: {len(rows)}."
            )
        if not self.built:
            self.build((None, rows.shape[-1]))
        kept = np.random.default_rng(SEED).permutation(len(rows))[: self.known_rows]
        self.known.assign(rows[np.sort(kept)])

    def get_config(self):
        numbers = {"known_rows": self.known_rows, "neighbours": self.neighbours}
        return super().get_config() | numbers
