"""The scores of nearest neighbours and of hidden numbers: their formulas, files and limits."""

import copy

import numpy as np
import pytest

import zoo
from zoo import datasets
from zoo.anomaly import Detector, measure
from zoo.errors import UsageError
from zoo.layers import HiddenNumbers, NeighbourDistance

RNG = np.random.default_rng(0)


def nearest(known, x, count=5):
    apart = np.linalg.norm(x[:, None].astype(float) - known, axis=2)
    return np.sort(apart, axis=1)[:, :count].mean(axis=1)


def test_a_distance_is_that_of_the_nearest_known_rows():
    known = (50 + RNG.normal(size=(300, 6))).astype("float32")
    x = np.concatenate([known[:20], known[:20] + 1e-3, 40 + RNG.normal(size=(20, 6))])
    x = x.astype("float32")
    layer = NeighbourDistance(300)
    layer.adapt(known)
    np.testing.assert_allclose(layer(x), nearest(known, x), rtol=1e-4)
    alone = NeighbourDistance(300, neighbours=1)
    alone.adapt(known)
    assert alone(known).numpy().max() == 0  # to itself
    again = NeighbourDistance.from_config(layer.get_config())
    again.build((None, 6))
    again.set_weights(layer.get_weights())
    np.testing.assert_array_equal(again(x), layer(x))


def test_of_many_rows_as_many_are_kept_as_wanted():
    rows = RNG.normal(size=(100, 2)).astype("float32")
    layers = [NeighbourDistance(10), NeighbourDistance(10)]
    for layer in layers:
        layer.adapt(rows)
    kept = layers[0].known.numpy()
    assert len(np.unique(kept, axis=0)) == 10
    assert {*map(tuple, kept)} < {*map(tuple, rows)}
    np.testing.assert_array_equal(kept, layers[1].known)


@pytest.mark.parametrize("numbers", [1, 3, 7, 20])
def test_each_number_is_hidden_equally_often_and_the_error_is_that_of_hidden_ones(numbers):
    layer = HiddenNumbers(groups=4, repeats=3)
    masks = layer.masks(numbers)
    assert masks.shape == (3 * min(4, numbers), numbers)
    assert (masks.sum(axis=0) == 3).all()
    x = RNG.normal(size=(5, numbers)).astype("float32")
    copies = layer(x).numpy()
    expected = (x[:, None] * (1 - masks)).reshape(-1, numbers)
    np.testing.assert_array_equal(copies, expected)
    guesses = RNG.normal(size=copies.shape).astype("float32")
    errors = np.square(guesses.reshape(5, -1, numbers) - x[:, None])
    expected = (errors * masks).sum(axis=1) / masks.sum(axis=0)
    np.testing.assert_allclose(layer(x, guesses), expected, rtol=1e-4)
    np.testing.assert_array_equal(HiddenNumbers.from_config(layer.get_config()).masks(3),
                                  layer.masks(3))  # fmt: skip


@pytest.fixture(scope="module")
def table():
    """Two columns that follow from two others, each with its unit."""
    first = RNG.normal(size=(700, 2))
    x = np.concatenate([first, first @ [[1, 1], [1, -1]]], axis=1) * [1, 9, 0.1, 5] + [0, 4, 1, 7]
    x = (x + 0.05 * RNG.normal(size=x.shape) * [1, 9, 0.1, 5]).astype("float32")
    return datasets.load(x[:500]), x[500:]


@pytest.fixture(scope="module")
def model(table):
    data, _ = table
    arguments = {"widths": (16,), "latent_dim": 2, "standardise": True}
    model = zoo.build("deep_ae", input_shape=(4,), **arguments)
    model.compile("adam", "mse")
    model.fit(data.train.inputs, epochs=20, batch_size=32, verbose=0)
    return model


def test_neighbours_are_those_of_code_and_residual(model, table):
    data, x = table
    detector = Detector.fit(model, data, score="neighbours")
    scale = model.standardisation
    codes = model.encode(data.train.inputs)

    def joined(rows):
        code = (model.encode(rows) - codes.mean(axis=0)) / codes.std(axis=0)
        residual = (rows - model.reconstruct(rows)) / np.asarray(scale.deviation)
        return np.concatenate([code, residual], axis=1)

    expected = nearest(joined(data.train.inputs), joined(x))
    np.testing.assert_allclose(detector.score(x), expected, rtol=1e-3)
    assert detector.model.detection["known_rows"] == len(data.train)


def test_hidden_numbers_are_guessed_from_the_others(model, table):
    data, x = table
    detector = Detector.fit(model, data, score="hidden")
    scale = model.standardisation
    mean, deviation = np.asarray(scale.mean), np.asarray(scale.deviation)
    masks = HiddenNumbers().masks(4)

    def errors(rows):
        total = np.zeros(rows.shape)
        for mask in masks:
            guesses = model.reconstruct(np.where(mask, mean, rows).astype("float32"))
            total += mask * np.square((rows - guesses) / deviation)
        return total / masks.sum(axis=0)

    known = errors(data.train.inputs)
    expected = ((errors(x) - known.mean(axis=0)) / known.std(axis=0)).mean(axis=1)
    np.testing.assert_allclose(detector.score(x), expected, rtol=1e-3, atol=1e-4)


SCORES = ("neighbours", "hidden", "hidden_and_neighbours")


@pytest.mark.parametrize("score", SCORES)
def test_an_exported_score_is_the_same_in_every_runtime(score, model, table, tmp_path):
    data, x = table
    detector = Detector.fit(model, data, score=score)
    bundle = zoo.export(detector, tmp_path / "export")
    np.testing.assert_allclose(bundle.score(x), detector.score(x), rtol=1e-4, atol=1e-4)
    assert bundle.score(x[:0]).shape == (0,)
    report = zoo.verify(tmp_path / "export")  # the weights, built again, too
    assert max(report[form]["score.score"] for form in report) < 1e-4
    again = copy.deepcopy(detector)
    np.testing.assert_array_equal(again.score(x), detector.score(x))
    changed = x.copy()
    changed[:, 0] += 3 * x[:, 0].std() * np.where(RNG.random(len(x)) < 0.5, -1, 1)
    scores = np.concatenate([detector.score(x), detector.score(changed)])
    assert measure(scores, np.arange(2 * len(x)) >= len(x))["auroc"] > 0.95


def test_further_training_does_not_change_the_score_of_hidden_numbers(model, table):
    data, x = table
    model = copy.deepcopy(model)
    detector = Detector.fit(model, data, score="hidden")
    scores = detector.score(x)
    model.fit(data.train.inputs, epochs=1, verbose=0)
    np.testing.assert_array_equal(detector.score(x), scores)


def test_images_have_neighbours_but_no_hidden_numbers():
    x = RNG.random((40, 6, 6, 1), dtype="float32")
    model = zoo.build("pca", input_shape=(6, 6, 1), latent_dim=3).adapt(x)
    detector = Detector.fit(model, x, score="neighbours")
    assert detector.score(x).shape == (40,)
    assert detector.predict(1 - x).shape == (40,)
    with pytest.raises(UsageError, match=r"needs a model that standardises its input.*pca"):
        Detector.fit(model, x, score="hidden")


REFUSED = [
    (lambda: NeighbourDistance(0), "`known_rows` must be a positive integer"),
    (lambda: NeighbourDistance(4), "must be at most the 4 known rows. Received: neighbours=5"),
    (lambda: NeighbourDistance(9).adapt(np.zeros((8, 2))), "at least 9 rows to adapt to.* 8"),
    (lambda: HiddenNumbers(groups=0), "`groups` must be a positive integer"),
    (lambda: HiddenNumbers(repeats=1.5), "`repeats` must be a positive integer"),
]


@pytest.mark.parametrize(("call", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_layers_refuse(call, message):
    with pytest.raises(UsageError, match=message):
        call()


def test_top_fraction_belongs_to_the_reconstruction_error(model, table):
    with pytest.raises(UsageError, match="which the score 'neighbours' does not have"):
        Detector.fit(model, table[0], score="neighbours", top_fraction=0.5)
