"""How far a code lies from the codes of known data, by their Gaussian."""

import keras
import numpy as np
from keras import ops

from zoo.errors import UsageError

LEAST = 1e-4  # of the largest variance


@keras.saving.register_keras_serializable(package="zoo")
class MahalanobisDistance(keras.layers.Layer):
    """From codes `(rows, numbers)` to `(rows,)`: the distance from those it was adapted to.

    √((z - μ)ᵀ Σ⁻¹ (z - μ)), with mean and covariance of the adapted codes: in their own deviations
    along every direction (Mahalanobis, 1936). No direction counts as narrower than a hundredth
    of the widest, so that a number that never changed among the known codes does not decide
    alone. Before `adapt` it is the length of the code. It computes in float32 under any policy.
    """

    def __init__(self, **kwargs):
        super().__init__(**{"dtype": "float32"} | kwargs)

    def build(self, input_shape):
        size = input_shape[-1]
        self.mean = self.add_weight(
            shape=(size,), initializer="zeros", trainable=False, name="mean"
        )
        self.whitening = self.add_weight(
            shape=(size, size), initializer="identity", trainable=False, name="whitening"
        )

    def call(self, inputs):
        white = ops.matmul(inputs - self.mean, self.whitening)
        return ops.sqrt(ops.sum(ops.square(white), axis=-1))

    def compute_output_shape(self, input_shape):
        return input_shape[:1]

    def adapt(self, data):
        """Takes mean and covariance from codes, `(rows, numbers)`, of more rows than numbers."""
        z = np.asarray(data, np.float64)
        rows, size = z.shape
        if rows <= size:
            raise UsageError(
                f"A distance of codes of {size} numbers needs more rows than that to adapt to. "
                f"Received: {rows}."
            )
        if not self.built:
            self.build((None, size))
        variances, directions = np.linalg.eigh(np.cov(z, rowvar=False).reshape(size, size))
        if variances[-1] <= 0:
            raise UsageError("A distance needs codes that differ. Received: all the same.")
        self.mean.assign(z.mean(axis=0))
        self.whitening.assign(directions / np.sqrt(np.maximum(variances, LEAST * variances[-1])))
