"""The base class of the layers that draw noise."""

import keras

from zoo.layers import step


class Noise(keras.layers.Layer):
    """Base class of the layers that draw noise in `fit` and `evaluate`, and nowhere else.

    In training the noise is new each time; each `evaluate` draws the same noise.

    Args:
        seed: Integer, or None: then training draws a seed from Keras's global seed, and `evaluate`
            uses 0. Seed of the noise. Defaults to None.
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
        """Returns a seed for `tf.random.stateless_*`, or None where no noise must be drawn.

        Args:
            training: Boolean. True in a training step.

        Returns:
            An int32 tensor, `(2,)`, or None.
        """
        return step.seed(self, training)

    def get_config(self):
        return super().get_config() | {"seed": self.seed}
