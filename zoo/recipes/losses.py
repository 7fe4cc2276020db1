"""The losses that a recipe names, beside those of Keras."""

import inspect

import keras
from keras import ops

from zoo.errors import no_such
from zoo.fused import binary_crossentropy


@keras.saving.register_keras_serializable(package="zoo")
def summed_binary_crossentropy(y_true, y_pred):
    """Returns the binary cross-entropy in nats, summed over all axes but the first.

    Args:
        y_true: Tensor, `(rows, ..., numbers)`, with values in [0, 1].
        y_pred: Tensor of probabilities in the same shape.

    Returns:
        A tensor, `(rows, 1, ...)`, with one axis less than `y_true`.

    Example:

    >>> x, y = np.zeros((3, 28, 28, 1), "float32"), np.full((3, 28, 28, 1), 0.5, "float32")
    >>> summed_binary_crossentropy(x, y).shape
    TensorShape([3, 1, 1])
    """
    return _summed(binary_crossentropy, y_true, y_pred)


@keras.saving.register_keras_serializable(package="zoo")
def summed_squared_error(y_true, y_pred):
    """Returns the squared error, summed over all axes but the first.

    Args:
        y_true: Tensor, `(rows, ..., numbers)`.
        y_pred: Tensor in the same shape.

    Returns:
        A tensor, `(rows, 1, ...)`, with one axis less than `y_true`.

    Example:

    >>> summed_squared_error(np.zeros((2, 3)), np.ones((2, 3))).numpy()
    array([3., 3.])
    """
    return _summed(keras.losses.mean_squared_error, y_true, y_pred)


@keras.saving.register_keras_serializable(package="zoo")
def document_crossentropy(y_true, y_pred):
    """Returns the cross-entropy in nats of a document's words and their predicted probabilities.

    It is -√n Σ p log q over the words, where p is the fraction of a word in `y_true`, whatever
    their sum, q its predicted probability, and n the number of different words of the document; for
    an empty document it is 0. A long document holds more information and counts more, but not n
    times as much, as in a likelihood: the few longest documents would then dominate the training.

    Args:
        y_true: Tensor of documents, `(rows, words)`, with values of at least 0.
        y_pred: Tensor of probabilities, `(rows, words)`.

    Returns:
        A tensor, `(rows,)`.

    Example:

    >>> document_crossentropy(np.array([[1.0, 0.0]]), np.array([[0.5, 0.5]])).numpy().round(3)
    array([0.693])
    """
    total = ops.sum(y_true, axis=-1, keepdims=True)
    fractions = ops.divide_no_nan(y_true, total)
    words = ops.sum(ops.cast(y_true > 0, y_pred.dtype), axis=-1)
    crossentropies = -ops.sum(fractions * ops.log(ops.maximum(y_pred, 1e-9)), axis=-1)
    return ops.sqrt(words) * crossentropies


@keras.saving.register_keras_serializable(package="zoo")
def zero(y_true, y_pred):
    """Returns zero for each row: the loss of a model whose objective is a loss term in its graph.

    Args:
        y_true: Tensor, `(rows, ..., numbers)`.
        y_pred: Tensor; not used.

    Returns:
        A tensor of zeros, `(rows, ...)`.

    Example:

    >>> zero(np.ones((2, 3)), np.ones((2, 3))).numpy()
    array([0., 0.])
    """
    return ops.zeros_like(ops.sum(y_true, axis=-1))


for _loss in (summed_binary_crossentropy, summed_squared_error):
    _loss.sums_cells = True  # over a row, so that a missing cell adds nothing


def get(name: str):
    """Returns a loss of this module by its name, or the name itself for a loss of Keras.

    Args:
        name: String. Name of a function of this module, or of a loss of Keras.

    Returns:
        A function, or `name`.

    Raises:
        UsageError: If there is no such loss.

    Example:

    >>> get("summed_squared_error").__name__, get("mse")
    ('summed_squared_error', 'mse')
    """
    own = {
        loss.__name__: loss
        for loss in (
            zero,
            document_crossentropy,
            binary_crossentropy,
            summed_binary_crossentropy,
            summed_squared_error,
        )
    }
    if name in own:
        return own[name]
    try:
        keras.losses.get(name)
    except ValueError:
        of_keras = {key for key, loss in vars(keras.losses).items() if inspect.isfunction(loss)}
        known = of_keras - {"get", "serialize", "deserialize"}
        raise no_such("loss", name, sorted({*own, *known})) from None
    return name


def _summed(mean_over_last_axis, y_true, y_pred):
    means = mean_over_last_axis(y_true, y_pred)  # (rows, ...), one mean for each pixel
    axes = tuple(range(1, len(means.shape)))
    # The same number of axes as Keras's own losses, so that sample weights fit both.
    return ops.sum(means, axis=axes, keepdims=True) * y_pred.shape[-1]
