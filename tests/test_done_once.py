"""Work that is done once: checks of values, words of a vocabulary, hashes, models built again."""

import collections
import functools
import hashlib

import keras
import numpy as np
import pytest

import zoo
from zoo.autoencoder import provenance
from zoo.autoencoder.scorer import build_scorer
from zoo.inputs import arrays
from zoo.inputs.vocabulary import Vocabulary
from zoo.runs import rebuild
from zoo.storage import tensors

RNG = np.random.default_rng(0)
TEXTS = [f"cats purr {word} dogs bark {word} birds sing" for word in ("abc", "defg", "hij", "klm")]


@pytest.fixture
def count(monkeypatch):
    """Counts the calls of a function of a module, by a key of its arguments."""

    def watch(module, name, key=lambda *args, **kwargs: None):
        calls, function = collections.Counter(), getattr(module, name)

        def counted(*args, **kwargs):
            calls[key(*args, **kwargs)] += 1
            return function(*args, **kwargs)

        monkeypatch.setattr(module, name, counted)
        return calls

    return watch


@pytest.mark.parametrize(
    ("variant", "shape"), [("linear_ae", (6, 6, 1)), ("linear_ae", (5,)), ("sparse_ae", (5,))]
)
def test_training_checks_the_values_of_an_array_once(variant, shape, count, tmp_path):
    rows = RNG.random((500, *shape), dtype="float32")
    calls = count(arrays, "check_values", lambda array, *_, **__: (array.ctypes.data, len(array)))
    run = zoo.train(variant, rows, latent_dim=2, epochs=1, folder=tmp_path / "run")
    assert run.metrics["test_rows"] == 100
    checked = {key: times for key, times in calls.items() if key[1] in (500, 400, 360, 40)}
    assert set(checked.values()) == {1}


def test_training_decodes_a_vocabulary_once(count, tmp_path):
    calls = count(Vocabulary, "__init__")
    zoo.train("document_ae", 20 * TEXTS, input_shape=(12,), widths=(6,), latent_dim=2, epochs=1,
              folder=tmp_path / "run")  # fmt: skip
    assert sum(calls.values()) == 3  # without words, learnt, and read from the weights


def test_fine_tuning_builds_the_model_of_a_folder_once(count, tmp_path):
    rows = RNG.random((60, 5), dtype="float32"), np.arange(60) % 2
    zoo.train("linear_ae", rows, latent_dim=2, epochs=1, folder=tmp_path / "run")
    calls = count(rebuild, "rebuild")
    zoo.finetune(tmp_path / "run", rows, epochs=1, folder=tmp_path / "classifier")
    assert sum(calls.values()) == 1


def test_a_query_hashes_weights_again_only_after_a_change(count):
    images = RNG.random((20, 6, 6, 1), dtype="float32")
    model = zoo.build("linear_ae", input_shape=(6, 6, 1), latent_dim=2)
    model.record = {"seed": 3}
    index = zoo.search.Index.build(model, images)
    hashed, compared = count(tensors, "digest"), count(np, "array_equal")
    for _ in range(3):
        index.query(images[:2], k=1)
        assert model.record == {"seed": 3}
    assert not hashed
    assert not compared  # the weights are known by their memory: none is read
    model.set_weights([weight + 1 for weight in model.get_weights()])
    for _ in range(3):
        with pytest.raises(zoo.errors.UsageError, match="was trained further"):
            index.query(images[:2], k=1)
        assert model.record is None
    assert sum(hashed.values()) == 2  # of the encoder, and of the model


def test_a_query_of_an_export_takes_the_hash_from_the_manifest(count, tmp_path):
    images = RNG.random((20, 6, 6, 1), dtype="float32")
    model = zoo.build("linear_ae", input_shape=(6, 6, 1), latent_dim=2)
    index = zoo.search.Index.build(zoo.export(model, tmp_path / "export"), images)
    hashed = [count(tensors, "digest"), count(hashlib, "sha256")]
    index.query(images[:2], k=1)
    assert not any(hashed)


ROWS = RNG.random((8, 5), dtype="float32")


def _fit(model, **settings):
    model.compile("adam", "mse", **settings)
    model.fit(ROWS, verbose=0)


def _load_weights(model):
    other = zoo.build("linear_ae", input_shape=(5,), latent_dim=2)
    other.save_weights("other.weights.h5")
    model.load_weights("other.weights.h5")


def _fit_a_model_that_shares_its_layers(model):
    other = keras.Model(model.inputs, model.get_layer("latent").output)
    other.compile("sgd", "mse")
    other.fit(ROWS, RNG.random((8, 2)), verbose=0)


CHANGES = {
    "fit": _fit,
    "fit with XLA": functools.partial(_fit, jit_compile=True),
    "fit eagerly": functools.partial(_fit, run_eagerly=True),
    "train_on_batch": lambda model: model.train_on_batch(ROWS, ROWS),
    "set_weights": lambda model: model.set_weights([x + 1 for x in model.get_weights()]),
    "load_weights": _load_weights,
    "assign": lambda model: model.weights[0].assign(0 * model.weights[0]),
    "assign_add": lambda model: model.weights[0].assign_add(1e-6 + 0 * model.weights[0]),
    "one number": lambda model: model.weights[0].value.scatter_nd_update([[3, 1]], [9.0]),
    "two numbers exchanged": lambda model: model.weights[0].assign(model.weights[0][::-1]),
    "the encoder's weights": lambda model: model.encoder.set_weights(
        [x - 1 for x in model.encoder.get_weights()]
    ),
    "a shared layer": _fit_a_model_that_shares_its_layers,
    "a detector's scorer": lambda model: build_scorer(model, "reconstruction", 1.0).set_weights(
        [x + 1 for x in model.get_weights()]
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_of_weights_is_noticed(change, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model = zoo.build("linear_ae", input_shape=(5,), latent_dim=2)
    for _ in range(2):  # a second change starts from weights that the first has left behind
        model.record, before = {"seed": 3}, model.get_weights()
        hashes = model.encoder_hash, provenance.fingerprint(model)
        assert (model.record, model.encoder_hash) == ({"seed": 3}, hashes[0])
        CHANGES[change](model)
        assert model.record is None
        assert model.encoder_hash != hashes[0]
        model.set_weights(before)  # the same values in other memory
        assert (model.encoder_hash, provenance.fingerprint(model)) == hashes
        assert model.record == {"seed": 3}
