"""A bias whose gradient costs less than TensorFlow's own."""

import keras
import tensorflow as tf
from keras import ops


@keras.saving.register_keras_serializable(package="zoo")
class Bias(keras.layers.Layer):
    """Layer that adds a bias to each channel and applies an activation: `activation(x + bias)`.

    It is always active, takes any `(..., channels)`, and stands in for the bias of a layer that was
    built with `use_bias=False`.

    Args:
        activation: Name of a Keras activation, a function, or None for no activation. Defaults to
            None.
        **kwargs: Further arguments of `keras.layers.Layer`, such as `name`.

    Example:

    >>> zoo.fused.Bias("relu")(np.array([[-1.0, 2.0]])).numpy()
    array([[0., 2.]], dtype=float32)
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
    """Returns `x + bias`, where the gradient of the bias is computed by `sum_of_rows`.

    TensorFlow's own gradient is used under a distribution strategy, and in another precision than
    float32.

    Args:
        x: Tensor, `(..., channels)`.
        bias: `keras.Variable`, `(channels,)`.

    Returns:
        A tensor of the shape and dtype of `x`.

    Example:

    >>> with_bias(np.ones((1, 2), "float32"), keras.Variable([1.0, -1.0])).numpy()
    array([[2., 0.]], dtype=float32)
    """
    if x.dtype != tf.float32 or tf.distribute.has_strategy():
        return tf.nn.bias_add(x, ops.cast(bias, x.dtype))
    return _with_bias(x, tf.convert_to_tensor(bias.value))


@tf.custom_gradient
def _with_bias(x, bias):
    return tf.nn.bias_add(x, bias), lambda upstream: (upstream, sum_of_rows(upstream))


def sum_of_rows(x):
    """Returns the sum of a tensor over all axes but the last, computed as a product with ones.

    On a CPU the product takes less time than TensorFlow's own sum.

    Args:
        x: Tensor, `(..., channels)`.

    Returns:
        A tensor, `(channels,)`, of the dtype of `x`.

    Example:

    >>> sum_of_rows(np.array([[1.0, 2.0], [3.0, 4.0]], "float32")).numpy()
    array([4., 6.], dtype=float32)
    """
    x = tf.reshape(x, (-1, x.shape[-1]))
    return tf.squeeze(tf.matmul(tf.ones((1, tf.shape(x)[0]), x.dtype), x), 0)
