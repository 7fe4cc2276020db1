"""Documents as numbers: counts and weights, dense or in a scipy sparse matrix that stays sparse."""

import tracemalloc
import warnings

import numpy as np
import pytest
from scipy import sparse

import zoo
from zoo import datasets
from zoo.errors import UsageError
from zoo.inputs.documents import SparseDocuments
from zoo.search import Index

WORDS = 40
SMALL = {"input_shape": (WORDS,), "widths": (12,), "latent_dim": 3}
RNG = np.random.default_rng(0)


def counts(rows=300, words=WORDS):
    """Counts of two topics, each of which has words of its own."""
    topic = np.arange(rows) % 2
    rate = np.where((np.arange(words) % 2) == topic[:, None], 1.0, 0.05)
    return RNG.poisson(rate), topic


@pytest.fixture(scope="module")
def data():
    dense, topic = counts()
    return dense, dense / np.maximum(dense.sum(axis=1, keepdims=True), 1), topic


FORMATS = {
    "csr_array": sparse.csr_array,
    "csc_matrix": sparse.csc_matrix,
    "coo_array": sparse.coo_array,
    "lil_matrix": sparse.lil_matrix,
    "float64": lambda x: sparse.csr_array(x.astype(float)),
    "weights": lambda x: sparse.csr_array(x * 0.37),  # of any scale
    "dense": np.asarray,
}


def model_of(dense):
    import keras

    keras.utils.set_random_seed(0)
    return zoo.build("document_ae", **SMALL)


@pytest.mark.parametrize("form", FORMATS)
def test_counts_in_any_form_train_the_same_model(form, data):
    dense, fractions, _ = data
    first, second = model_of(dense), model_of(dense)
    given = FORMATS[form](dense)
    kept = given.copy()
    options = {"shuffle": False, "verbose": 0, "epochs": 2}
    held = FORMATS[form](dense[:20])
    first.fit(given, **options, validation_data=held)
    second.fit(fractions.astype("float32"), **options)
    for one, other in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
    losses = [model.evaluate(x, verbose=0) for model, x in ((first, given), (second, fractions))]
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)
    for method in ("encode", "reconstruct"):
        found, expected = getattr(first, method)(given), getattr(second, method)(fractions)
        np.testing.assert_allclose(found, expected, atol=1e-4)
    np.testing.assert_allclose(first.predict(given, verbose=0), first.reconstruct(given), atol=1e-5)
    assert (abs(given - kept)).sum() == 0  # nothing is changed in place


def test_a_sparse_matrix_goes_through_training_evaluation_export_and_search(data, tmp_path):
    dense, fractions, topic = data
    matrix = sparse.csr_array(dense)
    runs = [
        zoo.train("document_ae", (rows, topic), epochs=10, folder=tmp_path / name, **SMALL)
        for name, rows in (("sparse", matrix), ("dense", dense))
    ]
    for one, other in zip(*(run.model.get_weights() for run in runs), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
    metrics = runs[0].metrics
    assert metrics == pytest.approx(runs[1].metrics, rel=1e-2, abs=1e-3)
    assert metrics["knn_accuracy"] > 0.7
    assert zoo.evaluate(runs[0].model, (matrix, topic)) == pytest.approx(metrics, rel=1e-4)
    bundle = zoo.export(runs[0], tmp_path / "bundle")
    model = zoo.Run.open(runs[0].folder).model
    np.testing.assert_allclose(bundle.encode(matrix), model.encode(fractions), atol=1e-4)
    index = Index.build(bundle, matrix, metric="cosine")
    dense_index = Index.build(bundle, fractions.astype("float32"), metric="cosine")
    distances = [found.query(matrix[:20], k=5)[1] for found in (index, dense_index)]
    np.testing.assert_allclose(*distances, atol=1e-5)
    assert zoo.evaluate(bundle, (matrix, topic))["knn_accuracy"] == metrics["knn_accuracy"]


def test_the_matrix_never_becomes_an_array_as_a_whole():
    rows, words = 60_000, 2_000  # 480 MB as an array
    positions = RNG.integers(words, size=(rows, 4)).ravel()
    pointers = np.arange(0, 4 * rows + 1, 4)
    matrix = sparse.csr_array((np.ones(4 * rows), positions, pointers), shape=(rows, words))
    model = zoo.build("document_ae", input_shape=(words,), widths=(4,), latent_dim=2)
    tracemalloc.start()
    try:
        model.fit(matrix, batch_size=2000, verbose=0, validation_split=0.1)
        model.evaluate(matrix[:30_000], batch_size=2000, verbose=0)
        assert len(model.predict(matrix[:10_000], batch_size=2000, verbose=0)) == 10_000
        assert len(Index.build(model, matrix)) == rows
        split = datasets.load(matrix, kind="documents").train
        assert (split.in_memory, len(split.take(slice(10)))) == (False, 10)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 240e6, peak


def test_a_sparse_matrix_is_encoded_without_a_warning(data):
    model = model_of(data[0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert model.encode(sparse.csr_array(data[0])).shape == (300, 3)
        assert model.vocabulary.known == 0


def test_no_rows_and_rows_without_a_word(data):
    model = model_of(data[0])
    assert model.encode(sparse.csr_array((0, WORDS))).shape == (0, 3)
    assert np.isfinite(model.encode(sparse.csr_array((2, WORDS)))).all()
    assert model.predict(sparse.csr_array((0, WORDS))).shape == (0, WORDS)
    dense = np.zeros((4, WORDS), int)
    dense[[0, 2], 3] = 5
    kept = model.prepared(datasets.rows(sparse.csr_array(dense), kind="documents"))
    np.testing.assert_array_equal(kept.inputs[:], (dense / 5)[[0, 2]])
    rows = SparseDocuments(sparse.csr_array(dense))
    np.testing.assert_array_equal(rows.take([2, 1])[:], (dense / 5)[[2, 1]])
    np.testing.assert_array_equal(np.asarray(rows), dense / 5)


def changed(value, dtype=float):
    dense = np.eye(WORDS, dtype=dtype)[:6]
    dense[3, 3] = value
    return sparse.csr_array(dense)


@pytest.mark.parametrize(
    ("matrix", "said"),
    [
        (changed(np.nan), r"counts or weights of at least 0\. Received: nan in row 3\."),
        (changed(-2.0), r"Received: -2 in row 3\."),
        (changed(np.inf), r"Received: inf in row 3\."),
        (changed(-1, int), r"Received: -1 in row 3\."),
        (changed(1j, complex), r"must be counts or weights of words\. Received: complex128"),
        (sparse.csr_array((5, 7)), rf"must have the shape \(rows, {WORDS}\)\. Received: \(5, 7\)"),
    ],
)
def test_bad_matrices_are_one_sentence(matrix, said):
    model = zoo.build("document_ae", **SMALL)
    for call in (model.encode, model.fit, model.adapt, model.evaluate):
        with pytest.raises(UsageError, match=said):
            call(matrix)


def test_bad_input():
    model = zoo.build("document_ae", **SMALL)
    with pytest.raises(UsageError, match=r"at least one row to learn from\. Received: 0"):
        model.fit(sparse.csr_array((0, WORDS)))
    with pytest.raises(UsageError, match="Received: nan in row 3"):
        zoo.train("document_ae", changed(np.nan), **SMALL)
    with pytest.raises(UsageError, match=r"documents must lie within .* in row 1"):
        model.encode(np.eye(WORDS)[:4] * [[1], [-3], [1], [1]])
    with pytest.raises(UsageError, match="documents must have the shape"):
        zoo.train("document_ae", np.zeros((4, 3, 2)), **SMALL)
    with pytest.raises(UsageError, match=r"document_ae takes documents\. Received: features"):
        zoo.train("document_ae", "wine")
    model.adapt(["cats purr"])
    with pytest.raises(UsageError, match=r"rows to train on and one to test on\. Received: 0"):
        zoo.evaluate(model, ["zzz", "yyy", "xxx"])
