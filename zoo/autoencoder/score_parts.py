"""The parts of an anomaly score: each is a graph from an auto-encoder to a number for each row.

A part draws on the tensors of the auto-encoder. Layers that are adapted to normal rows have the
names of `ADAPTED_TO_KNOWN`, in the order in which they are adapted.
"""

import copy
import math

import keras
import numpy as np
from keras import ops

from zoo.errors import UsageError
from zoo.layers import (
    ColumnErrors,
    HiddenCopies,
    MahalanobisDistance,
    NeighbourDistance,
    Standardisation,
)

ADAPTED_TO_KNOWN = (
    "latent_distance",
    "code_scale",
    "residual_scale",
    "neighbour_distance",
    "hidden_scale",
)


def reconstruction(autoencoder, top_fraction: float, **_):
    """Returns the mean of a row's largest errors; a pixel's error is its mean over the channels.

    Missing cells have no error: the fraction is of the observed ones.

    Args:
        autoencoder: `AutoEncoder`.
        top_fraction: Float in (0, 1]. The fraction of a row's errors that are averaged.

    Returns:
        A Keras tensor, `(rows,)`.

    Example:

    >>> pca = zoo.build("pca", input_shape=(4,), latent_dim=2)
    >>> reconstruction(pca, top_fraction=0.5).shape
    (None,)
    """
    x = autoencoder.inputs[0]
    errors = _errors(autoencoder, x, _compared(autoencoder), "column_errors")
    if autoencoder.missing == "mask":
        return _error_of_observed(x, errors, top_fraction)
    if len(x.shape) > 2:
        errors = ops.mean(errors, axis=-1)  # (rows, height, width)
    places = math.prod(errors.shape[1:])
    largest = max(1, round(top_fraction * places))
    errors = ops.reshape(errors, (-1, places))
    if largest < places:
        errors, _ = ops.top_k(errors, largest)
    return ops.mean(errors, axis=-1)


def latent(autoencoder, **_):
    """Returns the Mahalanobis distance of the code from the codes of normal rows.

    Args:
        autoencoder: `AutoEncoder`.

    Returns:
        A Keras tensor, `(rows,)`.

    Example:

    >>> latent(zoo.build("pca", input_shape=(4,), latent_dim=2)).shape
    (None,)
    """
    return MahalanobisDistance(name="latent_distance")(_code(autoencoder))


def neighbours(autoencoder, known_rows: int, **_):
    """Returns the distance of code and residual from those of the nearest normal row.

    Each number of the code and of the residual is first divided by its standard deviation in normal
    rows, and then by the root of the number of them, so that code and residual weigh the same. The
    residual of a missing cell is 0.

    Args:
        autoencoder: `AutoEncoder`.
        known_rows: Integer, at least 2. Number of normal rows that are kept.

    Returns:
        A Keras tensor, `(rows,)`.

    Example:

    >>> neighbours(zoo.build("pca", input_shape=(4,), latent_dim=2), known_rows=9).shape
    (None,)
    """
    code = Standardisation(name="code_scale")(_code(autoencoder))
    residual = Standardisation(name="residual_scale")(_residual(autoencoder))
    parts = [part / math.sqrt(part.shape[-1]) for part in (code, residual)]
    return NeighbourDistance(known_rows, name="neighbour_distance")(ops.concatenate(parts, axis=-1))


def hidden(autoencoder, **_):
    """Returns the mean error of hidden cells, each scaled by its errors in normal rows.

    Args:
        autoencoder: `AutoEncoder` that takes missing cells.

    Returns:
        A Keras tensor, `(rows,)`.

    Raises:
        UsageError: If the model does not take missing cells.

    Example:

    >>> options = {"standardise": True, "missing": "mask"}
    >>> hidden(zoo.build("pca", input_shape=(4,), latent_dim=2, **options)).shape
    (None,)
    """
    if autoencoder.missing != "mask":
        raise UsageError(
            "The score of hidden cells needs a model that takes missing cells: build it with "
            f"missing='mask'. Received: {autoencoder.variant} without it."
        )
    x = autoencoder.inputs[0]
    cells = keras.layers.Flatten()(x)
    hide = HiddenCopies(name="hidden_copies")
    copies = ops.reshape(hide(cells), (-1, *x.shape[1:]))
    # A model of its own weights, since a layer of the graph would otherwise be called twice.
    twin = copy.deepcopy(autoencoder)
    guesses = keras.Model(twin.inputs, _compared(twin), name="guess")(copies)
    rows = ops.repeat(x, len(hide.masks(cells.shape[-1])), axis=0)
    errors = _errors(autoencoder, rows, guesses, "hidden_errors")
    errors = hide(cells, keras.layers.Flatten()(errors))
    observed = ops.where(ops.isnan(cells), 0.0, ops.ones_like(cells))
    scaled = Standardisation(name="hidden_scale")(errors)
    counts = ops.maximum(ops.sum(observed, axis=-1), 1.0)
    return ops.sum(scaled * observed, axis=-1) / counts


PARTS = {
    "reconstruction": reconstruction,
    "latent": latent,
    "neighbours": neighbours,
    "hidden": hidden,
}


def _code(autoencoder):
    return keras.layers.Flatten()(autoencoder.get_layer("latent").output)


def _compared(autoencoder):
    """Returns what is compared with the input: the output, or the logits of categories."""
    loss = autoencoder.column_loss
    return autoencoder.outputs[0] if loss is None else loss.output


def _errors(autoencoder, x, output, name):
    """Returns the error of each number of rows, in the variances of the training rows."""
    scale, loss = autoencoder.standardisation, autoencoder.column_loss
    x = scale(x) if scale else x
    if loss is not None:  # categories have the errors of their classes
        return ColumnErrors(loss.classes, name=name)([x, output])
    return ops.square(x - (scale(output) if scale else output))


def _residual(autoencoder):
    """Returns input minus reconstruction, `(rows, numbers)`; of categories, the root of errors."""
    x = autoencoder.inputs[0]
    if autoencoder.column_loss is not None:
        return ops.sqrt(_errors(autoencoder, x, _compared(autoencoder), "column_residuals"))
    scale, output = autoencoder.standardisation, autoencoder.outputs[0]
    residual = scale(x) - scale(output) if scale else x - output
    if autoencoder.missing == "mask":
        residual = ops.where(ops.isnan(x), 0.0, residual)
    return keras.layers.Flatten()(residual)


def _error_of_observed(x, errors, top_fraction):
    missing = ops.isnan(x)
    errors = ops.where(missing, 0.0, errors)
    seen = ops.where(missing, 0.0, ops.ones_like(x))
    if len(x.shape) > 2:
        counts = ops.sum(seen, axis=-1)
        errors = ops.sum(errors, axis=-1) / ops.maximum(counts, 1.0)
        seen = ops.minimum(counts, 1.0)
    places = math.prod(errors.shape[1:])
    errors = ops.reshape(errors, (-1, places))
    counts = ops.sum(ops.reshape(seen, (-1, places)), axis=-1, keepdims=True)
    counts = ops.maximum(ops.round(top_fraction * counts), 1.0)
    if top_fraction < 1:
        most = max(1, round(top_fraction * places))
        errors, _ = ops.top_k(errors, most)  # those of missing cells, 0, come last
        ranks = np.arange(most, dtype=np.float32)[None]
        errors = ops.where(ops.less(ranks, counts), errors, 0.0)
    return ops.sum(errors, axis=-1) / counts[:, 0]
