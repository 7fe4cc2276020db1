"""Standardisation of features inside a model, and its inverse."""

import keras
import numpy as np
from keras import ops

from zoo.errors import UsageError
from zoo.inputs import arrays


@keras.saving.register_keras_serializable(package="zoo")
class Standardisation(keras.layers.Layer):
    """Layer that scales each column to zero mean and unit standard deviation, and back.

    `y = layer(x)`, and `x = layer(y, inverse=True)`. Input and output are `(rows, ...)`; the layer
    is always active. `adapt` learns mean and standard deviation from data; before that the layer is
    the identity. A column that never changes keeps its scale. It computes in float32 under any
    dtype policy: fewer bits would lose a small deviation beside a large mean.

    Args:
        **kwargs: Arguments of `keras.layers.Layer`, such as `name`.

    Call arguments:
        inputs: Tensor, `(rows, ...)`.
        inverse: Boolean. Scale back. Defaults to False.

    Example:

    >>> layer = zoo.layers.Standardisation()
    >>> layer.adapt(np.array([[1.0, 10.0], [3.0, 30.0]]))
    >>> layer(np.array([[1.0, 20.0]])).numpy()
    array([[-1.,  0.]], dtype=float32)
    >>> layer(np.array([[-1.0, 0.0]]), inverse=True).numpy()
    array([[ 1., 20.]], dtype=float32)
    """

    def __init__(self, **kwargs):
        super().__init__(**{"dtype": "float32"} | kwargs)

    def build(self, input_shape):
        shape = input_shape[1:]
        self.mean = self.add_weight(shape=shape, initializer="zeros", trainable=False, name="mean")
        self.deviation = self.add_weight(
            shape=shape, initializer="ones", trainable=False, name="deviation"
        )
        self.rows = self.add_weight(shape=(), initializer="zeros", trainable=False, name="rows")

    def call(self, inputs, inverse=False):
        if inverse:
            return inputs * self.deviation + self.mean
        return (inputs - self.mean) / self.deviation

    @property
    def adapted(self) -> bool:
        """Returns whether `adapt` was called, in this process or before the weights were saved."""
        return bool(ops.convert_to_numpy(self.rows) > 0)

    def adapt(self, data):
        """Learns mean and standard deviation of each column.

        Args:
            data: Array, `(rows, ...)`, at least one row.

        Raises:
            UsageError: If there are no rows.
        """
        x = np.asarray(data)
        if len(x) == 0:
            raise UsageError("There must be at least one row to adapt to. Received: 0.")
        if not self.built:
            self.build((None, *x.shape[1:]))
        mean, deviation = arrays.mean_and_deviation(x)
        self.mean.assign(mean)
        self.deviation.assign(np.where(deviation > 0, deviation, 1.0))
        self.rows.assign(len(x))
