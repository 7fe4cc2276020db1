"""The restricted Boltzmann machine against hand computation, enumeration and scikit-learn."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.special import expit

import zoo
from zoo.autoencoder import fit_streams
from zoo.errors import UsageError
from zoo.evaluation import likelihood
from zoo.layers import RestrictedBoltzmann
from zoo.layers.boltzmann_energies import pseudo_likelihood
from zoo.layers.step import Step, entered

RNG = np.random.default_rng(0)


def _layer(**config):
    layer = RestrictedBoltzmann(3, seed=7, **config)
    layer.build((None, 5))
    for weight in (layer.kernel, layer.bias, layer.transpose_bias):
        weight.assign(RNG.normal(size=weight.shape))
    return layer


def _loss(layer, v):
    """The loss of a step of training."""
    with entered(Step(v, training=True)) as step:
        layer(v)
    return step.loss()


def _binary(rows, units):
    return RNG.integers(0, 2, (rows, units)).astype(np.float32)


@pytest.mark.parametrize("steps", [1, 2])
@pytest.mark.parametrize("visible", ["bernoulli", "gaussian"])
@pytest.mark.parametrize("hidden", ["bernoulli", "relu", "linear"])
def test_contrastive_divergence_by_hand(visible, hidden, steps):
    layer, v = _layer(visible=visible, hidden=hidden, steps=steps), _binary(8, 5)
    kernel, b, c = (np.asarray(each) for each in (layer.kernel, layer.bias, layer.transpose_bias))
    draws = keras.random.SeedGenerator(7)

    # the mean of a unit, of its field
    down = {"bernoulli": expit, "relu": lambda f: np.maximum(f, 0), "linear": np.array}[hidden]
    up = expit if visible == "bernoulli" else np.array
    of_data, made, once = down(v @ kernel + b), v, None
    for step in range(steps):
        field = made @ kernel + b
        if hidden == "bernoulli":
            drawn = np.asarray(keras.random.uniform((8, 3), seed=draws)) < expit(field)
        else:
            noise = np.asarray(keras.random.normal((8, 3), seed=draws))
            drawn = down(field + noise * (np.sqrt(expit(field)) if hidden == "relu" else 1))
        made = up(drawn @ kernel.T + c)
        once = made if step == 0 else once
    of_made = down(made @ kernel + b)
    by_hand = {
        "kernel": (made.T @ of_made - v.T @ of_data) / 8,
        "bias": (of_made - of_data).mean(axis=0),
        "transpose_bias": (made - v).mean(axis=0),
    }

    with tf.GradientTape() as tape:
        loss = _loss(layer, v)
    weights = [layer.kernel, layer.bias, layer.transpose_bias]
    for name, came in zip(by_hand, tape.gradient(loss, [w.value for w in weights]), strict=True):
        atol = 5e-6 * max(1, np.abs(by_hand[name]).max())  # units without bounds grow
        np.testing.assert_allclose(came, by_hand[name], atol=atol, err_msg=name)
    squared = np.square(v - once).sum(axis=1).mean()
    shown = layer.trackers["reconstruction_error"].result()
    np.testing.assert_allclose(shown, squared, rtol=1e-5)


@pytest.mark.parametrize(("rows", "told"), [(5, 5), (100, 8), (200, 13)])
def test_a_step_tells_of_a_sixteenth_of_its_rows_or_of_eight(rows, told):
    layer, v = _layer(), _binary(rows, 5)
    _loss(layer, v)
    expected = -v @ np.asarray(layer.transpose_bias)
    expected -= np.log1p(np.exp(v @ np.asarray(layer.kernel) + np.asarray(layer.bias))).sum(axis=1)
    shown = layer.trackers["free_energy"].result()
    np.testing.assert_allclose(shown, expected[:told].mean(), rtol=1e-4)


@pytest.mark.parametrize("visible", ["bernoulli", "gaussian"])
@pytest.mark.parametrize("hidden", ["bernoulli", "linear"])
def test_free_energies_are_sums_over_hidden_states(visible, hidden):
    layer, v = _layer(visible=visible, hidden=hidden), _binary(4, 5)
    kernel, b, c = (np.float64(each) for each in (layer.kernel, layer.bias, layer.transpose_bias))
    if hidden == "bernoulli":
        states = np.array(np.meshgrid(*[[0.0, 1.0]] * 3)).reshape(3, -1).T
        own, volume = -states @ b, 1.0
    else:  # a sum over a grid in place of the integral
        grid = np.linspace(-14, 14, 113)
        states = np.array(np.meshgrid(*[grid] * 3)).reshape(3, -1).T
        own = np.square(states).sum(axis=1) / 2 - states @ b
        volume = (grid[1] - grid[0]) ** 3 / (2 * np.pi) ** 1.5
    outside = -v @ c if visible == "bernoulli" else np.square(v - c).sum(axis=1) / 2
    energies = outside[:, None] + own - v @ kernel @ states.T
    wanted = -np.log(volume * np.exp(-energies).sum(axis=1))
    np.testing.assert_allclose(layer.free_energy(v), wanted, rtol=1e-4)


@pytest.mark.parametrize("visible", ["bernoulli", "gaussian"])
def test_the_free_energy_of_rectified_units_is_that_of_their_best_state(visible):
    layer, v = _layer(visible=visible, hidden="relu"), _binary(4, 5)
    kernel, b, c = (np.float64(each) for each in (layer.kernel, layer.bias, layer.transpose_bias))
    grid = np.linspace(0, 14, 1401)
    field = v @ kernel + b  # (rows, units)
    assert (field < 0).any()
    best = (np.square(grid) / 2 - field[..., None] * grid).min(axis=-1).sum(axis=1)
    outside = -v @ c if visible == "bernoulli" else np.square(v - c).sum(axis=1) / 2
    np.testing.assert_allclose(layer.free_energy(v), outside + best, atol=1e-3)


def test_a_machine_of_features_takes_any_value():
    model = zoo.build("rbm", input_shape=(6,), latent_dim=4, visible="gaussian")
    x = RNG.normal(0, 9, (20, 6))
    assert model.value_range is None
    assert model.reconstruct(x).shape == model.sample(20).shape == (20, 6)
    with pytest.raises(UsageError, match=r"must lie within \[0, 1\]"):
        zoo.build("rbm", input_shape=(6,), latent_dim=4).reconstruct(x)


def _small(units, **arguments):
    model = zoo.build("rbm", input_shape=(6,), latent_dim=units, **arguments)
    for weight in model.boltzmann.trainable_weights:
        weight.assign(RNG.normal(size=weight.shape))
    return model


def test_partition_function_by_enumeration_and_by_annealing():
    model = _small(4)
    states = np.array(np.meshgrid(*[[0.0, 1.0]] * 6)).reshape(6, -1).T.astype(np.float32)
    exact = likelihood.exact_log_partition(model)
    np.testing.assert_allclose(exact, np.log(np.exp(-model.free_energy(states)).sum()), rtol=1e-5)
    assert model.free_energy(states[:0]).shape == (0,)
    assert likelihood.log_partition(model) == exact
    annealed = likelihood.annealed_log_partition(model, chains=500, temperatures=500)
    assert abs(annealed - exact) < 0.05
    probabilities = np.exp(-model.free_energy(states) - exact)
    mean = float(probabilities @ -np.float64(model.free_energy(states))) - exact
    rows = RNG.choice(64, 20_000, p=np.float64(probabilities) / np.float64(probabilities).sum())
    assert abs(likelihood.log_likelihood(model, states[rows]) - mean) < 0.05
    model.boltzmann.transpose_bias.assign_add(np.ones(6, np.float32))
    shifted = likelihood.annealed_log_partition(model, chains=500, temperatures=500)
    assert shifted == pytest.approx(likelihood.exact_log_partition(model), abs=0.05)
    assert shifted > exact + 0.5


def test_beyond_twenty_hidden_units_the_partition_function_is_estimated():
    """Of a machine with fewer visible units than hidden ones, whose states are visited instead."""
    model = _small(21)
    states = np.array(np.meshgrid(*[[0.0, 1.0]] * 6)).reshape(6, -1).T.astype(np.float32)
    exact = np.log(np.exp(-np.float64(model.free_energy(states))).sum())
    estimate = likelihood.log_partition(model, chains=500, temperatures=1000)
    assert abs(estimate - exact) < 0.1


def test_samples_follow_the_distribution():
    model = _small(4)
    states = np.array(np.meshgrid(*[[0.0, 1.0]] * 6)).reshape(6, -1).T.astype(np.float32)
    energy = -model.free_energy(states)
    probabilities = np.exp(energy - energy.max())
    probabilities /= probabilities.sum()
    samples = model.sample(4000, steps=50)
    assert samples.shape == (4000, 6)
    np.testing.assert_allclose(samples.mean(axis=0), probabilities @ states, atol=0.04)
    np.testing.assert_array_equal(model.sample(4000, steps=50), samples)
    assert not np.array_equal(model.sample(4000, steps=50, seed=1), samples)


def test_as_likely_as_scikit_learns_on_the_same_budget():
    from sklearn.neural_network import BernoulliRBM

    images = zoo.datasets.load("digits").train.inputs.reshape(-1, 64)
    theirs = BernoulliRBM(32, learning_rate=0.05, batch_size=20, n_iter=10, random_state=0)
    theirs.fit(images)
    ours = zoo.build("rbm", input_shape=(64,), latent_dim=32)
    ours.fit(images, batch_size=20, epochs=10, verbose=0)
    many = RNG.permutation(np.tile(images, (32, 1)))  # a row is judged by another unit each time
    twin = zoo.build("rbm", input_shape=(64,), latent_dim=32)
    twin.boltzmann.kernel.assign(theirs.components_.T)
    twin.boltzmann.bias.assign(theirs.intercept_hidden_)
    twin.boltzmann.transpose_bias.assign(theirs.intercept_visible_)
    exact = {}
    for name, model in {"ours": ours, "theirs": twin}.items():
        exact[name] = _pseudo_likelihood(model, images)
        for batch in (20, 1000):
            told = model.evaluate(many, batch_size=batch, verbose=0, return_dict=True)
            assert told["pseudo_likelihood"] == pytest.approx(exact[name], rel=0.06)
    assert theirs.score_samples(many).mean() == pytest.approx(exact["theirs"], rel=0.02)
    assert exact["ours"] >= exact["theirs"]


def _pseudo_likelihood(model, rows):
    """Of every unit of every row given the others, by free energies: nats a row."""
    energy, nats = model.free_energy(rows), 0.0
    for unit in range(rows.shape[1]):
        flipped = rows.copy()
        flipped[:, unit] = 1 - flipped[:, unit]
        nats -= np.log1p(np.exp(energy - model.free_energy(flipped))).mean()
    return nats


def test_persistent_chains_go_on_in_training_alone():
    model = zoo.build("rbm", input_shape=(6,), latent_dim=4, persistent=True)
    x, particles = _binary(50, 6), model.boltzmann.particles
    assert particles.shape == (100, 6)
    before = np.asarray(particles)
    model.evaluate(x, verbose=0)
    model.reconstruct(x)
    np.testing.assert_array_equal(before, particles)
    model.fit(x, verbose=0)
    assert set(np.unique(particles)) == {0.0, 1.0}


@pytest.mark.parametrize("side", [0.0, 1.0])
def test_persistent_chains_start_where_they_were(side):
    layer = _layer(chains=50)
    layer.kernel.assign(np.full((5, 3), 20.0))  # all units on, or all off: no chain crosses over
    layer.bias.assign(np.full(3, -50.0))
    layer.transpose_bias.assign(np.full(5, -30.0))
    layer.particles.assign(np.full((50, 5), side))
    _loss(layer, _binary(8, 5))
    np.testing.assert_array_equal(layer.particles, np.full((50, 5), side))


def test_persistent_chains_are_the_negative_phase():
    layer, v = _layer(chains=4), _binary(8, 5)
    with tf.GradientTape() as tape:
        loss = _loss(layer, v)
    gradient = tape.gradient(loss, layer.kernel.value)
    kernel, b, made = (np.asarray(each) for each in (layer.kernel, layer.bias, layer.particles))
    by_hand = made.T @ expit(made @ kernel + b) / 4 - v.T @ expit(v @ kernel + b) / 8
    np.testing.assert_allclose(gradient, by_hand, atol=1e-6)


@pytest.mark.parametrize("streamed", [False, True])
def test_history_tells_overfitting_by_the_gap(streamed):
    model = zoo.build("rbm", input_shape=(6,), latent_dim=40, weight_decay=0.0)
    x = np.tile(np.float32([[0, 0, 0, 1, 1, 1], [1, 1, 1, 0, 0, 0]]), (10, 1))
    held_out = np.tile(np.float32([[0, 1, 0, 1, 0, 1], [1, 0, 1, 0, 1, 0]]), (10, 1))
    rows = fit_streams.batches(x, 10) if streamed else x
    few = {"epochs": 30, "verbose": 0, "shuffle": False}
    few |= {} if streamed else {"batch_size": 10}
    gap = model.fit(rows, validation_data=(held_out, held_out), **few).history["free_energy_gap"]
    expected = model.free_energy(held_out).mean() - model.free_energy(x).mean()
    assert gap[-1] == pytest.approx(expected, abs=1e-4)
    assert gap[-1] > 5 * gap[0] > 0
    same = model.fit(rows, validation_data=(x, x), **few).history["free_energy_gap"]
    np.testing.assert_allclose(same, 0, atol=1e-4)
    assert "free_energy_gap" not in model.fit(rows, verbose=0, shuffle=False).history
    once = ((x, x) for _ in range(3))
    told = model.fit(
        once, validation_data=(x, x), verbose=0, steps_per_epoch=2, shuffle=False
    ).history
    assert "free_energy_gap" not in told


def test_weight_decay_and_sparsity_pull():
    x = _binary(200, 6)

    def trained(**arguments):
        keras.utils.set_random_seed(0)
        model = zoo.build("rbm", input_shape=(6,), latent_dim=4, **arguments)
        model.fit(x, batch_size=10, epochs=20, verbose=0)
        return np.abs(model.boltzmann.kernel).mean(), model.encode(x).mean()

    plain = trained(weight_decay=0.0)
    assert trained(weight_decay=1.0)[0] < plain[0]
    assert trained(sparsity_weight=5.0, sparsity_target=0.05)[1] < 0.7 * plain[1]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: _small(4).fit(np.full((4, 6), 2.0, np.float32)), r"must lie within \[0, 1\]"),
        (lambda: RestrictedBoltzmann(3, visible="poisson"), "'bernoulli' or 'gaussian'"),
        (lambda: zoo.build("rbm", hidden="tanh"), "'bernoulli' or 'relu' or 'linear'"),
        (lambda: zoo.build("rbm", steps=0), "`steps` must be a positive integer"),
        (lambda: zoo.build("rbm", sparsity_weight=1.0, sparsity_target=1.0), r"in \(0, 1\)"),
        (lambda: _small(4).sample(0), "`n` must be a positive integer"),
        (lambda: _small(4).sample(1, seed=-1), "`seed` must be an integer"),
        (
            lambda: likelihood.exact_log_partition(_small(21)),
            r"at most 20 hidden units\. Received: 21",
        ),
        (lambda: likelihood.log_partition(_small(4, hidden="linear")), "rbm of Bernoulli units"),
        (lambda: likelihood.log_partition(_small(4, hidden="relu")), "rbm of Bernoulli units"),
        (lambda: likelihood.log_partition(zoo.build("pca")), "rbm of Bernoulli units"),
    ],
)
def test_bad_input(call, said):
    with pytest.raises(UsageError, match=said):
        call()


@pytest.mark.parametrize("hidden", ["relu", "linear"])
def test_a_sparsity_target_is_for_units_of_a_probability(hidden):
    told = rf"is for hidden='bernoulli'\. Received: hidden='{hidden}'"
    with pytest.raises(UsageError, match=told):
        zoo.build("rbm", hidden=hidden, sparsity_weight=0.1)


def test_pseudo_likelihood_changes_other_units_in_large_bright_batches():
    """7919 times the sum of these units is beyond 32 bits."""
    layer, ones = _layer(), np.ones((120_000, 5), np.float32)
    less = ones.copy()
    less[-1, 0] = 0
    of_ones, of_less = (pseudo_likelihood(layer, v, layer.field(v))[:5] for v in (ones, less))
    assert not np.allclose(of_ones, of_less)  # they begin at other units
    np.testing.assert_allclose(np.sort(of_ones), np.sort(of_less), rtol=1e-5)


@pytest.mark.parametrize("seed", [-1, 0.5, "a"])
def test_seeds_of_annealing_are_checked(seed):
    model = zoo.build("rbm", input_shape=(3,), latent_dim=2)
    with pytest.raises(UsageError, match="seed"):
        likelihood.annealed_log_partition(model, 2, 2, seed)
