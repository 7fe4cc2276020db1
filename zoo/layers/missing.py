"""Layers that take missing cells, NaN, in their input, and hide further cells in training."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from zoo.inputs.arguments import fraction
from zoo.inputs.lazy import LazyRows
from zoo.layers.noise import Noise
from zoo.layers.normalization import moments_of_columns


@keras.saving.register_keras_serializable(package="zoo")
class MissingCells(Noise):
    """Layer that fills missing cells, NaN, and adds a learned linear function of their mask.

    With the mask m, 1 where a cell of x is missing and 0 elsewhere, the output is
    (1 - m) x + m μ + m K, where μ is the mean of each column, which `adapt` learns, and K a square
    kernel that starts at zero. So the layers behind it see both the values and the mask, and the
    output has the shape of the input, `(rows, ..., columns)`. The mask acts on the last axis.

    In `fit` and `evaluate` a fraction `hidden` of the observed cells is missing too, drawn anew in
    each training step and the same in each `evaluate`: a model learns to fill cells only if the
    loss counts cells that it did not see. Anywhere else no observed cell is hidden.

    Args:
        hidden: Float in [0, 1). Fraction of the observed cells that are hidden. Defaults to 0.2.
        seed: Integer, or None to draw one from Keras's global seed. Seed of the hidden cells.
            Defaults to None.
        **kwargs: Further arguments of `keras.layers.Layer`, such as `name`.

    Raises:
        UsageError: If `hidden` is not in [0, 1).

    Example:

    >>> layer = zoo.layers.MissingCells()
    >>> layer.adapt(np.array([[1.0, np.nan], [3.0, 5.0]]))
    >>> layer(np.array([[np.nan, 4.0]])).numpy()
    array([[2., 4.]], dtype=float32)
    """

    def __init__(self, hidden=0.2, seed=None, **kwargs):
        super().__init__(seed, **kwargs)
        self.hidden = fraction("hidden", hidden)

    def build(self, input_shape):
        size = input_shape[-1]
        self.mean = self.add_weight(
            shape=(size,), initializer="zeros", trainable=False, name="mean"
        )
        self.rows = self.add_weight(shape=(), initializer="zeros", trainable=False, name="rows")
        self.kernel = self.add_weight(shape=(size, size), initializer="zeros", name="kernel")

    def call(self, x, training=False):
        missing = ops.isnan(x)
        seed = self.next_seed(training) if self.hidden else None
        if seed is not None:
            draw = tf.random.stateless_uniform(tf.shape(x), seed)
            missing = ops.logical_or(missing, draw < self.hidden)
        mask = ops.cast(missing, self.compute_dtype)
        return ops.where(missing, ops.cast(self.mean, x.dtype), x) + ops.matmul(mask, self.kernel)

    @property
    def adapted(self) -> bool:
        """Returns whether `adapt` was called, in this process or before the weights were saved."""
        return bool(ops.convert_to_numpy(self.rows) > 0)

    def adapt(self, data):
        """Learns the mean of each column from its observed cells.

        Args:
            data: Array or `LazyRows`, `(rows, ..., columns)`, at least one row.

        Raises:
            UsageError: If there are no rows, or if a column has no observed cell.
        """
        x = data if isinstance(data, LazyRows) else np.asarray(data)
        mean, _ = moments_of_columns(x, per_channel=True)
        if not self.built:
            self.build((None, *x.shape[1:]))
        self.mean.assign(mean)
        self.rows.assign(len(x))

    def get_config(self):
        return super().get_config() | {"hidden": self.hidden}


@keras.saving.register_keras_serializable(package="zoo")
class HiddenCells(Noise):
    """Layer that makes observed cells missing, NaN, in `fit` and `evaluate` only.

    In a table with categories it stands before `OneHotColumns`, so that a hidden category is
    missing in all numbers of its classes. Which cells are hidden is drawn as by `MissingCells`.

    Args:
        hidden: Float in [0, 1). Fraction of the cells that are hidden. Defaults to 0.2.
        seed: Integer, or None to draw one from Keras's global seed. Seed of the hidden cells.
            Defaults to None.
        **kwargs: Further arguments of `keras.layers.Layer`, such as `name`.

    Raises:
        UsageError: If `hidden` is not in [0, 1).

    Example:

    >>> zoo.layers.HiddenCells(0.5, seed=0)(np.ones((1, 4)), training=True).numpy()
    array([[nan,  1.,  1.,  1.]], dtype=float32)
    """

    def __init__(self, hidden=0.2, seed=None, **kwargs):
        super().__init__(seed, **kwargs)
        self.hidden = fraction("hidden", hidden)

    def call(self, x, training=False):
        seed = self.next_seed(training) if self.hidden else None
        if seed is None:
            return x
        draw = tf.random.stateless_uniform(tf.shape(x), seed)
        return ops.where(draw < self.hidden, np.nan, x)

    def get_config(self):
        return super().get_config() | {"hidden": self.hidden}
