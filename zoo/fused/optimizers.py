"""Optimizers whose step takes fewer operations than that of Keras's own.

They read private variables of Keras's optimizers, and therefore fuse operations only under the
versions of Keras that they were tested with.
"""

import threading

import keras
import tensorflow as tf

KNOWN = (3, 13) <= tuple(map(int, keras.version().split(".")[:2])) <= (3, 15)

_threads = threading.local()  # what `apply` passes on to `update_step`


@keras.saving.register_keras_serializable(package="zoo")
class FusedAdam(keras.optimizers.Adam):
    """Keras's Adam, in one operation for each weight instead of a dozen.

    It is algorithm 1 of Kingma & Ba, 2015, in the form of section 2. The results are Keras's, up to
    rounding. With small batches the time of a dense network's step is mostly that of reading and
    writing memory in the update. Keras's own operations are used under a distribution strategy,
    with `amsgrad`, for sparse gradients, for gradients or weights that are not float32, and under
    versions of Keras that it was not tested with. Its arguments are those of
    `keras.optimizers.Adam`.

    Example:

    >>> weight = keras.Variable([1.0])
    >>> FusedAdam(learning_rate=0.1).apply([tf.constant([2.0])], [weight])
    >>> weight.numpy().round(3)
    array([0.9], dtype=float32)
    """

    def apply(self, grads, trainable_variables=None):
        """Updates variables by their gradients, as Keras's `apply` does.

        Args:
            grads: List of gradients.
            trainable_variables: List of variables; None for those that the optimizer was built
                with. Defaults to None.
        """
        steps = tf.cast(self.iterations + 1, tf.float32)
        # Computed once for all weights.
        _threads.powers = tf.pow(self.beta_1, steps), tf.pow(self.beta_2, steps)
        super().apply(grads, trainable_variables)
        del _threads.powers  # they belong to one graph

    def update_step(self, gradient, variable, learning_rate):
        """Updates one variable by its gradient.

        Args:
            gradient: Tensor in the shape of the variable.
            variable: `keras.Variable`.
            learning_rate: Float, or scalar tensor.
        """
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
    """Keras's stochastic gradient descent, where an update with momentum is one operation.

    The results are Keras's, up to rounding. Keras's own operations are used without momentum, under
    a distribution strategy, for sparse gradients, for gradients or weights that are not float32,
    and under versions of Keras that it was not tested with. Its arguments are those of
    `keras.optimizers.SGD`.

    Example:

    >>> weight = keras.Variable([1.0])
    >>> FusedSGD(learning_rate=0.1, momentum=0.9).apply([tf.constant([2.0])], [weight])
    >>> weight.numpy().round(3)
    array([0.8], dtype=float32)
    """

    def update_step(self, gradient, variable, learning_rate):
        """Updates one variable by its gradient.

        Args:
            gradient: Tensor in the shape of the variable.
            variable: `keras.Variable`.
            learning_rate: Float, or scalar tensor.
        """
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


def _fusible(gradient, variable):
    plain = isinstance(gradient, tf.Tensor) and gradient.dtype == variable.dtype == tf.float32
    return KNOWN and plain and not tf.distribute.has_strategy()
