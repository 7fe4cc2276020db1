"""The base of the layers that draw noise."""

import keras

from zoo.layers import step


class Noise(keras.layers.Layer):
    """Base of layers that draw noise in training, the same noise at each `evaluate`, else none.

    Args:
        seed: integer that the noise depends on; by default drawn from Keras's global seed, and 0
            in `evaluate`.
    """

    def __init__(self, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def next_seed(self, training: bool):
        """Returns a seed for `tf.random.stateless_*`, or None where no noise is drawn."""
        return step.seed(self, training)

    def get_config(self):
        return super().get_config() | {"seed": self.seed}
