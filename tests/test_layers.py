"""The layers against numpy, scikit-learn, TensorFlow's own pooling, and Keras's upsampling."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.linalg import subspace_angles
from sklearn.decomposition import PCA

import zoo
from zoo import fused
from zoo.fused import Activation, Bias, Dense, bias, cross_entropy, dense
from zoo.inputs import lazy
from zoo.inputs.lazy import MappedRows
from zoo.layers import (
    ArgmaxPooling1D,
    ArgmaxPooling2D,
    FilledConv2DTranspose,
    KLDivergence,
    PrincipalComponents,
    RestrictedBoltzmann,
    TiedDense,
    Unpooling1D,
    Unpooling2D,
)
from zoo.layers.step import Step, entered

RNG = np.random.default_rng(0)


# TiedDense ----------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [500, 300, 40])  # more and fewer rows than features
def test_tied_dense_adapts_to_the_principal_components(digits, rows):
    x = digits.train.images[:rows].reshape(rows, -1)
    layer, judge = TiedDense(10), PCA(10, svd_solver="full").fit(x)
    layer.adapt(digits.train.images[:rows])
    kernel = np.asarray(layer.kernel)
    assert subspace_angles(kernel, judge.components_.T).max() < 1e-3
    y = layer(x)
    ours = np.square(x - np.asarray(layer(y, transpose=True))).sum()
    theirs = np.square(x - judge.inverse_transform(judge.transform(x))).sum()
    assert ours == pytest.approx(theirs, rel=1e-5)
    np.testing.assert_allclose(
        layer.explained_variance_ratio, judge.explained_variance_ratio_, rtol=1e-4
    )
    # ordered, orthonormal, signs fixed
    np.testing.assert_allclose(kernel.T @ kernel, np.eye(10), atol=1e-5)
    assert np.all(np.diff(np.asarray(y).var(axis=0)) < 0)
    assert np.all(kernel[np.abs(kernel).argmax(axis=0), range(10)] > 0)


@pytest.mark.parametrize(("rows", "features"), [(40, 9), (5, 9), (1, 9), (40, 3), (2100, 2050)])
def test_principal_components_take_any_number_of_rows_and_features(rows, features):
    x = RNG.normal(size=(rows, features)).astype("float32")
    layer = PrincipalComponents(6)
    assert not np.asarray(layer(x)).any()
    assert not layer.adapted
    layer.adapt(x)
    assert layer.adapted
    assert not layer.trainable_weights
    units = min(6, features, max(1, rows - 1))
    known = x if features <= 2000 else x[np.linspace(0, rows - 1, 2000).astype(int)]
    if rows > 1:
        judge = PCA(units, svd_solver="full").fit(known)
        theirs = judge.inverse_transform(judge.transform(x))
        np.testing.assert_allclose(layer(layer(x), transpose=True), theirs, atol=1e-3)
        assert np.asarray(layer(known))[:, 0].std() == pytest.approx(1, rel=1e-3)
    assert not np.asarray(layer.kernel)[:, units:].any()
    with pytest.raises(zoo.errors.UsageError, match="at least one row to adapt to"):
        PrincipalComponents(2).adapt(np.zeros((0, 3)))


def test_tied_dense_is_the_formula():
    layer = TiedDense(3)
    x = RNG.normal(size=(5, 4)).astype("float32")
    y = layer(x)
    layer.mean.assign([1.0, 2.0, 3.0, 4.0])
    kernel, mean = np.asarray(layer.kernel), np.asarray(layer.mean)
    np.testing.assert_allclose(layer(x), (x - mean) @ kernel, rtol=1e-5, atol=1e-6)
    y = RNG.normal(size=(5, 3)).astype("float32")
    np.testing.assert_allclose(layer(y, transpose=True), y @ kernel.T + mean, rtol=1e-5, atol=1e-6)


def test_pca_by_gradient_comes_within_half_a_percent_of_the_closed_form(digits):
    x = digits.train.images[:1000]
    closed = zoo.build("pca", latent_dim=5).adapt(x)
    best = np.square(x - closed.reconstruct(x)).sum()
    learnt = zoo.build("pca", latent_dim=5)
    learnt.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.01, 1200)), "mse")
    learnt.fit(x, batch_size=100, epochs=120, verbose=0)
    assert (1 - 1e-5) * best <= np.square(x - learnt.reconstruct(x)).sum() < 1.005 * best


@pytest.mark.parametrize(
    ("rows", "units", "told"),
    [(1, 1, "at least 2 rows. Received: 1"), (3, 4, "at least 4 rows. Received: 3"),
     (9, 6, "no more than the 5 numbers of its input. Received: 6")],
)  # fmt: skip
def test_tied_dense_refuses(rows, units, told):
    with pytest.raises(zoo.errors.UsageError, match=told):
        TiedDense(units).adapt(np.zeros((rows, 5)))


# Pooling and unpooling ------------------------------------------------------------------------

MAPS = [(4, 6, 1, 2), (5, 7, 3, 2), (9, 7, 2, 3), (7, 9, 2, (2, 3)), (2, 2, 1, 2)]


def pooled_by_loops(x, pool):
    ph, pw = (pool, pool) if isinstance(pool, int) else pool
    rows, height, width, channels = x.shape
    values = np.zeros((rows, height // ph, width // pw, channels), x.dtype)
    switches = np.zeros(values.shape, np.int32)
    for r, i, j, c in np.ndindex(values.shape):
        window = x[r, i * ph : (i + 1) * ph, j * pw : (j + 1) * pw, c].ravel()
        values[r, i, j, c], switches[r, i, j, c] = window.max(), window.argmax()
    return values, switches


@pytest.mark.parametrize(("height", "width", "channels", "pool"), MAPS)
def test_pooling_and_unpooling_2d(height, width, channels, pool):
    x = RNG.normal(size=(3, height, width, channels)).astype("float32")
    values, switches = ArgmaxPooling2D(pool)(x)
    expected = pooled_by_loops(x, pool)
    np.testing.assert_array_equal(values, expected[0])
    np.testing.assert_array_equal(switches, expected[1])
    assert switches.dtype == tf.int32
    np.testing.assert_array_equal(values, keras.layers.MaxPooling2D(pool)(x))

    back = np.asarray(Unpooling2D(pool, output_size=(height, width))(values, switches))
    assert back.shape == x.shape
    chosen = back != 0
    np.testing.assert_array_equal(back[chosen], x[chosen])  # where they came from
    assert chosen.sum() == np.size(values)  # and zeros elsewhere
    again = ArgmaxPooling2D(pool)(np.where(chosen, back, -9).astype("float32"))
    np.testing.assert_array_equal(again[1], switches)


def test_switches_agree_with_tensorflows_argmax():
    x = RNG.normal(size=(2, 6, 8, 3)).astype("float32")
    _, flat = tf.nn.max_pool_with_argmax(x, 2, 2, "VALID", include_batch_in_index=False)
    _, switches = ArgmaxPooling2D(2)(x)
    row, column = np.asarray(flat) // (8 * 3), np.asarray(flat) // 3 % 8
    np.testing.assert_array_equal(switches, row % 2 * 2 + column % 2)


@pytest.mark.parametrize(("size", "pool", "output"), [(3, 2, 6), (3, 2, 7), (2, 3, 8)])
def test_fill_repeats_as_upsampling_does(size, pool, output):
    x = RNG.normal(size=(2, size, size, 3)).astype("float32")
    filled = np.asarray(Unpooling2D(pool, mode="fill", output_size=output)(x))
    whole = size * pool
    np.testing.assert_array_equal(filled[:, :whole, :whole], keras.layers.UpSampling2D(pool)(x))
    for rest in range(whole, output):  # what pooling had dropped: the last value again
        np.testing.assert_array_equal(filled[:, rest], filled[:, whole - 1])
        np.testing.assert_array_equal(filled[:, :, rest], filled[:, :, whole - 1])


@pytest.mark.parametrize(("length", "pool"), [(6, 2), (7, 3), (3, 3)])
def test_pooling_and_unpooling_1d(length, pool):
    x = RNG.normal(size=(2, length, 3)).astype("float32")
    values, switches = ArgmaxPooling1D(pool)(x)
    expected = pooled_by_loops(x[:, :, None], (pool, 1))
    np.testing.assert_array_equal(values, expected[0][:, :, 0])
    np.testing.assert_array_equal(switches, expected[1][:, :, 0])
    back = np.asarray(Unpooling1D(pool, output_size=length)(values, switches))
    np.testing.assert_array_equal(back[back != 0], x[back != 0])
    filled = Unpooling1D(pool, mode="fill")(values)
    np.testing.assert_array_equal(filled, keras.layers.UpSampling1D(pool)(values))


@pytest.mark.parametrize("x", [np.zeros((1, 4, 4, 2)), np.full((1, 4, 4, 2), 7.0)])
def test_of_equal_values_the_first_is_taken_and_alone_has_the_gradient(x):
    x = tf.Variable(x.astype("float32"))
    with tf.GradientTape() as tape:
        values, switches = ArgmaxPooling2D(2)(x)
    np.testing.assert_array_equal(switches, 0)
    gradient = np.asarray(tape.gradient(values, x))
    np.testing.assert_array_equal(gradient.sum(axis=(1, 2)), 4.0)
    np.testing.assert_array_equal(gradient[:, ::2, ::2], 1.0)


def test_gradients_pass_through_where_the_values_went():
    x = tf.Variable(RNG.normal(size=(2, 5, 4, 2)).astype("float32"))
    with tf.GradientTape() as tape:
        values, switches = ArgmaxPooling2D(2)(x)
        back = Unpooling2D(2, output_size=(5, 4))(values, switches)
        loss = tf.reduce_sum(tf.square(back))
    chosen = np.asarray(back) != 0
    expected = np.where(chosen, 2 * np.asarray(x), 0)
    np.testing.assert_allclose(tape.gradient(loss, x), expected, rtol=1e-6)
    with tf.GradientTape() as tape:
        judged = keras.layers.MaxPooling2D(2)(x)
        loss = tf.reduce_sum(tf.square(judged))
    np.testing.assert_allclose(tape.gradient(loss, x), expected, rtol=1e-6)


@pytest.mark.parametrize("rows", [0, 1, 5])
@pytest.mark.parametrize("jit", [False, True])
def test_pooling_compiles_for_any_batch(rows, jit):
    pool, unpool = ArgmaxPooling2D(2), Unpooling2D(2, output_size=(5, 7))
    x = RNG.normal(size=(rows, 5, 7, 3)).astype("float32")

    @tf.function(jit_compile=jit, input_signature=[tf.TensorSpec((None, 5, 7, 3))])
    def run(x):
        return unpool(*pool(x))

    np.testing.assert_array_equal(run(x), unpool(*pool(x)))
    assert run(x).shape == (rows, 5, 7, 3)


def test_pooling_in_mixed_precision():
    pool, unpool = ArgmaxPooling2D(2, dtype="mixed_float16"), Unpooling2D(2, dtype="mixed_float16")
    x = RNG.normal(size=(2, 4, 4, 3)).astype("float16")
    values, switches = pool(x)
    assert (values.dtype, switches.dtype) == (tf.float16, tf.int32)
    back = unpool(values, switches)
    assert back.dtype == tf.float16
    np.testing.assert_array_equal(values, pooled_by_loops(x, 2)[0])


def test_a_whole_variant_trains_in_mixed_precision_and_compiled():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        built = zoo.build("conv_ae", input_shape=(8, 8, 1), filters=(4,), unpooling="argmax")
    finally:
        keras.config.set_dtype_policy("float32")
    built.compile("adam", "mse", jit_compile=True)
    loss = built.fit(np.full((8, 8, 8, 1), 0.5, "float32"), verbose=0, epochs=2).history["loss"]
    assert np.isfinite(loss).all()


REFUSED = [
    (lambda: ArgmaxPooling2D(0), "`pool_size` must be a positive integer. Received: pool_size=0"),
    (lambda: ArgmaxPooling2D((2, 2, 2)), "`pool_size` must be 2 integers"),
    (lambda: ArgmaxPooling2D(4)(np.zeros((1, 3, 9, 1))), "at least as large as the pool"),
    (lambda: ArgmaxPooling2D(2)(np.zeros((1, 4, 4))), "needs a map of 2 fixed sizes and channels"),
    (lambda: Unpooling2D(2, mode="max"), "`mode` must be 'argmax' or 'fill'. Received: mode='max'"),
    (lambda: Unpooling2D(2)(np.zeros((1, 2, 2, 1))), "mode='argmax' without switches"),
    (
        lambda: Unpooling2D(2, mode="fill")(
            np.zeros((1, 2, 2, 1)), np.zeros((1, 2, 2, 1), "int32")
        ),
        "mode='fill' with switches",
    ),
    (
        lambda: Unpooling2D(2, mode="fill", output_size=6)(np.zeros((1, 2, 2, 1))),
        r"must be from \(4, 4\) up to less than one pool",
    ),
    (lambda: FilledConv2DTranspose(1, 3, strides=2), r"strides=1, .*Received: \(2, 2\), 'same'"),
    (lambda: FilledConv2DTranspose(1, 3, pool=0), "`pool` must be a positive integer"),
]


@pytest.mark.parametrize(("call", "told"), REFUSED, ids=[told[:30] for _, told in REFUSED])
def test_pooling_refuses(call, told):
    with pytest.raises(zoo.errors.UsageError, match=told):
        call()


@pytest.mark.parametrize(
    "layer",
    [ArgmaxPooling1D(3), ArgmaxPooling2D((2, 3)), Unpooling2D(2, mode="fill", output_size=5),
     TiedDense(4), PrincipalComponents(4), FilledConv2DTranspose(2, 3, pool=3),
     KLDivergence(weight=2.0), Bias(), Bias("relu"), zoo.layers.Sampling(seed=3)],
    ids=lambda layer: layer.name,
)  # fmt: skip
def test_config_round_trip(layer):
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert type(again) is type(layer)
    assert again.get_config() == layer.get_config()


# Deconvolution ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("strides", "out"), [(1, 5), (2, 7)])
def test_deconvolution_is_padding_and_convolution_with_the_reversed_kernel(strides, out):
    kernel = np.array([1.0, 2.0, 3.0], "float32")
    nodes = np.array([10.0, 20.0, 30.0], "float32")
    layer = keras.layers.Conv1DTranspose(1, 3, strides=strides, use_bias=False)
    layer.build((None, 3, 1))
    layer.kernel.assign(kernel.reshape(3, 1, 1))
    apart = np.zeros((len(nodes) - 1) * strides + 1, "float32")
    apart[::strides] = nodes  # insert zeros
    padded = np.pad(apart, 2)
    convolve = keras.layers.Conv1D(1, 3, use_bias=False)
    convolve.build((None, len(padded), 1))
    convolve.kernel.assign(kernel[::-1].reshape(3, 1, 1))  # the reversed kernel
    expected = np.asarray(convolve(padded.reshape(1, -1, 1)))
    came = np.asarray(layer(nodes.reshape(1, 3, 1)))
    assert came.shape == (1, out, 1)
    np.testing.assert_allclose(came, expected, rtol=1e-6)
    if strides == 1:
        np.testing.assert_allclose(came.ravel(), np.convolve(nodes, kernel), rtol=1e-6)


@pytest.mark.parametrize(("kernel", "pool"), [(3, 2), (5, 3), (1, 2), (4, 2), (3, 1)])
def test_filled_deconvolution_is_unpooling_and_then_deconvolution(kernel, pool):
    x = RNG.normal(size=(2, 5, 4, 3)).astype("float32")
    whole = FilledConv2DTranspose(6, kernel, pool=pool, activation="tanh")
    came = whole(x)
    filled = Unpooling2D(pool, mode="fill")(x)
    parts = keras.layers.Conv2DTranspose(6, kernel, padding="same", activation="tanh")
    parts.build(filled.shape)
    parts.set_weights([w + 0.1 for w in whole.get_weights()])
    whole.set_weights(parts.get_weights())
    np.testing.assert_allclose(whole(x), parts(filled), atol=2e-6)
    assert came.shape == (*filled.shape[:3], 6)


# Bias -------------------------------------------------------------------------------------------


def test_bias_and_activation_after_pooling_give_what_they_give_before_it():
    x = RNG.normal(size=(5, 8, 6, 3)).astype("float32")
    before = keras.layers.Conv2D(4, 3, padding="same", activation="relu")
    pool, after = keras.layers.MaxPooling2D(2), Bias("relu")
    before.build(x.shape)
    kernel, bias = before.trainable_variables
    bias.assign(RNG.normal(size=4).astype("float32"))
    after.build((None, 4, 3, 4))
    after.bias.assign(bias)
    with tf.GradientTape(persistent=True) as tape:
        expected = pool(before(x))
        came = after(pool(tf.nn.conv2d(x, kernel.value, 1, "SAME")))
        losses = [tf.reduce_sum(tf.sin(each)) for each in (expected, came)]
    np.testing.assert_allclose(came, expected, atol=1e-6)
    expected = tape.gradient(losses[0], [kernel.value, bias.value])
    came = tape.gradient(losses[1], [kernel.value, after.bias.value])
    for one, other in zip(came, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)
        assert np.abs(other).max() > 0.1


# Loss terms -------------------------------------------------------------------------------------


def test_kl_divergence_is_the_closed_form_and_fit_shows_it_unweighted():
    mean = RNG.normal(size=(6, 3)).astype("float32")
    log_variance = RNG.normal(size=(6, 3)).astype("float32")
    layer = KLDivergence(weight=4.0, name="kl")
    with entered(Step(mean)) as step:
        layer([mean, log_variance])
    nats = 0.5 * (mean**2 + np.exp(log_variance) - 1 - log_variance)
    np.testing.assert_allclose(step.loss(), 4 * nats.sum(axis=1).mean(), rtol=1e-5)
    np.testing.assert_allclose(layer.tracker.result(), nats.sum(axis=1).mean(), rtol=1e-5)

    x = np.full((8, 4, 4, 1), 0.5, "float32")
    losses = {}
    for beta in (0.0, 1.0, 3.0):
        keras.utils.set_random_seed(0)
        model = zoo.build("vae", input_shape=(4, 4, 1), widths=(8,), latent_dim=2, beta=beta)
        losses[beta] = model.evaluate(x, verbose=0, return_dict=True)
    kl = losses[0.0]["kl"]
    assert kl > 0
    for beta, shown in losses.items():
        assert shown["kl"] == pytest.approx(kl, rel=1e-5)
        assert shown["loss"] == pytest.approx(losses[0.0]["loss"] + beta * kl, rel=1e-5)


def test_summed_losses_are_sums_over_the_image():
    truth = RNG.random((3, 4, 5, 2)).astype("float32")
    guess = RNG.random((3, 4, 5, 2)).astype("float32")
    squared = zoo.recipes.losses.summed_squared_error(truth, guess)
    assert squared.shape == (3, 1, 1)
    expected = np.square(truth - guess).sum(axis=(1, 2, 3))
    np.testing.assert_allclose(np.ravel(squared), expected, rtol=1e-5)
    nats = -(truth * np.log(guess) + (1 - truth) * np.log(1 - guess)).sum(axis=(1, 2, 3))
    sums = np.ravel(zoo.recipes.losses.summed_binary_crossentropy(truth, guess))
    np.testing.assert_allclose(sums, nats, rtol=1e-4)


@pytest.mark.parametrize("guess", [RNG.random((3, 4, 5, 2)), np.full((3, 4, 5, 2), 1e-4)])
def test_binary_crossentropy_is_kerass_and_so_is_its_gradient(guess):
    truth = tf.Variable(RNG.random((3, 4, 5, 2)), dtype="float32")
    guess = tf.Variable(guess, dtype="float32")
    found = []
    for loss in (zoo.recipes.losses.binary_crossentropy, keras.losses.binary_crossentropy):
        with tf.GradientTape() as outer:
            with tf.GradientTape() as tape:
                value = tf.reduce_sum(loss(truth, guess) ** 2)
            gradients = tape.gradient(value, [truth, guess])
        found.append([loss(truth, guess), *gradients, outer.gradient(gradients[1], guess)])
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=2e-4)


def test_binary_crossentropy_of_saturated_units_is_finite():
    logits = tf.Variable([[-200.0, -20.0, 20.0, 200.0]])
    with tf.GradientTape() as tape:
        loss = zoo.recipes.losses.binary_crossentropy([[1.0, 1.0, 0.0, 0.0]], tf.sigmoid(logits))
    gradient = tape.gradient(loss, logits).numpy()
    assert np.isfinite(loss).all()
    assert np.isfinite(gradient).all()
    assert np.abs(gradient).max() <= 1


def test_silu_is_kerass_and_so_are_its_derivatives():
    x = tf.Variable(np.linspace(-30, 30, 61), dtype="float32")
    found = []
    for function in (Activation("silu"), keras.activations.silu):
        with tf.GradientTape() as outer:
            with tf.GradientTape() as tape:
                value = function(x)
            first = tape.gradient(value, x)
        found.append([value, first, outer.gradient(first, x)])
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("config", [{}, {"activation": "tanh"}, {"use_bias": False}])
def test_dense_is_kerass_and_so_are_its_derivatives(config):
    ours, theirs = Dense(4, **config), keras.layers.Dense(4, **config)
    x = tf.Variable(RNG.standard_normal((7, 3)), dtype="float32")
    ours(x), theirs(x)
    weights = [RNG.standard_normal(each.shape) for each in ours.weights]
    found = []
    for layer in (ours, theirs):
        layer.set_weights(weights)
        with tf.GradientTape() as outer:
            with tf.GradientTape() as tape:
                value = tf.reduce_sum(layer(x, training=True) ** 3)
            first = tape.gradient(value, [each.value for each in layer.weights])
        found.append([value, *first, outer.gradient(first, x)])
    for mine, its in zip(*found, strict=True):
        np.testing.assert_allclose(mine, its, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_what_is_fused_is_kerass_in_any_precision(dtype):
    x = tf.constant(RNG.random((5, 4)), dtype)
    truth = tf.round(x)
    crossentropies = [
        loss(truth, x) for loss in (fused.binary_crossentropy, keras.losses.binary_crossentropy)
    ]
    np.testing.assert_allclose(*crossentropies, rtol=1e-5)
    silus = [kind("silu", dtype=dtype)(x) for kind in (fused.Activation, keras.layers.Activation)]
    np.testing.assert_allclose(*silus, rtol=1e-5)


def refused(*_):
    raise AssertionError("our own operation")


def test_a_dense_layer_with_a_low_rank_kernel_is_kerass(monkeypatch):
    monkeypatch.setattr(dense, "with_bias", refused)
    layer = Dense(3)
    with pytest.raises(AssertionError, match="our own"):
        layer(tf.ones((5, 4)), training=True)
    layer.enable_lora(2)
    assert layer(tf.ones((5, 4)), training=True).shape == (5, 3)


def test_under_a_strategy_operations_are_kerass(monkeypatch):
    monkeypatch.setattr(bias, "_with_bias", refused)
    monkeypatch.setattr(cross_entropy, "_binary_crossentropies", refused)
    x = tf.constant(RNG.random((5, 4)), "float32")
    for call in (Bias(), lambda x: fused.binary_crossentropy(x, x)):
        with pytest.raises(AssertionError, match="our own"):
            call(x)
        with tf.distribute.MirroredStrategy(["CPU:0"]).scope():
            call(x)


def test_a_model_with_silu_says_so():
    model = zoo.build("deep_ae", **zoo.entry("deep_ae").tiny)
    assert model.get_layer("encoder_1_activation").get_config()["activation"] == "silu"


@pytest.mark.parametrize("layer", [TiedDense(2), RestrictedBoltzmann(3, chains=4)])
def test_rows_that_another_layer_makes_are_adapted_to_a_few_at_a_time(layer, monkeypatch):
    monkeypatch.setattr(lazy, "AT_ONCE", 8 * 5 * 10)  # bytes of ten rows of five numbers
    x, most = RNG.random((95, 5), dtype="float32"), []

    def doubled(rows):
        most.append(len(rows))
        return 2 * rows

    layer.adapt(MappedRows(doubled, x / 2))
    assert 1 < max(most) <= 10
    other = type(layer).from_config(layer.get_config())
    other.adapt(x)
    for one, another in zip(layer.weights, other.weights, strict=True):
        if "kernel" not in one.path or isinstance(layer, TiedDense):  # else drawn
            np.testing.assert_allclose(one, another, atol=1e-5)
