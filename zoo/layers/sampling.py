"""The stochastic code of a variational auto-encoder."""

import keras
import tensorflow as tf
from keras import ops

from zoo.layers.noise import Noise


@keras.saving.register_keras_serializable(package="zoo")
class Sampling(Noise):
    """Draws a code from N(mean, exp(log_variance)) in `fit` and `evaluate`; else returns the mean.

    Called on the pair `[mean, log_variance]`, each `(rows, code)`; returns `(rows, code)`.
    Kingma & Welling, 2014, section 2.4 (the reparameterisation).

    Args:
        seed: integer that the noise depends on; by default drawn from Keras's global seed.
            `evaluate` draws the same noise each time.
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
