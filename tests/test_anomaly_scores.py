"""The scores of nearest neighbours and of hidden cells: their formulas, files and limits."""

import copy

import numpy as np
import pandas
import pytest

import zoo
from zoo import datasets
from zoo.anomaly import Detector, measure
from zoo.errors import UsageError
from zoo.layers import HiddenCopies, NeighbourDistance

RNG = np.random.default_rng(0)


def nearest(known, x, count=1):
    """The mean distance of the nearest known rows, of which the row itself is none."""
    apart = np.linalg.norm(x[:, None].astype(float) - known, axis=2)
    apart = np.sort(np.where(apart < 1e-3, np.inf, apart), axis=1)
    return apart[:, :count].mean(axis=1)


@pytest.mark.parametrize("count", [1, 5])
def test_a_distance_is_that_of_the_nearest_known_rows(count):
    known = (50 + RNG.normal(size=(300, 6))).astype("float32")
    x = np.concatenate([known[:20], known[:20] + 0.01, 40 + RNG.normal(size=(20, 6))])
    x = x.astype("float32")
    layer = NeighbourDistance(300, count)
    layer.adapt(known)
    np.testing.assert_allclose(layer(x), nearest(known, x, count), rtol=1e-3)
    again = NeighbourDistance.from_config(layer.get_config())
    again.build((None, 6))
    again.set_weights(layer.get_weights())
    np.testing.assert_array_equal(again(x), layer(x))


def test_a_row_that_is_known_twice_has_no_distance():
    layer = NeighbourDistance(3)
    layer.adapt(np.float32([[1, 2], [1, 2], [4, 6]]))
    np.testing.assert_allclose(layer(np.float32([[1, 2], [4, 6]])), [0, 5])


def test_of_many_rows_as_many_are_kept_as_wanted():
    rows = RNG.normal(size=(100, 2)).astype("float32")
    layers = [NeighbourDistance(10), NeighbourDistance(10)]
    for layer in layers:
        layer.adapt(rows)
    kept = layers[0].known.numpy()
    assert len(np.unique(kept, axis=0)) == 10
    assert {*map(tuple, kept)} < {*map(tuple, rows)}
    np.testing.assert_array_equal(kept, layers[1].known)


@pytest.mark.parametrize("cells", [1, 3, 7, 20])
def test_each_cell_is_hidden_equally_often_and_only_hidden_cells_have_errors(cells):
    layer = HiddenCopies(groups=4, repeats=3)
    masks = layer.masks(cells)
    assert masks.shape == (3 * min(4, cells), cells)
    assert (masks.sum(axis=0) == 3).all()
    x = RNG.normal(size=(5, cells)).astype("float32")
    x[0, 0] = np.nan
    copies = layer(x).numpy()
    expected = np.where(masks, np.nan, x[:, None]).reshape(-1, cells)
    np.testing.assert_array_equal(copies, expected)
    errors = np.square(RNG.normal(size=copies.shape)).astype("float32")
    expected = (errors.reshape(5, -1, cells) * masks).sum(axis=1) / 3
    expected[0, 0] = 0  # missing in the row itself
    np.testing.assert_allclose(layer(x, errors), expected, rtol=1e-5)
    again = HiddenCopies.from_config(layer.get_config())
    np.testing.assert_array_equal(again.masks(cells), masks)


@pytest.fixture(scope="module")
def table():
    """The benign tumours of a real table, and the malignant ones."""
    data = datasets.load("breast_cancer")
    x = np.concatenate([data.train.inputs, data.test.inputs])
    benign = np.concatenate([data.train.labels, data.test.labels]) == 1
    return datasets.load(x[benign]), x[~benign]


@pytest.fixture(scope="module")
def model(table):
    arguments = {"widths": (32,), "latent_dim": 8, "standardise": True, "missing": "mask"}
    model = zoo.build("deep_ae", input_shape=(30,), **arguments)
    model.fit(table[0].train.inputs, epochs=40, batch_size=32, verbose=0)
    return model


def with_gaps(x):
    return np.where(RNG.random(x.shape) < 0.1, np.float32(np.nan), x)


def test_neighbours_are_those_of_code_and_residual(model, table):
    normal, _ = table
    detector = Detector.fit(model, normal, score="neighbours")

    def joined(rows):
        residual = (rows - model.reconstruct(rows)) / np.asarray(model.standardisation.deviation)
        return np.concatenate([model.encode(rows), np.nan_to_num(residual)], axis=1)

    known = joined(normal.train.inputs)
    x = with_gaps(normal.test.inputs)
    weights = known.std(axis=0) * np.sqrt([8] * 8 + [30] * 30)
    for rows in (x, normal.train.inputs):
        expected = nearest(known / weights, joined(rows) / weights)
        np.testing.assert_allclose(detector.score(rows), expected, rtol=1e-3)
    assert detector.model.detection["known_rows"] == len(normal.train)


def test_hidden_cells_are_guessed_from_the_others(model, table):
    normal, _ = table
    detector = Detector.fit(model, normal, score="hidden")
    deviation, masks = np.asarray(model.standardisation.deviation), HiddenCopies().masks(30)

    def errors(rows):
        total = np.zeros(rows.shape)
        for mask in masks:
            guesses = model.reconstruct(np.where(mask, np.float32(np.nan), rows))
            total += mask * np.square((rows - guesses) / deviation)
        return total / masks.sum(axis=0)

    known = errors(normal.train.inputs)
    x = with_gaps(normal.test.inputs)
    expected = np.nanmean((errors(x) - known.mean(axis=0)) / known.std(axis=0), axis=1)
    np.testing.assert_allclose(detector.score(x), expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("score", ["neighbours", "combined"])  # of which the latter has all parts
def test_an_exported_score_is_the_same_in_every_runtime(score, model, table, tmp_path):
    normal, malignant = table
    detector = Detector.fit(model, normal, score=score)
    bundle = zoo.export(detector, tmp_path / "export")
    x = np.concatenate([normal.test.inputs, malignant, with_gaps(malignant)])
    scores = detector.score(x)
    np.testing.assert_allclose(bundle.score(x), scores, rtol=1e-4, atol=1e-4)
    assert bundle.score(x[:0]).shape == (0,)
    card = (tmp_path / "export" / "card.md").read_text(encoding="utf-8")
    assert f"hold {len(normal.train)} training rows" in card
    report = zoo.verify(tmp_path / "export")  # the weights, built again, too
    for form in ("tensorflow", "onnxruntime", "weights"):
        assert report[form]["score.score"] < 1e-4
    np.testing.assert_array_equal(copy.deepcopy(detector).score(x), scores)
    count = len(normal.test)
    assert measure(scores, np.arange(len(x)) >= count)["auroc"] > 0.9


def test_further_training_does_not_change_the_score_of_hidden_cells(model, table):
    normal, malignant = table
    model = copy.deepcopy(model)
    detector = Detector.fit(model, normal, score="hidden")
    scores = detector.score(malignant)
    model.fit(normal.train.inputs, epochs=1, verbose=0)
    np.testing.assert_array_equal(detector.score(malignant), scores)


def test_columns_of_categories_have_neighbours_and_hidden_cells(tmp_path):
    """A category that contradicts a number is anomalous, though each of the two is common."""
    size = RNG.normal(size=600)
    frame = pandas.DataFrame({"size": size, "half": size / 2})
    frame["class"] = np.where(size > 0, "large", "small")
    data = datasets.load(frame)
    arguments = {"widths": (16,), "latent_dim": 2, "missing": "mask"}
    model = zoo.build("deep_ae", input_shape=(3,), columns=data.train.columns, **arguments)
    model.fit(data.train, epochs=30, batch_size=32, verbose=0)
    right = frame[abs(size) > 0.5]
    wrong = right.assign(**{"class": np.where(right["size"] > 0, "small", "large")})
    detector = Detector.fit(model, data, score="combined")
    scores = np.concatenate([detector.score(right), detector.score(wrong)])
    assert measure(scores, np.arange(len(scores)) >= len(right))["auroc"] > 0.95
    bundle = zoo.export(detector, tmp_path / "combined")
    np.testing.assert_allclose(bundle.score(wrong), scores[len(right) :], rtol=1e-3, atol=1e-3)


def test_images_have_neighbours_and_a_model_without_missing_cells_hides_none():
    x = RNG.random((40, 6, 6, 1), dtype="float32")
    model = zoo.build("pca", input_shape=(6, 6, 1), latent_dim=3).adapt(x)
    detector = Detector.fit(model, x, score="neighbours")
    assert detector.score(x).shape == (40,)
    for score in ("hidden", "combined"):
        with pytest.raises(UsageError, match=r"needs a model that takes missing cells.*pca"):
            Detector.fit(model, x, score=score)


REFUSED = [
    (lambda: NeighbourDistance(0), "`known_rows` must be a positive integer"),
    (lambda: NeighbourDistance(4, 4), "must be less than the 4 known rows. Received: neighbours=4"),
    (lambda: NeighbourDistance(9).adapt(np.zeros((8, 2))), "at least 9 rows to adapt to.* 8"),
    (lambda: HiddenCopies(groups=0), "`groups` must be a positive integer"),
    (lambda: HiddenCopies(repeats=1.5), "`repeats` must be a positive integer"),
]


@pytest.mark.parametrize(("call", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_layers_refuse(call, message):
    with pytest.raises(UsageError, match=message):
        call()


def test_top_fraction_belongs_to_the_reconstruction_error(model, table):
    with pytest.raises(UsageError, match="which the score 'neighbours' does not have"):
        Detector.fit(model, table[0], score="neighbours", top_fraction=0.5)
