"""The log-likelihood of data under a restricted Boltzmann machine, by its partition function."""

import itertools

import numpy as np
from scipy.special import expit, log_expit, logsumexp

from zoo.arguments import check_seed, positive_integer
from zoo.errors import CheckFailedError, UsageError

_LARGEST = 20  # hidden units whose states are all visited
_APART = 3.0  # nats by which two estimates may differ


def log_likelihood(model, x, *, draw_seed: int | None = None, **sampling) -> float:
    """Returns log p(x) in nats, mean over the rows of `x`.

    Bernoulli units are 0 or 1, and p is a probability of such rows only: grey rows would score
    otherwise, and so would rows cut at a threshold. Compare figures of one way of drawing alone.

    Args:
        model: an `rbm` of Bernoulli units.
        x: inputs of 0 and 1, `(rows, *input_shape)`; with `draw_seed`, values in [0, 1].
        draw_seed: seed of a Bernoulli draw of each number of `x`; None takes `x` as it is.
        **sampling: arguments of `log_partition`.

    Raises:
        UsageError: for another model, or other values than 0 and 1.
        CheckFailedError: if the two estimates of the partition function differ by over 3 nats.
    """
    _weights(model)
    x = model._checked(x)
    if draw_seed is not None:
        random = np.random.default_rng(check_seed(draw_seed))
        x = (random.random(x.shape) < x).astype(np.float32)
    grey = x[(x != 0) & (x != 1)]
    if grey.size:
        raise UsageError(
            "`x` must hold only 0 and 1: pass draw_seed=0 for a Bernoulli draw of grey rows. "
            f"Received: {grey.size} other values, the first {grey[0]}."
        )
    return float(-model.free_energy(x).mean() - log_partition(model, **sampling))


def log_partition(model, chains: int = 100, temperatures: int = 10_000, seed: int = 0) -> float:
    """Returns the logarithm of the partition function, in nats.

    It is exact, a sum over all states of the hidden units, for at most 20 of them. For more it is
    the mean of two independent estimates by annealed importance sampling.

    Args:
        model: an `rbm` of Bernoulli units.
        chains: number of annealed chains of each estimate, whose weights are averaged.
        temperatures: number of steps of each chain.
        seed: seed of the sampling.

    Raises:
        UsageError: for another model.
        CheckFailedError: if the two estimates differ by more than 3 nats.
    """
    if len(_weights(model)[1]) <= _LARGEST:
        return exact_log_partition(model)
    seeds = np.random.SeedSequence(check_seed(seed)).spawn(2)
    one, other = (annealed_log_partition(model, chains, temperatures, seed) for seed in seeds)
    if not abs(one - other) <= _APART:
        raise CheckFailedError(
            f"Two estimates of the partition function must be within {_APART:g} nats of each "
            f"other: raise `temperatures` or `chains`. Received: {one:.1f} and {other:.1f}."
        )
    return float(np.logaddexp(one, other) - np.log(2))


def exact_log_partition(model) -> float:
    """Returns the logarithm of the sum over all states of the hidden units, of at most 20.

    Args:
        model: an `rbm` of Bernoulli units.
    """
    kernel, hidden_bias, visible_bias = _weights(model)
    units = len(hidden_bias)
    if units > _LARGEST:
        raise UsageError(
            f"All states can be visited of at most {_LARGEST} hidden units. Received: {units}."
        )
    states = np.array(list(itertools.product((0.0, 1.0), repeat=units)))  # (2 ** units, units)
    fields = states @ kernel.T + visible_bias
    return float(logsumexp(states @ hidden_bias + np.logaddexp(0, fields).sum(axis=1)))


def annealed_log_partition(
    model, chains: int, temperatures: int, seed: int | np.random.SeedSequence = 0
) -> float:
    """Returns the estimate of annealed importance sampling (Salakhutdinov & Murray, 2008, 4.1).

    The chains start from independent visible units of the RBM's biases. An estimate that misses
    modes is too low, and likelihoods by it too high: compare it with another seed's.

    Args:
        model: an `rbm` of Bernoulli units.
        chains: number of annealed chains, whose weights are averaged.
        temperatures: number of steps of each chain.
        seed: seed of the sampling.
    """
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
