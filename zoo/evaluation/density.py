"""How probable a restricted Boltzmann machine makes its data: its partition function."""

import itertools

import numpy as np
from scipy.special import expit, log_expit, logsumexp

from zoo.arguments import positive_integer
from zoo.errors import UsageError

_LARGEST = 20  # hidden units whose states are all visited


def log_likelihood(model, x, **sampling) -> float:
    """log p(x) in nats, mean over the rows of `x`, `(rows, *input_shape)`.

    Args:
        model: an `rbm` of Bernoulli units.
        x: inputs.
        **sampling: of `log_partition`.
    """
    return float(-model.free_energy(x).mean() - log_partition(model, **sampling))


def log_partition(model, chains: int = 200, temperatures: int = 10_000, seed: int = 0) -> float:
    """The logarithm of the partition function, in nats.

    Exact, over all states of the hidden units, where there are at most 20 of them; else estimated
    by annealed importance sampling (Salakhutdinov & Murray, 2008, section 4.1), from independent
    visible units of the machine's biases.

    Args:
        model: an `rbm` of Bernoulli units.
        chains: how many are annealed; their weights are averaged.
        temperatures: steps of each chain.
        seed: of the sampling.
    """
    if len(_weights(model)[1]) <= _LARGEST:
        return exact_log_partition(model)
    return annealed_log_partition(model, chains, temperatures, seed)


def exact_log_partition(model) -> float:
    """The sum over all states of the hidden units; of at most 20."""
    kernel, hidden_bias, visible_bias = _weights(model)
    units = len(hidden_bias)
    if units > _LARGEST:
        raise UsageError(
            f"All states can be visited of at most {_LARGEST} hidden units. Received: {units}."
        )
    states = np.array(list(itertools.product((0.0, 1.0), repeat=units)))  # (2 ** units, units)
    fields = states @ kernel.T + visible_bias
    return float(logsumexp(states @ hidden_bias + np.logaddexp(0, fields).sum(axis=1)))


def annealed_log_partition(model, chains: int, temperatures: int, seed: int = 0) -> float:
    """The estimate of annealed importance sampling."""
    chains = positive_integer("chains", chains)
    temperatures = positive_integer("temperatures", temperatures)
    kernel, hidden_bias, visible_bias = _weights(model)
    random = np.random.default_rng(seed)
    v = random.random((chains, len(visible_bias))) < expit(visible_bias)
    field = v @ kernel + hidden_bias  # (chains, hidden units)
    weights = np.zeros(chains)
    steps = np.linspace(0, 1, temperatures + 1)
    for colder, warmer in itertools.pairwise(steps):
        weights += (np.logaddexp(0, warmer * field) - np.logaddexp(0, colder * field)).sum(axis=1)
        h = random.random(field.shape) < expit(warmer * field)
        v = random.random(v.shape) < expit(warmer * (h @ kernel.T) + visible_bias)
        field = v @ kernel + hidden_bias
    base = len(hidden_bias) * np.log(2) - log_expit(-visible_bias).sum()
    return float(base + logsumexp(weights) - np.log(chains))


def _weights(model):
    machine = getattr(model, "machine", None)
    if machine is None or (machine.visible, machine.hidden) != ("bernoulli", "bernoulli"):
        raise UsageError(f"`model` must be an rbm of Bernoulli units. Received: {model!r}.")
    weights = (machine.kernel, machine.bias, machine.transpose_bias)
    return [np.float64(each) for each in weights]
