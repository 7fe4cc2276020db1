"""Optimizers whose step costs less than Keras's own.

At small batches a dense net's step is bound by the memory that an update goes through: here it is
one operation for each weight, instead of a dozen. The results are Keras's, up to rounding. Under a
distribution strategy, and for sparse gradients, fewer bits than float32 or a setting that the one
operation does not know, Keras's own operations are used.
"""

import threading

import keras
import tensorflow as tf

_threads = threading.local()  # what `apply` passes on to `update_step`


@keras.saving.register_keras_serializable(package="zoo")
class FusedAdam(keras.optimizers.Adam):
    """Keras's Adam. Kingma & Ba, 2015, algorithm 1, in the form of section 2."""

    def apply(self, grads, trainable_variables=None):
        steps = tf.cast(self.iterations + 1, tf.float32)
        # Once for all weights.
        _threads.powers = tf.pow(self.beta_1, steps), tf.pow(self.beta_2, steps)
        super().apply(grads, trainable_variables)
        del _threads.powers  # tensors of one graph

    def update_step(self, gradient, variable, learning_rate):
        if self.amsgrad or not _fusible(gradient, variable):
            super().update_step(gradient, variable, learning_rate)
            return
        index = self._get_variable_index(variable)
        beta_1_power, beta_2_power = _threads.powers
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=beta_1_power,
            beta2_power=beta_2_power,
            lr=tf.cast(learning_rate, tf.float32),
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=gradient,
        )


@keras.saving.register_keras_serializable(package="zoo")
class FusedSGD(keras.optimizers.SGD):
    """Keras's stochastic gradient descent; the update with momentum is fused."""

    def update_step(self, gradient, variable, learning_rate):
        if not self.momentum or not _fusible(gradient, variable):
            super().update_step(gradient, variable, learning_rate)
            return
        tf.raw_ops.ResourceApplyKerasMomentum(
            var=variable.handle,
            accum=self.momentums[self._get_variable_index(variable)].value.handle,
            lr=tf.cast(learning_rate, tf.float32),
            grad=gradient,
            momentum=self.momentum,
            use_nesterov=self.nesterov,
        )


FUSED = {"adam": FusedAdam, "sgd": FusedSGD}


def get(name: str, **config):
    """Keras's optimizer of that name, or the fused one where there is one."""
    if name in FUSED:
        return FUSED[name](**config)
    return keras.optimizers.get({"class_name": name, "config": config})


def _fusible(gradient, variable):
    plain = isinstance(gradient, tf.Tensor) and gradient.dtype == variable.dtype == tf.float32
    return plain and not tf.distribute.has_strategy()
