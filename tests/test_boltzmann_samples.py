"""The restricted Boltzmann machine as a distribution: its start, its samples, its likelihood."""

import dataclasses

import keras
import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

import zoo
from zoo.autoencoder import fit_streams
from zoo.errors import CheckFailedError, UsageError
from zoo.evaluation import likelihood, metrics
from zoo.layers import RestrictedBoltzmann
from zoo.training import finetune, in_memory, resumable_fit
from zoo.training.judge import Judge

RNG = np.random.default_rng(0)
SHAPE = {"input_shape": (6,), "latent_dim": 4}


def _rows(rows, low=0.0, high=1.0):
    return RNG.uniform(low, high, (rows, 6)).astype(np.float32)


def _log_odds(rows):
    mean = rows.mean(axis=0).clip(0.01, 0.99)
    return np.log(mean / (1 - mean))


class Start(keras.callbacks.Callback):
    """Keeps the machine's visible bias and its number of chains as each training begins."""

    def __init__(self):
        super().__init__()
        self.seen, self.chains = [], []

    def on_train_begin(self, logs=None):
        self.seen.append(np.array(self.model.get_layer("boltzmann").transpose_bias))
        self.chains.append(self.model.get_layer("boltzmann").chains)


def _fit(model, rows, **given):
    start = Start()
    model.fit(rows, epochs=1, verbose=0, shuffle=False, callbacks=[start], **given)
    return start.seen[0]


def test_an_untrained_machine_starts_at_the_log_odds_and_a_trained_one_goes_on(tmp_path):
    x, other = _rows(300), _rows(200, 0.5)
    x[:, 0], x[:, 1] = 0, 1  # whose log-odds are clipped
    by_fit, by_adapt = zoo.build("rbm", **SHAPE), zoo.build("rbm", **SHAPE)
    np.testing.assert_allclose(_fit(by_fit, x), _log_odds(x), rtol=1e-4)
    by_adapt.adapt(x)
    for again in (by_adapt.adapt, lambda rows: by_adapt.boltzmann.adapt(rows)):
        again(other)
        np.testing.assert_allclose(by_adapt.boltzmann.transpose_bias, _log_odds(x), rtol=1e-4)

    by_fit.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    for model in (by_fit, loaded):
        kept = [np.array(weight) for weight in model.weights]
        model.adapt(other)
        for weight, before in zip(model.weights, kept, strict=True):
            np.testing.assert_array_equal(weight, before)
        bias = np.array(model.boltzmann.transpose_bias)
        np.testing.assert_array_equal(_fit(model, other), bias)
    streamed = zoo.build("rbm", **SHAPE)
    np.testing.assert_allclose(_fit(streamed, fit_streams.batches(x, 20)), _log_odds(x), rtol=1e-4)
    once = ((x, x) for _ in range(3))  # which cannot be looked into
    drawn = _fit(zoo.build("rbm", **SHAPE), once, steps_per_epoch=2)
    np.testing.assert_array_equal(drawn, np.zeros(6))
    by_hand = zoo.build("rbm", **SHAPE)
    by_hand.boltzmann.transpose_bias.assign(np.arange(6.0))
    np.testing.assert_array_equal(_fit(by_hand, x), np.arange(6.0))


def test_chains_start_at_rows_and_samples_at_the_means():
    x = _rows(300)
    model = zoo.build("rbm", **SHAPE).adapt(x)
    assert {*map(tuple, np.array(model.boltzmann.particles))} <= {*map(tuple, x)}
    assert len(np.unique(model.boltzmann.particles, axis=0)) == 100
    means = np.array([0.01, 0.99, 0.5, 0.2, 0.2, 0.2])
    model.boltzmann.visible_mean.assign(means)
    drawn = np.array(model.boltzmann.draw_visible(4000, keras.random.SeedGenerator(0)))
    assert set(np.unique(drawn)) == {0.0, 1.0}
    np.testing.assert_allclose(drawn.mean(axis=0), means, atol=0.03)
    few = zoo.build("rbm", **SHAPE).adapt(x[:3])
    assert len(np.unique(few.boltzmann.particles, axis=0)) == 3


def test_samples_of_one_step_follow_the_means_that_chains_start_at():
    """With a strong diagonal kernel the hidden units repeat the visible ones."""
    model = zoo.build("rbm", input_shape=(6,), latent_dim=6)
    means = np.array([0.01, 0.99, 0.5, 0.2, 0.8, 0.3])
    weights = 40 * np.eye(6), np.full(6, -20.0), np.full(6, -20.0)
    machine = model.boltzmann
    for weight, value in zip((machine.kernel, machine.bias, machine.transpose_bias), weights,
                             strict=True):  # fmt: skip
        weight.assign(value)
    machine.visible_mean.assign(means)
    np.testing.assert_allclose(model.sample(4000, steps=1).mean(axis=0), means, atol=0.03)


def test_a_stage_of_pretraining_starts_at_the_log_odds_and_keeps_no_chains(digits):
    data, start = zoo.datasets.load(digits.train.images[:600]), Start()
    x = data.hold_out(0.0, 0)[0].inputs
    model = zoo.build("dbn", widths=(20,), latent_dim=5)
    zoo.pretrain(model, data, epochs=1, validation_split=0.0, callbacks=[start])
    assert start.chains == [0, 0]  # CD-1
    first, second = start.seen
    np.testing.assert_allclose(first, _log_odds(x.reshape(len(x), 784)), atol=1e-3)
    below = keras.Model(model.inputs, model.get_layer("encoder_1_activation").output)
    np.testing.assert_allclose(second, _log_odds(below.predict(x, verbose=0)), atol=1e-3)


class Interrupt(keras.callbacks.Callback):
    """Ctrl-C as the second epoch begins."""

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1:
            raise KeyboardInterrupt


def test_a_resumed_run_goes_on_with_its_chains(tmp_path):
    x, recipe = _rows(250), dataclasses.replace(zoo.entry("rbm").recipe, epochs=3)

    def fitted(checkpoint, rows, callbacks=()):
        keras.utils.set_random_seed(0)
        model = zoo.build("rbm", **SHAPE)
        resumable_fit.fit(model, recipe, rows, rows[:0], 0, checkpoint, callbacks=callbacks)
        return model

    whole = fitted(None, x)
    with pytest.raises(KeyboardInterrupt):
        fitted(tmp_path / "checkpoint", x, [Interrupt()])
    resumed = fitted(tmp_path / "checkpoint", x)
    for one, other in zip(whole.weights, resumed.weights, strict=True):
        np.testing.assert_array_equal(one, other)


CD_1 = {"learning_rate": 0.05, "momentum": 0.9, "schedule": "constant", "epochs": 10}
PERSISTENT = {
    "optimizer": "sgd",
    "learning_rate": 0.1,
    "momentum": None,
    "schedule": "cosine",
    "batch_size": 100,
    "epochs": 60,
}


@pytest.mark.parametrize(
    ("arguments", "visible", "persistent", "recipe"),
    [
        ({}, "bernoulli", True, PERSISTENT),
        ({"persistent": False}, "bernoulli", False, CD_1),
        ({"hidden": "relu"}, "bernoulli", False, CD_1 | {"learning_rate": 0.01}),
        ({"visible": "gaussian"}, "gaussian", False, CD_1 | {"learning_rate": 0.01}),
        ({"standardise": True}, "gaussian", False, CD_1 | {"learning_rate": 0.01}),
        ({"hidden": "linear", "standardise": True}, "gaussian", False, {"learning_rate": 1e-3}),
        ({"hidden": "linear", "persistent": True}, "bernoulli", True, {"momentum": None}),
    ],
)
def test_what_follows_from_other_arguments_is_recorded(arguments, visible, persistent, recipe):
    entry = zoo.entry("rbm")
    model = zoo.build("rbm", **SHAPE, **arguments)
    assert model.arguments == entry.arguments(SHAPE | arguments)
    assert (model.arguments["visible"], model.boltzmann.visible) == (visible, visible)
    assert model.arguments["persistent"] is persistent
    assert model.boltzmann.chains == (100 if persistent else 0)
    chosen = entry.recipe_for(model.arguments)
    assert {key: getattr(chosen, key) for key in recipe} == recipe
    assert entry.builder(**SHAPE, **arguments).boltzmann.get_config() == (
        model.boltzmann.get_config()
    )


def test_persistent_chains_learn_at_a_constant_rate(digits):
    x = digits.train.images[:1000]
    model = zoo.build("rbm", latent_dim=100)
    model.fit(x, batch_size=100, epochs=15, verbose=0)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.1)
    of_the_mean = metrics.sse(x, np.broadcast_to(x.mean(axis=0), x.shape))
    assert metrics.sse(x, model.reconstruct(x)) < 0.6 * of_the_mean


def test_samples_of_the_default_are_digits(digits):
    x, labels = digits.train.images, digits.train.labels
    model, _ = in_memory.train("rbm", x, seed=0)
    assert metrics.sse(digits.test.images, model.reconstruct(digits.test.images)) < 11
    samples = model.sample(64, seed=0)
    np.testing.assert_array_equal(samples[:8], model.sample(64, seed=0)[:8])

    near = KNeighborsClassifier(3).fit(x.reshape(len(x), -1), labels)
    classes = np.bincount(near.predict(samples.reshape(64, -1)), minlength=10)
    assert np.count_nonzero(classes) >= 8
    assert classes.max() <= 32
    assert _between_pairs(samples) >= 0.5 * _between_pairs(x)
    assert samples.mean() == pytest.approx(x.mean(), rel=0.2)

    judge = Judge(finetune.balanced(digits.train, 300, seed=0))
    real = digits.test.images[:64]
    mean_image = np.broadcast_to(x.mean(axis=0), samples.shape)
    distance = judge.distance(samples, real)
    assert distance < judge.distance(mean_image, real)
    assert distance < judge.distance(RNG.random(samples.shape, np.float32), real)


def _between_pairs(images):
    """The mean squared distance between two images: twice the sum of the pixels' variances."""
    return 2 * images.reshape(len(images), -1).var(axis=0, ddof=1).sum()


def test_two_hundred_units_are_above_minus_120_nats(digits):
    model, _ = in_memory.train("rbm", digits.train.images, seed=0, latent_dim=200)
    few = {"chains": 100, "temperatures": 1000}
    assert likelihood.log_likelihood(model, digits.test.images, draw_seed=0, **few) > -120


def _wild(scale):
    model = zoo.build("rbm", input_shape=(6,), latent_dim=30)
    model.boltzmann.kernel.assign(scale * RNG.normal(size=(6, 30)))
    return model


def test_a_likelihood_is_of_binary_rows():
    model, grey, few = _wild(1), _rows(50), {"chains": 20, "temperatures": 100}
    first, again, other = (
        likelihood.log_likelihood(model, grey, draw_seed=seed, **few) for seed in (0, 0, 1)
    )
    assert first == again != other
    drawn = (np.random.default_rng(0).random(grey.shape) < grey).astype(np.float32)
    assert likelihood.log_likelihood(model, drawn, **few) == first
    for rows, said in (
        (grey, r"`x` must hold only 0 and 1: pass draw_seed=0 .* Received: 300 other values"),
        (grey * 2, r"must lie within \[0, 1\]"),
        (drawn[:, :5], r"must have the shape \(rows, 6\)"),
    ):
        with pytest.raises(UsageError, match=said):
            likelihood.log_likelihood(model, rows)
    with pytest.raises(UsageError, match=r"must lie within \[0, 1\]"):
        likelihood.log_likelihood(model, grey * 2, draw_seed=0)


def test_estimates_of_the_partition_function_that_disagree_are_refused():
    model, rows = _wild(30), np.ones((2, 6), np.float32)
    with pytest.raises(CheckFailedError, match=r"within 3 nats .* raise `temperatures` or"):
        likelihood.log_likelihood(model, rows, chains=1, temperatures=2)
    assert np.isfinite(likelihood.log_likelihood(_wild(1), rows, chains=50, temperatures=100))


@pytest.mark.parametrize(("hidden", "scale"), [("linear", 1.2), ("relu", 1.2)])
def test_gaussian_samples_grow_from_a_singular_value_of_one(hidden, scale):
    def farthest(largest, steps):
        model = zoo.build("rbm", input_shape=(6,), latent_dim=6, visible="gaussian", hidden=hidden)
        model.boltzmann.kernel.assign(np.full((6, 6), largest / 6))  # whose largest one it is
        return np.abs(model.sample(20, steps=steps)).max()

    assert farthest(0.9, 200) < 30
    assert farthest(scale, 200) > 1e6


def test_no_rows_are_not_adapted_to():
    with pytest.raises(UsageError, match=r"at least one row to adapt to\. Received: 0"):
        RestrictedBoltzmann(3).adapt(np.zeros((0, 6)))
