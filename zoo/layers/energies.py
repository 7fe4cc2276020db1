"""What a restricted Boltzmann machine tells of itself: free energies, the pseudo-likelihood.

Each is a function of a `RestrictedBoltzmann`, of visible units `v`, `(rows, visible units)`, and of
the `field`, `(rows, hidden units)`, the input that the hidden units have from them.
"""

from keras import ops


def free_energy(machine, v, field):
    """-log of the sum over hidden states of exp(-energy), or rectified ones' best: `(rows,)`."""
    if machine.visible == "gaussian":
        outside = -0.5 * ops.sum(ops.square(v - machine.transpose_bias), axis=-1)
    else:
        outside = ops.matmul(v, machine.transpose_bias[:, None])[:, 0]
    return -outside - _hidden_part(machine, field)


def _hidden_part(machine, field):
    if machine.hidden == "linear":
        return 0.5 * ops.sum(ops.square(field), axis=-1)
    if machine.hidden == "relu":
        return 0.5 * ops.sum(ops.square(ops.relu(field)), axis=-1)
    return ops.sum(ops.softplus(field), axis=-1)


def pseudo_likelihood(machine, v, field):
    """Returns how likely visible units are given all others, in nats: `(rows,)`.

    Each row is judged by one unit. Which one depends on how bright the batch is, so that over many
    batches it is all alike.
    """
    units = v.shape[-1]
    first = ops.cast(7919 * ops.sum(v), "int32")  # a prime, so that like batches differ
    unit = (first + ops.arange(ops.shape(v)[0], dtype="int32")) % units  # (rows,)
    change = 1 - 2 * ops.take_along_axis(v, unit[:, None], axis=-1)  # (rows, 1)
    flipped = field + change * ops.take(machine.kernel, unit, axis=0)
    rise = _hidden_part(machine, field) - _hidden_part(machine, flipped)
    rise -= change[:, 0] * ops.take(machine.transpose_bias, unit)
    return units * ops.log_sigmoid(rise)
