"""Codes of bits: noise in training drives units to one end or the other, at rest they are there."""

import keras
from keras import ops

from zoo.errors import UsageError


@keras.saving.register_keras_serializable(package="zoo")
class BinaryCode(keras.layers.Layer):
    """From any numbers, `(rows, units)`, to bits, as 0.0 and 1.0.

    In training the sigmoid of the input under N(0, noise²): only where that is far from zero does
    the noise not matter, so units learn to be decided. At rest 1 where the input is above 0.
    Salakhutdinov & Hinton, 2009, section 3.3.

    Args:
        noise: its deviation; at least 0.
        seed: of the noise; by default drawn from Keras's global seed.
    """

    def __init__(self, noise=1.0, seed=None, **kwargs):
        super().__init__(**kwargs)
        if not noise >= 0:
            raise UsageError(f"`noise` must be at least 0. Received: noise={noise!r}.")
        self.noise, self.seed = noise, seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, x, training=False):
        if not training:
            return ops.cast(x > 0, x.dtype)
        noise = keras.random.normal(ops.shape(x), dtype=x.dtype, seed=self.seed_generator)
        return ops.sigmoid(x + self.noise * noise)

    @property
    def bits(self) -> float:
        """What one row's code weighs: a bit a unit."""
        return float(self.output.shape[-1])

    def get_config(self):
        return super().get_config() | {"noise": self.noise, "seed": self.seed}
