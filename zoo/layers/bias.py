"""A bias whose gradient costs less than TensorFlow's own."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="zoo")
class Bias(keras.layers.Layer):
    """`activation(x + bias)`, for `x` of `(..., channels)`: the bias of a layer that has none.

    Args:
        activation: as of Keras's layers; None for none.
    """

    def __init__(self, activation=None, **kwargs):
        super().__init__(**kwargs)
        self.activation = keras.activations.get(activation)

    def build(self, input_shape):
        self.bias = self.add_weight(name="bias", shape=input_shape[-1:], initializer="zeros")

    def call(self, inputs):
        return self.activation(with_bias(inputs, self.bias))

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        activation = keras.activations.serialize(self.activation)
        return super().get_config() | {"activation": activation}


def with_bias(x, bias):
    """`x + bias`, `(..., channels)`; the gradient of the bias, a variable, is `sum_of_rows`."""
    return _with_bias(x, tf.convert_to_tensor(bias.value))


@tf.custom_gradient
def _with_bias(x, bias):
    return tf.nn.bias_add(x, bias), lambda upstream: (upstream, sum_of_rows(upstream))


def sum_of_rows(x):
    """The sum over all axes but the last of `(..., channels)`, `(channels,)`: a product with ones.

    On a CPU that takes less time than TensorFlow's own sum.
    """
    x = tf.reshape(x, (-1, x.shape[-1]))
    return tf.squeeze(tf.matmul(tf.ones((1, tf.shape(x)[0]), x.dtype), x), 0)
