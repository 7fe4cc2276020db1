"""The stochastic code of a variational auto-encoder."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="zoo")
class Sampling(keras.layers.Layer):
    """Draws a code from N(mean, exp(log_variance)) in training; returns the mean otherwise.

    Called on the pair `[mean, log_variance]`, each `(rows, code)`; returns `(rows, code)`.
    Kingma & Welling, 2014, section 2.4 (the reparameterisation).

    Args:
        seed: of the noise; by default drawn from Keras's global seed.
    """

    def __init__(self, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, inputs, training=False):
        mean, log_variance = inputs
        if not training:
            return mean
        noise = keras.random.normal(ops.shape(mean), dtype=mean.dtype, seed=self.seed_generator)
        return mean + ops.exp(0.5 * log_variance) * noise

    def compute_output_shape(self, input_shape):
        return input_shape[0]

    def get_config(self):
        return super().get_config() | {"seed": self.seed}
