"""The random latent code of a variational auto-encoder."""

import keras
import tensorflow as tf
from keras import ops

from zoo.layers.noise import Noise


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
