"""The tensors that a model's loss compares, and the sum of the loss terms in a step."""

import tensorflow as tf
from keras import ops

from zoo.layers import step


def compared(model, y, y_pred) -> tuple:
    """Returns target and reconstruction as the loss compares them.

    Standardised features are compared in standard deviations.

    Args:
        model: `AutoEncoder`.
        y: Target tensor, `(rows, *input_shape)`.
        y_pred: Reconstruction, in the same shape.

    Returns:
        A pair of tensors.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(2,), latent_dim=1)
    >>> y, y_pred = compared(model, np.zeros((3, 2)), np.ones((3, 2)))
    >>> y.shape, y_pred.shape
    ((3, 2), (3, 2))
    """
    scale = model.standardisation
    return (scale(y), scale(y_pred)) if scale else (y, y_pred)


def per_position(sample_weight, y):
    """Returns sample weights with the number of axes that a loss of `y` has.

    Args:
        sample_weight: Tensor of one weight for each row, `(rows,)`, or for each position of a row;
            or None.
        y: Target tensor, `(rows, ..., numbers)`.

    Example:

    >>> per_position(tf.ones(3), tf.ones((3, 28, 28, 1))).shape
    TensorShape([3, 1, 1])
    """
    if sample_weight is None or len(sample_weight.shape) != 1:
        return sample_weight
    return ops.reshape(sample_weight, (-1, *[1] * (len(y.shape) - 2)))


def terms():
    """Returns the sum of the loss terms in the current step of `fit` or `evaluate`, 0 if none.

    On several replicas it is divided by their number, as Keras divides its own losses.

    Example:

    >>> terms()
    0.0
    """
    collected = step.current() and step.current().loss()
    if collected is None:
        return 0.0
    return collected / tf.distribute.get_strategy().num_replicas_in_sync
