"""Anomalies: what a score is, where its threshold lies, and that an export says the same."""

import dataclasses
import json
import re
import shutil
import subprocess
import sys

import numpy as np
import pandas
import pytest
from PIL import Image
from scipy.spatial.distance import mahalanobis
from sklearn.datasets import load_sample_image

import zoo
from zoo import anomaly, datasets, exporting
from zoo.anomaly import Detector, measure, one_class, rows_of_run
from zoo.anomaly.score_settings import settings
from zoo.datasets.readers import images
from zoo.errors import CheckFailedError, UsageError
from zoo.experiments import reproduce, results, table_scores
from zoo.experiments.reproduce import (
    anomalies,
    anomaly_halves,
    anomaly_rivals,
    anomaly_tables,
)
from zoo.layers import MahalanobisDistance

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def digits64():
    return datasets.load("digits")


@pytest.fixture(scope="module")
def zeros(digits64):
    return one_class(digits64, 0)


@pytest.fixture(scope="module")
def model(zeros):
    return zoo.build("pca", input_shape=(8, 8, 1), latent_dim=6).adapt(zeros.train.inputs)


@pytest.fixture(scope="module")
def exported(model, zeros, tmp_path_factory):
    folder = tmp_path_factory.mktemp("anomaly") / "both"
    detector = Detector.fit(model, zeros, score="both", false_alarms=0.1)
    zoo.export(detector, folder)
    return detector, folder


def squared_error(model, x):
    return np.square(np.float64(x) - model.reconstruct(x)).reshape(len(x), -1).mean(axis=1)


def distance(model, known, x):
    codes, known = (model.encode(each).astype(float) for each in (x, known))
    inverse = np.linalg.inv(np.cov(known, rowvar=False))
    return np.array([mahalanobis(code, known.mean(axis=0), inverse) for code in codes])


def test_scores_are_what_they_say(model, zeros, digits64):
    x = digits64.test.inputs
    error = squared_error(model, x)
    far = distance(model, zeros.train.inputs, x)
    held = zeros.test.inputs
    parts = [
        (part - normal.mean()) / normal.std()
        for part, normal in (
            (error, squared_error(model, held)),
            (far, distance(model, zeros.train.inputs, held)),
        )
    ]
    expected = {"reconstruction": error, "latent": far, "both": sum(parts)}
    for score, values in expected.items():
        fraction = None if score == "latent" else 1.0
        detector = Detector.fit(model, zeros, score=score, top_fraction=fraction)
        np.testing.assert_allclose(detector.score(x), values, rtol=2e-4, atol=2e-4)
        assert detector.score(x[:0]).shape == (0,)


def test_features_are_compared_on_one_scale():
    data = datasets.load("wine")
    model = zoo.build("pca", input_shape=(13,), latent_dim=3, standardise=True)
    model.adapt(data.train.inputs)
    x, scale = data.test.inputs, data.train.inputs.std(axis=0)
    expected = np.square((x - model.reconstruct(x)) / scale).mean(axis=1)
    detector = Detector.fit(model, data, score="reconstruction")
    np.testing.assert_allclose(detector.score(x), expected, rtol=1e-4)


@pytest.mark.parametrize(("fraction", "count"), [(1.0, 64), (0.5, 32), (0.05, 3), (1e-9, 1)])
def test_the_largest_errors_are_averaged(model, zeros, digits64, fraction, count):
    x = digits64.test.inputs
    detector = Detector.fit(model, zeros, score="reconstruction", top_fraction=fraction)
    largest = np.sort(detector.map(x).reshape(len(x), 64), axis=1)[:, -count:]
    np.testing.assert_allclose(detector.score(x), largest.mean(axis=1), rtol=1e-4)
    assert detector.model.detection["top_fraction"] == fraction


def test_the_error_of_a_colour_pixel_is_the_mean_over_channels():
    x = RNG.random((40, 6, 4, 3), dtype="float32")
    model = zoo.build("pca", input_shape=(6, 4, 3), latent_dim=2).adapt(x)
    detector = Detector.fit(model, x, score="reconstruction", top_fraction=1 / 24)
    np.testing.assert_allclose(detector.score(x), detector.map(x).max(axis=(1, 2)), rtol=1e-4)


def test_the_default_score_finds_small_defects():
    """A patch of 6 x 6 pixels from elsewhere, pasted into pieces of a photograph of 32 x 32."""
    photo = np.float32(load_sample_image("china.jpg").mean(axis=-1, keepdims=True) / 255)
    places = RNG.integers(0, (photo.shape[0] - 32, photo.shape[1] - 32), (1400, 2))
    pieces = np.stack([photo[top : top + 32, left : left + 32] for top, left in places])
    learn, good, others = pieces[:800], pieces[800:1100], pieces[1100:]
    bad = good.copy()
    for image, other, (top, left) in zip(bad, others, RNG.integers(0, 27, (300, 2)), strict=True):
        image[top : top + 6, left : left + 6] = other[top : top + 6, left : left + 6]
    model = zoo.build("pca", input_shape=(32, 32, 1), latent_dim=64).adapt(learn)
    x, anomalous = np.concatenate([good, bad]), np.arange(600) >= 300
    auroc = {}
    for fraction in (None, 1.0):
        detector = Detector.fit(model, learn, top_fraction=fraction)
        auroc[fraction] = measure(detector.score(x), anomalous)["auroc"]
    assert auroc[None] > auroc[1.0] + 0.02


def test_what_a_detector_scores_by_default_depends_on_the_kind_of_data(model, zeros):
    assert settings("image") == {"score": "reconstruction", "top_fraction": 0.05}
    assert settings("features") == {"score": "both", "top_fraction": 1.0}
    assert settings("document") == {"score": "reconstruction", "top_fraction": 1.0}
    assert settings("sequence") == {"score": "reconstruction", "top_fraction": 1.0}
    assert settings("volume") == {"score": "reconstruction", "top_fraction": 0.01}
    assert settings("image", "latent") == {"score": "latent"}
    detector = Detector.fit(model, zeros)
    assert settings("image").items() <= detector.model.detection.items()


@pytest.mark.parametrize("false_alarms", [0.01, 0.1, 0.5])
def test_at_most_the_false_alarms_of_held_out_rows_is_above_the_threshold(
    model, digits64, false_alarms
):
    detector = Detector.fit(model, digits64, false_alarms=false_alarms)
    held = digits64.test.inputs  # the 359 rows that the threshold is of
    share = detector.predict(held).mean()
    assert false_alarms - 1.01 / len(held) <= share <= false_alarms
    assert np.array_equal(detector.predict(held), detector.score(held) > detector.threshold)


def test_anomalies_are_found(model, zeros, digits64):
    """Of one digit alone, others are told apart, and raise the alarm; the digit does not."""
    detector = Detector.fit(model, zeros, false_alarms=0.05)
    x, anomalous = digits64.test.inputs, digits64.test.labels != 0
    assert measure(detector.score(x), anomalous)["auroc"] > 0.99
    alarms = detector.predict(x)
    assert alarms[anomalous].mean() > 0.95
    assert alarms[~anomalous].mean() < 0.3


def test_a_map_is_the_score_by_pixel(model, zeros, digits64):
    x = digits64.test.inputs[:5]
    detector = Detector.fit(model, zeros, score="reconstruction", top_fraction=1.0)
    assert detector.map(x).shape == (5, 8, 8)
    np.testing.assert_allclose(detector.map(x).mean(axis=(1, 2)), detector.score(x), rtol=1e-5)
    assert detector.map(x[:0]).shape == (0, 8, 8)


def test_the_model_is_left_as_it_was(zeros, tmp_path):
    x = zeros.test.inputs
    model = zoo.build("shallow_ae", input_shape=(8, 8, 1), latent_dim=4)
    Detector.fit(model, zeros, score="both")
    weights = len(model.weights)
    model.fit(zeros.train.inputs, verbose=0)
    assert len(model.weights) == weights == 4
    model.save(tmp_path / "model.keras")
    loaded = zoo.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.reconstruct(x), model.reconstruct(x))


def test_a_distance_is_of_the_codes_it_adapted_to():
    codes = (RNG.normal(size=(500, 3)) @ RNG.normal(size=(3, 3)) + 2).astype("float32")
    layer = MahalanobisDistance()
    np.testing.assert_allclose(layer(codes), np.linalg.norm(codes, axis=1), rtol=1e-5)
    layer.adapt(codes)
    squared = np.square(layer(codes))
    assert squared.mean() == pytest.approx(3 * 499 / 500, rel=1e-3)  # a number each
    again = MahalanobisDistance.from_config(layer.get_config())
    again.build((None, 3))
    again.set_weights(layer.get_weights())
    np.testing.assert_array_equal(again(codes), layer(codes))
    still = np.concatenate([codes, np.ones((500, 1), "float32")], axis=1)  # a dead number
    layer = MahalanobisDistance()
    layer.adapt(still)
    moved = still[:1] + np.float32([0, 0, 0, 0.5])
    assert np.isfinite(layer(moved))
    assert layer(moved) > layer(still[:1])


@pytest.mark.parametrize(
    ("scores", "anomalous", "auroc", "auprc"),
    [
        ([0, 1, 2, 3], [False, False, True, True], 1.0, 1.0),
        ([0, 1, 2, 3], [False, True, False, True], 0.75, (1 + 2 / 3) / 2),
        ([1, 1, 1, 1], [False, True, False, True], 0.5, 0.5),
        ([3, 2, 1, 0], [False, False, True, True], 0.0, (1 / 3 + 2 / 4) / 2),
    ],
)
def test_measures(scores, anomalous, auroc, auprc):
    found = measure(scores, anomalous)
    assert found == pytest.approx({"auroc": auroc, "auprc": auprc, "anomalous": 0.5})


def test_exported_it_scores_the_same(exported, digits64):
    detector, folder = exported
    x = digits64.test.inputs
    bundle, loaded = zoo.load(folder), Detector.load(folder)
    wanted = detector.score(x)
    for scored in (bundle.score(x), loaded.score(x)):
        np.testing.assert_allclose(scored, wanted, atol=1e-5, rtol=1e-5)
    assert bundle.score(x[:0]).shape == (0,)
    assert loaded.threshold == detector.threshold == bundle.manifest["detection"]["threshold"]
    clear = np.abs(wanted - detector.threshold) > 1e-4
    assert np.array_equal(loaded.predict(x)[clear], detector.predict(x)[clear])
    np.testing.assert_allclose(loaded.map(x), detector.map(x), atol=1e-5)
    np.testing.assert_allclose(bundle.encode(x), detector.model.autoencoder.encode(x), atol=1e-5)
    report = zoo.verify(folder)
    for form in ("tensorflow", "onnxruntime", "weights"):
        assert report[form]["score.score"] < 1e-4
    assert f"A score above {detector.threshold:.6g}" in (folder / "card.md").read_text()
    assert {path.name for path in folder.glob("*.onnx")} == {
        "encoder.onnx", "decoder.onnx", "autoencoder.onnx", "score.onnx",
    }  # fmt: skip


SERVE = """
import sys, numpy as np, {runtime}
x, folder = np.load(sys.argv[1]), sys.argv[2]
{score}
assert "zoo" not in sys.modules
np.save(sys.argv[3], score)
"""
RUNTIMES = {
    "tensorflow": """
served = tensorflow.saved_model.load(folder + "/saved_model").signatures
score = served["score"](image=tensorflow.constant(x))["score"].numpy()
same = served["serving_default"](image=tensorflow.constant(x))["score"].numpy()
assert np.array_equal(score, same)
""",
    "onnxruntime": """
session = onnxruntime.InferenceSession(folder + "/score.onnx")
score, = session.run(["score"], {"image": x})
assert "tensorflow" not in sys.modules
""",
}


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_served_where_there_is_no_zoo(exported, digits64, runtime, tmp_path):
    detector, folder = exported
    np.save(tmp_path / "x.npy", digits64.test.inputs)
    code = SERVE.format(runtime=runtime, score=RUNTIMES[runtime])
    subprocess.run(
        [sys.executable, "-c", code, tmp_path / "x.npy", folder, tmp_path / "score.npy"],
        check=True, cwd=tmp_path, capture_output=True,
    )  # fmt: skip
    np.testing.assert_allclose(
        np.load(tmp_path / "score.npy"), detector.score(digits64.test.inputs), atol=1e-5, rtol=1e-5
    )


def test_loaded_without_tensorflow(exported):
    code = (
        "import sys, zoo\n"
        "x = zoo.datasets.load('digits').test.inputs\n"
        "detector = zoo.anomaly.Detector.load(sys.argv[1])\n"
        "assert detector.predict(x).any() and detector.map(x).shape == (len(x), 8, 8)\n"
        "assert not {'tensorflow', 'keras'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, exported[1]], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


OTHERS = {
    "features": ("pca", (13,), {"latent_dim": 3, "standardise": True}, "both"),
    "positions": (
        "conv_ae", (8, 8, 1), {"filters": (4,), "latent_dim": 3, "unpooling": "argmax"}, "both",
    ),
    "a map of quantised codes": (
        "vq_vae", (8, 8, 1), {"filters": (4, 4), "latent_dim": 2}, "latent",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_other_models_are_scored_and_exported_too(name, tmp_path):
    variant, shape, arguments, score = OTHERS[name]
    data = datasets.load(RNG.random((100, *shape), dtype="float32"))
    model = zoo.build(variant, input_shape=shape, **arguments).adapt(data.train.inputs)
    detector = Detector.fit(model, data, score=score)
    bundle = zoo.export(detector, tmp_path / "export")
    x = data.test.inputs
    np.testing.assert_allclose(bundle.score(x), detector.score(x), atol=1e-4, rtol=1e-4)
    given = "features" if len(shape) == 1 else "image"
    assert set(bundle.manifest["signatures"]["score"]["inputs"]) == {given}
    zoo.verify(tmp_path / "export")
    if len(shape) == 1:
        with pytest.raises(UsageError, match=r"rows with channels have a map.* rows of \(13,\)\."):
            detector.map(x)


def test_a_changed_score_is_found(exported, tmp_path):
    folder = shutil.copytree(exported[1], tmp_path / "changed")
    with open(folder / "score.onnx", "ab") as file:
        file.write(b"!")
    for open_ in (exporting.verify, Detector.load):
        with pytest.raises(CheckFailedError, match=r"score\.onnx is not the file"):
            open_(folder)


@pytest.fixture(scope="module")
def run(digits64, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "run"
    return zoo.train("pca", digits64, latent_dim=6, validation_split=0.2, seed=3, folder=folder)


def test_a_run_gives_what_it_learnt_from_and_what_it_held_out(run, digits64):
    learnt, held = digits64.hold_out(0.2, 3)
    rows = rows_of_run(run)
    np.testing.assert_array_equal(rows.train.inputs, learnt.inputs)
    np.testing.assert_array_equal(rows.test.inputs, held.inputs)
    sevens = rows_of_run(run, 7)
    np.testing.assert_array_equal(sevens.test.inputs, held.inputs[held.labels == 7])
    config = run.config | {"data": run.config["data"] | {"fingerprint": "other"}}
    with pytest.raises(UsageError, match="it holds others now"):
        rows_of_run(dataclasses.replace(run, config=config))


def zoo_run(*words):
    return subprocess.run(
        [sys.executable, "-m", "zoo", *map(str, words)], capture_output=True, text=True
    )


def test_detect_on_the_command_line(run, digits64, tmp_path):
    folder = tmp_path / "export"
    words = ["--normal", 0, "--score", "both", "--false-alarms", 0.05, "--export", folder]
    done = zoo_run("detect", run.folder, *words, "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    detector = Detector.fit(run, rows_of_run(run, 0), score="both", false_alarms=0.05)
    scores = detector.score(digits64.test.inputs)
    np.testing.assert_allclose(result["scores"], scores, rtol=1e-4)
    assert result["rows"] == len(scores)
    assert result["anomalies"] == sum(scores > detector.threshold)
    assert result["auroc"] == pytest.approx(measure(scores, digits64.test.labels != 0)["auroc"])
    assert next(iter(result["most_anomalous"])) == str(scores.argmax())
    again = zoo_run("detect", folder, "digits")
    assert again.returncode == 0, again.stderr
    assert re.search(rf"^anomalies +{result['anomalies']}$", again.stdout, re.MULTILINE)
    assert "auroc" not in again.stdout
    assert "scores" not in again.stdout
    refused = zoo_run("detect", folder, "digits", "--score", "latent")
    assert refused.returncode == 2
    assert "keeps the score and the threshold" in refused.stderr


@pytest.fixture
def folder(digits64, tmp_path):
    """Digits as files: of zeros three, of ones two, and a five that lies deeper."""
    labels = digits64.test.labels
    for place in ("0/b.png", "0/a.png", "0/c.png", "1/a.png", "1/b.png", "1/deep/five.png"):
        path = tmp_path / "photos" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        label = 5 if path.stem == "five" else int(path.parent.name)
        row = np.flatnonzero(labels == label)[ord(path.stem[0]) - ord("a")]
        pixels = np.round(digits64.test.images[row, ..., 0] * 255)
        Image.fromarray(pixels.astype("uint8")).save(path)
    return tmp_path / "photos"


PATHS = ["0/a.png", "0/b.png", "0/c.png", "1/a.png", "1/b.png", "1/deep/five.png"]


def test_every_file_of_a_folder_is_scored_by_its_path(exported, folder):
    detector, export = exported
    result = anomaly.report(detector, folder, normal=0)
    assert result["names"] == PATHS
    assert result["rows"] == len(result["scores"]) == len(PATHS)
    for path, score in zip(PATHS, result["scores"], strict=True):
        alone = images.read_image(folder / path)[None]
        assert score == pytest.approx(float(detector.score(alone)[0]), rel=1e-4)
    assert set(result["most_anomalous"]) == set(PATHS)
    assert result["auroc"] == 1
    done = zoo_run("detect", export, folder, "--normal", 0, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["names"] == PATHS
    for path in PATHS[1:]:
        (folder / path).unlink()
    assert anomaly.report(detector, folder)["names"] == PATHS[:1]  # one file is enough


def test_every_row_of_an_array_or_file_is_scored_in_order(exported, digits64, tmp_path):
    detector, _ = exported
    x = digits64.train.images[:7]
    np.save(tmp_path / "x.npy", x)
    np.savez(tmp_path / "x.npz", images=x, labels=np.arange(7))
    for data in (x, tmp_path / "x.npy", str(tmp_path / "x.npz"), (x, np.arange(7))):
        result = anomaly.report(detector, data)
        assert result["names"] == list(range(7))
        np.testing.assert_allclose(result["scores"], detector.score(x), rtol=1e-5)
    assert anomaly.report(detector, x[:1])["rows"] == 1
    for data in ("digits", digits64):
        assert anomaly.report(detector, data)["rows"] == len(digits64.test)


def test_every_row_of_a_table_is_scored_in_order(tmp_path):
    data = datasets.load("wine")
    model = zoo.build("pca", input_shape=(13,), latent_dim=3, standardise=True)
    model.adapt(data.train.inputs)
    detector = Detector.fit(model, data)
    frame = pandas.DataFrame(data.test.inputs[:5])
    frame.to_csv(tmp_path / "few.csv", index=False)
    for table in (frame, tmp_path / "few.csv", frame[:1]):
        result = anomaly.report(detector, table)
        expected = detector.score(data.test.inputs[: result["rows"]])
        np.testing.assert_allclose(result["scores"], expected, rtol=1e-4)
        assert result["rows"] == len(frame if isinstance(table, type(tmp_path)) else table)


def rows(count, shape=(8, 8, 1)):
    return RNG.random((count, *shape), dtype="float32")


def with_nan(count):
    x = rows(count)
    x[3] = np.nan
    return x


def diverged(value=np.nan):
    model = zoo.build("linear_ae", input_shape=(8, 8, 1), latent_dim=4)
    model.set_weights([np.full_like(each, value) for each in model.get_weights()])
    return model


BAD = {
    "no share": (lambda m, n: Detector.fit(m, n, false_alarms=0), r"in \(0, 0.5\]. .*=0\."),
    "too large": (lambda m, n: Detector.fit(m, n, false_alarms=0.51), "false_alarms=0.51"),
    "negative": (lambda m, n: Detector.fit(m, n, false_alarms=-0.1), "false_alarms=-0.1"),
    "NaN share": (lambda m, n: Detector.fit(m, n, false_alarms=np.nan), "false_alarms=nan"),
    "no number": (lambda m, n: Detector.fit(m, n, false_alarms="1%"), "false_alarms='1%'"),
    "a boolean": (lambda m, n: Detector.fit(m, n, false_alarms=True), "false_alarms=True"),
    "a score there is not": (
        lambda m, n: Detector.fit(m, n, score="latnt"), "no score 'latnt'; did you mean latent",
    ),
    "no fraction": (
        lambda m, n: Detector.fit(m, n, top_fraction=0), r"`top_fraction` .* in \(0, 1\]. .*=0\.",
    ),
    "more than all": (lambda m, n: Detector.fit(m, n, top_fraction=1.5), "top_fraction=1.5"),
    "a fraction of no errors": (
        lambda m, n: Detector.fit(m, n, score="latent", top_fraction=0.1),
        "belongs to the reconstruction error.* top_fraction=0.1",
    ),
    "no rows": (lambda m, n: Detector.fit(m, rows(0)), "at least two rows"),
    "NaN": (lambda m, n: Detector.fit(m, with_nan(20)), "finite numbers. Received: nan in row 3"),
    "another size": (
        lambda m, n: Detector.fit(m, rows(20, (9, 8, 1))), r"\(rows, 8, 8, 1\). Received",
    ),
    "too few rows for a distance": (
        lambda m, n: Detector.fit(m, rows(7), score="latent"),
        "more rows to adapt to than the 6 numbers of a code. Received: 6",
    ),
    "codes that are all the same": (
        lambda m, n: Detector.fit(m, np.full((20, 8, 8, 1), 0.5), score="both"),
        "needs codes that differ",
    ),
    "no auto-encoder": (
        lambda m, n: Detector.fit(zoo.classifier(zoo.build("shallow_ae"), 3), n),
        "must be an AutoEncoder, or a Run of one",
    ),
    "a model that diverged": (
        lambda m, n: Detector.fit(diverged(), n), "must have finite weights",
    ),
    "a model that overflows": (
        lambda m, n: Detector.fit(diverged(3e38), n), "must give finite scores of normal rows",
    ),
    "no threshold": (lambda m, n: Detector(m), "must have a score and a threshold"),
    "scoring another size": (
        lambda m, n: Detector.fit(m, n).score(rows(3, (8, 9, 1))), r"Received: \(3, 8, 9, 1\)",
    ),
    "scoring NaN": (lambda m, n: Detector.fit(m, n).predict(with_nan(5)), "nan in row 3"),
    "scoring bytes": (
        lambda m, n: Detector.fit(m, n).map(np.zeros((2, 8, 8, 1), "uint8")), "Received: uint8",
    ),
    "a class there is not": (
        lambda m, n: one_class("digits", 12), "rows of class 12. Received: those of 0, 1, 2",
    ),
    "no labels": (lambda m, n: one_class(rows(20), 0), "no labels to find class 0 by"),
    "one kind of rows": (
        lambda m, n: measure([1.0, 2.0], [True, True]), "Received: 2 anomalies only",
    ),
    "labels instead of booleans": (
        lambda m, n: measure([1.0, 2.0], [0, 1]), "a boolean for each row",
    ),
    "scores of other rows": (lambda m, n: measure([1.0], [True, False]), "for each row"),
    "scores that are NaN": (
        lambda m, n: measure([1.0, np.nan], [True, False]), "must be finite numbers",
    ),
    "no labels to report by": (
        lambda m, n: anomaly.report(Detector.fit(m, n), n, normal=0), "no labels to find class 0",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_wrong_call_is_told(model, zeros, name):
    call, told = BAD[name]
    with pytest.raises(UsageError, match=told):
        call(model, zeros)


def test_an_export_without_a_score_says_so(model, tmp_path):
    zoo.export(model, tmp_path / "plain")
    with pytest.raises(UsageError, match="cannot score, since it has no such endpoint"):
        zoo.load(tmp_path / "plain").score(rows(2))
    with pytest.raises(UsageError, match="must have a score and a threshold"):
        Detector.load(tmp_path / "plain")


def test_the_row_compares_every_class_with_pca_and_a_forest(digits64, tmp_path, monkeypatch):
    small = {"widths": (16,), "latent_dim": 3, "epochs": 10, "batch_size": 32}
    monkeypatch.setattr(anomalies, "NET", small)
    monkeypatch.setattr(anomalies, "TABLE_NET", small)
    monkeypatch.setattr(anomalies, "TABLES", {"breast_cancer": (1,)})
    monkeypatch.setattr(anomalies, "DRAWS", 1)
    few = digits64.train.take(digits64.train.labels < 2)
    np.savez(tmp_path / "few.npz", images=few.inputs, labels=few.labels)
    row = dataclasses.replace(reproduce.ROWS["anomaly"], data=str(tmp_path / "few.npz"))
    monkeypatch.setitem(reproduce.ROWS, "anomaly", row)
    line = reproduce.reproduce("anomaly", 0, tmp_path)
    assert [kept["value"] for kept in results.read("reproduce", tmp_path)] == [line["value"]]
    assert set(line["classes"]) == {"0", "1"}
    assert set(reproduce.ROWS["anomaly"].beside) <= set(line)
    names = {"reconstruction", "latent", "both", "pca", "isolation_forest", "knn", "lof"}
    assert set(line["pca_components"].values()) <= set(anomaly_rivals.COMPONENTS)
    for found in (*line["classes"].values(), line["means"], line["tables"]["breast_cancer"]):
        assert set(found) == names
        assert all(0.5 < each["auroc"] <= 1 for each in found.values())
    pairs = [(x["reconstruction"]["auroc"], x["pca"]["auroc"]) for x in line["classes"].values()]
    assert (line["value"], line["pca"]) == pytest.approx(np.mean(pairs, axis=0))
    assert line["classes_at_least_pca"] == sum(ours >= pcas for ours, pcas in pairs)
    assert (tmp_path / "pictures" / "anomalies.png").exists()


def test_pca_gets_the_components_that_tell_held_out_rows_from_anomalies_best():
    """Normal rows lie in 8 dimensions, anomalies outside them: fewer components see less."""
    basis = np.linalg.qr(RNG.normal(size=(40, 40)))[0]
    normal = RNG.normal(size=(300, 8)) @ basis[:8] + 0.05 * RNG.normal(size=(300, 40))
    off = RNG.normal(size=(100, 8)) @ basis[:8] + 0.3 * RNG.normal(size=(100, 12)) @ basis[8:20]
    assert anomaly_rivals.best_components(normal[:200], normal[200:], off) == 8
    left = anomaly_rivals.pca_error(normal[:200], off, 8)
    outside = np.square(off @ basis[8:].T).sum(axis=1)
    assert np.corrcoef(left, outside)[0, 1] > 0.99


def test_rivals_are_those_of_scikit_learn():
    normal, x = RNG.normal(size=(50, 4)), RNG.normal(size=(9, 4))
    scores = anomaly_rivals.rival_scores(normal, x, 2, seed=3)
    apart = np.sort(np.linalg.norm(x[:, None] - normal, axis=2), axis=1)
    np.testing.assert_allclose(scores["knn"], apart[:, :5].mean(axis=1))
    assert {name: score.shape for name, score in scores.items()} == dict.fromkeys(
        ("pca", "isolation_forest", "knn", "lof"), (9,)
    )
    far = anomaly_rivals.rival_scores(normal, np.concatenate([x, x[:1] + 20]), 2, seed=3)
    assert all(score.argmax() == 9 for score in far.values())


def test_tables_are_measured_by_halves(tmp_path, monkeypatch):
    monkeypatch.setattr(anomaly_tables, "STEPS", 60)
    monkeypatch.setattr(table_scores, "SETTINGS", ({"widths": (16,)},))
    monkeypatch.setattr(anomaly_halves, "MOST_ROWS", 150)
    monkeypatch.setattr(anomaly_halves, "MOST_ANOMALIES", 20)
    (tmp_path / "adbench").mkdir()
    for name, away in {"1_near": 1.0, "2_far": 6.0}.items():
        x = RNG.normal(size=(230, 5))
        x[200:] += away
        np.savez(tmp_path / "adbench" / f"{name}.npz", X=x, y=np.arange(230) >= 200)
    monkeypatch.chdir(tmp_path)
    found = reproduce.reproduce("anomaly-tables", 0, tmp_path)
    lines = results.read("reproduce", tmp_path)
    assert [(line["part"], *line["tables"]) for line in lines] == [
        ("choosing", "1_near"),
        ("judging", "2_far"),
    ]
    assert found == reproduce.lines_of("anomaly-tables", tmp_path)[0]
    rivals = {"pca", "isolation_forest", "knn", "nearest", "lof", "mahalanobis"}
    tables = {**found["halves"]["choosing"], **found["halves"]["judging"]}
    assert all(set(table) == {*anomaly_tables.SCORES, *rivals} for table in tables.values())
    assert min(tables["2_far"].values()) > 0.9
    ours = anomaly_tables.OURS
    assert found["value"] == found[ours]
    assert found["above_knn"] == found[ours] - found["knn"]
    for name in (*anomaly_tables.SCORES, *rivals):
        each = [table[name] for table in tables.values()]
        assert found[name] == pytest.approx(np.mean(each))
    halves = found["choosing"], found["judging_knn"]
    assert halves == (tables["1_near"][ours], tables["2_far"]["knn"])
    assert set(reproduce.ROWS["anomaly-tables"].beside) <= set(found)
    assert lines[1]["pca_components"]["2_far"] in range(1, 5)
    with pytest.raises(UsageError, match="no training rows with labels to hold out"):
        reproduce.reproduce("anomaly-tables", 0, tmp_path, held_out=True)
    tried = table_scores.choose(tmp_path)  # on the half for choosing alone
    assert [list(line["tables"]) for line in tried] == [["1_near"]] * len(table_scores.SETTINGS)
    assert table_scores.choose(tmp_path) == table_scores.tried(tmp_path) == tried
    assert set(tried[0]["value"]) == set(anomaly_tables.SCORES)


def test_anomalies_are_kept_and_normal_rows_are_drawn():
    """Few anomalies among many rows are all tested, and no row is trained on and tested."""
    x, anomalous = np.arange(20_000)[:, None], np.arange(20_000) % 1000 == 0
    train, tested, labels = anomaly_halves.drawn("34_smtp", x, anomalous, seed=0)
    assert len(train) + len(tested) == anomaly_halves.MOST_ROWS
    assert labels.sum() == 20
    assert set(tested[labels, 0]) == set(np.flatnonzero(anomalous))
    assert not {*train[:, 0]} & {*tested[:, 0]}
    many = np.arange(20_000) % 2 == 0
    labels = anomaly_halves.drawn("1_ALOI", x, many, 0)[2]
    assert labels.sum() == anomaly_halves.MOST_ANOMALIES
    again, other = (anomaly_halves.drawn("34_smtp", x, anomalous, seed)[0] for seed in (0, 1))
    assert np.array_equal(train, again)
    assert not np.array_equal(train, other)


def test_pca_of_tables_has_its_best_size():
    """Normal rows lie in 4 dimensions, anomalies outside of them."""
    x = RNG.normal(size=(600, 4)) @ RNG.normal(size=(4, 12)) + 0.05 * RNG.normal(size=(600, 12))
    x[550:] += 0.3 * RNG.normal(size=(50, 12))
    anomalous = np.arange(100) >= 50
    assert anomaly_rivals.best_size(x[:500], x[500:], anomalous) == 4
    aurocs, size = anomaly_rivals.measure_rivals(100 * x[:500] + 7, 100 * x[500:] + 7, anomalous, 0)
    errors = [anomaly_rivals.pca_error(x[:500], x[500:], count) for count in range(1, 12)]
    assert size == 4
    assert aurocs["pca"] > 0.9
    assert 1 + np.argmax([measure(each, anomalous)["auroc"] for each in errors]) == 4
    inverse = np.linalg.inv(np.cov(x[:500], rowvar=False))
    far = [mahalanobis(row, x[:500].mean(axis=0), inverse) for row in x[500:]]
    assert aurocs["mahalanobis"] == pytest.approx(measure(far, anomalous)["auroc"])
    still = np.concatenate([x, np.full((600, 1), 0.1)], axis=1)  # a constant column
    again, _ = anomaly_rivals.measure_rivals(still[:500], still[500:], anomalous, 0)
    assert again["knn"] == pytest.approx(aurocs["knn"], abs=0.05)


@pytest.mark.parametrize(
    ("stored", "message"),
    [({}, "must hold X and y. Received: z"), (None, "must be a folder of .npz files")],
)
def test_a_folder_without_tables_is_refused(tmp_path, stored, message):
    if stored is not None:
        np.savez(tmp_path / "a.npz", z=np.ones(3))
    with pytest.raises(UsageError, match=message):
        anomaly_tables.read(str(tmp_path))
