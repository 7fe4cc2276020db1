"""Every container of rows gives the result of the array, or one sentence says what is accepted."""

import tracemalloc
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

import zoo
from zoo.errors import UsageError
from zoo.inputs.containers import is_stream

pandas = pytest.importorskip("pandas", reason="the extra `tabular` is not installed")
pyarrow = pytest.importorskip("pyarrow", reason="the extra `tabular` is not installed")
sparse = pytest.importorskip("scipy.sparse")  # which scikit-learn brings

SIZE, NAMES = 4, list("abcde")
X = np.random.default_rng(0).random((7 * SIZE, 5), dtype="float32")
X[X < 0.2] = 0  # for sparse matrices
X[:, 0] += 0.3 * (X[:, 0] == 0)  # no row is empty


def package(name):
    return pytest.importorskip(name, reason=f"{name} is not installed")


def batched(x):
    return [x[start : start + SIZE] for start in range(0, len(x), SIZE)]


class Sequence(keras.utils.PyDataset):
    """A PyDataset of batches, each wrapped by a function."""

    def __init__(self, x, wrap):
        super().__init__()
        self.batches = [wrap(rows) for rows in batched(x)]

    def __len__(self):
        return len(self.batches)

    def __getitem__(self, index):
        return self.batches[index]


def loader(x, with_labels=False):
    """A DataLoader of torch, of tensors or of lists of two tensors."""
    data = package("torch").utils.data
    rows = data.TensorDataset(*map(package("torch").as_tensor, (x, np.arange(len(x)))))
    one = None if with_labels else (lambda rows: package("torch").stack([row for row, _ in rows]))
    return data.DataLoader(rows, batch_size=SIZE, collate_fn=one)


def slices(*parts):
    return tf.data.Dataset.from_tensor_slices(parts if len(parts) > 1 else parts[0])


ROWS = {
    "NumPy array": np.asarray,
    "list": np.ndarray.tolist,
    "tensor of TensorFlow": tf.constant,
    "tensor of PyTorch": lambda x: package("torch").tensor(x, requires_grad=x.dtype.kind == "f"),
    "array of JAX": lambda x: package("jax").numpy.asarray(x),
    "DataFrame of pandas": lambda x: pandas.DataFrame(x, columns=NAMES[-x.shape[1] :]),
    "DataFrame of polars": lambda x: package("polars").DataFrame(x, schema=NAMES[-x.shape[1] :]),
    "Table of PyArrow": lambda x: pyarrow.table(dict(zip(NAMES[-x.shape[1] :], x.T, strict=True))),
    "sparse matrix of SciPy": sparse.csr_array,
    "dictionary": lambda x: {"features": x},
}
BATCHES = {
    "tf.data.Dataset of batches": lambda x: slices(x).batch(SIZE),
    "tf.data.Dataset of dictionaries": lambda x: slices({"features": x}).batch(SIZE),
    "tf.data.Dataset of (rows, rows)": lambda x: slices(x, x).batch(SIZE),
    "tf.data.Dataset of (rows, rows, weights)": lambda x: slices(x, x, np.ones(len(x))).batch(SIZE),
    "PyDataset": lambda x: Sequence(x, lambda rows: rows),
    "PyDataset of dictionaries": lambda x: Sequence(x, lambda rows: ({"features": rows},)),
    "generator": lambda x: (rows for rows in batched(x)),
    "generator of dictionaries": lambda x: ({"features": rows} for rows in batched(x)),
    "generator of sparse matrices": lambda x: map(sparse.csr_array, batched(x)),
    "DataLoader of PyTorch": loader,
}
REFUSED = {  # whatever their rows are
    "tf.data.Dataset of single rows": (slices, r"must yield batches of rows, \(rows, 5\)"),
    "RaggedTensor": (
        lambda x: tf.RaggedTensor.from_row_lengths(X[0], [2, 3]), "Received: RaggedTensor",
    ),
    "SparseTensor": (
        lambda x: tf.sparse.from_dense(X), "Received: SparseTensor",
    ),
    "dictionary of columns": (
        lambda x: dict(zip(NAMES, X.T, strict=True)),
        "under its only key, 'features'. Received: dict",
    ),
    "tf.data.Dataset of texts": (
        lambda x: slices(["a", "b"]).batch(2), "takes features of numbers. Received: texts",
    ),
    "set": (lambda x: {1.0, 2.0}, "Received: set"),
    "sparse matrix of three axes": (
        lambda x: sparse.coo_array(np.ones((2, 5, 3))), r"must have the shape \(rows, columns\)",
    ),
}  # fmt: skip
CONTAINERS = ROWS | BATCHES


def with_bad(value):
    x = X.copy()
    x[-2, 3] = value  # in the seventh batch
    return x


BAD = {
    "nan": (with_bad(np.nan), "must be finite numbers. Received: nan in row {row}"),
    "range": (with_bad(1.5), "must lie within .0, 1.. Received: values .* to 1.5 in row {row}"),
    "shape": (X[:, 1:], r"must have the shape .rows, 5.*Received: .(28|4), 4."),
    "type": (X.astype("complex64"), "must be floating-point numbers.*complex|must hold numbers"),
    "empty": (X[:0], "at least one (row|batch).*Received: (0|none)"),
}
BATCH = dict.fromkeys(("nan", "range"), ".*in batch 7") | {"shape": "", "type": "", "empty": ""}


def size(x):
    return None if is_stream(x) else SIZE


def trained(x, model):
    model.fit(x, batch_size=size(x), shuffle=False, verbose=0)
    return model.get_weights()


CONSUMERS = {
    "fit": trained,
    "evaluate": lambda x, model: model.evaluate(x, batch_size=size(x), verbose=0),
    "predict": lambda x, model: model.predict(x, verbose=0),
    "encode": lambda x, model: model.encode(x),
    "reconstruct": lambda x, model: model.reconstruct(x),
    "adapt": lambda x, model: model.adapt(x).encode(X),
}
FOR_ROWS = ("fit", "evaluate", "adapt")  # which need one


@pytest.fixture(scope="module")
def models():
    """Models whose steps run eagerly, since each cell of the table would trace its own graph."""
    keras.utils.set_random_seed(0)
    plain = zoo.build("shallow_ae", input_shape=(5,), latent_dim=2)
    pca = zoo.build("pca", input_shape=(5,), latent_dim=2)
    return {"adapt": (pca, pca.get_weights())} | dict.fromkeys(
        [name for name in CONSUMERS if name != "adapt"], (plain, plain.get_weights())
    )


@pytest.fixture
def consume(models):
    def run(consumer, x):
        model, weights = models[consumer]
        model.set_weights(weights)
        model.column_names = None
        model.compile(keras.optimizers.SGD(0.1), "mse", run_eagerly=True)
        return CONSUMERS[consumer](x, model)

    return run


@pytest.fixture(scope="module")
def expected():
    return {}


@pytest.mark.filterwarnings("ignore:Your input ran out of data")  # Keras, of any generator's end
@pytest.mark.parametrize("consumer", CONSUMERS)
@pytest.mark.parametrize("container", CONTAINERS)
def test_good_rows_give_the_result_of_the_array(container, consumer, consume, expected):
    if consumer not in expected:
        expected[consumer] = consume(consumer, X)
    result = consume(consumer, CONTAINERS[container](X))
    # A batch of 4 rows and one of 28 are multiplied in another order.
    exact = consumer in ("fit", "adapt") or container in ROWS
    tolerance = {"rtol": 0 if exact else 1e-5, "atol": 0 if exact else 1e-6}
    tf.nest.map_structure(
        lambda ours, theirs: np.testing.assert_allclose(ours, theirs, **tolerance),
        result, expected[consumer],
    )  # fmt: skip


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("container", CONTAINERS)
def test_bad_rows_are_refused_in_a_sentence(container, bad, consume):
    rows, message = BAD[bad]
    if bad == "type" and container in ("DataFrame of polars", "Table of PyArrow"):
        rows = np.full(X.shape, "a")  # they know no complex numbers
    if container in ROWS:
        message = message.format(row=len(X) - 2)
    else:
        message = message.format(row=SIZE - 2) + BATCH[bad]
    for consumer in CONSUMERS:
        x = CONTAINERS[container](rows)
        if bad == "empty" and consumer not in FOR_ROWS:
            if consumer != "predict" or container in ROWS:
                assert len(consume(consumer, x)) == 0
            continue
        with pytest.raises(UsageError, match=message) as raised:
            consume(consumer, x)
        assert len(str(raised.value).splitlines()) == 1


@pytest.mark.parametrize("consumer", CONSUMERS)
@pytest.mark.parametrize("container", REFUSED)
def test_what_is_no_container_is_refused_in_a_sentence(container, consumer, consume):
    make, message = REFUSED[container]
    with pytest.raises(UsageError, match=message) as raised:
        consume(consumer, make(X))
    assert len(str(raised.value).splitlines()) == 1


HEAD = "| rows or batches | `fit`, `evaluate`, `predict` | `encode`, `reconstruct` | `adapt` |"


def table():
    """The table of docs/training.md."""
    whole = ["checked before the first batch"] * 3
    batches = ["each batch is checked when it is drawn"] * 2
    lines = [HEAD, "|---|---|---|---|"]
    for container in CONTAINERS:
        cells = whole if container in ROWS else [*batches, "read into memory, and checked"]
        if container == "sparse matrix of SciPy":
            cells = ["checked; made dense batch by batch"] * 3
        lines.append(f"| {' | '.join([container, *cells])} |")
    lines += [f"| {container} | refused | refused | refused |" for container in REFUSED]
    return "\n".join(lines)


def test_the_documentation_has_every_container():
    page = Path(__file__).parent.parent / "docs" / "training.md"
    assert table() in page.read_text(encoding="utf-8")


def test_a_sparse_matrix_is_never_dense_as_a_whole():
    numbers = np.arange(1000)
    rows = sparse.coo_array((numbers / 1000, (numbers, 7 * numbers)), shape=(1000, 10_000))
    model = zoo.build("linear_ae", input_shape=(10_000,), latent_dim=2)
    model.compile("sgd", "mse", run_eagerly=True)
    tracemalloc.start()
    model.fit(rows, batch_size=100, verbose=0)  # 4 MB, of 40 MB
    model.encode(rows, batch_size=100)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 25_000_000


def test_sparse_numbers_that_float32_cannot_tell_apart_are_refused(consume):
    times = sparse.csr_array(np.array([[0.5, 1.7e9], [0.25, 1.7e9 + 1], [0.1, 1.7e9 + 2]]))
    for of in (sparse.csr_array, sparse.coo_array, sparse.csc_matrix):
        with pytest.raises(UsageError, match="Column 1 must be numbers that float32 can tell"):
            zoo.build("pca", input_shape=(2,), latent_dim=1).adapt(of(times))
    twice = sparse.coo_array(([0.7, 0.7], ([0, 0], [1, 1])), shape=(3, 5))  # 1.4 in two parts
    with pytest.raises(UsageError, match=r"values from 0 to 1\.4 in row 0"):
        consume("encode", twice)
    with pytest.raises(UsageError, match=r"values from 0 to 0 in row 2"):  # which is not stored
        zoo.inputs.arrays.check(sparse.csr_array([[1.0], [2.0], [0.0]]), (1,), (0.5, 3.0))


def test_a_sparse_matrix_is_a_dataset():
    rows, trained = sparse.random_array((60, 8), density=0.5, rng=0, dtype="float64"), []
    for x in (rows, rows.toarray()):
        data = zoo.datasets.load(x)
        assert data.train.in_memory == (x is not rows)
        keras.utils.set_random_seed(0)
        model = zoo.build("linear_ae", input_shape=(8,), latent_dim=2, standardise=True)
        model.compile("sgd", "mse", run_eagerly=True)
        model.fit(data, validation_data=data.test, verbose=0)
        names = zoo.datasets.Split(x, column_names=tuple("abcdefgh"))
        assert names.in_order(tuple("hgfedcba")).inputs[3:5].shape == (2, 8)
        trained.append([*model.get_weights(), model.encode(data.test)])
    for ours, theirs in zip(*trained, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)
    with pytest.raises(UsageError, match=r"needs its rows in memory as one dense array"):
        zoo.build("neighbour_ae", input_shape=(8,), widths=(4,)).fit(rows, verbose=0)


@pytest.mark.parametrize("shape", [(28,), (28, 1), (28, 2, 3)])
def test_weights_of_every_shape_are_those_of_the_rows(shape):
    keras.utils.set_random_seed(0)
    model = zoo.build("linear_ae", input_shape=(2, 3, 1), latent_dim=2)
    model.compile("sgd", "mse", run_eagerly=True)
    images, weights = np.random.default_rng(0).random((28, 2, 3, 1)), np.arange(28.0)
    expected = model.evaluate(images, batch_size=SIZE, sample_weight=weights, verbose=0)
    given = np.broadcast_to(weights.reshape(-1, *[1] * (len(shape) - 1)), shape)
    found = model.evaluate(images, batch_size=SIZE, sample_weight=given, verbose=0)
    assert found == pytest.approx(expected, rel=1e-6)
    streams = (
        slices(images, images, given).batch(SIZE),
        Sequence(np.arange(28), lambda rows: (images[rows], images[rows], given[rows])),
    )
    for stream in streams:
        assert model.evaluate(stream, verbose=0) == pytest.approx(expected, rel=1e-6)
    if len(shape) == 3:
        with pytest.raises(UsageError, match=r"one for each row, \(rows,\), or for each position"):
            model.evaluate(images, sample_weight=given[:, :, :2], verbose=0)


def uneven(count, as_dataset):
    """Batches of four rows, the second of which has other numbers of targets."""

    def batches():
        yield X[:4], X[:4]
        yield X[:count], X[:1]

    spec = (tf.TensorSpec((None, 5)),) * 2
    return (
        tf.data.Dataset.from_generator(batches, output_signature=spec) if as_dataset else batches()
    )


@pytest.mark.parametrize("as_dataset", [False, True])
@pytest.mark.parametrize(("count", "received"), [(4, "4, 1"), (0, "0, 1")])
def test_the_parts_of_a_batch_have_the_same_rows(count, received, as_dataset, consume):
    message = f"same number of rows, at least one. Received: {received} in batch 2"
    with pytest.raises(UsageError, match=message):
        consume("fit", uneven(count, as_dataset))


def test_texts_of_a_stream_are_learned_and_encoded():
    texts = ["red green", "green blue blue", "red", "blue red green"] * 3
    made = {}
    for name, holder in {"list": list, "stream": lambda x: slices(x).batch(SIZE)}.items():
        keras.utils.set_random_seed(0)
        model = zoo.build("document_ae", input_shape=(3,), widths=(4,), latent_dim=2)
        made[name] = model.adapt(holder(texts)).encode(holder(texts))
    np.testing.assert_allclose(made["stream"], made["list"], rtol=1e-5)


def test_a_stream_without_an_end_is_not_read(consume):
    for x in (slices(X).batch(SIZE).repeat(), map(np.asarray, iter([X]))):
        if isinstance(x, tf.data.Dataset):
            with pytest.raises(
                UsageError, match=r"read to its end must have one: stream\.take\(n\)"
            ):
                consume("encode", x)
        else:
            assert consume("encode", x).shape == (28, 2)


def test_a_bundle_takes_the_same(tmp_path, models):
    model, _ = models["encode"]
    bundle = zoo.export(model, tmp_path / "bundle")
    expected = bundle.encode(X)
    for container in ("sparse matrix of SciPy", "dictionary", "generator", "PyDataset"):
        np.testing.assert_allclose(bundle.encode(CONTAINERS[container](X)), expected, atol=1e-6)


def test_data_of_batches_and_of_dictionaries():
    images, labels = np.random.default_rng(0).random((12, 4, 4)), np.arange(12)
    whole = zoo.datasets.rows((images, labels))
    for data in (
        {"image": images, "label": labels},
        (({"image": images[k : k + 4]}, labels[k : k + 4]) for k in range(0, 12, 4)),
        slices({"image": images, "label": labels}),
        Sequence(np.arange(12), lambda rows: (images[rows][..., None], labels[rows])),
    ):
        rows = zoo.datasets.rows(data)
        np.testing.assert_array_equal(rows.inputs, whole.inputs)
        np.testing.assert_array_equal(rows.labels, labels)
    assert zoo.datasets.rows({"sequence": images}).kind == "sequences"
    with pytest.raises(UsageError, match=r"under one of the keys image, .* the keys \['x', 'y'\]"):
        zoo.datasets.rows({"x": images, "y": labels})
