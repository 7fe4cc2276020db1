"""A dense layer whose training step costs less than that of Keras's own."""

import keras
from keras import ops

from zoo.layers.bias import with_bias


@keras.saving.register_keras_serializable(package="zoo")
class Dense(keras.layers.Dense):
    """Keras's Dense for `(rows, features)`; its results are Keras's, up to rounding.

    In training, the gradient of the bias is `sum_of_rows`.
    """

    def call(self, inputs, training=None):
        if not training or not self.use_bias:
            return super().call(inputs, training=training)
        x = with_bias(ops.matmul(inputs, self.kernel), self.bias)
        return x if self.activation is None else self.activation(x)
