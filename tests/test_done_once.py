"""Work that is done once: checks of values, words of a vocabulary, hashes, models built again."""

import collections

import numpy as np
import pytest

import zoo
from zoo.autoencoder import provenance
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
    calls = count(arrays, "check_values", lambda array, *_: (array.ctypes.data, len(array)))
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
    index = zoo.search.Index.build(model, images)
    calls = count(tensors, "digest")
    for _ in range(3):
        index.query(images[:2], k=1)
    assert not calls
    before = provenance.fingerprint(model)
    model.set_weights([weight + 1 for weight in model.get_weights()])
    with pytest.raises(zoo.errors.UsageError, match="was trained further"):
        index.query(images[:2], k=1)
    assert provenance.fingerprint(model) != before
