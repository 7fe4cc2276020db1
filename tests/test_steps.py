"""What a step of `fit` and `evaluate` computes: loss terms, sample weights and fixed noise."""

import keras
import numpy as np
import pytest

import zoo
from zoo.errors import UsageError
from zoo.layers import LossTerm, VectorQuantizer, corrupt

RNG = np.random.default_rng(0)
IMAGES = {"input_shape": (8, 8, 1)}
# Variants with each loss term there is, and the figures that they show.
TERMS = {
    "kl": ("vae", {"widths": (8,), "latent_dim": 2}, ["kl"]),
    "l2": ("deep_ae", {"widths": (8,), "latent_dim": 2, "latent_weight": 0.1}, ["latent_penalty"]),
    "l1": ("sparse_ae", {"latent_dim": 6, "penalty": "l1"}, ["sparsity"]),
    "kl_sparsity": ("rbm", {"latent_dim": 6, "sparsity_weight": 1.0}, ["sparsity"]),
    "closed_form": ("contractive_ae", {"latent_dim": 6}, ["jacobian"]),
    "probe": ("contractive_ae", {"widths": (8,), "latent_dim": 4}, ["jacobian"]),
    "commitment": ("vq_vae", {"filters": (4,), "latent_dim": 2, "entries": 8}, ["commitment"]),
    "rbm": ("rbm", {"latent_dim": 6}, ["free_energy_difference", "reconstruction_error"]),
    "chains": ("rbm", {"latent_dim": 6, "persistent": True}, ["free_energy"]),
}
BY_BATCH = {"kl_sparsity", "probe"}  # a statistic of a batch; probes that a batch draws


def images(rows):
    return RNG.random((rows, 8, 8, 1)).astype("float32")


def built(name):
    keras.utils.set_random_seed(0)
    variant, arguments, figures = TERMS[name]
    model = zoo.build(variant, **IMAGES, **arguments)
    if variant == "rbm":  # its start follows the rows, whatever they weigh
        model.adapt(np.random.default_rng(1).random((24, 8, 8, 1), dtype="float32"))
    model.run_eagerly = True  # of a few steps faster than compiled
    return model, figures


def shown(model, x, batch_size=32, **given):
    return model.evaluate(x, batch_size=batch_size, verbose=0, return_dict=True, **given)


class Drawing(LossTerm):
    """A loss term with random numbers of its own."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.seed_generator = keras.random.SeedGenerator(0)

    def term(self, inputs):
        noise = keras.random.normal(keras.ops.shape(inputs), seed=self.seed_generator)
        return keras.ops.sum(inputs * noise, axis=-1)


def test_only_fit_and_evaluate_compute_loss_terms(tmp_path):
    inputs = keras.Input((4,), name="features")
    term = Drawing(name="drawn")
    latent = keras.layers.Activation("linear", name="latent")(term(inputs))
    outputs = keras.layers.Dense(4)(latent)
    model = zoo.AutoEncoder(inputs, outputs, variant="linear_ae", value_range=None)
    model.compile("sgd", "mse", run_eagerly=True)
    x = RNG.random((16, 4)).astype("float32")
    start = np.asarray(term.seed_generator.state)  # the seed, and the number of draws

    model.encode(x)
    model.reconstruct(x)
    model.predict(x, verbose=0)
    model(x, training=True)
    bundle = zoo.export(model, tmp_path / "bundle")
    np.testing.assert_allclose(bundle.encode(x), x, atol=1e-6)
    np.testing.assert_array_equal(term.seed_generator.state, start)

    assert model.fit(x, batch_size=8, verbose=0).history["drawn"] != [0.0]
    assert shown(model, x, 8)["drawn"] != 0
    assert list(np.asarray(term.seed_generator.state) - start) == [0, 4]


@pytest.mark.parametrize("name", sorted(set(TERMS) - BY_BATCH))
def test_a_terms_figure_is_a_mean_over_rows(name):
    model, figures = built(name)
    x = np.concatenate([images(30), np.zeros((1, 8, 8, 1), "float32")])
    whole, parts = shown(model, x, 31), shown(model, x, 30)
    for figure in figures:
        assert parts[figure] == pytest.approx(whole[figure], rel=1e-4)


@pytest.mark.parametrize("name", TERMS)
def test_a_row_of_weight_0_changes_nothing(name):
    x, weights = images(24), np.repeat([1.0, 0.0], 12)
    trained = []
    for others in (images(12), 1 - x[12:]):
        model, figures = built(name)
        rows = np.concatenate([x[:12], others])
        rest = {"batch_size": 24, "epochs": 2, "shuffle": False, "verbose": 0}
        model.fit(rows, sample_weight=weights, **rest)
        after = shown(model, rows, sample_weight=weights)
        after.pop("pseudo_likelihood", None)  # each row's unit depends on the whole batch
        trained.append((model.get_weights(), after))
    for one, other in zip(*(weights for weights, _ in trained), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
    assert trained[0][1] == pytest.approx(trained[1][1], rel=1e-4)
    if name not in BY_BATCH | {"kl"}:  # which draw other noise for fewer rows
        few = shown(model, x[:12])
        for figure in figures:
            assert trained[1][1][figure] == pytest.approx(few[figure], rel=1e-4)
        assert trained[1][1]["loss"] == pytest.approx(few["loss"] / 2, rel=1e-4)


@pytest.mark.parametrize("name", TERMS)
def test_weights_of_0_move_nothing(name):
    model, _ = built(name)
    x = images(24)
    model.fit(x, batch_size=24, verbose=0)
    model, _ = built(name)
    before = [np.asarray(weight) for weight in model.trainable_weights]
    books = [layer for layer in model.layers if isinstance(layer, VectorQuantizer)]
    before += [np.asarray(variable) for book in books for variable in book.weights]
    model.fit(x, sample_weight=np.zeros(24), batch_size=12, verbose=0)
    after = [*model.trainable_weights, *(variable for book in books for variable in book.weights)]
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, np.asarray(other))
    assert shown(model, x, sample_weight=np.zeros(24))["loss"] == 0


def test_a_weight_of_2_counts_twice():
    x = images(24)
    once, _ = built("rbm")
    twice, _ = built("rbm")
    for model, rate, weight in ((once, 0.2, 1.0), (twice, 0.1, 2.0)):
        model.compile(keras.optimizers.SGD(rate), "mse", run_eagerly=True)
        model.fit(x, sample_weight=np.full(24, weight), batch_size=24, shuffle=False, verbose=0)
    for one, other in zip(once.get_weights(), twice.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_weights_of_pixels_are_refused_where_a_term_has_one_value_per_row():
    x, weights = images(8), np.ones((8, 8, 8))
    plain = zoo.build("deep_ae", **IMAGES, widths=(8,), latent_dim=2)
    plain.evaluate(x, sample_weight=weights, verbose=0)
    model, _ = built("kl")
    with pytest.raises(UsageError, match=r"one number per row\. Received: weights of shape"):
        model.evaluate(x, sample_weight=weights, verbose=0)


def test_a_commitment_draws_the_encoder_to_the_codebook():
    inputs = keras.Input((3,), name="features")
    scaled = keras.layers.Dense(3, use_bias=False, kernel_initializer="identity", name="dense")
    vectors, _ = VectorQuantizer(4, weight=0.25, decay=0.0, threshold=0.0)(scaled(inputs))
    latent = keras.layers.Activation("linear", name="latent")(vectors)
    model = zoo.AutoEncoder(inputs, latent, value_range=None)
    model.compile(keras.optimizers.SGD(1.0), zoo.recipes.losses.zero)
    book = RNG.normal(size=(4, 3)).astype("float32")
    model.layers[2].codebook.assign(book)
    x = RNG.normal(size=(5, 3)).astype("float32")
    nearest = book[np.square(x[:, None] - book).sum(axis=-1).argmin(axis=-1)]
    model.fit(x, verbose=0)
    gradient = x.T @ (0.25 * 2 * (x - nearest) / x.size)
    np.testing.assert_allclose(model.get_layer("dense").kernel, np.eye(3) - gradient, atol=1e-6)


# Noise -----------------------------------------------------------------------------------------


def crossentropy(truth, guess):
    guess = np.clip(np.float64(guess), 1e-7, 1 - 1e-7)
    return -(truth * np.log(guess) + (1 - truth) * np.log(1 - guess)).reshape(len(truth), -1)


def test_evaluate_reports_the_elbo_of_sampled_codes_and_that_of_the_mean(digits):
    keras.utils.set_random_seed(0)
    model = zoo.build("vae", widths=(32,), latent_dim=4)
    model.run_eagerly = True
    for weight in model.decoder.weights:
        weight.assign(3 * weight)  # so that the code matters
    x = digits.test.images
    parts = [model.get_layer(f"latent_{name}").output for name in ("mean", "log_variance")]
    mean, log_variance = keras.Model(model.inputs, parts).predict(x, verbose=0)
    nats = 0.5 * (mean**2 + np.exp(log_variance) - 1 - log_variance).sum(axis=-1).mean()
    noise = np.random.default_rng(1).normal(size=mean.shape).astype("float32")
    sampled = model.decode(mean + np.exp(0.5 * log_variance) * noise)
    figures = shown(model, x, 100)
    at_mean = crossentropy(x, model.decode(mean)).sum(axis=-1).mean() + nats
    elbo = crossentropy(x, sampled).sum(axis=-1).mean() + nats
    assert elbo - at_mean > 2
    assert figures["loss"] == pytest.approx(elbo, abs=0.15 * (elbo - at_mean))
    assert figures["loss_without_noise"] == pytest.approx(at_mean, rel=1e-4)
    assert figures["kl"] == pytest.approx(nats, rel=1e-4)


@pytest.mark.parametrize("kind", ["gaussian", "masking"])
def test_a_denoisers_loss_is_that_of_noisy_to_clean(digits, kind):
    model = zoo.build("denoising_ae", widths=(64,), latent_dim=16, corruption=kind)
    model.run_eagerly = True
    x, held_out = digits.train.images[:500], digits.test.images[:500]
    history = model.fit(x, epochs=2, verbose=0, validation_data=held_out).history
    noisy = corrupt(held_out, kind, 0.4, seed=5)
    expected = crossentropy(held_out, model.reconstruct(noisy)).mean()
    clean = crossentropy(held_out, model.reconstruct(held_out)).mean()
    assert abs(expected - clean) > 0.01
    assert history["val_loss"][-1] == pytest.approx(expected, abs=0.15 * abs(expected - clean))
    assert history["val_loss_without_noise"][-1] == pytest.approx(clean, rel=1e-4)
    assert set(history) == {"loss", "val_loss", "val_loss_without_noise"}


@pytest.mark.parametrize("variant", ["vae", "denoising_ae"])
def test_the_noise_of_evaluate_is_fixed(variant, tmp_path):
    keras.utils.set_random_seed(0)
    model = zoo.build(variant, **IMAGES, widths=(8,), latent_dim=2)
    model.run_eagerly = True
    x = images(40)
    model.fit(x, verbose=0)
    (layer,) = (layer for layer in model.layers if isinstance(layer, zoo.layers.Noise))
    state = np.asarray(layer.seed_generator.state)
    first = shown(model, x)
    model.save(tmp_path / "model.keras")
    keras.utils.set_random_seed(7)
    assert shown(model, x) == first
    loaded = zoo.load_model(tmp_path / "model.keras")
    loaded.run_eagerly = True
    assert shown(loaded, x) == pytest.approx(first, rel=1e-6)
    np.testing.assert_array_equal(layer.seed_generator.state, state)
    model.encode(x)
    np.testing.assert_array_equal(model.predict(x, verbose=0), model.predict(x, verbose=0))
    np.testing.assert_array_equal(layer.seed_generator.state, state)


def test_each_step_of_evaluate_has_other_noise():
    model = zoo.build("denoising_ae", **IMAGES, widths=(8,), latent_dim=2)
    seen = []
    model.compile("sgd", lambda y, restored: seen.append(np.asarray(restored)) or y * 0)
    model.run_eagerly = True
    shown(model, np.tile(images(1), (6, 1, 1, 1)), 3)
    noisy = [batch for batch in seen if np.ptp(batch, axis=0).max() > 1e-6]
    assert len(noisy) == 2
    assert np.abs(noisy[0] - noisy[1]).max() > 1e-3


def test_a_probe_of_evaluate_is_fixed():
    model, _ = built("probe")
    x = images(8)
    assert shown(model, x) == shown(model, x)
    assert np.asarray(model.get_layer("jacobian").seed_generator.state)[1] == 0
