"""Explanations: which column, pixel or step makes a row anomalous, also without TensorFlow."""

import json
import subprocess
import sys

import numpy as np
import pytest

import zoo
from zoo import anomaly, datasets
from zoo.anomaly import Detector, explanations
from zoo.errors import UsageError

RNG = np.random.default_rng(0)
NAMES = ("length", "width", "height", "weight")


def table(rows):
    """Columns that follow from two numbers, in units of their own."""
    factors = RNG.normal(size=(rows, 2))
    x = factors @ [[1, 0, 1, 1], [0, 1, 1, -1]] * [1, 100, 0.01, 5] + [0, 3, 2, 9]
    return (x + 0.01 * RNG.normal(size=x.shape) * [1, 100, 0.01, 5]).astype("float32")


@pytest.fixture(scope="module")
def detector():
    normal = datasets.Split(table(400), column_names=NAMES)
    data = datasets.Dataset("table", normal, datasets.Split(table(100), column_names=NAMES))
    model = zoo.build("pca", input_shape=(4,), latent_dim=2, standardise=True).adapt(data)
    return Detector.fit(model, data, score="both")


@pytest.fixture(scope="module")
def exported(detector, tmp_path_factory):
    folder = tmp_path_factory.mktemp("explanations") / "export"
    zoo.export(detector, folder)
    return folder


def changed(rows):
    """Rows of which one column each, in turn, is moved by three standard deviations."""
    x = table(rows)
    columns = np.arange(rows) % 4
    x[np.arange(rows), columns] += 3 * x.std(axis=0)[columns]
    return x, columns


def test_shares_are_the_errors_in_the_units_of_the_score(detector):
    x = table(50)
    model = detector.model
    deviation = np.asarray(model.autoencoder.standardisation.deviation)
    errors = np.square((x - model.reconstruct(x)) / deviation)
    shares = detector.explain(x)
    assert shares.dtype == np.float32
    np.testing.assert_allclose(shares, errors / errors.sum(axis=1, keepdims=True), rtol=1e-3)
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-5)
    assert detector.explain(x[:0]).shape == (0, 4)
    assert "unit" not in repr(detector)


def test_the_column_that_was_changed_is_found(detector):
    x, columns = changed(200)
    assert detector.predict(x).mean() > 0.9
    assert (detector.explain(x).argmax(axis=1) == columns).mean() > 0.9
    places, shares = explanations.largest(detector.model, x)
    assert places == [NAMES[column] for column in detector.explain(x).argmax(axis=1)]
    np.testing.assert_array_equal(shares, detector.explain(x).max(axis=1))


ROWS = {
    "pixel 2, 3": ("conv_ae", (8, 8, 3), {"filters": (4,), "latent_dim": 3}, (2, 3, 1)),
    "step 5": ("pca", (9, 2), {"latent_dim": 3, "standardise": True}, (5, 1)),
    "voxel 1, 2, 3": ("pca", (4, 4, 4, 1), {"latent_dim": 3}, (1, 2, 3, 0)),
    "column 6": ("pca", (9,), {"latent_dim": 3, "standardise": True}, (6,)),
    "pixel 4, 7": ("pca", (8, 8, 1), {"latent_dim": 3, "standardise": True}, (4, 7, 0)),
}


@pytest.mark.parametrize("place", ROWS)
def test_shares_have_the_shape_of_a_row_of_any_kind(place):
    variant, shape, arguments, where = ROWS[place]
    x = 0.4 + 0.02 * RNG.random((60, *shape), dtype="float32")
    model = zoo.build(variant, input_shape=shape, **arguments).adapt(x)
    detector = Detector.fit(model, x)
    row = x[:1].copy()
    row[0][where] = 1.0
    shares = detector.explain(row)
    assert shares.shape == row.shape
    assert np.unravel_index(shares[0].argmax(), shape) == where
    assert explanations.largest(detector.model, row)[0] == [place]


def test_a_word_of_a_text_is_named():
    texts = [f"{word} rain wind sun" for word in ("cold", "warm", "mild", "grey")] * 10
    model = zoo.build("document_ae", input_shape=(8,), widths=(4,), latent_dim=2).adapt(texts)
    detector = Detector.fit(model, texts)
    places, _ = explanations.largest(detector.model, texts[:4])
    shares = detector.explain(texts[:4])
    assert shares.shape == (4, 8)
    assert places == [model.vocabulary.words[column] for column in shares.argmax(axis=1)]


def test_a_row_without_an_error_has_no_shares():
    shares = explanations.shares(np.zeros((2, 3)))
    assert not shares.any()
    large = explanations.shares(np.array([[1e76, 1e76]]))
    assert large.tolist() == [[0.5, 0.5]]


def test_an_export_explains_the_same_without_tensorflow(detector, exported, tmp_path):
    x, _ = changed(40)
    np.save(tmp_path / "x.npy", x)
    code = (
        "import sys, numpy, zoo\n"
        "detector = zoo.anomaly.Detector.load(sys.argv[1])\n"
        "numpy.save(sys.argv[3], detector.explain(numpy.load(sys.argv[2])))\n"
        "assert not {'tensorflow', 'keras'} & set(sys.modules)"
    )
    words = [exported, tmp_path / "x.npy", tmp_path / "shares.npy"]
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    np.testing.assert_allclose(np.load(tmp_path / "shares.npy"), detector.explain(x), atol=1e-4)


def test_a_report_names_the_worst_column(detector):
    x, _ = changed(30)
    report = anomaly.report(detector, x, explain=True)
    shares = detector.explain(x)
    assert report["places"] == [NAMES[column] for column in shares.argmax(axis=1)]
    np.testing.assert_allclose(report["shares"], shares.max(axis=1))
    assert list(report["explanations"]) == list(report["most_anomalous"])
    for row, explanation in report["explanations"].items():
        assert explanation == {report["places"][int(row)]: report["shares"][int(row)]}
    assert not {"places", "shares", "explanations"} & set(anomaly.report(detector, x))


def test_the_command_line_names_the_worst_column(exported, tmp_path):
    x, _ = changed(20)
    np.save(tmp_path / "x.npy", x)
    command = [sys.executable, "-m", "zoo", "detect", exported, tmp_path / "x.npy", "--explain"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    shown = [line for line in done.stdout.splitlines() if line.startswith("explanations.")]
    assert len(shown) == 10
    assert all(line.split()[0].rpartition(".")[2] in NAMES for line in shown)
    assert "\nplaces" not in done.stdout
    done = subprocess.run([*command, "--json"], capture_output=True, text=True)
    assert set(json.loads(done.stdout)["places"]) <= set(NAMES)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (np.zeros((2, 5), "float32"), r"\(rows, 4\). Received"),
        (np.full((5, 4), np.nan, "float32"), "nan in row 0"),
        (["a text"], "takes features of numbers. Received: texts"),
    ],
)
def test_wrong_rows_are_refused(detector, rows, message):
    with pytest.raises(UsageError, match=message):
        detector.explain(rows)
