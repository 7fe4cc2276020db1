"""What a denoising auto-encoder has to undo: noise on its input, in `fit` and `evaluate` only."""

from typing import Literal, get_args

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from zoo.errors import UsageError, no_such
from zoo.layers.noise import Noise

Kind = Literal["gaussian", "masking", "salt_and_pepper"]
KINDS = get_args(Kind)


@keras.saving.register_keras_serializable(package="zoo")
class Corruption(Noise):
    """Corrupts its input, `(rows, ...)`, in `fit` and `evaluate`; passes it on anywhere else.

    Vincent, Larochelle, Lajoie, Bengio & Manzagol, 2010, section 3.3.

    Args:
        kind: `"gaussian"` adds N(0, level²); `"masking"` sets the share `level` of the values to
            the lowest of the range; `"salt_and_pepper"` sets it to the lowest or the highest, by
            a fair coin.
        level: the deviation, or the share of values within [0, 1].
        value_range: what the result is clipped to, or None: then masking sets to 0, and salt and
            pepper are 1 and -1.
        seed: integer that the noise depends on; by default drawn from Keras's global seed.
            `evaluate` draws the same noise each time.
    """

    def __init__(self, kind="gaussian", level=0.25, value_range=(0.0, 1.0), seed=None, **kwargs):
        super().__init__(seed, **kwargs)
        _check(kind, level)
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
    """Arrays corrupted as `Corruption` does it, the same each time: for measuring and showing."""
    layer = Corruption(kind, level, value_range, seed)
    return ops.convert_to_numpy(layer(ops.convert_to_tensor(x), training=True))


def _check(kind, level):
    if kind not in KINDS:
        raise no_such("kind of corruption", kind, list(KINDS))
    highest = np.inf if kind == "gaussian" else 1.0
    if not 0 <= level <= highest:
        raise UsageError(
            f"`level` of {kind} corruption must be in [0, {highest:g}]. Received: level={level!r}."
        )
