"""Gibbs sampling of a restricted Boltzmann machine: hidden units given visible ones, and back.

The functions are methods of `RestrictedBoltzmann`. `draws`, a `keras.random.SeedGenerator`, holds
the seeds of what is drawn; by default it is the layer's own, as in training.
"""

import keras
from keras import ops


def gibbs(rbm, v, steps: int, draws: keras.random.SeedGenerator | None = None):
    """Returns the visible units after block Gibbs sampling in which all units are drawn.

    Args:
        v: visible units to start from, `(rows, visible units)`.
        steps: number of steps.
        draws: seeds of the sampling.
    """
    for _ in range(steps):
        mean = rbm._mean_visible(rbm.draw_hidden(rbm.field(v), draws))
        v = _drawn(rbm, mean, rbm.visible == "gaussian", draws)
    return v


def draw_visible(rbm, rows: int, draws: keras.random.SeedGenerator | None = None):
    """Returns independent visible units of the means that `adapt` found: `(rows, visible units)`.

    Args:
        rows: number of rows.
        draws: seeds of the sampling.
    """
    mean = ops.tile(rbm.visible_mean[None], (rows, 1))
    return _drawn(rbm, mean, rbm.visible == "gaussian", draws)


def draw_hidden(rbm, field, draws: keras.random.SeedGenerator | None = None):
    """Returns drawn hidden units: `(rows, units)`.

    Args:
        field: the input that they get from the visible units, `(rows, units)`.
        draws: seeds of the sampling.
    """
    if rbm.hidden == "relu":
        noise = keras.random.normal(ops.shape(field), seed=draws or rbm.seed_generator)
        return ops.relu(field + ops.sqrt(ops.sigmoid(field)) * noise)
    return _drawn(rbm, rbm._mean_hidden(field), rbm.hidden == "linear", draws)


def chain(rbm, x, field, training):
    """Returns the means of the visible units after one step from `x`, and after `rbm.steps`."""
    x = once = None
    for step in range(rbm.steps):
        field = field if step == 0 else rbm.field(x)
        x = rbm._mean_visible(rbm.draw_hidden(field) if training else rbm._mean_hidden(field))
        once = x if step == 0 else once
    return once, x


def _drawn(rbm, mean, normal, draws):
    """Returns units of these means: of unit variance where `normal`, else 0 or 1."""
    draws = draws or rbm.seed_generator
    if normal:
        return mean + keras.random.normal(ops.shape(mean), seed=draws)
    return ops.cast(keras.random.uniform(ops.shape(mean), seed=draws) < mean, "float32")
