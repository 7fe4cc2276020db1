"""Every figure against a value found another way, and data that leave some undefined."""

import csv
import json
import math
import re
import time

import keras
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image
from typer.testing import CliRunner

import zoo
from zoo import cli, plots
from zoo.errors import UsageError
from zoo.evaluation import learning, metrics, neighbourhoods, probes, retrieval, robustness
from zoo.plots import report_table

RNG = np.random.default_rng(0)
FEW = RNG.random((30, 6, 6, 1), dtype="float32")


def flat(images):
    return images.reshape(len(images), -1)


def test_reconstructions_by_hand():
    x = np.zeros((2, 2, 2, 1), "float32")
    y = x.copy()
    y[0, 0, 0, 0] = 0.8
    assert metrics.mse(x, y) == pytest.approx(0.08)
    assert metrics.mse(x, y[:1]) == pytest.approx(0.16)
    assert metrics.sse(x, y) == pytest.approx(0.32)
    assert metrics.psnr(x, y) == pytest.approx(10.9691)
    assert metrics.psnr(x, x) == 120


def test_relative_entropy_of_documents_by_hand():
    documents = np.array([[2.0, 2.0, 0.0], [0.0, 0.0, 5.0]])
    equal = np.ones((1, 3))
    expected = (math.log(1.5) + math.log(3)) / 2
    assert learning.relative_entropy(documents, equal) == pytest.approx(expected)
    assert learning.relative_entropy(documents, documents / 7) == pytest.approx(0, abs=1e-5)
    others = np.array([[-1.0, -1.0, 1.0], [1.0, 1.0, -1.0]])
    assert learning.relative_entropy(documents, others) > 5  # a weight below 0 is none


def test_the_mean_row_leaves_all_of_the_error():
    data = zoo.datasets.load("wine")
    mean = data.train.inputs.mean(axis=0)

    class Mean:
        def reconstruct(self, rows):
            return np.broadcast_to(mean, rows.shape)

    assert learning.remaining_error(Mean(), data) == pytest.approx(1, abs=1e-4)
    pca = zoo.build("pca", input_shape=(13,), latent_dim=13, standardise=True)
    assert learning.remaining_error(pca.adapt(data.train.inputs), data) < 1e-6


def test_ssim_is_its_formula():
    """An image as large as the window has one: its weighted means, variances and covariance."""
    x, y = RNG.random((2, 3, 11, 11, 1), dtype="float32")
    bell = np.exp(-np.square(np.arange(11) - 5) / (2 * 1.5**2))
    weight = np.outer(bell, bell)[..., None] / bell.sum() ** 2

    def mean(images):
        return (images * weight).sum(axis=(1, 2, 3))

    a, b = mean(x), mean(y)
    spread = mean(x * x) - a**2 + mean(y * y) - b**2
    index = (2 * a * b + 1e-4) / (a**2 + b**2 + 1e-4)
    index *= (2 * (mean(x * y) - a * b) + 9e-4) / (spread + 9e-4)
    assert metrics.ssim(x, y, batch_size=2) == pytest.approx(index.mean(), abs=1e-4)
    assert metrics.ssim(x, x) == pytest.approx(1)
    assert metrics.ssim(FEW[:, :4, :3], FEW[:, :4, :3]) == pytest.approx(1)


ONE, SAME = [[0.0, 0.0, 3.0, 0.0]], [[2.0, -2.0, 2.0, 2.0]]
CODES = [
    (metrics.sparsity, ONE, 1),
    (metrics.sparsity, SAME, 0),
    (metrics.sparsity, [*ONE, *SAME, [0.0] * 4], 0.5),
    (metrics.sparsity, [[3.0, 4.0]], (math.sqrt(2) - 7 / 5) / (math.sqrt(2) - 1)),
    (metrics.sparsity, [[0.0] * 4], None),
    (metrics.sparsity, [[1.0], [2.0]], None),
    (metrics.active_units, [[0, 0, 0, 5], [1, 0.21, 0.19, 5]], 2),  # variances .25, .011, .009, 0
    (metrics.active_units, ONE, None),
    (metrics.dead_units, [[0, 7, 1e-6], [0, 7, 0]], 2),
    (metrics.dead_units, ONE, None),
]


@pytest.mark.parametrize(("figure", "codes", "expected"), CODES)
def test_codes_by_hand(figure, codes, expected):
    codes = np.asarray(codes, "float32")
    for shaped in (codes, codes.reshape(len(codes), 1, 1, -1)):
        value = figure(shaped)
        assert math.isnan(value) if expected is None else value == pytest.approx(expected, abs=1e-6)


def test_codebook_use():
    assert metrics.codebook_use(np.array([[0, 3], [3, 3]]), 8) == 0.25


def test_probes_tell_classes_that_can_be_told():
    labels = np.arange(200) % 4
    corners = 10.0 * np.stack([labels % 2, labels // 2], axis=1) + RNG.normal(size=(200, 2))
    far = corners.astype("float32")
    given = far[:100], labels[:100], far[100:], labels[100:]
    assert probes.knn_accuracy(*given) == probes.probe_accuracy(*given) == 1
    assert probes.probe_accuracy(*given, most_rows=20) > 0.9
    assert probes.nmi(far, labels) == pytest.approx(1)
    halves = np.repeat([[0.0], [1.0]], 2, axis=0)  # two clusters that say half of four classes
    assert probes.nmi(halves, [0, 1, 2, 3]) == pytest.approx(math.log(2) / (1.5 * math.log(2)))
    assert probes.nmi(np.zeros((8, 2)), np.arange(8) % 2) == 0
    assert math.isnan(probes.nmi(far, np.zeros(200, int)))
    assert math.isnan(probes.probe_accuracy(far, np.zeros(200, int), far, labels))


def test_the_probe_penalises_many_pixels_more_than_few_numbers(digits):
    """As strong a penalty as pixels need is chosen by itself: 0.884 without."""
    accuracy = probes.probe_accuracy(
        flat(digits.train.images), digits.train.labels,
        flat(digits.test.images), digits.test.labels,
    )  # fmt: skip
    assert accuracy > 0.895


def test_shifts_by_hand():
    """A dot in the middle of each image moves by one pixel: its distance is √2 times its height."""
    images = np.zeros((2, 3, 3, 1), "float32")
    images[0, 1, 1], images[1, 1, 1] = 1.0, 0.5
    value = robustness.shift_distance(lambda x: x, images, images)
    assert value == pytest.approx(math.sqrt(2) * 0.75 / 0.5)
    sums = images.sum(axis=(1, 2, 3))  # which no shift changes
    assert robustness.shift_distance(lambda x: x.sum(axis=(1, 2, 3)), images, sums) == 0
    edge = np.zeros((2, 3, 3, 1), "float32")
    edge[0, 0] = 1.0  # a row, of which one direction leaves nothing
    moved = (math.sqrt(3) + math.sqrt(6) + 2 * 1) / 4 / 2
    assert robustness.shift_distance(lambda x: x, edge, edge) == pytest.approx(moved / math.sqrt(3))


def test_noise_is_a_share_of_the_distance_between_images():
    images = np.full((2, 40, 40, 1), 0.4, "float32")
    images[1] = 0.6
    value = robustness.noise_distance(lambda x: x, images, images, level=0.1)
    assert value == pytest.approx(0.5, rel=0.03)
    for codes in (images[:1], images[[0, 0]]):
        assert math.isnan(robustness.noise_distance(lambda x: x, codes, codes))


def test_denoising_gain():
    images = np.full((2, 40, 40, 1), 0.5, "float32")
    assert robustness.denoising_gain(lambda noisy: noisy, images) == 0
    halfway = robustness.denoising_gain(lambda noisy: (noisy + images) / 2, images)
    assert halfway == pytest.approx(20 * math.log10(2))


def test_jacobian_of_a_sigmoid_layer_has_a_closed_form():
    """Rifai et al., 2011, equation 7: Σ (h (1 - h))² Σ W²."""
    layer = keras.layers.Dense(5, activation="sigmoid")
    x = keras.Input((6, 6, 1))
    encoder = keras.Model(x, layer(keras.layers.Flatten()(x)))
    h = np.asarray(encoder(FEW))
    expected = np.square(h * (1 - h)) @ np.square(np.asarray(layer.kernel)).sum(axis=0)
    assert robustness.jacobian_norm(encoder, FEW, batch_size=7) == pytest.approx(
        expected.mean(), rel=1e-4
    )


COUNTS = {"test_rows", "code_size", "code_bits", "switch_bits"}
RECONSTRUCTION = {"mse", "sse", "psnr", "ssim", "denoising_gain"}
CODE = {"active_units", "dead_units", "sparsity"}
MOVED = {"shift_distance", "noise_distance"}
CLASSES = {"knn_accuracy", "probe_accuracy", "nmi"}
SMALL = {"input_shape": (6, 6, 1), "latent_dim": 3}
LABELS = np.arange(30) % 3


def of(images, labels, test):
    """Data of which the last `test` rows are for testing."""
    whole, rows = zoo.datasets.Split(images, labels), np.arange(len(images))
    return zoo.datasets.Dataset("few", whole.take(rows[:-test]), whole.take(rows[-test:]))


ONE_CLASS, ALIKE = np.zeros(30, int), np.full((30, 6, 6, 1), 0.5, "float32")
DEGENERATE = {
    "whole": (of(FEW, LABELS, 12), SMALL, RECONSTRUCTION | CODE | MOVED | CLASSES),
    "no labels": (of(FEW, None, 12), SMALL, RECONSTRUCTION | CODE | MOVED),
    "one class": (of(FEW, ONE_CLASS, 12), SMALL, RECONSTRUCTION | CODE | MOVED),
    "one test row": (
        of(FEW, LABELS, 1), SMALL, RECONSTRUCTION | {"sparsity", "knn_accuracy", "probe_accuracy"},
    ),
    "two training rows": (
        of(FEW[:8], LABELS[:8], 6), SMALL, RECONSTRUCTION | CODE | MOVED | CLASSES,
    ),
    "fewer rows than neighbours": (
        of(FEW[:6], LABELS[:6], 3), SMALL, RECONSTRUCTION | CODE | MOVED | CLASSES,
    ),
    "a class a row": (
        of(FEW, np.arange(30), 6), SMALL, RECONSTRUCTION | CODE | MOVED | CLASSES,
    ),
    "all alike": (of(ALIKE, LABELS, 12), SMALL, RECONSTRUCTION | CODE | CLASSES),
    "4 by 4": (
        of(FEW[:, :4, :4], LABELS, 12), SMALL | {"input_shape": (4, 4, 1)},
        RECONSTRUCTION | CODE | MOVED | CLASSES,
    ),
    "one number": (
        of(FEW, LABELS, 12), SMALL | {"latent_dim": 1},
        RECONSTRUCTION | CODE - {"sparsity"} | MOVED | CLASSES,
    ),
}  # fmt: skip


def test_neighbours_are_recalled_in_codes():
    random = np.random.default_rng(0)
    x, q = random.random((60, 4)), random.random((20, 4))
    assert neighbourhoods.neighbour_recall(x, 3 - x, q, 3 - q) == 1
    one, other = (np.linalg.norm(a[:, None] - b, axis=-1).argsort(axis=1)[:, :15]
                  for a, b in ((q, x), (q[:, :1], x[:, :1])))  # fmt: skip
    expected = np.mean([len(set(a) & set(b)) / 15 for a, b in zip(one, other, strict=True)])
    assert neighbourhoods.neighbour_recall(x, x[:, :1], q, q[:, :1]) == pytest.approx(expected)
    assert neighbourhoods.neighbour_recall(x[:9], x[:9, :1], q, q[:, :1]) == 1  # of nine rows, all


@pytest.mark.parametrize("case", DEGENERATE)
def test_what_is_not_defined_is_left_out(case):
    data, arguments, expected = DEGENERATE[case]
    model = zoo.build("deep_ae", widths=(8,), **arguments)
    report = zoo.evaluate(model, data)
    named = {key for key in report if not key.startswith(("pca_", "raw_"))}
    if "knn_accuracy" in expected:
        expected = expected | {"knn_rows", "knn_queries"}
    assert named - {"sparsity"} == (expected | COUNTS | {"jacobian_norm"}) - {"sparsity"}
    assert "sparsity" not in named or "sparsity" in expected
    assert all(type(v) in (int, float) and math.isfinite(v) for v in report.values())
    raw = {key.removeprefix("raw_") for key in report if key.startswith("raw_")}
    assert raw == expected & (MOVED | CLASSES)
    assert zoo.evaluate(model, data) == report
    alone = zoo.evaluate(model, data, baselines=False)
    assert alone == {k: v for k, v in report.items() if not k.startswith(("pca_", "raw_"))}
    json.dumps(report, allow_nan=False)


@pytest.mark.parametrize("name", ["class", "row"])
def test_many_rows_and_many_labels_are_measured_in_seconds(name):
    most = (probes.KNN_ROWS, probes.QUERIES)
    rows = np.random.default_rng(0).random((most[0] + 11_000, 3), dtype="float32")
    labels = (rows[:, 0] > 0.5) if name == "class" else np.arange(len(rows)) * 10**12
    started = time.process_time()
    report = zoo.evaluate(
        zoo.build("pca", input_shape=(3,), latent_dim=2).adapt(rows),
        of(rows, labels.astype(np.int64), most[1] + 500),
    )
    assert time.process_time() - started < 60
    assert (report["knn_rows"], report["knn_queries"]) == most
    if name == "class":
        assert report["raw_knn_accuracy"] > 0.95
    assert ("probe_accuracy" in report, "nmi" in report) == (name == "class",) * 2


@pytest.mark.parametrize("part", ["encoder", "decoder"])
@pytest.mark.parametrize(
    ("value", "told"),
    [(np.nan, "must have finite weights .*_1/kernel"), (3e38, "must give finite (recon|codes)")],
)
def test_weights_that_are_no_numbers_are_told(part, value, told):
    model = zoo.build("linear_ae", **SMALL)
    part = getattr(model, part)
    part.set_weights([np.full_like(w, value) for w in part.get_weights()])
    with pytest.raises(UsageError, match=told):
        zoo.evaluate(model, of(FEW, LABELS, 12))


def test_features_are_measured_in_deviations():
    x = RNG.normal(size=(60, 5)) * [1, 10, 100, 1e-3, 0] + [7, 7, 7, 7, 1234.567]
    x = x.astype("float32")
    model = zoo.build("pca", input_shape=(5,), latent_dim=2, standardise=True).adapt(x[:40])
    report = zoo.evaluate(model, of(x, np.arange(60) % 2, 20))
    spread = x[:40].std(axis=0, dtype="float64")
    spread = np.where(spread > 0, spread, 1)
    errors = np.square((x[40:] - model.reconstruct(x[40:])) / spread)
    assert report["mse"] == pytest.approx(errors.mean(), rel=1e-4)
    assert report["sse"] == pytest.approx(errors.sum(axis=1).mean(), rel=1e-4)
    assert report["mse"] == pytest.approx(report["pca_mse"], rel=1e-4)
    assert not set(report) & (RECONSTRUCTION - {"mse", "sse"} | MOVED)
    assert {"raw_knn_accuracy", "raw_probe_accuracy", "raw_nmi"} <= set(report)


def test_pca_has_the_jacobian_of_its_components():
    data = of(FEW, None, 10)
    report = zoo.evaluate(zoo.build("pca", **SMALL).adapt(FEW[:20]), data)
    assert report["jacobian_norm"] == pytest.approx(3, rel=1e-4)
    assert report["pca_jacobian_norm"] == pytest.approx(3, rel=1e-4)


@pytest.mark.parametrize("unpooling", ["fill", "argmax"])
def test_codes_of_images_and_switches_are_measured_too(unpooling):
    model = zoo.build("conv_ae", filters=(3,), unpooling=unpooling, **SMALL)
    report = zoo.evaluate(model, of(FEW, LABELS, 12))
    assert {*RECONSTRUCTION, *CODE, *MOVED, *CLASSES, "jacobian_norm"} <= set(report)


def test_a_quantised_code_tells_the_use_of_its_codebook():
    x = keras.Input((6, 6, 1), name="image")
    vectors, _ = zoo.layers.VectorQuantizer(4)(keras.layers.Conv2D(2, 3, strides=3)(x))
    latent = keras.layers.Identity(name="latent")(vectors)
    y = keras.layers.Conv2DTranspose(1, 3, strides=3, activation="sigmoid")(latent)
    model = zoo.AutoEncoder(x, y)
    report = zoo.evaluate(model, of(FEW, LABELS, 12))
    assert report["codebook_use"] == len(np.unique(model.indices(FEW[-12:]))) / 4
    assert "jacobian_norm" not in report
    assert report["code_size"] == 8


REPORT = {"ssim": 0.5, "nmi": 0.4, "psnr": 20.0, "pca_ssim": 0.7, "pca_nmi": 0.45, "raw_nmi": 0.3,
          "pca_psnr": 21.0, "test_rows": 9}  # fmt: skip


def test_the_table_has_a_row_for_each_figure():
    assert report_table.rows(REPORT)[1] == {"name": "nmi", "model": 0.4, "pca": 0.45, "raw": 0.3}
    assert report_table.as_csv(REPORT).decode().splitlines() == [
        "name,model,pca,raw", "ssim,0.5,0.7,", "nmi,0.4,0.45,0.3", "psnr,20.0,21.0,",
        "test_rows,9,,",
    ]  # fmt: skip


def test_the_figure_shows_what_shares_a_scale(tmp_path):
    ax = Figure().add_subplot()
    assert plots.comparison(REPORT, ax) is ax.figure
    assert sorted(bar.get_width() for bar in ax.patches) == [0.3, 0.4, 0.45, 0.5, 0.7]
    assert len(ax.get_yticks()) == 2
    features = plots.comparison({"mse": 0.3, "pca_mse": 0.2}).axes[0]
    assert [label.get_text() for label in features.get_yticklabels()] == [
        "squared error / variance  ↓"
    ]
    with pytest.raises(UsageError, match=r"must hold one of ssim, .* Received: psnr, test_rows"):
        plots.comparison({"psnr": 20.0, "test_rows": 9})
    plots.save(plots.comparison(REPORT), tmp_path / "bars.png")
    with Image.open(tmp_path / "bars.png") as picture:
        assert 700 < picture.width < 1400


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("evaluated")
    np.savez(folder / "few.npz", images=np.repeat(FEW, 2, axis=0), labels=np.repeat(LABELS, 2))
    return zoo.train("pca", folder / "few.npz", latent_dim=3, folder=folder / "run")


def command(*arguments):
    return CliRunner().invoke(cli.app, ["evaluate", *map(str, arguments)])


def test_the_command_prints_a_table_and_writes_csv_and_figure(run, tmp_path):
    done = command(run.folder, "--csv", tmp_path / "f.csv", "--figure", tmp_path / "f.png")
    assert done.exit_code == 0, done.stderr
    head, *lines = done.stdout.splitlines()
    assert head.split() == ["model", "PCA", "raw"]
    assert re.search(rf"^nmi +{run.metrics['nmi']:.6g} +[\d.]+ +[\d.]+$", done.stdout, re.M)
    assert re.search(r"^test_rows +12 +– +–$", done.stdout, re.M)
    with open(tmp_path / "f.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == [line.split()[0] for line in lines]
    assert float(rows[0]["pca"]) == run.metrics["pca_mse"]
    with Image.open(tmp_path / "f.png") as picture:
        assert np.asarray(picture.convert("L")).std() > 20
    assert json.loads(command(run.folder, "--json").stdout) == run.metrics


BAD_PATHS = [
    (["--csv", "nowhere/f.csv"], "f.csv cannot be written: there is no folder"),
    (["--csv", "."], "cannot be written: it is a folder."),
    (["--figure", "nowhere/f.png"], "f.png cannot be written: there is no folder"),
    (["--figure", "f.jpg"], "--figure must be a .png file. Received: f.jpg."),
]


@pytest.mark.parametrize(("arguments", "told"), BAD_PATHS)
def test_bad_paths_are_told_before_anything_is_measured(
    run, tmp_path, monkeypatch, arguments, told
):
    monkeypatch.chdir(tmp_path)
    done = command(run.folder, *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_the_card_shows_model_pca_and_raw_inputs(run, tmp_path):
    card = (zoo.export(run, tmp_path / "bundle").folder / "card.md").read_text()
    values = " | ".join(f"{run.metrics[mark + 'nmi']:.4g}" for mark in ("", "pca_", "raw_"))
    assert f"| {values} |" in card
    assert re.search(r"\| `ssim` \|.*\| – \|\n", card)
    report = zoo.evaluate(tmp_path / "bundle", run.config["data"]["name"])
    assert set(run.metrics) - set(report) == {"jacobian_norm"}  # a bundle has no gradients
    assert report["nmi"] == pytest.approx(run.metrics["nmi"])


# Retrieval ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("metric", ["l2", "cosine"])
def test_retrieval_is_scikit_learns(metric):
    from sklearn.metrics import average_precision_score
    from sklearn.neighbors import NearestNeighbors

    codes, asked = RNG.normal(size=(150, 2, 3)), RNG.normal(size=(40, 2, 3))
    labels, classes = RNG.integers(0, 4, 150), RNG.integers(0, 5, 40)  # no row is of class 4
    found = retrieval.precision(codes, labels, asked, classes, metric)
    brute = NearestNeighbors(algorithm="brute", metric=metric).fit(flat(codes))
    distances, rows = brute.kneighbors(flat(asked), 150)
    same = labels[rows] == classes[:, None]
    for k in (1, 10, 100):
        assert found[f"p_at_{k}"] == pytest.approx(same[:, :k].mean())
    averages = [
        average_precision_score(right, -each)
        for right, each in zip(same, distances, strict=True)
        if right.any()
    ]
    assert len(averages) < 40
    assert found["map"] == pytest.approx(np.mean(averages))


def test_retrieval_by_hand():
    codes, labels = np.array([[0.0], [1.0], [2.0], [4.0]]), np.array([0, 1, 0, 1])
    found = retrieval.precision(codes, labels, [[0.1]], np.array([0]), at=(1, 2, 3, 5))
    assert found == {"p_at_1": 1, "p_at_2": 0.5, "p_at_3": 2 / 3, "map": (1 + 2 / 3) / 2}
    assert math.isnan(retrieval.precision(codes, labels, [[0.1]], np.array([7]))["map"])


def _turned_classes():
    """Two classes by the direction of codes, whose lengths tell nothing."""
    angles = RNG.integers(0, 2, 300)
    turned = np.stack([np.cos(angles * 0.3), np.sin(angles * 0.3)], axis=1)
    lengths = RNG.uniform(0.1, 5, (300, 1))
    return lengths * (turned + RNG.normal(0, 0.02, turned.shape)), angles


def _hidden_classes():
    """Two classes by a small number beside a large one that tells nothing."""
    labels = RNG.integers(0, 2, 300)
    return np.stack([RNG.normal(0, 100, 300), labels + RNG.normal(0, 0.1, 300)], axis=1), labels


def _ringed_classes():
    """Two classes by the length of codes, whose directions tell nothing."""
    labels, angles = RNG.integers(0, 2, 300), RNG.uniform(0, 2 * np.pi, 300)
    return (1 + labels[:, None]) * np.stack([np.cos(angles), np.sin(angles)], axis=1), labels


@pytest.mark.parametrize(
    ("made", "chosen"),
    [(_turned_classes, "cosine"), (_hidden_classes, "whitened_l2"), (_ringed_classes, "l2")],
)
def test_the_distance_is_chosen_on_training_rows(made, chosen):
    codes, labels = made()
    distance, found = retrieval.choose_distance(codes[:200], labels[:200])
    assert distance.name == chosen
    assert set(found) == set(retrieval.DISTANCES)
    assert found[chosen] > 0.9
    measured = retrieval.precision(
        codes[:200], labels[:200], codes[200:], labels[200:], distance, at=(10,)
    )
    assert measured["p_at_10"] > 0.9


def test_whitened_codes_have_the_identity_for_covariance():
    codes = RNG.normal(size=(500, 2, 3)) @ RNG.normal(size=(3, 3)) + 7
    codes[:, 1, 2] = codes[:, 0, 0]  # a direction without variance
    rows = retrieval.Distance("whitened_l2", codes).prepare(codes)
    np.testing.assert_allclose(np.cov(rows.T), np.eye(5), atol=1e-3)
    few = retrieval.Distance("whitened_cosine", codes[:3]).prepare(codes)
    assert few.shape == (500, 2)
    same = retrieval.Distance("whitened_l2", np.ones((4, 3))).prepare(np.ones((2, 3)))
    assert same.shape == (2, 0)
    with pytest.raises(UsageError, match="cosine"):
        retrieval.Distance("cosin", codes)


def test_queries_are_what_they_say_and_the_same_each_time(digits):
    x = digits.test.images[:200]
    made, again = retrieval.queries(x, seed=0), retrieval.queries(x, seed=0)
    assert list(made) == ["clean", "shifted", "noise", "hidden"]
    for name, images in made.items():
        assert (images.shape, images.dtype) == (x.shape, np.float32)
        np.testing.assert_array_equal(images, again[name])
        if name != "clean":
            assert not np.array_equal(images, retrieval.queries(x, seed=1)[name])
    np.testing.assert_array_equal(made["clean"], x)

    padded = np.pad(x, ((0, 0), (3, 3), (3, 3), (0, 0)))
    moved = np.array([
        [(padded[n, top : top + 28, left : left + 28] == made["shifted"][n]).all()
         for top in range(7) for left in range(7)]
        for n in range(len(x))
    ])  # fmt: skip
    assert (moved.sum(axis=1) == 1).all()
    assert moved.any(axis=0).sum() > 40  # of 49 shifts

    grey = np.full((300, 28, 28, 1), 0.5, np.float32)
    noise = retrieval.queries(grey, seed=0)["noise"]
    inside = noise[(noise > 0) & (noise < 1)]
    assert (noise.min(), noise.max()) == (0, 1)
    assert np.mean(noise == 1) == pytest.approx(0.1056, abs=0.005)  # of N(0, 0.4²), above 0.5
    assert inside.mean() == pytest.approx(0.5, abs=0.01)

    for size, images in ((10, grey), (4, grey[:, :4, :9])):
        gone = retrieval.queries(images, seed=0)["hidden"] == 0
        assert (gone.sum(axis=(1, 2, 3)) == size**2).all()
        for axis in (1, 2):
            assert (gone.any(axis=axis).sum(axis=1) == size).all()
        places = gone.any(axis=1).argmax(axis=1)
        assert (places.min(), places.max()) == (0, images.shape[2] - size)
