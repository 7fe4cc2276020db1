"""Dense layers that also run backwards: a projection and its transpose share one kernel."""

import math

import keras
import numpy as np
from keras import ops

from zoo.errors import UsageError
from zoo.inputs import chunks
from zoo.inputs.arguments import positive_integer
from zoo.inputs.lazy import LazyRows, slices

MOST = 2000  # rows and features of which `PrincipalComponents` takes all


@keras.saving.register_keras_serializable(package="zoo")
class TransposableDense(keras.layers.Layer):
    """Dense layer that also runs backwards, with the same kernel transposed.

    `y = layer(x)` is x W + b, from `(rows, features)` to `(rows, units)`.
    `layer(y, transpose=True)` is y Wᵀ + c, back to `(rows, features)`. The layer is always active,
    and has no activation: use a separate layer for it.

    Args:
        units: Positive integer. Size of the code.
        kernel_initializer: Keras initializer of W, `(features, units)`, or its name. Defaults to
            `"glorot_uniform"`.
        **kwargs: Further arguments of `keras.layers.Layer`, such as `name`.

    Call arguments:
        inputs: Tensor, `(rows, features)`, or `(rows, units)` with `transpose`.
        transpose: Boolean. Run backwards. Defaults to False.

    Raises:
        UsageError: If `units` is not a positive integer.

    Example:

    >>> layer = zoo.layers.TransposableDense(1, kernel_initializer="ones")
    >>> y = layer(np.array([[1.0, 2.0, 3.0]]))
    >>> y.numpy(), layer(y, transpose=True).numpy()
    (array([[6.]], dtype=float32), array([[6., 6., 6.]], dtype=float32))
    """

    def __init__(self, units, kernel_initializer="glorot_uniform", **kwargs):
        super().__init__(**kwargs)
        self.units = positive_integer("units", units)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)

    def build(self, input_shape):
        features = input_shape[-1]
        self.kernel = self.add_weight(
            shape=(features, self.units), initializer=self.kernel_initializer, name="kernel"
        )
        self._build_biases(features)

    def _build_biases(self, features):
        self.bias = self.add_weight(shape=(self.units,), initializer="zeros", name="bias")
        self.transpose_bias = self.add_weight(
            shape=(features,), initializer="zeros", name="transpose_bias"
        )

    def call(self, inputs, transpose=False):
        if transpose:
            return ops.matmul(inputs, ops.transpose(self.kernel)) + self.transpose_bias
        return ops.matmul(inputs, self.kernel) + self.bias

    def get_config(self):
        return super().get_config() | {
            "units": self.units,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
        }


@keras.saving.register_keras_serializable(package="zoo")
class TiedDense(TransposableDense):
    """Linear projection that also runs backwards; `adapt` sets it to the principal components.

    `y = layer(x)` is (x - mean) W, from `(rows, features)` to `(rows, units)`.
    `layer(y, transpose=True)` is y Wᵀ + mean, back to `(rows, features)`. The layer is always
    active. Both `mean` and W can be learnt by gradient; `adapt` sets them to the exact optimum, the
    principal components (Baldi & Hornik, 1989).

    Args:
        units: Positive integer. Size of the code, at most the number of features.
        kernel_initializer: Keras initializer of W, `(features, units)`, or its name. Defaults to
            `"orthogonal"`.
        **kwargs: Further arguments of `keras.layers.Layer`, such as `name`.

    Call arguments:
        inputs: Tensor, `(rows, features)`, or `(rows, units)` with `transpose`.
        transpose: Boolean. Run backwards. Defaults to False.

    Raises:
        UsageError: If `units` is not a positive integer, or when the layer is built for fewer
            features than `units`.

    Example:

    >>> layer = zoo.layers.TiedDense(units=1)
    >>> layer.adapt(np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]]))
    >>> layer(np.array([[2.0, 2.0]])).numpy().round(3)
    array([[1.414]], dtype=float32)
    >>> layer.explained_variance_ratio.round(3)
    array([1.], dtype=float32)
    """

    def __init__(self, units, kernel_initializer="orthogonal", **kwargs):
        super().__init__(units, kernel_initializer, **kwargs)

    def build(self, input_shape):
        if self.units > input_shape[-1]:
            raise UsageError(
                f"A code of principal components can have no more than the {input_shape[-1]} "
                f"numbers of its input. Received: {self.units}."
            )
        super().build(input_shape)

    def _build_biases(self, features):
        self.mean = self.add_weight(shape=(features,), initializer="zeros", name="mean")
        self.variance_ratio = self.add_weight(
            shape=(self.units,), initializer="zeros", trainable=False, name="variance_ratio"
        )

    def call(self, inputs, transpose=False):
        if transpose:
            return ops.matmul(inputs, ops.transpose(self.kernel)) + self.mean
        return ops.matmul(inputs - self.mean, self.kernel)

    def adapt(self, data):
        """Sets mean and kernel to the principal components of data, in closed form.

        The components are in the order of the variance that they explain, and the largest entry of
        each is positive.

        Args:
            data: Array or `LazyRows`, `(rows, ...)`, of at least
                `max(2, units)` rows; further axes are flattened.

        Raises:
            UsageError: If there are too few rows.
        """
        x = data if isinstance(data, LazyRows) else np.asarray(data)
        rows, features = len(x), math.prod(x.shape[1:])
        if rows < max(2, self.units):
            raise UsageError(
                f"{self.units} principal components need at least {max(2, self.units)} rows. "
                f"Received: {rows}."
            )
        if not self.built:
            self.build((None, features))
        mean, components, variance_ratio, _ = _principal_components(x, self.units)
        self.kernel.assign(components)
        self.mean.assign(mean)
        self.variance_ratio.assign(variance_ratio)

    @property
    def explained_variance_ratio(self) -> np.ndarray:
        """Fraction of the data's variance along each component, `(units,)`; 0 before `adapt`."""
        return keras.ops.convert_to_numpy(self.variance_ratio)


@keras.saving.register_keras_serializable(package="zoo")
class PrincipalComponents(TiedDense):
    """Layer of the principal components of known rows, which training leaves as they are.

    It computes what `TiedDense` does, in units of the standard deviation of the first component,
    so that codes are small numbers whatever the number of features. `adapt` takes any number of
    rows: components for which rows or features are too few are zero, and before `adapt` all are. A
    network that is added to the layer's output, and starts at zero, then starts as PCA does.

    Args:
        units: Positive integer. Size of the code.
        kernel_initializer: Keras initializer of W, `(features, units)`, or its name. Defaults to
            `"zeros"`.
        **kwargs: Further arguments of `keras.layers.Layer`, such as `name`.

    Call arguments:
        inputs: Tensor, `(rows, features)`, or `(rows, units)` with `transpose`.
        transpose: Boolean. Run backwards. Defaults to False.

    Raises:
        UsageError: If `units` is not a positive integer.

    Example:

    >>> layer = zoo.layers.PrincipalComponents(units=2)
    >>> layer.adapt(np.array([[0.0, 0.0], [2.0, 2.0]]))
    >>> layer(np.array([[2.0, 2.0]])).numpy().round(3)
    array([[1., 0.]], dtype=float32)
    """

    def __init__(self, units, kernel_initializer="zeros", **kwargs):
        super().__init__(units, kernel_initializer, **{"trainable": False} | kwargs)

    def build(self, input_shape):
        TransposableDense.build(self, input_shape)

    def _build_biases(self, features):
        super()._build_biases(features)
        self.scale = self.add_weight(shape=(), initializer="ones", trainable=False, name="scale")
        self.rows = self.add_weight(shape=(), initializer="zeros", trainable=False, name="rows")

    def call(self, inputs, transpose=False):
        if transpose:
            return super().call(inputs * self.scale, transpose=True)
        return super().call(inputs) / self.scale

    @property
    def adapted(self) -> bool:
        """Returns whether `adapt` was called, in this process or before the weights were saved."""
        return bool(ops.convert_to_numpy(self.rows) > 0)

    def adapt(self, data):
        """Sets mean and kernel to the principal components of data, in closed form.

        Of more than 2,000 rows of more than 2,000 features, 2,000 rows are taken that are spread
        evenly over all.

        Args:
            data: Array or `LazyRows`, `(rows, ...)`; further axes are flattened.

        Raises:
            UsageError: If there are no rows.
        """
        x = data if isinstance(data, LazyRows) else np.asarray(data)
        rows, features = len(x), math.prod(x.shape[1:])
        if rows == 0:
            raise UsageError("There must be at least one row to adapt to. Received: 0.")
        if not self.built:
            self.build((None, features))
        if min(rows, features) > MOST:
            x = x[np.linspace(0, rows - 1, MOST).astype(int)]
        units = max(1, min(self.units, features, len(x) - 1))
        mean, components, variance_ratio, scale = _principal_components(x, units)
        missing = self.units - units
        self.kernel.assign(np.pad(components, ((0, 0), (0, missing))))
        self.mean.assign(mean)
        self.variance_ratio.assign(np.pad(variance_ratio, (0, missing)))
        self.scale.assign(scale if scale > 0 else 1.0)
        self.rows.assign(rows)


def _principal_components(x, units):
    """Returns the mean of rows, their components as columns, and what variance they explain.

    The last two are each component's fraction of the variance, and the first one's deviation.
    """
    rows, features = len(x), math.prod(x.shape[1:])
    mean = chunks.mean_of_rows(x).reshape(-1)
    # In parts: a copy of all rows in float64 would take twice the memory of the data.
    if features <= rows:
        products = np.zeros((features, features))
        for part in slices(rows, features):
            centred = x[part].reshape(-1, features) - mean
            products += centred.T @ centred
    else:  # the smaller matrix has the same eigenvalues; its eigenvectors are then mapped back
        x, products = np.asarray(x).reshape(rows, features), np.zeros((rows, rows))
        parts = [(slice(None), columns) for columns in slices(features, rows)]
        for part in parts:
            centred = x[part] - mean[part[1]]
            products += centred @ centred.T
    total = np.trace(products)
    variances, components = np.linalg.eigh(products)
    variances = variances[::-1][:units]
    components = components[:, ::-1][:, :units]
    if features > rows:
        components = np.concatenate([(x[part] - mean[part[1]]).T @ components for part in parts])
    components, _ = np.linalg.qr(components)
    largest = components[np.abs(components).argmax(axis=0), range(units)]
    variance_ratio = np.clip(variances / total, 0, 1) if total else 0 * variances
    deviation = np.sqrt(max(variances[0], 0) / rows)
    return mean, components * np.sign(largest), variance_ratio, deviation
