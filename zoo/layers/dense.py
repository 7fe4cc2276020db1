"""A dense layer whose training step costs less than that of Keras's own."""

import keras
import tensorflow as tf
from keras import ops


@keras.saving.register_keras_serializable(package="zoo")
class Dense(keras.layers.Dense):
    """Keras's Dense for `(rows, features)`; its results are Keras's, up to rounding.

    In training, the gradient of the bias is `sum_of_rows`.
    """

    def call(self, inputs, training=None):
        if not training or not self.use_bias:
            return super().call(inputs, training=training)
        x = _with_bias(ops.matmul(inputs, self.kernel), tf.convert_to_tensor(self.bias.value))
        return x if self.activation is None else self.activation(x)


@tf.custom_gradient
def _with_bias(x, bias):
    return tf.nn.bias_add(x, bias), lambda upstream: (upstream, sum_of_rows(upstream))


def sum_of_rows(x):
    """The sum over the rows of `(rows, features)`, `(features,)`: a product with ones.

    On a CPU that takes less time than TensorFlow's own sum.
    """
    return tf.squeeze(tf.matmul(tf.ones((1, tf.shape(x)[0]), x.dtype), x), 0)
