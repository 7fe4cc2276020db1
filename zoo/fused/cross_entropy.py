"""A binary cross-entropy that takes fewer operations than Keras's own."""

import keras
import tensorflow as tf
from keras import ops


@keras.saving.register_keras_serializable(package="zoo")
def binary_crossentropy(y_true, y_pred):
    """Returns Keras's binary cross-entropy in nats, computed in fewer operations.

    For the logarithm, probabilities are clipped to lie within (0, 1) as in Keras; the gradient is
    the one at the clipped probabilities. Keras's own function is used for probabilities that are
    not float32.

    Args:
        y_true: Tensor, `(rows, ..., numbers)`, with values in [0, 1].
        y_pred: Tensor of probabilities in the same shape.

    Returns:
        A tensor, `(rows, ...)`: the mean over the last axis.

    Example:

    >>> binary_crossentropy(np.array([[1.0, 0.0]]), np.array([[0.5, 0.5]])).numpy().round(3)
    array([0.693])
    """
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.cast(y_true, y_pred.dtype)
    if y_pred.dtype != tf.float32:
        return keras.losses.binary_crossentropy(y_true, y_pred)
    return ops.mean(_binary_crossentropies(y_true, y_pred), axis=-1)


@tf.custom_gradient
def _binary_crossentropies(truth, thought):
    within = ops.clip(thought, keras.config.epsilon(), 1 - keras.config.epsilon())
    without = 1 - within
    no = ops.log(without)
    odds = no - ops.log(within)

    def gradient(upstream):
        return upstream * odds, upstream * ((within - truth) / (within * without))

    return truth * odds - no, gradient
