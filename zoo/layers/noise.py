"""Layers that draw noise in `fit` and `evaluate`: corrupted inputs and random latent codes."""

from typing import Literal, get_args

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from zoo.errors import UsageError, no_such
from zoo.layers import step


class Noise(keras.layers.Layer):
    """Base class of the layers that draw noise in `fit` and `evaluate`, and nowhere else.

    In training the noise is new each time; each `evaluate` draws the same noise.

    Args:
        seed: Integer. Seed of the noise. Defaults to None: training then draws a seed from Keras's
            global seed, and `evaluate` uses 0.
        **kwargs: Further arguments of `keras.layers.Layer`, such as `name`.

    Example:

    >>> zoo.layers.Noise(seed=0).next_seed(training=False) is None
    True
    """

    def __init__(self, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def next_seed(self, training: bool):
        """Returns a seed for `tf.random.stateless_*`, or None if no noise must be drawn.

        Args:
            training: Boolean. True in a training step.

        Returns:
            An int32 tensor, `(2,)`, or None.
        """
        return step.seed(self, training)

    def get_config(self):
        return super().get_config() | {"seed": self.seed}


Kind = Literal["gaussian", "masking", "salt_and_pepper"]
KINDS = get_args(Kind)


@keras.saving.register_keras_serializable(package="zoo")
class Corruption(Noise):
    """Layer that corrupts its input with noise, in `fit` and `evaluate` only.

    Anywhere else, as in `predict` or `encode`, the input, `(rows, ...)`, passes through unchanged.
    `evaluate` draws the same noise each time. Missing cells, NaN, stay missing. Vincent,
    Larochelle, Lajoie, Bengio & Manzagol, 2010, section 3.3.

    Args:
        kind: String. `"gaussian"` adds N(0, level²). `"masking"` sets a fraction `level` of the
            values to the lowest of the range. `"salt_and_pepper"` sets a fraction `level` of the
            values to the lowest or the highest of the range, with equal probability. Defaults to
            `"gaussian"`.
        level: Float. Standard deviation of Gaussian noise, at least 0, or the fraction of
            values, in [0, 1]. Defaults to 0.25.
        value_range: Pair of floats that Gaussian noise is clipped to and whose ends the other kinds
            set. None for no range: then Gaussian noise is not clipped, masking sets values to 0,
            and salt and pepper are 1 and -1. Defaults to `(0.0, 1.0)`.
        seed: Integer, or None to draw one from Keras's global seed. Seed of the noise. Defaults to
            None.
        **kwargs: Further arguments of `keras.layers.Layer`, such as `name`.

    Raises:
        UsageError: If `kind` or `level` is not accepted.

    Example:

    >>> layer = zoo.layers.Corruption("masking", 0.5, seed=0)
    >>> x = np.ones((1, 4))
    >>> layer(x).numpy()
    array([[1., 1., 1., 1.]], dtype=float32)
    >>> layer(x, training=True).numpy()
    array([[0., 1., 1., 1.]], dtype=float32)
    """

    def __init__(self, kind="gaussian", level=0.25, value_range=(0.0, 1.0), seed=None, **kwargs):
        super().__init__(seed, **kwargs)
        _check_level(kind, level)
        self.kind, self.level = kind, level
        self.value_range = value_range and tuple(value_range)

    def call(self, x, training=False):
        seed = self.next_seed(training) if self.level else None
        if seed is None:
            return x
        if self.kind == "gaussian":
            noise = tf.random.stateless_normal(tf.shape(x), seed, dtype=x.dtype)
            x = x + self.level * noise
            return ops.clip(x, *self.value_range) if self.value_range else x
        low, high = self.value_range or (-1.0, 1.0)
        draw = tf.random.stateless_uniform(tf.shape(x), seed, dtype=x.dtype)
        draw = ops.where(ops.isnan(x), 1.0, draw)  # which is no smaller than any level
        if self.kind == "masking":
            return ops.where(draw < self.level, low if self.value_range else 0.0, x)
        x = ops.where(draw < self.level, low, x)
        return ops.where(draw < self.level / 2, high, x)

    def get_config(self):
        return super().get_config() | {
            "kind": self.kind,
            "level": self.level,
            "value_range": self.value_range,
        }


def corrupt(x, kind: Kind = "gaussian", level=0.25, value_range=(0.0, 1.0), seed=0) -> np.ndarray:
    """Returns an array with the noise of a `Corruption` layer, the same noise at each call.

    Args:
        x: Array, `(rows, ...)`.
        kind: String. `"gaussian"`, `"masking"` or `"salt_and_pepper"`; see `Corruption`. Defaults
            to `"gaussian"`.
        level: Float. Standard deviation, or the fraction of values. Defaults to 0.25.
        value_range: Pair of floats, or None; see `Corruption`. Defaults to `(0.0, 1.0)`.
        seed: Integer. Seed of the noise. Defaults to 0.

    Returns:
        A float32 array of the shape of `x`.

    Raises:
        UsageError: If `kind` or `level` is not accepted.

    Example:

    >>> corrupt(np.full((1, 8), 0.5), "salt_and_pepper", 0.5)
    array([[1. , 0.5, 0.5, 0.5, 0. , 0.5, 0.5, 1. ]], dtype=float32)
    """
    layer = Corruption(kind, level, value_range, seed)
    return ops.convert_to_numpy(layer(ops.convert_to_tensor(x), training=True))


def _check_level(kind, level):
    if kind not in KINDS:
        raise no_such("kind of corruption", kind, list(KINDS))
    highest = np.inf if kind == "gaussian" else 1.0
    if not 0 <= level <= highest:
        raise UsageError(
            f"`level` of {kind} corruption must be in [0, {highest:g}]. Received: level={level!r}."
        )


@keras.saving.register_keras_serializable(package="zoo")
class Sampling(Noise):
    """Layer that draws a latent code from N(mean, exp(log_variance)), in `fit` and `evaluate` only.

    Anywhere else it returns the mean. It is called on the pair `[mean, log_variance]`, each
    `(rows, code)`, and returns `(rows, code)`. `evaluate` draws the same noise each time. Kingma &
    Welling, 2014, section 2.4 (the reparameterisation).

    Args:
        seed: Integer, or None to draw one from Keras's global seed. Seed of the noise. Defaults to
            None.
        **kwargs: Further arguments of `keras.layers.Layer`, such as `name`.

    Example:

    >>> layer = zoo.layers.Sampling(seed=0)
    >>> layer([np.array([[1.0, 2.0]]), np.zeros((1, 2))]).numpy()
    array([[1., 2.]], dtype=float32)
    """

    def call(self, inputs, training=False):
        mean, log_variance = inputs
        seed = self.next_seed(training)
        if seed is None:
            return mean
        noise = tf.random.stateless_normal(tf.shape(mean), seed, dtype=mean.dtype)
        return mean + ops.exp(0.5 * log_variance) * noise

    def compute_output_shape(self, input_shape):
        return input_shape[0]
