"""Features of any unit and range, brought to one scale inside the model, and back."""

import keras
import numpy as np
from keras import ops

from zoo import arrays
from zoo.errors import UsageError


@keras.saving.register_keras_serializable(package="zoo")
class Standardisation(keras.layers.Layer):
    """Zero mean and unit deviation a column: `y = layer(x)`; back: `layer(y, inverse=True)`.

    `adapt` takes both from data; before, the layer is the identity. A column that never changes
    keeps its scale. Shapes stay as they are: `(rows, ...)`. It computes in float32 under any
    policy: fewer bits would lose a small deviation beside a large mean.
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
        """Whether `adapt` was called, in this process or before the weights were saved."""
        return bool(ops.convert_to_numpy(self.rows) > 0)

    def adapt(self, data):
        """Takes mean and deviation of each column from `data`, `(rows, ...)`."""
        x = np.asarray(data)
        if len(x) == 0:
            raise UsageError("There must be at least one row to adapt to. Received: 0.")
        if not self.built:
            self.build((None, *x.shape[1:]))
        mean, deviation = arrays.mean_and_deviation(x)
        self.mean.assign(mean)
        self.deviation.assign(np.where(deviation > 0, deviation, 1.0))
        self.rows.assign(len(x))
