"""Gibbs sampling of a restricted Boltzmann machine, as methods of `RestrictedBoltzmann`."""

import keras
from keras import ops


def gibbs(rbm, v, steps: int, draws: keras.random.SeedGenerator | None = None):
    """Returns visible units after block Gibbs sampling in which all units are drawn.

    Args:
        rbm: `RestrictedBoltzmann`; the layer itself where this is its method.
        v: Visible units to start from, `(rows, visible units)`.
        steps: Integer. Number of steps, each of which draws the hidden and then the visible units.
        draws: `keras.random.SeedGenerator` that gives the seeds, or None for the layer's own, as in
            training. Defaults to None.

    Returns:
        A float32 tensor, `(rows, visible units)`.

    Example:

    >>> rbm = zoo.layers.RestrictedBoltzmann(units=2, seed=0)
    >>> rbm.build((None, 3))
    >>> rbm.gibbs(np.zeros((4, 3), "float32"), steps=10).shape
    TensorShape([4, 3])
    """
    for _ in range(steps):
        mean = rbm.mean_visible(rbm.draw_hidden(rbm.field(v), draws))
        v = _drawn(rbm, mean, rbm.visible == "gaussian", draws)
    return v


def draw_visible(rbm, rows: int, draws: keras.random.SeedGenerator | None = None):
    """Returns independent visible units with the means that `adapt` found.

    Args:
        rbm: `RestrictedBoltzmann`; the layer itself where this is its method.
        rows: Integer. Number of rows.
        draws: `keras.random.SeedGenerator` that gives the seeds, or None for the layer's own.
            Defaults to None.

    Returns:
        A float32 tensor, `(rows, visible units)`.

    Example:

    >>> rbm = zoo.layers.RestrictedBoltzmann(units=2, seed=0)
    >>> rbm.adapt(np.ones((5, 3)))
    >>> rbm.draw_visible(rows=4).shape
    TensorShape([4, 3])
    """
    mean = ops.tile(rbm.visible_mean[None], (rows, 1))
    return _drawn(rbm, mean, rbm.visible == "gaussian", draws)


def draw_hidden(rbm, field, draws: keras.random.SeedGenerator | None = None):
    """Returns hidden units that are drawn for a field.

    Args:
        rbm: `RestrictedBoltzmann`; the layer itself where this is its method.
        field: Input of the hidden units from the visible units, `(rows, units)`.
        draws: `keras.random.SeedGenerator` that gives the seeds, or None for the layer's own.
            Defaults to None.

    Returns:
        A float32 tensor, `(rows, units)`.

    Example:

    >>> rbm = zoo.layers.RestrictedBoltzmann(units=2, seed=0)
    >>> rbm.draw_hidden(np.array([[-100.0, 100.0]], "float32")).numpy()
    array([[0., 1.]], dtype=float32)
    """
    if rbm.hidden == "relu":
        noise = keras.random.normal(ops.shape(field), seed=draws or rbm.seed_generator)
        return ops.relu(field + ops.sqrt(ops.sigmoid(field)) * noise)
    return _drawn(rbm, rbm.mean_hidden(field), rbm.hidden == "linear", draws)


def chain(rbm, x, field, training):
    """Returns the means of the visible units after one step of Gibbs sampling and after all.

    Args:
        rbm: `RestrictedBoltzmann`; the layer itself where this is its method.
        x: Visible units that the chain starts from, `(rows, visible units)`.
        field: Input of the hidden units from `x`, `(rows, units)`.
        training: Boolean. Draw the hidden units; else take their means.

    Returns:
        A pair of float32 tensors, `(rows, visible units)`: after one step, and after `rbm.steps`.

    Example:

    >>> rbm = zoo.layers.RestrictedBoltzmann(units=2, steps=3)
    >>> v = np.zeros((4, 5), "float32")
    >>> rbm.build((None, 5))
    >>> once, last = chain(rbm, v, rbm.field(v), training=False)
    >>> last.shape
    TensorShape([4, 5])
    """
    x = once = None
    for step in range(rbm.steps):
        field = field if step == 0 else rbm.field(x)
        x = rbm.mean_visible(rbm.draw_hidden(field) if training else rbm.mean_hidden(field))
        once = x if step == 0 else once
    return once, x


def _drawn(rbm, mean, normal, draws):
    """Returns units with these means: of unit variance if `normal`, else 0 or 1."""
    draws = draws or rbm.seed_generator
    if normal:
        return mean + keras.random.normal(ops.shape(mean), seed=draws)
    return ops.cast(keras.random.uniform(ops.shape(mean), seed=draws) < mean, "float32")
