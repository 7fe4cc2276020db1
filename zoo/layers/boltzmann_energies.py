"""Free energy and pseudo-likelihood of a restricted Boltzmann machine."""

from keras import ops


def free_energy(rbm, v, field):
    """Returns the free energy of each row: -log of the sum over hidden states of exp(-energy).

    For linear hidden units the sum is an integral, whose constant factor (2π)^(units / 2) is left
    out. For rectified ones it is the energy of their most likely state alone.

    Args:
        rbm: `RestrictedBoltzmann`.
        v: Visible units, `(rows, visible units)`.
        field: Input of the hidden units from `v`, `(rows, hidden units)`.

    Returns:
        A float32 tensor, `(rows,)`, in nats.

    Example:

    >>> rbm = zoo.layers.RestrictedBoltzmann(units=2, hidden="linear")
    >>> field = np.array([[1.0, 2.0]], "float32")
    >>> rbm.build((None, 3))
    >>> free_energy(rbm, np.zeros((1, 3), "float32"), field).numpy()
    array([-2.5], dtype=float32)
    """
    if rbm.visible == "gaussian":
        visible_part = -0.5 * ops.sum(ops.square(v - rbm.transpose_bias), axis=-1)
    else:
        visible_part = ops.matmul(v, rbm.transpose_bias[:, None])[:, 0]
    return -visible_part - _hidden_part(rbm, field)


def _hidden_part(rbm, field):
    if rbm.hidden == "linear":
        return 0.5 * ops.sum(ops.square(field), axis=-1)
    if rbm.hidden == "relu":
        return 0.5 * ops.sum(ops.square(ops.relu(field)), axis=-1)
    return ops.sum(ops.softplus(field), axis=-1)


def pseudo_likelihood(rbm, v, field):
    """Returns an estimate of the pseudo-log-likelihood of Bernoulli visible units.

    The pseudo-log-likelihood is the sum over the visible units of log P(unit | all other units).
    For each row one unit is chosen, and its term is multiplied by the number of units. The choice
    depends on the sum of the batch, so that over many batches all units are chosen equally often.

    Args:
        rbm: `RestrictedBoltzmann` with Bernoulli visible units.
        v: Visible units, `(rows, visible units)`.
        field: Input of the hidden units from `v`, `(rows, hidden units)`.

    Returns:
        A float32 tensor, `(rows,)`, in nats.

    Example:

    >>> rbm = zoo.layers.RestrictedBoltzmann(units=2)
    >>> v = np.ones((1, 3), "float32")
    >>> rbm.build((None, 3))
    >>> pseudo_likelihood(rbm, v, rbm.field(v)).shape
    TensorShape([1])
    """
    units = v.shape[-1]
    # 7919 is a prime, so that similar batches choose different units.
    first = 7919 * ops.cast(ops.sum(v), "int64")
    unit = (first + ops.arange(ops.shape(v)[0], dtype="int64")) % units  # (rows,)
    change = 1 - 2 * ops.take_along_axis(v, unit[:, None], axis=-1)  # (rows, 1)
    flipped = field + change * ops.take(rbm.kernel, unit, axis=0)
    log_odds = _hidden_part(rbm, field) - _hidden_part(rbm, flipped)
    log_odds -= change[:, 0] * ops.take(rbm.transpose_bias, unit)
    return units * ops.log_sigmoid(log_odds)
