"""Models that learn from pairs: what a batch carries, what `fit` takes, and what the terms do."""

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

import zoo
from zoo.autoencoder import fit_streams, pairs
from zoo.errors import UsageError
from zoo.evaluation import probes
from zoo.layers import Attraction, Repulsion
from zoo.search.neighbour_graph import neighbours
from zoo.training import in_memory

RNG = np.random.default_rng(0)
SMALL = {"input_shape": (6,), "widths": (8,), "neighbours": 3}
TERMS = {"attraction", "repulsion"}


def rows(count=40):
    return RNG.random((count, 6)).astype("float32")


def built(**arguments):
    keras.utils.set_random_seed(0)
    model = zoo.build("neighbour_ae", **SMALL | arguments)
    model.run_eagerly = True  # of a few steps faster than compiled
    return model


def stream_of_pairs(x, partners, batch_size=8):
    return tf.data.Dataset.from_tensor_slices(((x, partners),)).batch(batch_size)


# The batches -----------------------------------------------------------------------------------


@pytest.mark.parametrize("shuffle", [True, False])
def test_a_batch_holds_a_partner_of_each_row_drawn_by_key(shuffle):
    x, key = np.arange(50, dtype=np.float32)[:, None], tf.Variable([7, 0], dtype=tf.int64)
    candidates = RNG.integers(0, 50, (50, 4))
    keys = tf.data.Dataset.from_tensors(0).map(lambda _: key.read_value())
    weights = 2 * x[:, 0]
    batches = fit_streams.batches((x, x, weights), 8, keys, partners=candidates, shuffle=shuffle)
    epochs = []
    for number in (0, 1, 0):
        key.assign([7, number])
        seen = []
        for (given, partners), targets, weight in batches:
            np.testing.assert_array_equal(given, targets)
            np.testing.assert_array_equal(weight, 2 * given[:, 0])
            seen += zip(np.ravel(given).astype(int), np.ravel(partners).astype(int), strict=True)
        assert all(partner in candidates[row] for row, partner in seen)
        assert (sorted if shuffle else list)(row for row, _ in seen) == list(range(50))
        epochs.append(seen)
    assert epochs[0] == epochs[2] != epochs[1]
    columns = {list(candidates[row]).index(partner) for row, partner in epochs[0]}
    assert columns == {0, 1, 2, 3}


def test_the_partners_are_nearest_rows_and_never_the_row_itself():
    x = RNG.random((210, 300)).astype("float32")  # of which 200 components are compared
    few = x[:, :60]  # of which all numbers are
    distances = np.linalg.norm(few[:, None] - few, axis=-1) + 1e9 * np.eye(210)
    expected = np.sort(distances.argsort(axis=1)[:, :5], axis=1)
    np.testing.assert_array_equal(neighbours(few, 5), expected)
    x[10:20] = x[0]
    found = neighbours(x, 5)
    assert all(row not in partners for row, partners in enumerate(found))
    assert set(found[0]) <= set(range(10, 20))


def test_features_are_compared_standardised():
    x = np.float32([[0, 0], [1000, 0.1], [0, 5], [1000, 5.1]])
    model = built(input_shape=(2,), neighbours=1, standardise=True).adapt(x * [[1, 1e-6]])
    near = model.partners(x * np.float32([[1, 1e-6]]))
    assert near.ravel().tolist() == [2, 3, 0, 1] or near.ravel().tolist() == [1, 0, 3, 2]
    model = built(input_shape=(2,), neighbours=1, standardise=True).adapt(x)
    assert model.partners(x * np.float32([[0.4, 1]])).ravel().tolist() == [1, 0, 3, 2]


# What fit takes --------------------------------------------------------------------------------

TAKEN = {
    "array": lambda x: x,
    "list": lambda x: x.tolist(),
    "split": zoo.datasets.Split,
    "dataset": lambda x: zoo.datasets.Dataset("rows", zoo.datasets.Split(x), zoo.datasets.Split(x)),
    "frame": lambda x: pd.DataFrame(x, columns=list("abcdef")),
    "pairs": lambda x: stream_of_pairs(x, x[::-1]),
}


@pytest.mark.parametrize("kind", TAKEN)
def test_fit_takes_rows_in_memory_and_shows_the_terms(kind):
    model, x = built(standardise=True), rows()
    history = model.fit(TAKEN[kind](x), epochs=2, verbose=0, validation_data=x[:8]).history
    assert set(history) == TERMS | {"loss", "val_loss"}
    assert np.isfinite(list(history.values())).all()
    assert history["attraction"][0] > 0
    figures = model.evaluate(x[:8], verbose=0, return_dict=True)
    assert figures == {"loss": pytest.approx(history["val_loss"][-1], rel=1e-5)}
    assert model.encode(x[:1]).shape == (1, 2)


def test_compiled_it_shows_the_same_figures():
    x, shown = rows(65), []  # with 64 rows a call takes two steps, and one row is left
    for eagerly in (True, False):
        model = built()
        model.compile("adam", "mse", run_eagerly=eagerly, steps_per_execution=1 if eagerly else 2)
        partners = np.roll(x, 1, axis=0)
        shown.append(model.fit(stream_of_pairs(x, partners, 16), verbose=0).history)
        assert np.isfinite(model.fit(x, batch_size=16, validation_split=0.1, verbose=0)
                           .history["val_loss"]).all()  # fmt: skip
    assert set(shown[0]) == set(shown[1]) == TERMS | {"loss"}
    for name in shown[0]:
        assert shown[0][name] == pytest.approx(shown[1][name], rel=1e-4)


REFUSED = [
    ({"x": rows(3)}, r"`neighbours` must be less than the number of rows to learn from, 3\. Rec"),
    ({"x": rows(1)}, "less than the number of rows to learn from, 1"),
    ({"x": rows(5), "validation_split": 0.4}, "rows to learn from, 3"),
    ({"x": tf.data.Dataset.from_tensors(rows())}, "needs all rows in memory.* Received: _Tensor"),
    ({"x": iter([rows()])}, r"that begin with \(rows, partners\)\. Received: list_iterator"),
    ({"x": [[np.nan] * 6] * 9}, "must be finite numbers. Received: nan in row 0"),
    (
        {"x": stream_of_pairs(rows(), rows() + 1)},
        r"must lie within .* in batch 1 of the stream",
    ),
    (
        {"x": stream_of_pairs(rows(), rows()[:, :4])},
        r"must have the shape \(rows, 6\)\. Received: \(8, 4\)",
    ),
    ({"x": rows(), "steps_per_epoch": 1}, "passes over all rows in each epoch.*steps_per_epoch=1"),
    ({"x": rows(), "shuffle": "batch"}, "`shuffle` True or False.*shuffle='batch'"),
]


@pytest.mark.parametrize(("given", "sentence"), REFUSED)
def test_what_has_no_pairs_is_refused(given, sentence):
    with pytest.raises(UsageError, match=sentence):
        built().fit(**given, verbose=0)


def test_rows_without_partners_are_no_batch_to_learn_from():
    with pytest.raises(UsageError, match=r"must begin with \(rows, partners\).*Received: rows wit"):
        built().train_on_batch(rows())


def test_a_stream_of_pairs_is_for_models_that_learn_from_them():
    with pytest.raises(UsageError, match="A batch must be dense tensors"):
        zoo.build("deep_ae", input_shape=(6,)).fit(stream_of_pairs(rows(), rows()), verbose=0)


@pytest.mark.parametrize("partners", [[[0]] * 39, [[0.0]] * 40, [0] * 40, [[40]] * 40, [[]] * 40])
def test_partners_are_row_numbers(partners, monkeypatch):
    model = built()
    monkeypatch.setattr(model, "partners", lambda x: np.array(partners))
    with pytest.raises(UsageError, match=r"`partners\(x\)` of neighbour_ae must return"):
        model.fit(rows(), verbose=0)


def test_equal_rows_do_no_harm():
    history = built().fit(np.repeat(rows(2), 20, axis=0), epochs=5, verbose=0).history
    assert np.isfinite(list(history.values())).all()


def test_without_the_terms_it_is_a_plain_auto_encoder():
    model = built(attraction_weight=0.0, repulsion_weight=0.0)
    assert not model.learns_from_pairs
    assert set(model.fit(tf.data.Dataset.from_tensors(rows(2)), verbose=0).history) == {"loss"}


# What the terms do -----------------------------------------------------------------------------


def test_the_terms_are_the_infonce_loss_of_similarities():
    code, other = RNG.normal(size=(2, 7, 2)).astype("float32")
    weights = RNG.random(7).astype("float32")
    similarity = 1 / (1 + np.square(code[:, None] - other).sum(axis=-1))
    attraction = -np.log(np.diag(similarity))
    np.testing.assert_allclose(Attraction().term([code, other, None]), attraction, rtol=1e-5)
    for given in (None, weights):
        expected = np.log((similarity * (np.ones(7) if given is None else given)).sum(axis=1))
        repulsion = Repulsion().term([code, other, given]).numpy()
        np.testing.assert_allclose(repulsion, expected, rtol=1e-4, atol=1e-5)
        assert given is not None or (attraction + repulsion > 0).all()
    alone = [code[:1], other[:1], None]
    np.testing.assert_allclose(Repulsion().term(alone), -Attraction().term(alone), rtol=1e-5)
    assert np.isfinite(Repulsion().term([code, other, np.zeros(7, "float32")])).all()


def test_a_row_of_weight_0_changes_nothing():
    x, weights, trained = rows(24), np.repeat([1.0, 0.0], 12), []
    for others in (rows(12), 1 - x[:12]):
        model = built()
        given = {"batch_size": 24, "epochs": 2, "shuffle": False, "verbose": 0}
        model.fit(np.concatenate([x[:12], others]), sample_weight=weights, **given)
        trained.append(model.get_weights())
    for one, other in zip(*trained, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_a_weight_of_2_counts_twice_and_weights_of_0_move_nothing():
    x, trained = rows(24), {}
    for rate, weight in ((0.2, 1.0), (0.1, 2.0), (0.1, 0.0)):
        model = built()
        model.compile(keras.optimizers.SGD(rate), "mse", run_eagerly=True)
        stream = tf.data.Dataset.from_tensors(((x, x[::-1]), x, np.full(24, weight, "float32")))
        model.fit(stream, epochs=2, verbose=0)
        trained[weight] = model.get_weights()
    for one, two in zip(trained[1.0], trained[2.0], strict=True):
        np.testing.assert_allclose(one, two, atol=1e-6)
    for one, two in zip(trained[0.0], built().get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


def test_candidates_of_weighted_rows_are_weighted_rows():
    found = pairs.candidates(built(), rows(30), np.arange(30) % 3)
    assert set(found[np.arange(30) % 3 > 0].ravel() % 3) == {1, 2}


def test_neighbours_in_the_code_are_of_one_class_because_of_the_terms(digits):
    """On 2,000 digits, seeds 0 and 1: 0.74 and 0.66 with the terms, 0.54 without."""
    x, labels = digits.train.inputs[:2000], digits.train.labels[:2000]
    accuracies = []
    for weights in ({}, {"attraction_weight": 0.0, "repulsion_weight": 0.0}):
        model, _ = in_memory.train("neighbour_ae", x, 0, epochs=30, batch_size=50,
                                   widths=(128, 64), **weights)  # fmt: skip
        codes = model.encode(x), model.encode(digits.test.inputs)
        accuracies.append(probes.knn_accuracy(codes[0], labels, codes[1], digits.test.labels))
    assert accuracies[0] > accuracies[1] + 0.08, accuracies
