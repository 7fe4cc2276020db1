"""What restrains a code, against numpy: noise, sparsity, penalties, codebooks, tied kernels."""

import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

import zoo
from zoo.errors import UsageError
from zoo.layers import (
    Corruption,
    JacobianPenalty,
    KLSparsity,
    KSparse,
    L1Penalty,
    L2Penalty,
    LifetimeSparsity,
    SpatialSparsity,
    Standardisation,
    TransposableDense,
    VectorQuantizer,
    corrupt,
)
from zoo.layers.step import Step, entered

RNG = np.random.default_rng(0)


# Corruption ---------------------------------------------------------------------------------


def test_gaussian_corruption_has_its_deviation_and_stays_in_range():
    x = np.full((200, 500), 0.5, "float32")
    noisy = np.asarray(Corruption("gaussian", 0.1, seed=0)(x, training=True))
    assert noisy.std() == pytest.approx(0.1, rel=0.02)
    assert noisy.mean() == pytest.approx(0.5, abs=0.002)
    clipped = np.asarray(Corruption("gaussian", 1.0, seed=0)(x, training=True))
    assert (clipped.min(), clipped.max()) == (0.0, 1.0)
    wild = np.asarray(Corruption("gaussian", 1.0, value_range=None, seed=0)(x, training=True))
    assert wild.std() == pytest.approx(1.0, rel=0.02)


@pytest.mark.parametrize(
    ("kind", "value_range", "shares"),
    [
        ("masking", (0.0, 1.0), {0.0: 0.3}),
        ("masking", None, {0.0: 0.3}),
        ("salt_and_pepper", (0.0, 1.0), {0.0: 0.15, 1.0: 0.15}),
        ("salt_and_pepper", None, {-1.0: 0.15, 1.0: 0.15}),
    ],
)
def test_corruption_sets_the_share_it_says(kind, value_range, shares):
    x = np.full((200, 500), 0.5, "float32")
    noisy = np.asarray(Corruption(kind, 0.3, value_range, seed=0)(x, training=True))
    for value, share in shares.items():
        assert np.mean(noisy == value) == pytest.approx(share, abs=0.01)
    assert np.mean(noisy == 0.5) == pytest.approx(0.7, abs=0.01)


def test_corruption_rests_and_repeats():
    x = RNG.random((4, 3, 3, 1)).astype("float32")
    np.testing.assert_array_equal(Corruption("gaussian", 0.4)(x), x)
    np.testing.assert_array_equal(corrupt(x, level=0.4), corrupt(x, level=0.4))
    assert not np.array_equal(corrupt(x, level=0.4), corrupt(x, level=0.4, seed=1))
    np.testing.assert_array_equal(corrupt(x, level=0.0), x)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"kind": "snow"}, "no kind of corruption 'snow'; there are gaussian"),
        ({"kind": "masking", "level": 1.5}, r"must be in \[0, 1\]. Received: level=1.5"),
        ({"level": -1}, r"must be in \[0, inf\]. Received: level=-1"),
    ],
)
def test_corruption_is_refused(arguments, told):
    with pytest.raises(UsageError, match=told):
        Corruption(**arguments)


def test_a_denoiser_learns_from_noise_and_is_asked_for_the_clean_image(digits):
    clean = digits.test.images[:300]
    noisy, errors = corrupt(clean, level=0.4), {}
    for level in (0.0, 0.4):
        keras.utils.set_random_seed(0)
        model = zoo.build("denoising_ae", widths=(128,), latent_dim=64, level=level)
        model.fit(digits.train.images[:2000], batch_size=64, epochs=16, verbose=0)
        errors[level] = np.square(model.reconstruct(noisy) - clean).mean()
    assert errors[0.4] < 0.4 * np.square(noisy - clean).mean()
    assert errors[0.4] < 0.8 * errors[0.0]


# Sparsity -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("penalty", "most"), [("kl", 3.0), ("l1", 0.1)])
def test_a_sparse_code_is_sparser_than_without_the_penalty(penalty, most, digits):
    activities = {}
    for weight in (0.0, most):
        keras.utils.set_random_seed(0)
        model = zoo.build("sparse_ae", latent_dim=40, penalty=penalty, sparsity_weight=weight)
        history = model.fit(digits.train.images[:1000], batch_size=50, epochs=5, verbose=0).history
        assert np.all(np.array(history["sparsity"]) > 0)
        activities[weight] = model.encode(digits.test.images).mean()
    assert 0 < activities[most] < 0.5 * activities[0.0]


@pytest.mark.parametrize(
    ("variant", "arguments", "term"),
    [
        ("vq_vae", {"filters": (4, 8), "latent_dim": 3, "entries": 8}, "commitment"),
        ("shallow_ae", {"latent_weight": 0.1}, "latent_penalty"),
        ("vae", {"widths": (16,)}, "kl"),
    ],
)
def test_fit_shows_what_the_loss_adds(variant, arguments, term, digits):
    history = zoo.build(variant, **arguments).fit(digits.train.images[:64], verbose=0).history
    assert history[term][0] > 0


def test_boosted_units_take_their_turns_in_training_alone():
    x = np.array([[3.0, 2.9, 2.8]], "float32")
    chosen = {}
    for boost in (0.0, 1.0):
        layer = KSparse(1, boost=boost)
        kept = [np.flatnonzero(layer(x, training=True)[0])[0] for _ in range(300)]
        chosen[boost] = set(kept)
        np.testing.assert_array_equal(layer(x), [[3.0, 0, 0]])
    assert chosen == {0.0: {0}, 1.0: {0, 1, 2}}
    assert np.asarray(layer.kept_fraction).sum() == pytest.approx(1, abs=1e-3)


def test_k_sparse_keeps_the_largest_and_anneals():
    x = RNG.permutation(80).reshape(4, 20).astype("float32") + 1
    layer = KSparse(5, annealing_steps=10, surplus=1.5)
    at_rest = np.asarray(layer(x))
    np.testing.assert_array_equal((at_rest > 0).sum(axis=1), 8)  # round(1.5 × 5)
    for row, kept in zip(x, at_rest, strict=True):
        assert set(kept[kept > 0]) == set(np.sort(row)[-8:])
    kept = [int((np.asarray(layer(x, training=True)) > 0).sum(axis=1)[0]) for _ in range(12)]
    assert kept == [20, 18, 17, 16, 14, 12, 11, 10, 8, 6, 5, 5]


def test_winners_in_a_batch_and_in_a_map():
    x = RNG.normal(size=(20, 7)).astype("float32")
    sparse = np.asarray(LifetimeSparsity(0.1)(x, training=True))
    np.testing.assert_array_equal((sparse != 0).sum(axis=0), 2)
    np.testing.assert_array_equal(sparse.max(axis=0), x.max(axis=0))
    np.testing.assert_array_equal(LifetimeSparsity(0.1)(x), x)

    maps = RNG.normal(size=(3, 4, 5, 2)).astype("float32") + 9
    sparse = np.asarray(SpatialSparsity()(maps, training=True))
    np.testing.assert_array_equal((sparse != 0).sum(axis=(1, 2)), 1)
    np.testing.assert_array_equal(sparse.max(axis=(1, 2)), maps.max(axis=(1, 2)))
    np.testing.assert_array_equal(SpatialSparsity()(maps), sparse)  # at rest too


def test_a_winner_take_all_map_is_decoded_as_it_was_learnt(digits):
    model = zoo.build("winner_take_all_ae", architecture="conv", filters=16)
    images = digits.train.images[:1000]
    model.fit(images, batch_size=20, epochs=4, verbose=0)
    assert model.code_bits == pytest.approx(16 * (32 + np.log2(28 * 28)))
    error = np.square(model.reconstruct(images) - images).mean()
    assert error < 0.7 * np.square(images - images.mean(axis=0)).mean()


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: KSparse(0), "`k` must be a positive integer"),
        (lambda: KSparse(3, surplus=0.5), "`surplus` at least 1"),
        (lambda: KSparse(3, boost=-1.0), "`boost` must be at least 0"),
        (lambda: KSparse(9)(np.zeros((2, 4), "float32")), "at most the number of units"),
        (lambda: LifetimeSparsity(0.0), r"`rate` must be in \(0, 1\]"),
        (lambda: zoo.build("k_sparse_ae", latent_dim=4, k=9), "at most the number of units"),
        (lambda: zoo.build("denoising_ae", architecture="conv", tied=True), "`tied` is for"),
        (lambda: zoo.build("winner_take_all_ae", architecture="conv", tied=True), "`tied` is for"),
        (lambda: zoo.build("sparse_ae", target=1.0), r"`target` must be in \(0, 1\)"),
        (lambda: VectorQuantizer(8, decay=1.0), r"`decay` must be in \[0, 1\)"),
    ],
)
def test_sparsity_is_refused(make, told):
    with pytest.raises(UsageError, match=told):
        make()


def test_what_sparse_codes_weigh():
    sparse = zoo.build("k_sparse_ae", input_shape=(6, 6, 1), latent_dim=16, k=3, surplus=2.0)
    assert sparse.code_bits == 6 * (32 + 4)
    assert zoo.build("linear_ae", input_shape=(6, 6, 1), latent_dim=5).code_bits == 5 * 32
    one = {"input_shape": (8, 8, 1), "filters": (4,), "latent_dim": 2, "entries": 1}
    assert zoo.build("vq_vae", **one).code_bits == 0


# Penalties ----------------------------------------------------------------------------------


def test_penalties_are_the_formulas():
    code = RNG.random((6, 5)).astype("float32")
    expected = {
        L2Penalty: np.square(code).sum(axis=1).mean(),
        L1Penalty: np.abs(code).sum(axis=1).mean(),
    }
    rate = code.mean(axis=0)
    nats = 0.1 * np.log(0.1 / rate) + 0.9 * np.log(0.9 / (1 - rate))
    for layer, value in [
        *((kind(weight=3.0), value) for kind, value in expected.items()),
        (KLSparsity(0.1, weight=3.0), nats.sum()),
    ]:
        with entered(Step(code)) as step:
            np.testing.assert_array_equal(layer(code), code)
        np.testing.assert_allclose(step.loss(), 3 * value, rtol=1e-5)


def jacobian_norm(model, x):
    """‖∂code/∂input‖², mean over rows, every entry by itself."""
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        code = model.encoder(x)
    jacobian = tape.batch_jacobian(code, x).numpy()
    return np.square(jacobian).sum(axis=tuple(range(1, jacobian.ndim))).mean()


@pytest.mark.parametrize("tied", [False, True])
def test_the_closed_form_is_the_jacobian(digits, tied):
    model = zoo.build("contractive_ae", latent_dim=20, tied=tied)
    x = digits.test.images[:16]
    shown = model.evaluate(x, batch_size=16, verbose=0, return_dict=True)
    assert shown["jacobian"] == pytest.approx(jacobian_norm(model, x), rel=1e-4)
    plain = zoo.build("contractive_ae", latent_dim=20, tied=tied, contraction_weight=0.0)
    plain.set_weights(model.get_weights())
    base = plain.evaluate(x, batch_size=16, verbose=0, return_dict=True)["loss"]
    assert shown["loss"] == pytest.approx(base + 0.1 * shown["jacobian"], rel=1e-5)


def test_the_probe_estimates_the_jacobian(digits):
    model = zoo.build("contractive_ae", widths=(30,), latent_dim=10)
    x = digits.test.images[:16]
    many = np.concatenate([x] * 100)  # each row with a probe of its own
    shown = model.evaluate(many, batch_size=1600, verbose=0, return_dict=True)["jacobian"]
    assert shown == pytest.approx(jacobian_norm(model, x), rel=0.05)


def test_a_contraction_contracts(digits):
    norms = {}
    for weight in (0.0, 10.0):
        keras.utils.set_random_seed(0)
        model = zoo.build("contractive_ae", widths=(64,), latent_dim=16, contraction_weight=weight)
        history = model.fit(digits.train.images[:1000], batch_size=50, epochs=8, verbose=0).history
        assert len(history["jacobian"]) == 8
        norms[weight] = jacobian_norm(model, digits.test.images[:100])
    assert norms[10.0] < 0.5 * norms[0.0]


def test_a_penalty_weighs_the_same_on_two_devices(tmp_path):
    code = """
import sys
import keras, numpy as np, tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
import zoo
x = np.random.default_rng(0).random((32, 4, 4, 1)).astype("float32")
for devices in (["CPU:0"], ["CPU:0", "CPU:1"]):
    with tf.distribute.MirroredStrategy(devices).scope():
        keras.utils.set_random_seed(0)
        model = zoo.build("contractive_ae", input_shape=(4, 4, 1), latent_dim=4,
        contraction_weight=100.0)
    print(model.evaluate(x, batch_size=32, verbose=0, return_dict=True)["loss"])
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    one, two = map(float, done.stdout.split())
    assert one == pytest.approx(two, rel=1e-4)


def test_a_latent_penalty_draws_codes_to_zero(digits):
    lengths, means = {}, {}
    for penalty in (0.0, 1e-3):
        keras.utils.set_random_seed(0)
        model = zoo.build("deep_ae", widths=(64,), latent_dim=2, latent_weight=penalty)
        model.fit(digits.train.images[:1000], batch_size=50, epochs=10, verbose=0)
        codes = model.encode(digits.test.images)
        lengths[penalty] = np.square(codes).sum(axis=1).mean()
        means[penalty] = np.linalg.norm(codes.mean(axis=0))
    assert lengths[1e-3] < 0.5 * lengths[0.0]
    assert means[1e-3] < means[0.0]


def test_gradient_terms_survive_a_file(digits, tmp_path):
    layer = JacobianPenalty("encoder_1", weight=0.3, seed=4, name="jacobian")
    again = JacobianPenalty.from_config(layer.get_config())
    assert (again.sigmoid_layer, again.weight, again.seed) == ("encoder_1", 0.3, 4)
    model = zoo.build("contractive_ae", latent_dim=9, contraction_weight=0.7)
    model.fit(digits.train.images[:64], verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = zoo.load_model(tmp_path / "model.keras")
    x = digits.test.images[:8]
    assert loaded.evaluate(x, verbose=0) == pytest.approx(model.evaluate(x, verbose=0), rel=1e-6)


# Quantisation -------------------------------------------------------------------------------


def test_quantisation_takes_the_nearest_entry_and_lets_the_gradient_through():
    layer = VectorQuantizer(6, weight=0.5)
    x = tf.constant(RNG.normal(size=(3, 2, 4)).astype("float32"))
    with entered(Step(x)) as step:
        vectors, indices = layer(x)
    codebook = np.asarray(layer.codebook)
    distances = np.square(np.asarray(x)[..., None, :] - codebook).sum(axis=-1)
    np.testing.assert_array_equal(indices, distances.argmin(axis=-1))
    np.testing.assert_allclose(vectors, codebook[distances.argmin(axis=-1)], rtol=1e-6)
    commitment = np.square(np.asarray(x) - np.asarray(vectors)).mean()
    np.testing.assert_allclose(step.loss(), 0.5 * commitment, rtol=1e-5)
    with tf.GradientTape() as tape:
        tape.watch(x)
        total = tf.reduce_sum(3.0 * layer(x, training=True)[0])
    np.testing.assert_allclose(tape.gradient(total, x), np.full(x.shape, 3.0), rtol=1e-6)


def test_the_codebook_is_a_moving_average_and_dead_entries_start_again():
    layer = VectorQuantizer(3, decay=0.5, threshold=0.1, seed=0)
    layer.build((None, 2))
    layer.codebook.assign([[0.0, 0.0], [10.0, 10.0], [99.0, 99.0]])
    layer.counts.assign([4.0, 4.0, 0.1])
    layer.sums.assign([[0.0, 0.0], [40.0, 40.0], [9.9, 9.9]])
    x = np.array([[1.0, 1.0], [1.0, 3.0], [11.0, 11.0]], "float32")
    layer(x, training=True)
    book, counts = np.asarray(layer.codebook), np.asarray(layer.counts)
    np.testing.assert_allclose(counts, [3.0, 2.5, 1.0])  # the third, at 0.05 of 1, starts again
    np.testing.assert_allclose(book[0], np.array([1.0, 2.0]) / 3, rtol=1e-6)  # (0 + 2, 0 + 4)/2/3
    np.testing.assert_allclose(book[1], np.array([25.5, 25.5]) / 2.5, rtol=1e-6)
    assert any(np.allclose(book[2], row) for row in x)


def test_an_entry_that_nothing_chose_stays_without_restarts():
    layer = VectorQuantizer(16, threshold=0.0)
    x = RNG.normal(size=(2, 3)).astype("float32")
    layer.build((None, 3))
    before = np.asarray(layer.codebook)
    _, indices = layer(x, training=True)
    rest = np.setdiff1d(np.arange(16), indices)
    np.testing.assert_array_equal(np.asarray(layer.codebook)[rest], before[rest])
    np.testing.assert_allclose(np.asarray(layer.codebook)[np.asarray(indices)], x, rtol=1e-5)


def test_few_bits_do_not_lose_what_must_be_exact():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        x = RNG.normal(5000, 1, (200, 3)).astype("float32")
        model = zoo.build("linear_ae", input_shape=(3,), latent_dim=1, standardise=True)
        shown = model.fit(x, epochs=1, verbose=0).history["loss"][0]
        assert shown > 0.3  # one number cannot carry three independent ones
        book = VectorQuantizer(2, threshold=0.0)
        book.build((None, 1))
        book.codebook.assign([[5.0], [-5.0]])
        book.counts.assign([1.0, 1.0])
        book.sums.assign([[5.0], [-5.0]])
        for _ in range(30):
            book(np.array([[5.5], [-4.5]], "float32"), training=True)
        moved = 1 - 0.99**30
        expected = [[5 + 0.5 * moved], [-5 + 0.5 * moved]]
        np.testing.assert_allclose(np.asarray(book.codebook), expected, rtol=1e-4)
    finally:
        keras.config.set_dtype_policy("float32")


def test_indices_are_another_output_of_encode(digits, tmp_path):
    model = zoo.build("vq_vae", filters=(8, 8), latent_dim=4, entries=16)
    model.fit(digits.train.images[:128], batch_size=64, verbose=0)
    x = digits.test.images[:5]
    indices = model.indices(x)
    assert (indices.shape, indices.dtype) == ((5, 7, 7), np.int32)
    codebook = np.asarray(model.get_layer("commitment").codebook)
    np.testing.assert_allclose(model.encode(x), codebook[indices], rtol=1e-6)
    assert model.code_bits == 49 * 4
    bundle = zoo.export(model, tmp_path / "bundle")
    assert bundle.code_bits == 49 * 4
    assert np.mean(bundle.indices(x) != indices) < 0.01  # entries may be as near as rounding
    with pytest.raises(UsageError, match="Only quantised codes have indices"):
        zoo.build("pca", input_shape=(4, 4, 1), latent_dim=2).indices(x)


# Features and tied kernels ------------------------------------------------------------------


def test_features_are_standardised_inside(tmp_path):
    x = (RNG.normal(size=(300, 4)) * [1, 100, 1e-3, 0] + [5, -3000, 0, 7]).astype("float32")
    model = zoo.build("deep_ae", input_shape=(4,), widths=(32,), latent_dim=3, standardise=True)
    history = model.fit(x, epochs=60, batch_size=30, verbose=0).history["loss"]
    scale = model.standardisation
    np.testing.assert_allclose(np.asarray(scale.mean), x.mean(axis=0), rtol=1e-4, atol=1e-6)
    standard = (x - x.mean(axis=0)) / np.where(x.std(axis=0) > 0, x.std(axis=0), 1)
    assert history[-1] < 0.1 < 0.5 < history[0]
    again = (model.reconstruct(x) - x.mean(axis=0)) / np.where(x.std(0) > 0, x.std(0), 1)
    error = np.square(again - standard).mean()
    assert model.evaluate(x, verbose=0) == pytest.approx(error, rel=1e-2)

    bundle = zoo.export(model, tmp_path / "bundle")
    assert bundle.signatures["encode"][0][0].name == "features"
    np.testing.assert_allclose(bundle.encode(x), model.encode(x), atol=1e-5)
    with pytest.raises(UsageError, match=r"features must have the shape \(rows, 4\)"):
        bundle.encode(x[:, :3])


def test_a_generator_cannot_be_adapted_to():
    model = zoo.build("deep_ae", input_shape=(4,), widths=(8,), latent_dim=2, standardise=True)
    with pytest.raises(UsageError, match=r"call model\.adapt\(rows\) on some rows first"):
        model.fit(iter([np.zeros((2, 4), "float32")]), steps_per_epoch=1)


def test_standardisation_goes_both_ways():
    x = (RNG.normal(size=(50, 3)) * [1, 10, 0] + [0, 5, 2]).astype("float32")
    layer = Standardisation()
    np.testing.assert_array_equal(layer(x), x)
    assert not layer.adapted
    layer.adapt(x)
    assert layer.adapted
    y = np.asarray(layer(x))
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(y.std(axis=0), [1, 1, 0], atol=1e-5)
    np.testing.assert_allclose(layer(y, inverse=True), x, rtol=1e-5, atol=1e-5)


def test_a_transposable_layer_is_the_formula():
    layer = TransposableDense(3)
    x = RNG.normal(size=(5, 4)).astype("float32")
    y = layer(x)
    layer.bias.assign([1.0, 2.0, 3.0])
    layer.transpose_bias.assign([1.0, 2.0, 3.0, 4.0])
    kernel = np.asarray(layer.kernel)
    np.testing.assert_allclose(layer(x), x @ kernel + [1, 2, 3], rtol=1e-5, atol=1e-6)
    y = RNG.normal(size=(5, 3)).astype("float32")
    back = layer(y, transpose=True)
    np.testing.assert_allclose(back, y @ kernel.T + [1, 2, 3, 4], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("variant", ["deep_ae", "linear_ae", "logistic_pca", "denoising_ae"])
def test_tied_kernels_stay_tied(variant, digits, tmp_path):
    small = {"widths": (32, 16)} if "widths" in zoo.entry(variant).arguments() else {}
    model = zoo.build(variant, latent_dim=8, tied=True, **small)
    untied = zoo.build(variant, latent_dim=8, **small)
    kernels = [w for w in model.trainable_weights if len(w.shape) == 2]
    assert 2 * len(kernels) == len([w for w in untied.trainable_weights if len(w.shape) == 2])
    model.fit(digits.train.images[:200], batch_size=50, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = zoo.load_model(tmp_path / "model.keras")
    loaded.fit(digits.train.images[:200], batch_size=50, verbose=0)
    x = digits.test.images[:4]
    assert len(loaded.trainable_weights) == len(model.trainable_weights)
    # The kernel feeds the code, and any code's reconstruction: without it both are blank.
    codes = RNG.normal(size=(4, 8)).astype("float32")
    assert np.ptp(loaded.decode(codes), axis=0).max() > 0
    loaded.get_layer("encoder_1").kernel.assign(0.0 * kernels[0])
    assert np.ptp(loaded.encode(x), axis=0).max() == 0
    assert np.ptp(loaded.decode(codes), axis=0).max() == 0


@pytest.mark.parametrize("tied", [True, False])
def test_tied_kernels_are_tied_in_an_export(tied, tmp_path):
    model = zoo.build("linear_ae", input_shape=(6,), latent_dim=3, tied=tied)
    model.fit(RNG.random((200, 6)).astype("float32"), batch_size=20, epochs=3, verbose=0)
    bundle = zoo.export(model, tmp_path / "bundle")
    no_row, rows = np.zeros((1, 6), "float32"), np.eye(6, dtype="float32")
    no_code, codes = np.zeros((1, 3), "float32"), np.eye(3, dtype="float32")
    down = bundle.encode(rows) - bundle.encode(no_row)
    up = bundle.decode(codes) - bundle.decode(no_code)
    assert np.allclose(up, down.T, atol=1e-5) == tied


def test_features_within_bounds_need_no_scale(tmp_path):
    x = RNG.random((90, 7)).astype("float32")
    takers = [name for name in zoo.names() if not zoo.entry(name).preset]
    takers = [name for name in takers if "standardise" not in zoo.entry(name).arguments()]
    takers = [name for name in takers if zoo.entry(name).kinds != ("documents",)]
    told = {}
    for name in takers:
        tiny = zoo.entry(name).tiny | {"input_shape": (7,)}
        try:
            run = zoo.train(name, x, folder=tmp_path / name, epochs=1, **tiny)
        except UsageError as error:
            told[name] = str(error)
        else:
            assert zoo.evaluate(run, x)["mse"] > 0
    assert set(takers) - set(told) == {
        "contractive_ae", "denoising_ae", "k_sparse_ae", "logistic_pca", "sparse_ae", "vae",
        "winner_take_all_ae",
    }  # fmt: skip
    for name, sentence in told.items():
        taken = zoo.entry(name).kinds
        words = "`input_shape` must" if "features" in taken else f"takes {taken[0]}. Received: feat"
        assert words in sentence
    with pytest.raises(UsageError, match=r"features must lie within .* standardise=True"):
        zoo.train("sparse_ae", 100 * x, folder=tmp_path / "far")
    assert not (tmp_path / "far").exists()
