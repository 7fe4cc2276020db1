"""The imputation of missing cells in the graph of an auto-encoder."""

import tensorflow as tf
from keras import ops

from zoo.layers import OneHotColumns


def imputed(model, x, training: bool = False):
    """Returns rows with their missing cells, NaN, filled by the reconstruction.

    Observed cells stay as they are. A row without any is filled with the means of the training
    rows.

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
    missing = ops.isnan(x)
    axes = tuple(range(1, len(x.shape)))
    empty = ops.all(missing, axis=axes, keepdims=True)
    filled = ops.where(empty, training_means(model), model(x, training=training))
    return ops.where(missing, filled, x)


def training_means(model):
    """Returns the means of the training rows, in the units of the input.

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
    one_hot = next((each for each in model.layers if isinstance(each, OneHotColumns)), None)
    means = one_hot(means, inverse=True) if one_hot else means
    means = ops.reshape(means, (1, *shape))
    return model.standardisation(means, inverse=True) if model.standardisation else means
