"""Standardisation of features, and the distance of latent codes from those of known data."""

import keras
import numpy as np
from keras import ops

from zoo.errors import UsageError
from zoo.inputs import chunks, numbers
from zoo.inputs.lazy import LazyRows


@keras.saving.register_keras_serializable(package="zoo")
class Standardisation(keras.layers.Layer):
    """Layer that scales each column to zero mean and unit standard deviation, and back.

    `y = layer(x)`, and `x = layer(y, inverse=True)`. Input and output are `(rows, ...)`; the layer
    is always active. `adapt` learns mean and standard deviation from data; before that the layer is
    the identity. A constant column keeps its scale. The layer computes in float32 under any dtype
    policy: fewer bits would lose a small deviation beside a large mean.

    Args:
        per_channel: Boolean. Whether all numbers of a channel, the last axis, share one mean and
            deviation, as the steps of a signal do. Defaults to False, for one of each number.
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

    def __init__(self, per_channel=False, **kwargs):
        super().__init__(**{"dtype": "float32"} | kwargs)
        self.per_channel = per_channel

    def build(self, input_shape):
        shape = input_shape[-1:] if self.per_channel else input_shape[1:]
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
        """Learns mean and standard deviation of each column from its observed cells.

        Args:
            data: Array or `LazyRows`, `(rows, ...)`, at least one row. Missing cells are NaN.

        Raises:
            UsageError: If there are no rows, or if a column has no observed cell.
        """
        x = data if isinstance(data, LazyRows) else np.asarray(data)
        mean, deviation = moments_of_columns(x, self.per_channel)
        if not self.built:
            self.build((None, *x.shape[1:]))
        self.mean.assign(mean)
        varies = deviation > numbers.CONSTANT * np.abs(mean)  # more than float64's own rounding
        self.deviation.assign(np.where(varies, deviation, 1.0))
        self.rows.assign(len(data))

    def get_config(self):
        return super().get_config() | ({"per_channel": True} if self.per_channel else {})


def moments_of_columns(data, per_channel: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Returns mean and standard deviation of each column over its observed cells.

    Args:
        data: Array or `LazyRows`, `(rows, ...)`, at least one row. Missing cells are NaN.
        per_channel: Boolean. Whether all numbers of the last axis share one mean and deviation.
            Defaults to False, for those of each number.

    Returns:
        A pair of float64 arrays in the shape of one row, or `(channels,)` with `per_channel`.

    Raises:
        UsageError: If there are no rows, or if a column has no observed cell.

    Example:

    >>> moments_of_columns(np.array([[1.0, np.nan], [3.0, 5.0]]))
    (array([2., 5.]), array([1., 0.]))
    """
    x = data if isinstance(data, LazyRows) else np.asarray(data)
    if len(x) == 0:
        raise UsageError("There must be at least one row to adapt to. Received: 0.")
    mean, deviation = chunks.mean_and_deviation(x, per_channel)
    if np.isnan(mean).any():
        place = np.argwhere(np.isnan(mean))[0]
        raise UsageError(
            "Every column must hold a value in at least one row to learn from. Received: none in "
            f"column {', '.join(map(str, place))}, counted from 0. Leave it out."
        )
    return mean, deviation


SMALLEST_VARIANCE = 1e-4  # the smallest variance that counts, relative to the largest


@keras.saving.register_keras_serializable(package="zoo")
class MahalanobisDistance(keras.layers.Layer):
    """Layer that returns the Mahalanobis distance of each code from the codes it was adapted to.

    The distance is √((z - μ)ᵀ Σ⁻¹ (z - μ)), where μ and Σ are mean and covariance of the adapted
    codes (Mahalanobis, 1936): each direction is measured in the standard deviation of these codes.
    No standard deviation counts as less than a hundredth of the largest, so that a number that was
    constant in the adapted codes does not decide alone. Before `adapt` the distance is the length
    of the code. The layer is always active, computes in float32 under any dtype policy, and maps
    `(rows, numbers)` to `(rows,)`.

    Args:
        **kwargs: Arguments of `keras.layers.Layer`, such as `name`.

    Example:

    >>> layer = zoo.layers.MahalanobisDistance()
    >>> layer.adapt(np.array([[-2.0, 0.0], [2.0, 0.0], [0.0, -1.0], [0.0, 1.0]]))
    >>> layer(np.array([[2.0, 0.0], [0.0, 1.0]])).numpy().round(2)
    array([1.22, 1.22], dtype=float32)
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
        """Learns mean and covariance from codes.

        Args:
            data: Array, `(rows, numbers)`, with more rows than numbers.

        Raises:
            UsageError: If there are too few rows, or if all codes are the same.
        """
        z = np.asarray(data, np.float64)
        rows, size = z.shape
        if rows <= size:
            raise UsageError(
                f"There must be more rows to adapt to than the {size} numbers of a code. "
                f"Received: {rows}."
            )
        if not self.built:
            self.build((None, size))
        variances, directions = np.linalg.eigh(np.cov(z, rowvar=False).reshape(size, size))
        if variances[-1] <= 0:
            raise UsageError("A distance needs codes that differ. Received: all the same.")
        self.mean.assign(z.mean(axis=0))
        variances = np.maximum(variances, SMALLEST_VARIANCE * variances[-1])
        self.whitening.assign(directions / np.sqrt(variances))
