"""Losses that Keras has not, or computes in more operations."""

import keras
import tensorflow as tf
from keras import ops


@keras.saving.register_keras_serializable(package="zoo")
def binary_crossentropy(y_true, y_pred):
    """Keras's binary cross-entropy in nats, mean over the last axis, in fewer operations.

    Its gradient is that of probabilities as far within (0, 1) as they are taken for the logarithm.
    """
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.cast(y_true, y_pred.dtype)
    return ops.mean(_binary_crossentropies(y_true, y_pred), axis=-1)


@keras.saving.register_keras_serializable(package="zoo")
def summed_binary_crossentropy(y_true, y_pred):
    """Binary cross-entropy in nats, summed over all but the first axis: `(rows, 1, ...)`."""
    return _summed(binary_crossentropy, y_true, y_pred)


@keras.saving.register_keras_serializable(package="zoo")
def summed_squared_error(y_true, y_pred):
    """Squared error, summed over all but the first axis: `(rows, 1, ...)`."""
    return _summed(keras.losses.mean_squared_error, y_true, y_pred)


@keras.saving.register_keras_serializable(package="zoo")
def document_crossentropy(y_true, y_pred):
    """Of the words that make a document by those it is thought to have, in nats, `(rows,)`.

    -√n Σ p log q over the words: p the shares in `y_true`, whatever their sum, and n how many
    words they are; 0 of an empty document. A long document, which tells more, counts more; but not
    n times, as in a likelihood, for then a few of the longest are most of what is learnt.
    """
    total = ops.sum(y_true, axis=-1, keepdims=True)
    shares = ops.divide_no_nan(y_true, total)
    words = ops.sum(ops.cast(y_true > 0, y_pred.dtype), axis=-1)
    told = -ops.sum(shares * ops.log(ops.maximum(y_pred, 1e-9)), axis=-1)
    return ops.sqrt(words) * told


@keras.saving.register_keras_serializable(package="zoo")
def nothing(y_true, y_pred):
    """Zero: for a model whose whole objective is a term on its graph."""
    return ops.zeros_like(ops.sum(y_true, axis=-1))


def get(name: str):
    """Returns the loss of this module with that name, or else the name, for Keras's own."""
    own = (
        nothing,
        document_crossentropy,
        binary_crossentropy,
        summed_binary_crossentropy,
        summed_squared_error,
    )
    return next((loss for loss in own if loss.__name__ == name), name)


@tf.custom_gradient
def _binary_crossentropies(truth, thought):
    within = ops.clip(thought, keras.config.epsilon(), 1 - keras.config.epsilon())
    without = 1 - within
    no = ops.log(without)
    odds = no - ops.log(within)

    def gradient(upstream):
        return upstream * odds, upstream * ((within - truth) / (within * without))

    return truth * odds - no, gradient


def _summed(mean_over_last_axis, y_true, y_pred):
    means = mean_over_last_axis(y_true, y_pred)  # (rows, ...): one for each pixel
    axes = tuple(range(1, len(means.shape)))
    # As many axes as Keras's own losses have, so that weights fit both.
    return ops.sum(means, axis=axes, keepdims=True) * y_pred.shape[-1]
