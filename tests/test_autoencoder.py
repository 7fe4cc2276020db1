"""`fit` with whatever Keras takes, and what one graph cut in two must keep."""

import dataclasses
import inspect
import re
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

import zoo
from zoo.autoencoder import fit_streams
from zoo.errors import CheckFailedError, UsageError
from zoo.registry import table

X = np.random.default_rng(0).random((32, 8, 8, 1), dtype="float32")


def small(**arguments):
    keras.utils.set_random_seed(0)
    return zoo.build("deep_ae", input_shape=(8, 8, 1), widths=(8,), latent_dim=2, **arguments)


class Batches(keras.utils.PyDataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        return (X[8 * index : 8 * (index + 1)],)


WAYS = {
    "array": {"x": X},
    "list": {"x": X.tolist()},
    "tensor": {"x": tf.constant(X)},
    "tf.data": {"x": tf.data.Dataset.from_tensor_slices(X).batch(8)},
    "tf.data of one-tuples": {"x": tf.data.Dataset.from_tensor_slices((X,)).batch(8)},
    "PyDataset": {"x": Batches()},
    "pair": {"x": X, "y": X},
    "split": {"x": zoo.datasets.Split(X)},
}


@pytest.mark.parametrize("way", WAYS)
def test_fit_takes_the_input_as_target(way):
    model, judge = small(), small()
    model.fit(**WAYS[way], batch_size=None if "Data" in way or "data" in way else 8,
              shuffle=False, verbose=0)  # fmt: skip
    judge.fit(X, X, batch_size=8, shuffle=False, verbose=0)
    for one, other in zip(model.weights, judge.weights, strict=True):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other))


def squared(model):
    """The model under a loss that numpy writes in one line."""
    model.compile("adam", "mse")
    return model


def test_fit_takes_noisy_and_clean_pairs():
    noisy = np.clip(X + 0.2, 0, 1)
    model = squared(small())
    shown = model.evaluate(noisy, X, verbose=0)
    assert shown == pytest.approx(np.square(model.reconstruct(noisy) - X).mean(), rel=1e-4)
    streamed = tf.data.Dataset.from_tensor_slices((noisy, X)).batch(8)
    assert model.evaluate(streamed, verbose=0) == pytest.approx(shown, rel=1e-4)
    model.fit(streamed, shuffle=False, verbose=0)


def test_fit_takes_sample_weights_validation_and_callbacks():
    model, seen = squared(small()), []
    weights = np.zeros(len(X))
    weights[:8] = 1
    expected = np.square(model.reconstruct(X[:8]) - X[:8]).mean() * 8 / 32
    assert model.evaluate(X, sample_weight=weights, verbose=0) == pytest.approx(expected, rel=1e-3)
    see = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(logs))
    history = model.fit(
        X, sample_weight=weights, validation_data=X[:4], epochs=2, verbose=0, callbacks=[see]
    ).history
    assert set(history) == {"loss", "val_loss"}
    assert len(seen) == 2
    model.fit(X, validation_split=0.25, verbose=0)
    model.fit(X, validation_data=(X[:4], X[:4]), verbose=0)
    model.fit(X, validation_data=tf.data.Dataset.from_tensor_slices(X).batch(8), verbose=0)


def order_of_rows(seed, **given):
    """Two epochs of `fit` over 16 rows that begin with 0 to 15: those numbers, as they came."""
    model, rows, seen = small(), np.zeros((16, 8, 8, 1), "float32"), []
    rows[:, 0, 0, 0] = np.arange(16) / 16

    def number(y, restored):
        return 16 * y[:, 0, 0, 0] + 0 * tf.reduce_sum(restored)  # Keras asks for a gradient

    model.compile(keras.optimizers.SGD(0.0), number)

    class Keep(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):  # the mean over the epoch so far
            seen.append(logs["loss"] * (batch + 1) - sum(seen[len(seen) - batch :]))

    keras.utils.set_random_seed(seed)
    model.fit(rows, batch_size=1, epochs=2, verbose=0, callbacks=[Keep()], **given)
    return np.round(seen).astype(int).reshape(2, 16).tolist()


def test_fit_shuffles_anew_each_epoch_by_the_seed():
    first, second = order_of_rows(0)
    assert sorted(first) == sorted(second) == list(range(16))
    assert first != second != list(range(16)) != first
    assert order_of_rows(0) == [first, second] != order_of_rows(1)
    assert order_of_rows(0, shuffle=False) == [list(range(16))] * 2
    assert sorted(order_of_rows(0, shuffle="batch")[0]) == list(range(16))


def test_no_thread_of_autotuning_holds_up_the_end_of_an_epoch():
    assert fit_streams.batches(X, 8).options().autotune.enabled is False


def test_the_last_rows_are_held_out():
    model = squared(small())
    weights = np.arange(32.0)
    for given in ({}, {"y": X}, {"sample_weight": weights}):
        shown = model.fit(X, validation_split=0.25, verbose=0, shuffle=False, **given).history
        worth = given.get("sample_weight", np.ones(32))[24:]
        error = np.square(model.reconstruct(X[24:]) - X[24:]).mean(axis=(1, 2, 3))
        assert shown["val_loss"][0] == pytest.approx((error * worth).mean(), rel=1e-3)
    with pytest.raises(UsageError, match="at least one row to learn from"):
        model.fit(X[:1], validation_split=0.5, verbose=0)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"y": X[:31]}, "must have the same number of rows. Received: 32, 31."),
        (
            {"sample_weight": np.ones(33)},
            "must have the same number of rows. Received: 32, 32, 33.",
        ),
        ({"validation_data": (X, X[:5])}, "must have the same number of rows. Received: 32, 5."),
        ({"batch_size": 0}, "`batch_size` must be a positive integer. Received: batch_size=0."),
    ],
)
def test_what_does_not_fit_together_is_told(given, told):
    with pytest.raises(UsageError, match=re.escape(told)):
        small().fit(X, verbose=0, **given)


def test_fit_takes_as_many_batches_as_it_is_told():
    model = squared(small())
    model.fit(X, batch_size=4, steps_per_epoch=3, validation_data=X, validation_steps=1, verbose=0)
    assert int(model.optimizer.iterations) == 3
    told = model.evaluate(X, batch_size=4, steps=2, verbose=0)
    assert told == pytest.approx(model.evaluate(X[:8], verbose=0), rel=1e-5)


def test_early_stopping_works_unasked():
    stop = keras.callbacks.EarlyStopping(monitor="val_loss", patience=0, min_delta=1e9)
    assert len(small().fit(X, validation_data=X, epochs=9, verbose=0, callbacks=[stop]).epoch) == 2


def test_parts_are_functional_models_that_share_the_weights():
    model = small()
    for part in (model.encoder, model.decoder):
        assert isinstance(part, keras.Model)
        assert part.layers
    before = model.encoder.predict(X, verbose=0)
    model.fit(X, verbose=0)
    after = model.encoder.predict(X, verbose=0)
    assert np.abs(before - after).max() > 0
    np.testing.assert_allclose(after, model.encode(X), atol=1e-6)
    np.testing.assert_allclose(
        model.decoder.predict(after, verbose=0), model.reconstruct(X), atol=1e-6
    )
    shared = {id(v) for v in model.weights}
    assert {id(v) for v in model.encoder.weights + model.decoder.weights} == shared


@pytest.mark.parametrize("shape", [(28, 28, 1), (29, 31, 3), (7, 5, 2), (4, 4, 1)])
@pytest.mark.parametrize("unpooling", ["fill", "argmax"])
def test_conv_ae_gives_back_any_size(shape, unpooling):
    model = zoo.build("conv_ae", input_shape=shape, filters=(3, 4), unpooling=unpooling)
    x = np.random.default_rng(0).random((2, *shape), dtype="float32")
    z, switches = model.encode(x, switches=True)
    assert z.shape == (2, 32)
    assert [s.shape for s in switches] == [(2, *s) for s in model.code_shapes[1:]]
    assert len(switches) == (2 if unpooling == "argmax" else 0)
    assert model.decode(z, switches).shape == x.shape
    bits = sum(2 * np.prod(shape) for shape in model.code_shapes[1:])
    assert model.switch_bits == bits


@pytest.mark.parametrize("name", ["pca", "deep_ae", "vae"])
@pytest.mark.parametrize("shape", [(12,), (3, 4), (3, 4, 3)])
def test_dense_variants_take_any_shape(name, shape):
    model = zoo.build(name, input_shape=shape, latent_dim=2)
    x = np.random.default_rng(0).random((5, *shape), dtype="float32")
    model.fit(x, verbose=0)
    assert model.reconstruct(x).shape == x.shape


def test_vae_draws_in_training_and_gives_its_mean_otherwise():
    model = zoo.build("vae", input_shape=(8, 8, 1), widths=(8,), latent_dim=2)
    drawn = [np.asarray(model(X, training=True)) for _ in range(2)]
    assert np.abs(drawn[0] - drawn[1]).max() > 0
    mean = keras.Model(model.inputs[0], model.get_layer("latent_mean").output)
    np.testing.assert_allclose(model.encode(X), mean.predict(X, verbose=0), atol=1e-6)


def test_sampling_is_a_draw_from_the_gaussian_it_is_given():
    layer = zoo.layers.Sampling(seed=1)
    mean, log_variance = np.full((20000, 1), 3.0, "float32"), np.full((20000, 1), 1.0, "float32")
    z = np.asarray(layer([mean, log_variance], training=True))
    assert z.mean() == pytest.approx(3.0, abs=0.05)
    assert z.var() == pytest.approx(np.e, rel=0.05)


def test_datasets_tell_what_they_are(digits):
    assert (
        repr(digits)
        == "<zoo.datasets.Dataset mnist_5k: 4000 training and 1000 test images of (28, 28, 1)>"
    )
    assert repr(digits.test) == "<zoo.datasets.Split of 1000 images of (28, 28, 1), labels>"


def test_presets_and_wildcards():
    assert zoo.names("*vae") == ["beta_vae", "vae", "vq_vae"]
    assert zoo.entry("beta_vae").arguments()["beta"] == 4.0
    assert zoo.build("beta_vae", beta=2.0).get_layer("kl").weight == 2.0


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "There is none in"),
        ("def broken(:", r"broken.py is not Python: .*, line 1"),
        ("x = 1", "must register a function named broken; it does not"),
    ],
)
def test_folders_of_variants_that_cannot_be_used(content, told, tmp_path, monkeypatch):

    monkeypatch.setattr(table, "_folders", [*table._folders])
    if content:
        (tmp_path / "family").mkdir()
        (tmp_path / "family" / "broken.py").write_text(content)
    try:
        with pytest.raises(UsageError, match=told):
            zoo.add_models(tmp_path) or zoo.entry("broken")
    finally:
        table._files.cache_clear()


def test_a_name_that_is_taken_is_refused(tmp_path):
    (tmp_path / "dense").mkdir()
    (tmp_path / "dense" / "vae.py").write_text("")
    with pytest.raises(UsageError, match=r"`vae` is already the variant in .*vae.py: rename the"):
        zoo.add_models(tmp_path)


def test_arguments_that_train_has_itself_are_refused():
    own = {*inspect.signature(zoo.train).parameters, *inspect.signature(zoo.build).parameters}
    fields = {field.name for field in dataclasses.fields(zoo.Recipe)}
    assert set(table.RESERVED) == (own | fields) - {"arguments", "changes"}
    with pytest.raises(UsageError, match=r"name of one of zoo.train or .*Received: `epochs` of my"):

        @zoo.register()
        def my_ae(input_shape: tuple[int, ...] = (4, 4, 1), epochs: int = 3):
            """Nothing."""

    assert "my_ae" not in zoo.names()


def test_an_argument_without_annotation_is_told(monkeypatch):

    monkeypatch.setattr(table, "_entries", {**table._entries})

    @zoo.register(paper="none")
    def bare_ae(input_shape=(4, 4, 1)):
        """Nothing."""

    with pytest.raises(UsageError, match="`input_shape` must be annotated, as int, float"):
        zoo.build("bare_ae")


def test_a_function_in_a_notebook_is_a_variant_too(monkeypatch):

    monkeypatch.setattr(table, "_entries", {**table._entries})

    @zoo.register(paper="here")
    def cell_ae(input_shape: tuple[int, ...] = (4, 4, 1)):
        """A code as large as the image."""
        images = keras.Input(input_shape)
        latent = keras.layers.Identity(name="latent")(images)
        return zoo.AutoEncoder(images, keras.layers.Conv2D(1, 3, padding="same")(latent))

    assert "cell_ae" in zoo.names()
    assert zoo.entry("cell_ae").summary == "A code as large as the image."
    model = zoo.build("cell_ae", input_shape=(8, 8, 1))
    model.fit(X, verbose=0)
    assert model.encode(X).shape == X.shape


FRESH = """
import sys, zoo
model = zoo.load_model(sys.argv[1])
print(type(model).__name__, model.variant, int(model.optimizer.iterations))
"""


def test_a_keras_file_opens_in_a_fresh_process(tmp_path):
    model = small()
    model.fit(X, verbose=0)
    model.save(tmp_path / "model.keras")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FRESH, tmp_path / "model.keras"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    steps = int(model.optimizer.iterations)
    assert done.stdout == f"AutoEncoder deep_ae {steps}\n", done.stderr


def other_model(path):
    x = keras.Input((2,))
    keras.Model(x, keras.layers.Dense(1)(x)).save(path)


def cut_off(path):
    small().save(path)
    path.write_bytes(path.read_bytes()[:-100])


KERAS_FILES = [
    (lambda path: None, "There is no file"),
    (lambda path: path.write_bytes(b"no"), "is not a whole .keras file"),
    (cut_off, "is not a whole .keras file"),
    (other_model, "must hold a model that zoo.build made"),
]


@pytest.mark.parametrize(("write", "told"), KERAS_FILES)
def test_keras_files_that_cannot_be_opened(write, told, tmp_path):
    write(tmp_path / "m.keras")
    with pytest.raises((UsageError, CheckFailedError), match=told):
        zoo.load_model(tmp_path / "m.keras")


def test_predict_takes_no_rows_and_refuses_bytes():
    model = small()
    assert model.predict(X[:0]).shape == (0, 8, 8, 1)
    np.testing.assert_allclose(model.predict(X, verbose=0), model.reconstruct(X), atol=1e-6)
    with pytest.raises(UsageError, match="Received: uint8"):
        model.predict((X * 255).astype("uint8"))


class Bytes(Batches):
    def __getitem__(self, index):
        return ((X * 255).astype("uint8"),)


def test_a_sequence_is_refused_by_its_first_batch():
    with pytest.raises(UsageError, match="Received: uint8"):
        small().fit(Bytes())


def test_adapt_needs_rows():
    with pytest.raises(UsageError, match="at least one row"):
        zoo.build("pca", input_shape=(8, 8, 1), latent_dim=2).adapt(X[:0])


@pytest.mark.parametrize("batch_size", [0, -1, 2.5])
def test_batch_sizes_are_positive(batch_size):
    with pytest.raises(UsageError, match="`batch_size` must be a positive integer"):
        small().encode(X, batch_size=batch_size)


def test_a_dataset_is_evaluated_on_its_test_rows(digits):
    few = dataclasses.replace(
        digits, train=digits.train.take(slice(40)), test=digits.test.take(slice(30))
    )
    model = zoo.build("linear_ae", input_shape=(28, 28, 1), latent_dim=2)
    figure = model.evaluate(few, verbose=0)
    assert figure == pytest.approx(model.evaluate(few.test, verbose=0))
    assert figure != pytest.approx(model.evaluate(few.train, verbose=0), rel=1e-4)
    classifier = zoo.classifier(model.encoder, 10)
    figures = classifier.evaluate(few, verbose=0)
    assert figures == pytest.approx(classifier.evaluate(few.test, verbose=0))


def test_a_model_that_was_never_fitted_loads_without_a_warning(tmp_path):
    model = zoo.build("linear_ae", input_shape=(6,), latent_dim=2)  # compiled
    model.save(tmp_path / "model.keras")
    assert zoo.load_model(tmp_path / "model.keras").optimizer is not None
