"""Tables as features: what can be used, and one sentence for each thing that cannot."""

import json

import numpy as np
import pytest
from PIL import Image

import zoo
from zoo import datasets
from zoo.errors import MissingExtraError, UsageError
from zoo.training import in_memory

pandas = pytest.importorskip("pandas", reason="the extra `tabular` is not installed")


@pytest.fixture
def frame():
    """Ten rows of two columns of numbers, one of booleans, and classes by name."""
    random = np.random.default_rng(0)
    return pandas.DataFrame(
        {
            "weight": random.normal(1000, 10, 10),
            "number": np.arange(10),
            "old": np.arange(10) % 3 == 0,
            "label": ["b", "c", "a", "c", "b"] * 2,
        }
    )


def by_weight(data):
    """All rows of a dataset, and their labels, sorted by their first column."""
    features = np.concatenate([data.train.features, data.test.features])
    labels = np.concatenate([data.train.labels, data.test.labels])
    order = np.argsort(features[:, 0])
    return features[order], labels[order]


WRITERS = {
    ".csv": lambda frame, path: frame.to_csv(path, index=False),
    ".CSV": lambda frame, path: frame.to_csv(path, index=False, encoding="utf-8-sig"),
    ".tsv": lambda frame, path: frame.to_csv(path, index=False, sep="\t"),
    ".parquet": lambda frame, path: frame.to_parquet(path),
    "semicolon.csv": lambda frame, path: frame.to_csv(path, index=False, sep=";"),
    "comma.csv": lambda frame, path: frame.to_csv(path, index=False, sep=";", decimal=","),
}


@pytest.mark.parametrize("ending", WRITERS)
def test_files_and_frames_give_the_same(ending, frame, tmp_path):
    path = tmp_path / f"table{ending}"
    WRITERS[ending](frame, path)
    data = datasets.load(str(path))
    assert (data.kind, data.input_shape, data.name) == ("features", (3,), str(path))
    assert (len(data.train), len(data.test)) == (8, 2)
    features, labels = by_weight(data)
    expected = frame.sort_values("weight")
    columns = expected[["weight", "number", "old"]].to_numpy("float32")
    np.testing.assert_allclose(features, columns, rtol=1e-6)
    np.testing.assert_array_equal(labels, expected["label"].map({"a": 0, "b": 1, "c": 2}))
    np.testing.assert_allclose(datasets.load(frame).test.features, data.test.features, rtol=1e-6)


def test_classes_are_the_column_that_is_named(frame):
    by_number = datasets.load(frame.drop(columns="label"), label="number")
    assert by_number.input_shape == (2,)
    assert set(np.concatenate([by_number.train.labels, by_number.test.labels])) == set(range(10))
    assert datasets.load(frame.drop(columns="label")).train.labels is None
    for column in [frame["old"], frame["label"].astype("category"), frame["number"] * 2.0,
                   frame["number"].astype("Int64")]:  # fmt: skip
        labelled = datasets.load(frame[["weight"]].assign(label=column))
        assert labelled.train.labels.dtype == np.int64


def test_columns_of_many_types_are_numbers(frame):
    columns = {
        "a": frame["number"].astype("Int64"),
        "b": frame["old"].astype("boolean"),
        "c": frame["number"].astype(object),
        "d": frame["number"].astype("uint8"),
    }
    data = datasets.load(pandas.DataFrame(columns))
    assert data.input_shape == (4,)
    assert data.train.features.dtype == np.float32


def test_columns_counted_by_pandas_are_names(tmp_path):
    pandas.DataFrame(np.eye(5)).to_csv(tmp_path / "x.csv", index=False)
    assert datasets.load(tmp_path / "x.csv").input_shape == (5,)


ROWS = "1,2\n3,4\n5,6\n"
TEXTS = [
    ("", "x.csv is not a table in UTF-8: No columns"),
    ("a,b\n", "at least one row. Received: none"),
    ("a,b\n1,2\n", "two rows to train on and one to test on. Received: 1 and 0"),
    ("a,a\n" + ROWS, "must have different names. Received: 'a' 2 times"),
    (",b\n" + ROWS, "must have a name in the first line. Received: none for column 0"),
    (ROWS + "7,8\n", "must hold the columns' names. Received: numbers alone, '1, 2'"),
    ("a,b\n1,2\n3,\n5,6\n", "Column 'b' of .* a value in each row. Received: none in row 1"),
    ("a,b\n1,2\n3\n5,6\n", "Column 'b' of .* a value in each row. Received: none in row 1"),
    ("a,b\n1,2\n3,4,5\n5,6\n", "is not a table in UTF-8: .*Expected 2 fields in line 3, saw 3"),
    ("a,b\n1,2,3\n3,4,5\n5,6,7\n", "is not a table in UTF-8: .*Expected 2 fields in line 2, saw 3"),
    ("a,b\n1,2\n3,inf\n5,6\n", "Column 'b' of .* of 32 bits. Received: inf in row 1"),
    ("a,b\n1,2\n3,4\n5,1e39\n", r"Column 'b' of .* Received: 1e\+39 in row 2"),
    ("a,b\n1,2\n3,x\n5,6\n", "Column 'b' of .* must hold numbers. Received: 'x' in row 1"),
    ("a,b\n1,2020-01-01\n3,2020-01-02\n5,2020-01-03\n", "Received: '2020-01-01' in row 0"),
    ("label\n1\n2\n3\n", "one column of numbers. Received: the labels alone, label"),
    ("a,label\n1,0\n2,0.5\n3,1\n", "Column 'label' of .* integers or strings.*: 0.5 in row 1"),
    ("a,label\n1,0\n2,inf\n3,1\n", "Column 'label' of .* integers or strings.*: inf in row 1"),
    ("a,label\n1,x\n2,\n3,y\n", "Column 'label' of .* each row. Received: none in row 1"),
    (np.random.default_rng(0).bytes(999), "x.csv is not a table in UTF-8"),
    (b"\x1f\x8b\x08\x00" + bytes(99), "x.csv is not a table in UTF-8"),
    ("a,b\n1,2\n".encode("utf-16"), "x.csv is not a table in UTF-8"),
    ("größe,b\n1,2\n".encode("latin-1"), "x.csv is not a table in UTF-8"),
    (bytes(99), "x.csv"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "told"), TEXTS)
def test_text_that_cannot_be_used(text, told, tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UsageError, match=told) as raised:
        datasets.load(path)
    assert len(str(raised.value).splitlines()) == 1


FRAMES = [
    ({"a": pandas.to_datetime(["2020-01-01", None] * 2)}, "Column 'a' .* none in row 1"),
    ({"a": [1, 2, None, 4]}, "Column 'a' .* Received: none in row 2"),
    ({"a": [1j] * 4}, "Column 'a' .* must hold numbers. Received: 1j in row 0"),
    ({"a": [None] * 4, "b": [1, 2, 3, 4]}, "Column 'a' .* Received: none in row 0"),
    ({"a": ["1", "2", "3", "4"]}, "must hold numbers. Received: '1' in row 0"),
    ({"a": [1, 2, "x", 4]}, "must hold numbers. Received: 'x' in row 2"),
    ({"a": [1, 2, 3, 4], "label": [1, "x", 2, 3]}, "integers or strings.* Received: 1 in row 0"),
    ({}, "at least one row. Received: none"),
]


@pytest.mark.parametrize(("columns", "told"), FRAMES)
def test_frames_that_cannot_be_used(columns, told):
    with pytest.raises(UsageError, match=told):
        datasets.load(pandas.DataFrame(columns))


def test_a_table_of_one_constant_column(tmp_path):
    constant = pandas.DataFrame({"a": [0.1] * 30})  # whose mean in float64 is not exactly 0.1
    run = zoo.train("linear_ae", constant, latent_dim=1, epochs=1, folder=tmp_path / "run")
    assert run.model.standardisation.deviation.numpy() == 1
    np.testing.assert_allclose(run.model.reconstruct(constant), 0.1, rtol=0.1)
    assert np.abs(run.model.encode([[0.2]])).max() < 10
    assert all(np.isfinite(value) for value in run.metrics.values() if isinstance(value, float))


def test_columns_that_are_not_there_or_there_twice(frame):
    with pytest.raises(UsageError, match="no column 'wieght'; did you mean weight"):
        datasets.load(frame, label="wieght")
    with pytest.raises(UsageError, match=r"must have different names. Received: 'weight' 2 times"):
        datasets.load(frame[["weight", "weight"]])
    with pytest.raises(UsageError, match=r"`label` names a column of a table.*for mnist_5k"):
        datasets.load("mnist_5k", label="class")


@pytest.mark.parametrize("content", [b"", b"PAR1", b"hello PAR1", bytes(200)])
def test_a_parquet_that_is_none(content, tmp_path):
    (tmp_path / "x.parquet").write_bytes(content)
    with pytest.raises(UsageError, match=r"x.parquet is not a .parquet table: "):
        datasets.load(tmp_path / "x.parquet")


@pytest.mark.parametrize(("package", "file"), [("pandas", "x.csv"), ("pyarrow", "x.parquet")])
def test_a_table_without_its_package_names_the_extra(package, file, frame, tmp_path, uninstall):
    frame.to_csv(tmp_path / "x.csv", index=False)
    frame.to_parquet(tmp_path / "x.parquet")
    uninstall(package)
    told = rf"^{package} is not installed: pip install 'autoencoder-zoo\[tabular\]'$"
    with pytest.raises(MissingExtraError, match=told):
        datasets.load(tmp_path / file)


def test_the_loss_that_was_used_is_recorded(frame, tmp_path):
    frame = frame.drop(columns="old")  # categories have a loss of their own
    run = zoo.train("deep_ae", frame, widths=(4,), latent_dim=2, epochs=1, folder=tmp_path / "run")
    config = json.loads((run.folder / "config.json").read_text())
    assert config["recipe"]["loss"] == run.model.loss == "mse"
    rows = datasets.load(frame).train.features
    model, record = in_memory.train("deep_ae", rows, 0, standardise=True, epochs=1)
    assert record["recipe"]["loss"] == model.loss == "mse"


def test_training_on_a_table_standardises_inside_the_model(frame, tmp_path):
    run = zoo.train("pca", frame, latent_dim=3, folder=tmp_path / "run")
    assert run.config["arguments"]["standardise"] is True
    assert run.config["arguments"]["input_shape"] == [3]
    features = datasets.load(frame).test.features
    np.testing.assert_allclose(run.model.reconstruct(features), features, rtol=1e-4, atol=1e-3)


# Columns by their names --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wide():
    """60 rows of four columns of very different units, and a class."""
    random = np.random.default_rng(0)
    columns = {"mm": 1e4, "kg": 80.0, "share": 0.5, "pascal": 1e5}
    frame = pandas.DataFrame(
        {name: size * (1 + 0.1 * random.normal(size=60)) for name, size in columns.items()}
    )
    return frame.assign(label=np.arange(60) % 2)


@pytest.fixture(scope="module")
def run(wide, tmp_path_factory):
    folder = tmp_path_factory.mktemp("named")
    return zoo.train("pca", wide, latent_dim=2, folder=folder / "run")


def test_columns_are_found_by_their_names(wide, run, tmp_path):
    names = ["mm", "kg", "share", "pascal"]
    assert run.config["column_names"] == names
    assert datasets.load(wide).column_names == tuple(names)
    other, features = wide[["label", *names[::-1]]], wide[names]
    bundle = zoo.export(zoo.anomaly.Detector.fit(run, wide), tmp_path / "bundle")
    assert bundle.manifest["column_names"] == names
    opened = zoo.Run.open(run.folder).model
    run.model.save(tmp_path / "model.keras")
    kept = zoo.load_model(tmp_path / "model.keras")
    for model in (run.model, opened, kept, bundle):
        expected = model.encode(features.to_numpy())
        np.testing.assert_allclose(model.encode(features[names[::-1]]), expected, rtol=1e-5)
        assert not np.allclose(model.encode(features[names[::-1]].to_numpy()), expected)
    detector = zoo.anomaly.Detector(bundle)
    scores = detector.score(features)
    np.testing.assert_allclose(detector.score(features[names[::-1]]), scores, rtol=1e-5)
    report = zoo.anomaly.report(detector, datasets.load(other))
    assert report["scores"] == zoo.anomaly.report(detector, datasets.load(wide))["scores"]
    assert zoo.evaluate(run, other) == zoo.evaluate(run, wide) == run.metrics
    tuned = zoo.finetune(run, other, epochs=1, folder=tmp_path / "tuned")
    assert tuned.config["column_names"] == names
    probabilities = tuned.model.classify(features)
    np.testing.assert_allclose(tuned.model.classify(features[names[::-1]]), probabilities)
    pairs = ((features[:40], None), (features[names[::-1]][40:], None))
    np.testing.assert_array_equal(datasets.load(pairs).test.features, np.float32(features[40:]))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda frame: frame.drop(columns="kg"), r"Received: columns without \['kg'\]"),
        (lambda frame: frame.rename(columns={"kg": "lb"}), r"without \['kg'\] and with \['lb'\]"),
        (lambda frame: frame.assign(more=1.0), r"Received: columns with \['more'\]"),
        (lambda frame: frame[["mm", *frame.columns]], "different names. Received: 'mm' 2 times"),
    ],
)
def test_other_columns_are_refused(change, told, wide, run):
    frame = change(wide.drop(columns="label"))
    for call in (run.model.encode, run.model.fit, run.model.evaluate, run.model.adapt):
        with pytest.raises(UsageError, match=told):
            call(frame)
    if "2 times" not in told:
        with pytest.raises(UsageError, match=told):
            zoo.evaluate(run, frame)


def test_fit_learns_the_names_of_a_frame(wide):
    frame = wide.drop(columns="label")
    model = zoo.build("pca", input_shape=(4,), latent_dim=2, standardise=True)
    model.fit(frame, verbose=0)
    assert model.column_names == ("mm", "kg", "share", "pascal")
    other = frame[["kg", "mm", "share", "pascal"]]
    model.fit(other, validation_data=datasets.Split(other), verbose=0)
    np.testing.assert_allclose(model.encode(other), model.encode(frame.to_numpy()), rtol=1e-5)
    counted = zoo.build("pca", input_shape=(4,), latent_dim=2, standardise=True)
    counted.fit(pandas.DataFrame(frame.to_numpy()), verbose=0)
    assert counted.column_names is None


# Numbers as they are -----------------------------------------------------------------------------

COLLAPSE = {
    "seconds": 1_700_000_000 + 60 * np.arange(50),
    "ids": 10**9 + np.arange(50),
    "cents": 12_345_678_900.0 + np.arange(50),
    "milliseconds of one day in nanoseconds": 1_700_000_000_000_000_000 + 10**6 * np.arange(50),
}
HELD = {
    "a year of seconds": 1.7e9 + 86_400.0 * np.arange(50) * 7,
    "constant": np.full(50, 1e9 + 0.3),
    "constant but for rounding": 0.1 + 1e-17 * np.arange(50) + np.tile([0, 1.4e-17], 25),
    "small": np.arange(50) / 7,
    "all integers of 64 bits": np.array([-(2**63), 2**63 - 1] * 25),
    "one integer": np.full(50, 1_700_000_000_000_000_000),
    "integers of 8 bits": np.arange(50, dtype=np.uint8),
    "already float32": np.float32(1e9 + np.arange(50)),
}


@pytest.mark.parametrize("column", [*COLLAPSE, *HELD])
def test_numbers_that_float32_cannot_tell_apart_are_refused(column):
    values = COLLAPSE.get(column, HELD.get(column))
    frame = pandas.DataFrame({"other": np.arange(50.0), column: values})
    pair = np.stack([np.arange(50), values], axis=1).astype(np.asarray(values).dtype)
    model = zoo.build("pca", input_shape=(2,), latent_dim=1, standardise=True)
    calls = [datasets.load, model.adapt, lambda x: model.fit(x, verbose=0)]
    for call in calls:
        for x, name in ((frame, f"'{column}'"), (pair, "1")):
            if call is datasets.load and x is frame:  # the loader of tables subtracts an offset
                offset = None if column in HELD else np.asarray(values).min()
                assert (call(x).columns or (None, None)) == (None, offset)
                continue
            if column in HELD:
                call(x)
                model.column_names = None
                continue
            told = f"Column {name} must be numbers that float32 can tell apart. .* Subtract"
            with pytest.raises(UsageError, match=told):
                call(x)


def holders_of(values, tmp_path):
    """The same 20 rows as `datasets.load` takes them: in memory, in files, as a stream."""
    import tensorflow as tf

    np.save(tmp_path / "x.npy", values)
    np.savez(tmp_path / "x.npz", images=values)
    np.savez(tmp_path / "pair.npz", x_train=values[:16], x_test=values[16:])
    pairs = ((values[:16], None), (values[16:], None))
    stream = tf.data.Dataset.from_tensor_slices(values)
    return [values, tmp_path / "x.npy", tmp_path / "x.npz", tmp_path / "pair.npz", pairs, stream]


@pytest.mark.parametrize(("largest", "divisor"), [(1, 1), (255, 255)])
@pytest.mark.parametrize("dtype", ["uint8", "bool"])
def test_images_of_bytes_follow_one_rule(largest, divisor, dtype, tmp_path):
    values = np.random.default_rng(0).integers(0, 2, (20, 4, 4, 1)) * largest
    values = values.astype(dtype)
    holders = holders_of(values, tmp_path)
    for number, image in enumerate(values if dtype == "uint8" else ()):
        (tmp_path / "folder").mkdir(exist_ok=True)
        Image.fromarray(image[..., 0]).save(tmp_path / "folder" / f"{number:02}.png")
    for source in [*holders, *([tmp_path / "folder"] if dtype == "uint8" else [])]:
        data = datasets.load(source)
        found = np.concatenate([data.train.images, data.test.images])
        assert set(np.unique(found)) == {0.0, 1.0}, source
        assert found.sum() == pytest.approx(values.sum() / (1 if dtype == "bool" else divisor))


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int64", "bool", "float64"])
def test_features_of_bytes_are_the_numbers_they_are(dtype, tmp_path):
    values = np.random.default_rng(0).integers(0, 100, (20, 3)).astype(dtype)
    for source in [*holders_of(values, tmp_path)[:-1], pandas.DataFrame(values)]:
        data = datasets.load(source)
        found = np.concatenate([data.train.features, data.test.features])
        assert found.dtype == np.float32
        assert sorted(map(tuple, found)) == sorted(map(tuple, values.astype(np.float32))), source
    model = zoo.build("pca", input_shape=(3,), latent_dim=1, standardise=True).adapt(values)
    np.testing.assert_array_equal(model.encode(values), model.encode(np.float32(values)))
    model.fit(values, verbose=0)
