"""Optimizers whose step costs less than Keras's own."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="zoo")
class FusedAdam(keras.optimizers.Adam):
    """Keras's Adam, with one operation for the update of a weight instead of a dozen.

    At small batches a dense net's step is bound by the memory that the update goes through; the
    result is Keras's, up to rounding. Kingma & Ba, 2015, algorithm 1, in the form of section 2.
    Under a distribution strategy, and for AMSGrad, sparse gradients or fewer bits than float32,
    Keras's own operations are used.
    """

    def update_step(self, gradient, variable, learning_rate):
        plain = isinstance(gradient, tf.Tensor) and gradient.dtype == variable.dtype == tf.float32
        if self.amsgrad or not plain or tf.distribute.has_strategy():
            super().update_step(gradient, variable, learning_rate)
            return
        index = self._get_variable_index(variable)
        steps = tf.cast(self.iterations + 1, tf.float32)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=tf.pow(self.beta_1, steps),
            beta2_power=tf.pow(self.beta_2, steps),
            lr=tf.cast(learning_rate, tf.float32),
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=gradient,
        )


def get(name: str, **config):
    """Keras's optimizer of that name, or for `"adam"` the fused one."""
    if name == "adam":
        return FusedAdam(**config)
    return keras.optimizers.get({"class_name": name, "config": config})
