"""Tables as features: what can be used, and one sentence for each thing that cannot."""

import json
import subprocess
import sys

import numpy as np
import pytest

import zoo
from zoo import datasets, experiment
from zoo.errors import UsageError

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
    """All rows of a data set, and their labels, sorted by their first column."""
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
    ("", "cannot read .*x.csv as a table in UTF-8: No columns"),
    ("a,b\n", "at least one row. Received: none"),
    ("a,b\n1,2\n", "two rows to train on and one to test on. Received: 1 and 0"),
    ("a,a\n" + ROWS, "must have different names. Received: 'a' 2 times"),
    (",b\n" + ROWS, "must have a name in the first line. Received: none for column 0"),
    (ROWS + "7,8\n", "must hold the columns' names. Received: numbers alone, '1, 2'"),
    ("a,b\n1,2\n3,\n5,6\n", "Column 'b' of .* a value in each row. Received: none in row 1"),
    ("a,b\n1,2\n3\n5,6\n", "Column 'b' of .* a value in each row. Received: none in row 1"),
    ("a,b\n1,2\n3,4,5\n5,6\n", "cannot read .* Expected 2 fields in line 3, saw 3"),
    ("a,b\n1,2,3\n3,4,5\n5,6,7\n", "cannot read .* Expected 2 fields in line 2, saw 3"),
    ("a,b\n1,2\n3,inf\n5,6\n", "Column 'b' of .* of 32 bits. Received: inf in row 1"),
    ("a,b\n1,2\n3,4\n5,1e39\n", r"Column 'b' of .* Received: 1e\+39 in row 2"),
    ("a,b\n1,2\n3,x\n5,6\n", "Column 'b' of .* must hold numbers. Received: 'x' in row 1"),
    ("a,b\n1,2020-01-01\n3,2020-01-02\n5,2020-01-03\n", "Received: '2020-01-01' in row 0"),
    ("label\n1\n2\n3\n", "one column of numbers. Received: the labels alone, label"),
    ("a,label\n1,0\n2,0.5\n3,1\n", "Column 'label' of .* integers or strings.*: 0.5 in row 1"),
    ("a,label\n1,0\n2,inf\n3,1\n", "Column 'label' of .* integers or strings.*: inf in row 1"),
    ("a,label\n1,x\n2,\n3,y\n", "Column 'label' of .* each row. Received: none in row 1"),
    (np.random.default_rng(0).bytes(999), "cannot read .*x.csv as a table in UTF-8"),
    (b"\x1f\x8b\x08\x00" + bytes(99), "cannot read .*x.csv as a table in UTF-8"),
    ("a,b\n1,2\n".encode("utf-16"), "cannot read .*x.csv as a table in UTF-8"),
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
    ({"a": pandas.to_datetime(["2020-01-01"] * 4)}, "Column 'a' of DataFrame .* in row 0"),
    ({"a": [1, 2, None, 4]}, "Column 'a' .* Received: none in row 2"),
    ({"a": [1j] * 4}, "Column 'a' .* must hold numbers. Received: 1j in row 0"),
    ({"a": ["1", "2", "3", "4"]}, "must hold numbers. Received: '1' in row 0"),
    ({"a": [1, 2, "x", 4]}, "must hold numbers. Received: 'x' in row 2"),
    ({"a": [1, 2, 3, 4], "label": [1, "x", 2, 3]}, "integers or strings.* Received: 1 in row 0"),
    ({}, "at least one row. Received: none"),
]


@pytest.mark.parametrize(("columns", "told"), FRAMES)
def test_frames_that_cannot_be_used(columns, told):
    with pytest.raises(UsageError, match=told):
        datasets.load(pandas.DataFrame(columns))


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
    with pytest.raises(UsageError, match=r"cannot read .*x.parquet as a .parquet table"):
        datasets.load(tmp_path / "x.parquet")


def test_a_table_without_pandas_names_the_extra(frame, tmp_path):
    frame.to_csv(tmp_path / "x.csv", index=False)
    (tmp_path / "pandas.py").write_text("raise ImportError('not here')")
    code = "from zoo import datasets; datasets.load('x.csv')"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "MissingExtraError: pandas is not installed" in done.stderr
    assert "pip install 'autoencoder-zoo[tabular]'" in done.stderr


def test_the_loss_that_was_used_is_recorded(frame, tmp_path):
    run = zoo.train("deep_ae", frame, widths=(4,), latent_dim=2, epochs=1, folder=tmp_path / "run")
    config = json.loads((run.folder / "config.json").read_text())
    assert config["recipe"]["loss"] == run.model.loss == "mse"
    rows = datasets.load(frame).train.features
    model, record = experiment.train("deep_ae", rows, 0, standardise=True, epochs=1)
    assert record["recipe"]["loss"] == model.loss == "mse"


def test_training_on_a_table_standardises_inside_the_model(frame, tmp_path):
    run = zoo.train("pca", frame, latent_dim=3, folder=tmp_path / "run")
    assert run.config["arguments"]["standardise"] is True
    assert run.config["arguments"]["input_shape"] == [3]
    features = datasets.load(frame).test.features
    np.testing.assert_allclose(run.model.reconstruct(features), features, rtol=1e-4, atol=1e-3)
