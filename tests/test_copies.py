"""Copies of models, detectors and bundles: they keep everything, and share nothing."""

import copy
import functools
import io
import json
import pickle
import re
import shutil
import subprocess
import sys

import joblib
import keras
import numpy as np
import pytest
import tensorflow as tf

import zoo
from zoo import anomaly
from zoo.autoencoder import registration
from zoo.errors import CheckFailedError, UsageError

pytestmark = pytest.mark.filterwarnings("ignore:Even though the `tf.config")  # of `fit` below

X = np.random.default_rng(0).random((32, 6, 6, 1), dtype="float32")
LABELS = np.arange(32) % 2


def squares(y, restored):
    """A loss that Keras does not know."""
    return keras.ops.mean(keras.ops.square(y - restored), axis=-1)


def by_joblib(thing):
    written = io.BytesIO()
    joblib.dump(thing, written)
    written.seek(0)
    return joblib.load(written)


def by_pickle(thing):
    return pickle.loads(pickle.dumps(thing))


def small(name="deep_ae", **arguments):
    keras.utils.set_random_seed(0)
    return zoo.build(name, **zoo.entry(name).tiny | arguments)


def rows_of(model):
    return np.random.default_rng(0).random((32, *model.input_shape[1:]), dtype="float32")


def fit(model, *data):
    """One epoch, eagerly: for so few rows that takes less time than compiling."""
    tf.config.run_functions_eagerly(True)
    try:
        model.fit(*data, batch_size=8, verbose=0)
    finally:
        tf.config.run_functions_eagerly(False)


RECORD = {
    "data": {"name": "noise", "fingerprint": "0", "licence": "none", "train_rows": 32},
    "seed": 3,
    "metrics": {"mse": 0.1, "test_rows": 8},
}


def trained(name="deep_ae", loss=None, **arguments):
    model = small(name, **arguments)
    if loss:
        model.compile("adam", loss, metrics=[loss], steps_per_execution=2)
    fit(model, rows_of(model))
    model.record = RECORD
    return model


@functools.cache
def source():
    """A trained model for tests that leave it as it is."""
    return trained(standardise=True)


def assert_same_weights(model, other):
    for one, two in zip(model.weights, other.weights, strict=True):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(two), err_msg=one.path)


COPIES = [copy.deepcopy, by_pickle, by_joblib]


@pytest.mark.parametrize("copied", COPIES, ids=lambda each: each.__name__)
def test_a_copy_keeps_everything(copied):
    model = source()
    other = copied(model)
    assert type(other) is type(model)
    assert other.identity == model.identity
    assert other.value_range is None
    assert other.arguments["widths"] == (16, 8)
    assert other.record == model.record == RECORD
    assert other.loss == model.loss
    assert other.steps_per_execution == model.steps_per_execution > 1
    assert int(other.optimizer.iterations) == int(model.optimizer.iterations) > 0
    np.testing.assert_array_equal(other.reconstruct(X), model.reconstruct(X))


def test_a_copy_keeps_a_loss_of_ones_own_and_learns_on_alone():
    model = trained(loss=squares)
    other, kept = by_pickle(model), model.get_weights()
    assert other.loss is squares
    fit(other, X)
    assert "squares" in other.get_metrics_result()
    for one, two in zip(model.get_weights(), kept, strict=True):
        np.testing.assert_array_equal(one, two)
    assert (model.record, other.record) == (RECORD, None)


@pytest.mark.parametrize("name", zoo.names())
def test_every_variant_is_copied_whole(name, tmp_path):
    """The model with its optimizer and the states of its noise, its parts, and a classifier."""
    model = trained(name)
    other = by_pickle(model)
    assert (type(other), other.identity) == (type(model), model.identity)
    assert other.record == RECORD
    states = [[*each.variables, *each.optimizer.variables] for each in (model, other)]
    for one, two in zip(*states, strict=True):
        np.testing.assert_array_equal(one, two, err_msg=one.path)
    for part in (model.encoder, model.decoder):
        part.save(tmp_path / "part.keras")
        loaded = zoo.load_model(tmp_path / "part.keras")
        assert (type(loaded), loaded.identity) == (type(part), model.identity)
        assert_same_weights(part, loaded)
    before = model.get_weights()
    classifier = zoo.classifier(model, 2, freeze=True)
    encoder = [v for v in classifier.weights if "probabilities" not in v.path]
    frozen = [np.array(v) for v in encoder]
    fit(classifier, rows_of(model), LABELS)
    for variable, was in zip(encoder, frozen, strict=True):
        np.testing.assert_array_equal(variable, was, err_msg=variable.path)
    for now, was in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, was)


def test_what_a_layer_counts_stands_still_when_it_is_frozen():
    layers = zoo.layers.KSparse(1, boost=1.0), zoo.layers.RestrictedBoltzmann(2, chains=3)
    x = np.linspace(0, 1, 12, dtype=np.float32).reshape(4, 3)
    for layer in layers:
        layer.build(x.shape)
        layer.trainable = False
        before = layer.get_weights()
        layer(x, training=True)
        for now, was in zip(layer.get_weights(), before, strict=True):
            np.testing.assert_array_equal(now, was)


def test_a_copy_keeps_a_vocabulary():
    model = small("document_ae", input_shape=(6,))
    model.adapt(["red cat", "blue dog", "red dogs", "blue cats"])
    assert by_pickle(model).vocabulary.words == model.vocabulary.words
    classifier = zoo.classifier(model, 2)
    assert classifier.vocabulary.words == model.vocabulary.words


def test_a_copy_draws_no_random_numbers():
    model = small()
    drawn = []
    for copied in (lambda model: None, copy.deepcopy):
        keras.utils.set_random_seed(0)
        copied(model)
        drawn.append(np.asarray(keras.layers.Dense(3).kernel_initializer((2, 3))).tolist())
    assert drawn[0] == drawn[1]


@pytest.mark.parametrize("loss", ["of its own", "as built"])
@pytest.mark.parametrize(
    "of",
    [
        lambda model: model,
        lambda model: model.encoder,
        lambda model: model.decoder,
        lambda model: zoo.classifier(model, 2),
        lambda model: anomaly.Detector.fit(model, X, score="both").model,
    ],
    ids=["model", "encoder", "decoder", "classifier", "scorer"],
)
def test_clone_model_keeps_all_but_weights(of, loss):
    original = of(copy.deepcopy(source()))
    if loss == "of its own":
        original.compile("sgd", [squares for _ in original.outputs])
    clone = keras.models.clone_model(original)
    assert type(clone) is type(original)
    assert json.dumps(clone.get_config()) == json.dumps(original.get_config())
    assert clone.identity == original.identity
    assert clone.loss == original.loss
    assert clone.record is None
    clone.set_weights(original.get_weights())
    x = np.zeros((2, *original.input_shape[1:]), np.float32)
    np.testing.assert_array_equal(clone(x)[-1], original(x)[-1])
    assert clone.record == original.record


def test_only_a_clone_takes_over_what_is_known_of_another():
    model, other = source(), small("vae")
    other.compile_from_config(model.get_compile_config())
    assert other.variant == "vae"
    own = zoo.AutoEncoder(model.inputs, model.outputs)
    own.compile_from_config(dict(model.get_compile_config()))
    assert own.variant == ""
    graph = keras.Model(model.inputs, model.get_layer("encoder_1").output)
    graph.compile_from_config(model.get_compile_config())


@pytest.mark.parametrize("freeze", [False, True])
@pytest.mark.parametrize("order", [("model", "classifier"), ("classifier", "model")])
def test_neither_a_classifier_nor_its_source_moves_the_other(order, freeze):
    model = copy.deepcopy(source())
    classifier = zoo.classifier(model.encoder if freeze else model, 2, freeze=freeze)
    assert all(layer.trainable for layer in model.layers)
    models = {"model": (model, X), "classifier": (classifier, X, LABELS)}
    for name in order:
        before = {name: each.get_weights() for name, (each, *_) in models.items()}
        fit(*models[name])
        for each, (moved, *_) in models.items():
            now = zip(moved.get_weights(), before[each], strict=True)
            assert any(np.any(one != two) for one, two in now) == (each == name)


def test_a_detector_keeps_its_scores_when_the_model_learns_on():
    model = copy.deepcopy(source())
    detector = anomaly.Detector.fit(model, X, score="both")
    scores = detector.score(X)
    fit(model, X)
    np.testing.assert_array_equal(detector.score(X), scores)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports") / "detector"
    detector = anomaly.Detector.fit(source(), X, score="both")
    zoo.export(detector, folder)
    return detector, folder


@pytest.mark.parametrize("copied", COPIES, ids=lambda each: each.__name__)
def test_detectors_and_bundles_are_copied(copied, exported):
    detector, folder = exported
    for each in (detector, anomaly.Detector.load(folder)):
        other = copied(each)
        assert other.model.detection == each.model.detection
        assert other.threshold == each.threshold
        np.testing.assert_array_equal(other.score(X), each.score(X))
        np.testing.assert_array_equal(other.model.reconstruct(X), each.model.reconstruct(X))
    scorer = copied(detector).model
    assert (scorer.record, scorer.facts) == (detector.model.record, detector.model.facts)
    bundle = zoo.load(folder)
    other = copied(bundle)
    assert (other.manifest, other.value_range) == (bundle.manifest, bundle.value_range)
    np.testing.assert_array_equal(other.encode(X), bundle.encode(X))


def damaged(folder):
    (folder / "encoder.onnx").write_bytes(b"no")


def exported_anew(folder):
    shutil.rmtree(folder)
    zoo.export(trained(latent_dim=2), folder)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (shutil.rmtree, UsageError, "folder of the bundle, which must still be there. Received: "),
        (damaged, CheckFailedError, "is not the file that was exported"),
        (exported_anew, CheckFailedError, "that the bundle was opened from; it holds another."),
    ],
)
def test_a_bundle_whose_folder_has_changed_is_not_copied(
    change, error, message, exported, tmp_path, monkeypatch
):
    shutil.copytree(exported[1], tmp_path / "bundle")
    monkeypatch.chdir(tmp_path)
    bundle = zoo.load("bundle")
    monkeypatch.chdir("/")
    written = pickle.dumps(bundle)
    pickle.loads(written)
    change(tmp_path / "bundle")
    with pytest.raises(error, match=re.escape(message)):
        pickle.loads(written)


@pytest.mark.parametrize("name", ["m.h5", "m.hdf5"])
@pytest.mark.parametrize("of", ["model", "encoder", "classifier"])
def test_a_whole_model_is_not_saved_as_hdf5(name, of, tmp_path):
    model = small()
    model = {"model": model, "encoder": model.encoder, "classifier": zoo.classifier(model, 2)}[of]
    message = f"must end in .keras: .* Received: filepath='{re.escape(str(tmp_path / name))}'"
    with pytest.raises(UsageError, match=message):
        model.save(tmp_path / name)
    assert not (tmp_path / name).exists()
    model.save_weights(tmp_path / "m.weights.h5")
    model.load_weights(tmp_path / "m.weights.h5")


def test_a_model_with_a_loss_of_ones_own_comes_back(tmp_path):
    model, path = trained(loss=squares), tmp_path / "m.keras"
    model.save(path)
    message = "needs the function 'squares': pass it in `custom_objects`, or load .* compile=False"
    with pytest.raises(UsageError, match=message):
        zoo.load_model(path)
    loaded = zoo.load_model(path, custom_objects={"squares": squares})
    assert (loaded.loss, loaded.record) == (squares, model.record)
    fit(loaded, X)
    loaded = zoo.load_model(path, compile=False)
    assert not loaded.compiled
    np.testing.assert_array_equal(loaded.encode(X), model.encode(X))


def test_a_lambda_is_loaded_by_those_who_trust_it(tmp_path):
    model, path = trained(), tmp_path / "m.keras"
    model.compile("adam", lambda y, restored: keras.ops.mean(y - restored, axis=-1))
    fit(model, X)
    with pytest.warns(UserWarning, match="includes a `lambda`"):
        model.save(path)
    with pytest.raises(UsageError, match="if you trust the file, load it with safe_mode=False"):
        zoo.load_model(path)
    assert zoo.load_model(path, safe_mode=False).compiled


def test_a_folder_that_save_wrote_comes_back(tmp_path):
    model = source()
    model.save(tmp_path / "model", zipped=False)
    assert_same_weights(model, zoo.load_model(tmp_path / "model"))


def test_an_encoder_that_was_loaded_starts_a_classifier(tmp_path):
    model = source()
    model.encoder.save(tmp_path / "encoder.keras")
    loaded = zoo.load_model(tmp_path / "encoder.keras")
    assert zoo.classifier(loaded, 2).classify(X).shape == (32, 2)
    with pytest.raises(UsageError, match="must be an AutoEncoder, or the encoder of one"):
        zoo.classifier(model.decoder, 2)


OPENED = """
import sys, zoo, keras
for path in sys.argv[1:]:
    model = keras.models.load_model(path)
    print(type(model).__name__, getattr(model, "variant", None))
"""


def test_keras_opens_files_after_import_zoo(tmp_path):
    """A model with a class of its variant's file; before it, a graph of Keras's own."""
    inputs = keras.Input((3,))
    x = keras.layers.Dense(2)(inputs)
    graph = keras.Model(inputs, zoo.layers.Standardisation()(x))
    graph.compile("sgd", zoo.recipes.losses.binary_crossentropy)
    graph.save(tmp_path / "graph.keras")
    trained("rbm").save(tmp_path / "rbm.keras")
    command = [sys.executable, "-W", "ignore", "-c", OPENED]
    paths = [tmp_path / "graph.keras", tmp_path / "rbm.keras"]
    done = subprocess.run([*command, *paths], capture_output=True, text=True)
    assert done.stdout == "Functional None\nBoltzmannMachine rbm\n", done.stderr


def test_stand_ins_are_entered_at_once_where_keras_is_there_already():
    table = keras.saving.get_custom_objects()
    own = table.pop("zoo>Bias")
    registration.after_keras()
    layer = table["zoo>Bias"].from_config({"activation": "relu"})
    table["zoo>Bias"] = own
    assert isinstance(layer, zoo.fused.Bias)


def test_every_registered_class_has_a_stand_in():
    registration.register()
    found = registration.registered()
    assert ("class", "AutoEncoder") in found
    assert ("def", "binary_crossentropy") in found
    for module in set(found.values()):
        __import__(module)
    table = keras.saving.get_custom_objects()
    ours = {name for name, each in table.items() if each.__module__.startswith("zoo.")}
    assert ours == {f"zoo>{name}" for _, name in found}


@pytest.fixture
def settings():
    """Puts Keras's settings back."""
    floatx, policy = keras.config.floatx(), keras.config.dtype_policy()
    order = keras.config.image_data_format()
    yield
    keras.config.set_floatx(floatx)
    keras.config.set_dtype_policy(policy)
    keras.config.set_image_data_format(order)


FLOATX = "floatx` to be 'float32'. Received: "
POLICY = "dtype_policy().variable_dtype` to be 'float32'. Received: 'float64'"
ORDER = "image_data_format()` to be 'channels_last'. Received: 'channels_first'"
REFUSED = [
    (lambda: keras.config.set_floatx("float64"), "vae", FLOATX + "'float64'"),
    (lambda: keras.config.set_floatx("float16"), "pca", FLOATX + "'float16'"),
    (lambda: keras.config.set_dtype_policy("float64"), "rbm", POLICY),
    (lambda: keras.config.set_image_data_format("channels_first"), "conv_ae", ORDER),
    (lambda: keras.config.set_image_data_format("channels_first"), "vq_vae", ORDER),
]


@pytest.mark.parametrize(("change", "name", "message"), REFUSED)
def test_settings_of_keras_that_are_refused(change, name, message, settings, tmp_path):
    source().save(tmp_path / "m.keras")
    change()
    with pytest.raises(UsageError, match=re.escape(message)):
        zoo.build(name)
    if message != ORDER:
        with pytest.raises(UsageError, match=re.escape(message)):
            zoo.load_model(tmp_path / "m.keras")


def test_settings_of_keras_that_work(settings):
    model = small("conv_ae")
    x = rows_of(model)
    fit(model, x)
    expected = model.reconstruct(x)
    keras.config.set_image_data_format("channels_first")
    fit(small(), X)
    other = by_pickle(model)
    np.testing.assert_array_equal(other.reconstruct(x), expected)
    keras.config.set_dtype_policy("mixed_bfloat16")
    fit(small(), X)
