"""The log-likelihood of rows under a restricted Boltzmann machine, by its partition function."""

import itertools

import numpy as np
from scipy.special import expit, log_expit, logsumexp

from zoo.errors import CheckFailedError, UsageError
from zoo.inputs.arguments import check_seed, positive_integer

_LARGEST = 20  # with at most this many hidden units, all 2 ** units states are summed
_APART = 3.0  # nats: the largest difference between two estimates


def log_likelihood(model, x, *, draw_seed: int | None = None, **sampling) -> float:
    """Returns the mean log-likelihood of rows under an RBM, log p(x), in nats.

    Bernoulli units are 0 or 1, and p is a probability of such rows only. Values in between must be
    binarised first, and the likelihood depends on how. Compare only log-likelihoods of rows that
    were binarised in the same way.

    Args:
        model: An `rbm` of Bernoulli units.
        x: Array of shape `(rows, *input_shape)`. Inputs of 0 and 1, or values in [0, 1] if
            `draw_seed` is set.
        draw_seed: Integer. Seed of a Bernoulli draw of each number of `x`. Defaults to None, which
            takes `x` as it is.
        **sampling: Further arguments of `log_partition`: `chains`, `temperatures` and `seed`.

    Returns:
        A float, in nats.

    Raises:
        UsageError: If `model` is not an `rbm` of Bernoulli units, if `x` does not have its shape,
            or if `x` holds values other than 0 and 1 and `draw_seed` is None.
        CheckFailedError: If the two estimates of the partition function differ by more than 3 nats.

    Example:

    >>> keras.utils.set_random_seed(0)
    >>> rbm = zoo.build("rbm", input_shape=(6,), latent_dim=4)
    >>> round(log_likelihood(rbm, np.eye(6)), 2)
    -4.16
    """
    _weights(model)
    x = model.check(x)
    if draw_seed is not None:
        random = np.random.default_rng(check_seed(draw_seed))
        x = (random.random(x.shape) < x).astype(np.float32)
    others = x[(x != 0) & (x != 1)]
    if others.size:
        raise UsageError(
            "`x` must hold only 0 and 1: pass draw_seed=0 to draw them from values in [0, 1]. "
            f"Received: {others.size} other values, the first {others[0]}."
        )
    return float(-model.free_energy(x).mean() - log_partition(model, **sampling))


def log_partition(model, chains: int = 100, temperatures: int = 10_000, seed: int = 0) -> float:
    """Returns the logarithm of an RBM's partition function, in nats.

    With at most 20 hidden units it is exact, a sum over all states of the hidden units. With more
    it is the mean of two independent estimates by annealed importance sampling.

    Args:
        model: An `rbm` of Bernoulli units.
        chains: Integer. Number of annealed chains in each estimate, whose weights are averaged.
            Defaults to 100.
        temperatures: Integer. Number of steps of each chain. Defaults to 10,000.
        seed: Integer. Seed of the sampling. Defaults to 0.

    Returns:
        A float, in nats.

    Raises:
        UsageError: If `model` is not an `rbm` of Bernoulli units.
        CheckFailedError: If the two estimates differ by more than 3 nats.

    Example:

    >>> keras.utils.set_random_seed(0)
    >>> rbm = zoo.build("rbm", input_shape=(6,), latent_dim=4)
    >>> round(log_partition(rbm), 2)
    6.94
    """
    if len(_weights(model)[1]) <= _LARGEST:
        return exact_log_partition(model)
    seeds = np.random.SeedSequence(check_seed(seed)).spawn(2)
    first, second = (annealed_log_partition(model, chains, temperatures, seed) for seed in seeds)
    if not abs(first - second) <= _APART:
        raise CheckFailedError(
            f"Two estimates of the partition function must be within {_APART:g} nats of each "
            f"other: raise `temperatures` or `chains`. Received: {first:.1f} and {second:.1f}."
        )
    return float(np.logaddexp(first, second) - np.log(2))


def exact_log_partition(model) -> float:
    """Returns the exact logarithm of an RBM's partition function, in nats, for few hidden units.

    It is a sum over all states of the hidden units; the visible units are summed out in closed
    form.

    Args:
        model: An `rbm` of Bernoulli units, at most 20 of them hidden.

    Returns:
        A float, in nats.

    Raises:
        UsageError: If `model` is not an `rbm` of Bernoulli units, or has more than 20 hidden units.

    Example:

    >>> keras.utils.set_random_seed(0)
    >>> rbm = zoo.build("rbm", input_shape=(6,), latent_dim=4)
    >>> round(exact_log_partition(rbm), 2)
    6.94
    """
    kernel, hidden_bias, visible_bias = _weights(model)
    units = len(hidden_bias)
    if units > _LARGEST:
        raise UsageError(
            f"An exact sum needs an RBM of at most {_LARGEST} hidden units. Received: {units}."
        )
    states = np.array(list(itertools.product((0.0, 1.0), repeat=units)))  # (2 ** units, units)
    fields = states @ kernel.T + visible_bias
    return float(logsumexp(states @ hidden_bias + np.logaddexp(0, fields).sum(axis=1)))


def annealed_log_partition(
    model, chains: int, temperatures: int, seed: int | np.random.SeedSequence = 0
) -> float:
    """Returns an estimate of an RBM's log partition function by annealed importance sampling.

    The method is that of Salakhutdinov & Murray (2008), section 4.1. The chains start from
    independent visible units that have the biases of the RBM. An estimate that misses modes is too
    low, and the likelihoods computed from it are too high: compare it with the estimate of another
    seed.

    Args:
        model: An `rbm` of Bernoulli units.
        chains: Integer. Number of annealed chains, whose weights are averaged.
        temperatures: Integer. Number of steps of each chain.
        seed: Integer or `np.random.SeedSequence`. Seed of the sampling. Defaults to 0.

    Returns:
        A float, in nats.

    Raises:
        UsageError: If `model` is not an `rbm` of Bernoulli units, or if `chains`, `temperatures` or
            `seed` is not accepted.

    Example:

    >>> keras.utils.set_random_seed(0)
    >>> rbm = zoo.build("rbm", input_shape=(6,), latent_dim=4)
    >>> round(annealed_log_partition(rbm, chains=50, temperatures=100), 2)
    6.94
    """
    chains = positive_integer("chains", chains)
    temperatures = positive_integer("temperatures", temperatures)
    kernel, hidden_bias, visible_bias = _weights(model)
    checked = seed if isinstance(seed, np.random.SeedSequence) else check_seed(seed)
    random = np.random.default_rng(checked)
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
    rbm = getattr(model, "boltzmann", None)
    if rbm is None or (rbm.visible, rbm.hidden) != ("bernoulli", "bernoulli"):
        raise UsageError(f"`model` must be an rbm of Bernoulli units. Received: {model!r}.")
    weights = (rbm.kernel, rbm.bias, rbm.transpose_bias)
    return [np.float64(values) for values in weights]
