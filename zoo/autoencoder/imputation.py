"""The imputation of missing cells in the graph of an auto-encoder."""

import keras
import tensorflow as tf
from keras import ops

from zoo.layers import OneHotColumns


def imputed(model, x, training: bool = False):
    """Returns rows with their missing cells, NaN, filled by the reconstruction.

    Observed cells stay as they are. A row without any is filled with the means of the training
    rows. In a column of categories the cells of the class for missing values are missing too; they
    are filled with the most probable category.

    Args:
        model: `AutoEncoder` with a `MissingCells` layer.
        x: Tensor, `(rows, *input_shape)`.
        training: Boolean. Passed on to the model. Defaults to False.

    Returns:
        A tensor in the shape of `x`.

    Example:

    >>> options = {"standardise": True, "missing": "mask"}
    >>> model = zoo.build("pca", input_shape=(2,), latent_dim=1, **options)
    >>> model = model.adapt(np.array([[1.0, 2.0], [3.0, 4.0], [np.nan, 6.0]]))
    >>> imputed(model, np.array([[np.nan, np.nan], [0.5, 7.0]], "float32")).numpy()
    array([[2. , 4. ],
           [0.5, 7. ]], dtype=float32)
    """
    one_hot = _one_hot(model)
    missing = one_hot.missing(x) if one_hot else ops.isnan(x)
    axes = tuple(range(1, len(x.shape)))
    empty = ops.all(missing, axis=axes, keepdims=True)
    if one_hot:
        output = keras.Model(model.inputs[0], model.column_loss.output)(x, training=training)
        rows = one_hot(output, inverse=True, only_categories=True)
        rows = model.standardisation(rows, inverse=True)
    else:
        rows = model(x, training=training)
    return ops.where(missing, ops.where(empty, training_means(model), rows), x)


def training_means(model):
    """Returns the means of the training rows, in the units of the input.

    In a column of categories it is the most frequent one.

    Args:
        model: `AutoEncoder` with a `MissingCells` layer.

    Returns:
        A tensor, `(1, *input_shape)`.

    Example:

    >>> options = {"standardise": True, "missing": "mask"}
    >>> model = zoo.build("pca", input_shape=(2,), latent_dim=1, **options)
    >>> training_means(model.adapt(np.array([[1.0, 2.0], [3.0, 4.0]]))).numpy()
    array([[2., 3.]], dtype=float32)
    """
    layer, shape = model.missing_cells, model.input_shape[1:]
    columns = layer.input.shape[1:]  # the numbers of a row, or steps and channels
    means = tf.broadcast_to(tf.convert_to_tensor(layer.mean), (1, *columns))
    one_hot = _one_hot(model)
    means = one_hot(means, inverse=True, only_categories=True) if one_hot else means
    means = ops.reshape(means, (1, *shape))
    return model.standardisation(means, inverse=True) if model.standardisation else means


def _one_hot(model):
    """Returns the layer that makes numbers of categories, or None if there are none."""
    return next((layer for layer in model.layers if isinstance(layer, OneHotColumns)), None)
