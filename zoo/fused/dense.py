"""A dense layer whose training step is cheaper than that of Keras's own."""

import keras
import tensorflow as tf
from keras import ops

from zoo.fused.bias import with_bias


@keras.saving.register_keras_serializable(package="zoo")
class Dense(keras.layers.Dense):
    """Dense layer with the results of Keras's own, up to rounding, and a cheaper training step.

    It is always active, and maps `(rows, features)` to `(rows, units)`. In training the gradient of
    the bias is computed by `sum_of_rows`. Keras's own operations are used under a distribution
    strategy, in another precision than float32, and with quantised or low-rank (LoRA) kernels. Its
    arguments are those of `keras.layers.Dense`.

    Example:

    >>> layer = zoo.fused.Dense(2, kernel_initializer="ones")
    >>> layer(np.array([[1.0, 2.0, 3.0]])).numpy()
    array([[6., 6.]], dtype=float32)
    """

    def call(self, inputs, training=None):
        known = inputs.dtype == "float32" and not (self.lora_enabled or self.quantization_mode)
        if not (training and self.use_bias and known) or tf.distribute.has_strategy():
            return super().call(inputs, training=training)
        x = with_bias(ops.matmul(inputs, self.kernel), self.bias)
        return x if self.activation is None else self.activation(x)
