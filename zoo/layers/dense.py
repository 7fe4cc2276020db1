"""A dense layer whose training step costs less than that of Keras's own."""

import keras
import tensorflow as tf
from keras import ops


@keras.saving.register_keras_serializable(package="zoo")
class Dense(keras.layers.Dense):
    """Keras's Dense for `(rows, features)`; its results are Keras's, up to rounding.

    In training, the gradient of the bias is a product with ones, in place of a sum over the rows,
    which TensorFlow does on one thread while the others wait.
    """

    def call(self, inputs, training=None):
        if not training or not self.use_bias:
            return super().call(inputs, training=training)
        x = _with_bias(ops.matmul(inputs, self.kernel), tf.convert_to_tensor(self.bias.value))
        return x if self.activation is None else self.activation(x)


@tf.custom_gradient
def _with_bias(x, bias):
    def gradient(upstream):
        ones = tf.ones((1, tf.shape(upstream)[0]), upstream.dtype)
        return upstream, tf.squeeze(tf.matmul(ones, upstream), 0)

    return tf.nn.bias_add(x, bias), gradient
