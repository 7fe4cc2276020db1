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
    HiddenNumbers,
    MahalanobisDistance,
    NeighbourDistance,
    Standardisation,
)
from zoo.layers.neighbours import NEIGHBOURS

ADAPTED_TO_KNOWN = ("latent_distance", "code_scale", "neighbour_distance", "hidden_scale")


def reconstruction(autoencoder, top_fraction: float, **_):
    """Returns the mean of a row's largest errors; a pixel's error is its mean over the channels.

    Missing cells have no error: the fraction is of the observed ones.
    """
    errors = _squared_errors(autoencoder)
    if autoencoder.missing == "mask":
        return _mean_of_observed(autoencoder.inputs[0], errors, top_fraction)
    if len(errors.shape) > 2:
        errors = ops.mean(errors, axis=-1)  # (rows, height, width)
    places = math.prod(errors.shape[1:])
    largest = max(1, round(top_fraction * places))
    errors = ops.reshape(errors, (-1, places))
    if largest < places:
        errors, _ = ops.top_k(errors, largest)
    return ops.mean(errors, axis=-1)


def latent(autoencoder, **_):
    """Returns the Mahalanobis distance of the code from the codes of normal rows."""
    return MahalanobisDistance(name="latent_distance")(_code(autoencoder))


def neighbours(autoencoder, known_rows: int, **_):
    """Returns the mean distance of code and residual from those of the nearest normal rows.

    Each number of the code is scaled to the unit deviation that standardised residuals refer to.
    """
    code = Standardisation(name="code_scale")(_code(autoencoder))
    residual = keras.layers.Flatten()(_residual(autoencoder))
    joined = ops.concatenate([code, residual], axis=-1)
    count = min(NEIGHBOURS, known_rows)
    return NeighbourDistance(known_rows, count, name="neighbour_distance")(joined)


def hidden(autoencoder, **_):
    """Returns the mean error of hidden numbers, each scaled by its errors in normal rows."""
    scale = autoencoder.standardisation
    if scale is None:
        raise UsageError(
            "The score of hidden numbers needs a model that standardises its input, in which a "
            "hidden number takes its mean, such as deep_ae with standardise=True. "
            f"Received: {autoencoder.variant}."
        )
    x = autoencoder.inputs[0]
    numbers = keras.layers.Flatten()(scale(x))
    hide = HiddenNumbers(name="hidden_numbers")
    # A model of its own weights, since a layer of the graph would otherwise be called twice.
    twin = copy.deepcopy(autoencoder)
    guess = keras.Model(twin.inputs, twin.outputs, name="guess")
    copies = ops.reshape(hide(numbers), (-1, *x.shape[1:]))
    guesses = scale(guess(scale(copies, inverse=True)))
    errors = hide(numbers, keras.layers.Flatten()(guesses))
    errors = ops.where(ops.isnan(errors), 0.0, errors)  # those of missing cells
    return ops.mean(Standardisation(name="hidden_scale")(errors), axis=-1)


PARTS = {
    "reconstruction": reconstruction,
    "latent": latent,
    "neighbours": neighbours,
    "hidden": hidden,
}


def _code(autoencoder):
    return keras.layers.Flatten()(autoencoder.get_layer("latent").output)


def _squared_errors(autoencoder):
    """Returns the squared error of each number, or the error of the classes of a category."""
    loss, scale = autoencoder.column_loss, autoencoder.standardisation
    if loss is None:
        return ops.square(_residual(autoencoder))
    return ColumnErrors(loss.classes, name="column_errors")(
        [scale(autoencoder.inputs[0]), loss.output]
    )


def _mean_of_observed(x, errors, top_fraction):
    seen = ops.where(ops.isnan(x), 0.0, ops.ones_like(x))
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


def _residual(autoencoder):
    """Returns input minus reconstruction, in standard deviations if the model standardises.

    That of a missing cell is 0.
    """
    x, output = autoencoder.inputs[0], autoencoder.outputs[0]
    if autoencoder.standardisation:
        x, output = autoencoder.standardisation(x), autoencoder.standardisation(output)
    return ops.where(ops.isnan(x), 0.0, x - output) if autoencoder.missing == "mask" else x - output
