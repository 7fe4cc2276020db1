"""The tensors that a model's loss compares, and the sum of the loss terms in a step."""

import tensorflow as tf
from keras import ops

from zoo.layers import step


def compared(model, y, y_pred) -> tuple:
    """Returns target and reconstruction as the loss compares them.

    Standardised features are compared in standard deviations. Missing cells of the target, NaN, are
    equal in both, so that they have no error.

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
    y, y_pred = (scale(y), scale(y_pred)) if scale else (y, y_pred)
    return observed(y, y_pred) if model.missing == "mask" else (y, y_pred)


def observed(y, y_pred) -> tuple:
    """Returns target and reconstruction with zeros where a cell of the target is missing, NaN.

    Args:
        y: Target tensor, `(rows, *input_shape)`.
        y_pred: Reconstruction, in the same shape.

    Returns:
        A pair of tensors.

    Example:

    >>> y, y_pred = observed(np.array([[1.0, np.nan]]), np.array([[2.0, 3.0]]))
    >>> y_pred.numpy().tolist()
    [[2.0, 0.0]]
    """
    missing = ops.isnan(y)
    return ops.where(missing, 0.0, y), ops.where(missing, 0.0, y_pred)


def of_observed(model, sample_weight, y):
    """Returns sample weights with which a mean over all cells is one over the observed cells.

    A loss that sums over the cells of a row needs none: missing cells add nothing to it.

    Args:
        model: `AutoEncoder`.
        sample_weight: Tensor of one weight for each row, or for each position of a row; or None.
        y: Target tensor, `(rows, *input_shape)`, whose missing cells are NaN.

    Returns:
        A tensor, or None.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(2,), latent_dim=1)
    >>> of_observed(model, None, np.zeros((3, 2))) is None
    True
    """
    if model.missing != "mask" or getattr(model.loss, "sums_cells", False):
        return sample_weight
    seen = ops.cast(ops.logical_not(ops.isnan(y)), "float32")
    factor = ops.divide_no_nan(ops.cast(ops.size(seen), "float32"), ops.sum(seen))
    weights = tf.ones(tf.shape(y)[:1]) if sample_weight is None else sample_weight
    return factor * ops.cast(weights, "float32")


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
