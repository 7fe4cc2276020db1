"""Missing cells are NaN: models that take them, what they learn from, and how they fill them."""

import subprocess
import sys

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

import zoo
from zoo.anomaly import Detector
from zoo.errors import ImputationWarning, UsageError
from zoo.experiments.reproduce import ROWS, imputation
from zoo.experiments.reproduce.anomaly_tables import Tables
from zoo.exporting import parity
from zoo.inputs.lazy import MappedRows
from zoo.layers import MissingCells, Standardisation
from zoo.layers.noise import corrupt

RNG = np.random.default_rng(0)
SMALL = {"input_shape": (30,), "widths": (32,), "latent_dim": 16, "standardise": True}


def _with_gaps(x, fraction=0.2, seed=0):
    x = x.copy()
    x[np.random.default_rng(seed).random(x.shape) < fraction] = np.nan
    return x


@pytest.fixture(scope="module")
def whole():
    data = zoo.datasets.load("breast_cancer")
    return data.train.inputs, data.test.inputs


@pytest.fixture(scope="module")
def rows(whole):
    """Training and test rows with gaps; the second test row is empty."""
    train, test = _with_gaps(whole[0]), _with_gaps(whole[1], seed=1)
    test[1] = np.nan
    return train, test


@pytest.fixture(scope="module")
def model(rows):
    keras.utils.set_random_seed(0)
    model = zoo.build("deep_ae", **SMALL, missing="mask", hidden=0.3)
    model.fit(rows[0], batch_size=32, epochs=40, verbose=0)
    return model


@pytest.fixture(scope="module")
def bundle(model, tmp_path_factory):
    return zoo.export(model, tmp_path_factory.mktemp("missing") / "bundle")


@pytest.mark.parametrize(
    ("variant", "advice"),
    [
        ("deep_ae", 'fill them, or take missing cells by missing="mask".'),
        ("pca", 'fill them, or take missing cells by missing="mask".'),
        ("contractive_ae", "Leave such rows out, or fill them."),
    ],
)
def test_a_model_without_a_mask_refuses_missing_cells(variant, advice):
    model = zoo.build(variant, input_shape=(3,), latent_dim=2)
    x = np.array([[0, 1, 0], [0, np.nan, 1]], np.float32)
    for call in (model.encode, model.fit, model.adapt, model.evaluate):
        with pytest.raises(UsageError, match=r"Received: nan in row 1. Leave") as error:
            call(x)
        assert str(error.value).endswith(advice)
    with pytest.raises(UsageError, match=r'built with missing="mask" imputes'):
        model.impute(x)


def test_a_mask_is_no_excuse_for_other_values(model):
    x = np.full((2, 30), np.nan)
    x[1, 4] = np.inf
    with pytest.raises(UsageError, match=r"Received: inf in row 1"):
        model.encode(x)
    pixels = zoo.build("pca", input_shape=(2, 2, 1), latent_dim=1, missing="mask")
    with pytest.raises(UsageError, match=r"must lie within"):
        pixels.encode(np.array([np.nan, 2, 0, 0]).reshape(1, 2, 2, 1))
    with pytest.raises(UsageError, match=r"`missing` must be 'refuse' or 'mask'"):
        zoo.build("deep_ae", missing="drop")
    with pytest.raises(UsageError, match=r"There is no argument 'missing' of vq_vae"):
        zoo.build("vq_vae", missing="mask")


@pytest.mark.parametrize("form", ["memory", "rows on disk", "stream"])
def test_the_scale_is_that_of_observed_cells(rows, form):
    x = rows[0]
    model = zoo.build("shallow_ae", input_shape=(30,), standardise=True, missing="mask")
    if form == "memory":
        model.adapt(x)
    elif form == "rows on disk":
        model.adapt(MappedRows(np.asarray, x)[:])
        model.standardisation.adapt(MappedRows(np.asarray, x))
    else:
        model.fit(tf.data.Dataset.from_tensor_slices(x).batch(100), verbose=0)
    scale = model.standardisation
    exact = x.astype(np.float64)
    np.testing.assert_allclose(scale.mean, np.nanmean(exact, axis=0), rtol=1e-6)
    np.testing.assert_allclose(scale.deviation, np.nanstd(exact, axis=0), rtol=1e-6)


def test_the_scale_of_a_channel_counts_the_steps_that_are_there():
    x = RNG.normal(3, 2, (50, 9, 2))
    for row, length in enumerate(RNG.integers(4, 10, len(x))):
        x[row, length:] = np.nan
    for data in (x, MappedRows(np.asarray, x)):
        layer = Standardisation(per_channel=True)
        layer.adapt(data)
        np.testing.assert_allclose(layer.mean, np.nanmean(x, axis=(0, 1)), rtol=1e-6)
        np.testing.assert_allclose(layer.deviation, np.nanstd(x, axis=(0, 1)), rtol=1e-6)


def test_an_empty_column_cannot_be_learned_and_a_constant_one_is_filled_with_its_value(rows):
    x = rows[0].copy()
    x[:, 3] = np.nan
    model = zoo.build("deep_ae", **SMALL, missing="mask")
    with pytest.raises(
        UsageError, match=r"at least one row to learn from. Received: none in col.* 3"
    ):
        model.fit(x, verbose=0)
    x[::2, 3] = 0.1
    model.fit(x, epochs=2, verbose=0)
    assert float(model.standardisation.deviation[3]) == 1
    assert np.isfinite(model.get_weights()[3]).all()
    pca = zoo.build("pca", input_shape=(30,), latent_dim=3, standardise=True, missing="mask")
    np.testing.assert_allclose(pca.adapt(x).impute(x)[1::2, 3], 0.1, rtol=1e-5)


def test_cells_are_hidden_in_training_alone(whole):
    layer, x = MissingCells(hidden=0.25, seed=0), np.ones((200, 8), "float32")
    layer.adapt(np.zeros((1, 8)))
    assert float(np.mean(layer(x, training=True) == 0)) == pytest.approx(0.25, abs=0.05)
    np.testing.assert_array_equal(layer(x), x)
    assert MissingCells.from_config(layer.get_config()).hidden == 0.25
    with pytest.raises(UsageError, match=r"`hidden` must be in"):
        MissingCells(hidden=1.0)


@pytest.mark.parametrize("loss", ["mse", "summed_squared_error"])
def test_loss_and_figures_count_observed_cells(rows, loss):
    train, x = rows
    model = zoo.build("deep_ae", **SMALL, missing="mask", hidden=0.0).adapt(train)
    zoo.Recipe(loss=loss, metrics=("mae",)).compile(model)
    observed, scale = ~np.isnan(x), np.asarray(model.standardisation.deviation)
    errors = np.where(observed, (x - model.reconstruct(x)) / scale, 0).astype(np.float64) ** 2
    expected = errors.sum() / (observed.sum() if loss == "mse" else len(x))
    report = model.evaluate(x, batch_size=len(x), verbose=0, return_dict=True)
    assert report["loss"] == pytest.approx(expected, rel=1e-5)
    assert np.isfinite(report["mae"])
    weights = np.zeros(len(x))
    weights[3] = len(x)
    alone = model.evaluate(x, sample_weight=weights, batch_size=len(x), verbose=0, return_dict=True)
    expected = errors[3].sum() * (observed.size / observed.sum() / 30 if loss == "mse" else 1)
    assert alone["loss"] == pytest.approx(expected, rel=1e-5)
    report = zoo.evaluate(model, zoo.datasets.Dataset("gaps", *(_split(part) for part in rows)))
    unit = np.nanstd(train.astype(np.float64), axis=0)
    errors = np.where(observed, (x - model.reconstruct(x)) / unit, 0) ** 2
    assert report["mse"] == pytest.approx(errors.sum() / observed.sum(), rel=1e-4)
    assert report["sse"] == pytest.approx(errors.sum() / len(x), rel=1e-4)
    assert 0 < report["pca_mse"] < 1


def _split(x, labels=None):
    return zoo.datasets.Split(x, labels, missing="mask")


def test_targets_may_have_gaps_of_their_own(rows, whole):
    model = zoo.build("deep_ae", **SMALL, missing="mask").adapt(rows[0])
    history = model.fit(rows[0], whole[0], epochs=2, validation_split=0.1, verbose=0).history
    assert np.isfinite([*history["loss"], *history["val_loss"]]).all()


def test_cells_are_filled_better_than_by_the_mean_and_observed_ones_are_kept(model, rows, whole):
    x, truth = rows[1], whole[1]
    with pytest.warns(ImputationWarning, match=r"1 rows have no observed cell.* is row 1"):
        filled = model.impute(x)
    observed = ~np.isnan(x)
    np.testing.assert_array_equal(filled[observed], x[observed])
    means = np.nanmean(rows[0].astype(np.float64), axis=0)
    np.testing.assert_allclose(filled[1], means, rtol=1e-5)
    unit = np.nanstd(rows[0].astype(np.float64), axis=0)
    hidden = ~observed
    hidden[1] = False
    error, of_means = (
        np.mean(np.square((other - truth) / unit)[hidden]) for other in (filled, means[None])
    )
    assert error < 0.4 * of_means
    exact = x[2:].astype(np.float64) + 1e-12
    precise = model.impute(exact)
    assert precise.dtype == np.float64
    np.testing.assert_array_equal(precise[observed[2:]], exact[observed[2:]])
    assert model.impute(x[:0]).shape == (0, 30)
    frame = pd.DataFrame(x[2:4])
    np.testing.assert_array_equal(model.impute(frame), model.impute(x[2:4]))


def test_without_a_scale_empty_rows_get_the_means_of_training_rows(digits):
    x = _with_gaps(digits.train.images[:200])
    model = zoo.build("deep_ae", widths=(16,), latent_dim=4, missing="mask")
    model.fit(x, verbose=0)
    with pytest.warns(ImputationWarning):
        [filled] = model.impute(np.full((1, 28, 28, 1), np.nan))
    np.testing.assert_allclose(filled, np.nanmean(x.astype(np.float64), axis=0), atol=1e-6)


OF_OTHERS = {
    "linear_ae": {"latent_dim": 8, "standardise": True},
    "stacked_ae": {"widths": (24,), "latent_dim": 8, "standardise": True},
    "neighbour_ae": {"widths": (24,), "standardise": True, "neighbours": 5},
    "denoising_ae": {"widths": (24,), "latent_dim": 8, "level": 0.05},
    "vae": {"widths": (24,), "latent_dim": 8, "beta": 0.1},
}


@pytest.mark.parametrize("variant", OF_OTHERS)
def test_every_dense_variant_fills_cells(variant, rows, whole, tmp_path):
    low, high = whole[0].min(axis=0), whole[0].max(axis=0)
    train, x, truth = (np.clip((part - low) / (high - low), 0, 1) for part in (*rows, whole[1]))
    train, x, truth = train, x[2:], truth[2:]
    keras.utils.set_random_seed(0)
    model = zoo.build(variant, input_shape=(30,), missing="mask", **OF_OTHERS[variant])
    zoo.Recipe(loss=zoo.entry(variant).recipe.loss, learning_rate=3e-3).compile(model)
    model.fit(train, batch_size=32, epochs=40, verbose=0)
    filled, hidden = model.impute(x), np.isnan(x)
    np.testing.assert_array_equal(filled[~hidden], x[~hidden])
    means = np.nanmean(train, axis=0)
    error, of_means = (np.mean(np.square(other - truth)[hidden]) for other in (filled, means[None]))
    assert error < (0.8 if variant == "neighbour_ae" else 0.6) * of_means
    bundle = zoo.export(model, tmp_path / "bundle")
    np.testing.assert_allclose(bundle.impute(x), filled, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("variant", ["denoising_ae", "vae"])
def test_convolutions_take_missing_pixels(variant, digits):
    x = _with_gaps(digits.train.images[:200])
    options = {"architecture": "conv", "filters": (4, 8), "missing": "mask"}
    model = zoo.build(variant, latent_dim=4, **options)
    history = model.fit(x, epochs=2, verbose=0).history["loss"]
    assert history[1] < history[0]
    assert np.isfinite(model.impute(x)).all()


@pytest.mark.parametrize("kind", ["gaussian", "masking", "salt_and_pepper"])
def test_noise_leaves_missing_cells_missing(kind):
    x = _with_gaps(np.full((50, 8), 0.5, np.float32))
    noisy = corrupt(x, kind, 0.9)
    np.testing.assert_array_equal(np.isnan(noisy), np.isnan(x))
    assert (noisy != x)[~np.isnan(x)].mean() > 0.8


def test_neighbours_of_rows_with_gaps_are_those_of_filled_rows(rows):
    model = zoo.build(
        "neighbour_ae", input_shape=(30,), widths=(8,), neighbours=3, standardise=True,
        missing="mask",
    ).adapt(rows[0])  # fmt: skip
    filled = np.where(np.isnan(rows[0]), np.nanmean(rows[0].astype(float), axis=0), rows[0])
    same = model.partners(rows[0]) == model.partners(np.float32(filled))
    assert same.mean() > 0.99  # the means are rounded


def test_every_export_fills_the_same_cells(model, bundle, rows):
    x = rows[1]
    vectors = parity.vectors(model, 7)
    assert np.isnan(vectors["features"]).any(axis=0).any()
    assert np.isnan(vectors["features"][1]).all()
    assert np.isfinite([vectors[name].sum() for name in ("latent", "imputed")]).all()
    assert {"impute.imputed"} <= set(zoo.verify(bundle.folder)["onnxruntime"])
    with pytest.warns(ImputationWarning):
        expected = model.impute(x)
    with pytest.warns(ImputationWarning):
        np.testing.assert_allclose(bundle.impute(x), expected, rtol=1e-5, atol=1e-4)
    served = tf.saved_model.load(str(bundle.folder / "saved_model")).signatures
    for count in (0, 1, len(x)):
        result = served["impute"](features=tf.constant(x[:count]))["imputed"]
        np.testing.assert_allclose(result, expected[:count], rtol=1e-5, atol=1e-4)
    assert list(served["serving_default"].structured_outputs) == ["reconstruction"]
    np.testing.assert_allclose(bundle.encode(x), model.encode(x), atol=1e-4)
    assert bundle.impute(x[:0]).shape == (0, 30)
    refusing = zoo.build("deep_ae", **SMALL).adapt(np.nan_to_num(rows[0]))
    assert "impute" not in refusing.signatures


def test_an_export_without_a_mask_refuses_them(tmp_path):
    bundle = zoo.export(zoo.build("pca", input_shape=(3,), latent_dim=1), tmp_path / "bundle")
    for call in (bundle.encode, bundle.impute):
        with pytest.raises(UsageError, match=r'missing="mask"'):
            call(np.array([[np.nan, 0, 1]]))


def test_copies_keep_the_mask(model, rows, tmp_path):
    model.save(tmp_path / "model.keras")
    copies = zoo.load_model(tmp_path / "model.keras"), keras.models.clone_model(model)
    for copy in copies:
        assert copy.missing == "mask"
        copy.set_weights(model.get_weights())
        copy.refresh_endpoints()
        np.testing.assert_array_equal(copy.impute(rows[1][2:]), model.impute(rows[1][2:]))


@pytest.mark.parametrize("top_fraction", [1.0, 0.1])
def test_a_score_is_of_the_observed_cells(model, rows, top_fraction, tmp_path):
    data = zoo.datasets.Dataset("gaps", *(_split(part) for part in rows))
    options = {"score": "reconstruction", "top_fraction": top_fraction}
    detector = Detector.fit(model, data, **options)
    x = rows[1]
    errors = np.square((x - model.reconstruct(x)) / np.asarray(model.standardisation.deviation))
    expected = []
    for row in errors:
        row = -np.sort(-row[~np.isnan(row)])
        expected.append(np.mean(row[: max(1, round(top_fraction * len(row)))]) if len(row) else 0)
    np.testing.assert_allclose(detector.score(x), expected, rtol=1e-4)
    if top_fraction < 1:
        exported = zoo.export(detector, tmp_path / "detector")
        assert set(zoo.verify(tmp_path / "detector")) >= {"tensorflow", "onnxruntime"}
        np.testing.assert_allclose(exported.score(x), expected, rtol=1e-3)


@pytest.fixture(scope="module")
def table(tmp_path_factory, rows):
    """A table with gaps, classes, and a column of integers."""
    frame = pd.DataFrame(rows[0][:80, :4], columns=list("abcd")).astype(float)
    frame["e"] = [None if row % 5 == 0 else row for row in range(80)]
    frame["label"] = ["good" if row % 2 else "bad" for row in range(80)]
    path = tmp_path_factory.mktemp("table") / "table.csv"
    frame.to_csv(path, index=False)
    return path


def test_empty_cells_of_a_table_are_read_where_they_are_asked_for(table, tmp_path):
    with pytest.raises(UsageError, match=r'takes these: missing="mask"'):
        zoo.datasets.load(table)
    for data in (
        zoo.datasets.load(table, missing="mask"),
        zoo.datasets.load(f"{table}?missing=mask"),
        zoo.datasets.load(pd.read_csv(table), missing="mask"),
    ):
        assert data.column_names == tuple("abcde")
        assert np.isnan(np.concatenate([data.train.inputs, data.test.inputs])[:, 4]).sum() == 16
        assert data.train.take([0]).missing == "mask"
    assert data.name == "DataFrame"
    assert zoo.datasets.load(table, missing="mask").name == f"{table}?missing=mask"
    np.save(tmp_path / "rows.npy", data.train.inputs)
    for in_memory in (True, False):
        path = f"{tmp_path / 'rows.npy'}"
        stored = zoo.datasets.load(path, missing="mask", in_memory=in_memory)
        again = zoo.datasets.load(stored.name)
        for part in (stored, again):
            assert np.isnan(np.asarray(part.train.inputs)).any()
    with pytest.raises(UsageError, match=r"in row 0"):
        zoo.datasets.load(np.full((3, 2), np.nan), missing="refuse")
    wrong = pd.DataFrame({"a": [1.0, None, 2.0], "b": [None, "x", 3]})
    with pytest.raises(
        UsageError, match=r"Column 'b' of DataFrame must hold numbers.*'x' in row 1"
    ):
        zoo.datasets.load(wrong, missing="mask")
    with pytest.raises(UsageError, match=r"missing"):
        zoo.datasets.load(np.eye(3), missing="drop")


@pytest.fixture(scope="module")
def run(table, tmp_path_factory):
    return zoo.train(
        "deep_ae", table, missing="mask", widths=(8,), latent_dim=4, epochs=2,
        folder=tmp_path_factory.mktemp("run") / "run",
    )  # fmt: skip


def test_a_run_learns_from_a_table_with_gaps(run, table):
    assert run.config["data"]["name"] == f"{table}?missing=mask"
    assert run.config["arguments"]["missing"] == "mask"
    assert {"mse", "pca_mse", "knn_accuracy", "raw_knn_accuracy"} <= set(run.metrics)
    again = zoo.evaluate(run.folder, f"{table}?missing=mask")
    assert again["mse"] == pytest.approx(run.metrics["mse"])
    assert zoo.evaluate(run.folder, str(table))["mse"] == pytest.approx(run.metrics["mse"])
    with pytest.raises(UsageError, match=r"must hold a value in each row"):
        zoo.train("contractive_ae", table, epochs=1)


def test_the_command_fills_a_table_and_keeps_the_rest(run, table, tmp_path):
    target = tmp_path / "filled.csv"
    command = [sys.executable, "-m", "zoo", "impute", str(run.folder), str(table), "--to"]
    result = subprocess.run([*command, str(target)], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    before, after = pd.read_csv(table), pd.read_csv(target)
    assert list(after.columns) == list(before.columns)
    assert not after.isna().any().any()
    pd.testing.assert_frame_equal(after.where(before.notna()), before, check_exact=True)
    frame = pd.read_parquet(zoo.impute(run, table, tmp_path / "filled.parquet"))
    pd.testing.assert_frame_equal(frame, after, rtol=1e-5)
    array = np.load(zoo.impute(run, table, tmp_path / "filled.npy"))
    np.testing.assert_allclose(array, after[list("abcde")], rtol=1e-5)
    for to, message in {"filled.npy": "exists already", "filled.xlsx": "must end in"}.items():
        with pytest.raises(UsageError, match=message):
            zoo.impute(run, table, tmp_path / to)


def test_shorter_series_are_padded_with_missing_steps(tmp_path):
    lengths = RNG.integers(9, 18, 30)
    frame = pd.concat(
        pd.DataFrame({"pump": number, "current": np.sin(np.arange(length) / 3 + number)})
        for number, length in enumerate(lengths)
    )
    with pytest.raises(UsageError, match=r'or be padded.*missing="mask"'):
        zoo.datasets.load(frame, id="pump")
    data = zoo.datasets.load(frame, id="pump", missing="mask")
    length = lengths.max()
    assert data.input_shape == (length, 1)
    model = zoo.build(
        "conv1d_ae", input_shape=(length, 1), filters=(4, 8), latent_dim=3, missing="mask"
    )
    history = model.fit(data, epochs=3, verbose=0).history["loss"]
    assert np.isfinite(history).all()
    x = data.test.inputs
    bundle = zoo.export(model, tmp_path / "bundle")
    np.testing.assert_allclose(bundle.reconstruct(x), model.reconstruct(x), atol=1e-5)
    detector = Detector.fit(model, data, score="reconstruction")
    heat = detector.map(x)
    np.testing.assert_array_equal(np.isnan(heat), np.isnan(x[..., 0]))
    np.testing.assert_allclose(detector.score(x), np.nanmean(heat, axis=1), rtol=1e-4)


def test_the_row_of_results_compares_errors_of_hidden_cells(monkeypatch):
    monkeypatch.setattr(imputation, "NET", imputation.NET | {"passes": 60})
    x = (RNG.normal(size=(150, 1)) + 0.1 * RNG.normal(size=(150, 4))).astype("float32")
    for way, more in {"random": 1.0, "by_value": 2.0}.items():
        scaled, hidden, train = imputation.with_gaps(x, way, 0)
        assert hidden.mean() == pytest.approx(0.2, abs=0.05)
        large = scaled > np.median(scaled)
        assert hidden[large].mean() / hidden.mean() > (more + 0.2) / 2 - 0.2
        seen = np.where(hidden, np.nan, scaled)[train]
        np.testing.assert_allclose(np.nanstd(seen.astype(float), axis=0), 1, rtol=1e-4)
    data = Tables("drawn rows", {"one": (x, np.zeros(150, bool))})
    found = imputation.measure_imputation(data, 0, None)
    row = ROWS["imputation"]
    assert set(row.beside) <= set(found)
    assert max(found["knn"], found["iterative"]) < 0.5 < 0.8 < found["mean"]
    errors = found["tables"].values()
    assert found["value"] == pytest.approx(np.mean([table["ours"] for table in errors]))
    assert found["below_knn"] == (found["value"] < found["knn"])
    assert row.verdict([found | {"below_knn": 6, "below_both": 4}]) == "reached"
    assert row.verdict([found | {"below_knn": 6, "below_both": 3}]) == "miss"


def test_a_table_of_categories_is_filled_by_the_command(tmp_path):
    packaged = pytest.importorskip("palmerpenguins", reason="the extra `test` is missing")
    frame = packaged.load_penguins()
    frame["at"] = 1_700_000_000.0 + 60 * frame["year"]
    frame["adult"] = (frame["body_mass_g"] > 4000).astype(object)
    frame.loc[frame.index[::9], ["at", "adult", "island"]] = None
    frame.to_csv(tmp_path / "gaps.csv", index=False)
    run = zoo.train(
        "deep_ae", str(tmp_path / "gaps.csv"), missing="mask", widths=(32,), latent_dim=6,
        epochs=30, folder=tmp_path / "run",
    )  # fmt: skip
    path = zoo.impute(run, str(tmp_path / "gaps.csv"), tmp_path / "filled.csv")
    before, after = pd.read_csv(tmp_path / "gaps.csv"), pd.read_csv(path)
    assert not after.isna().any().any()
    pd.testing.assert_frame_equal(after.where(before.notna()), before, check_dtype=False)
    assert set(after["sex"]) == {"female", "male"}
    assert set(after["adult"]) == {True, False}
    assert (after["at"] - before["at"].mean()).abs().max() < 1000
    whole = packaged.load_penguins()
    gaps = before["island"].isna()
    assert (after["island"] == whole["island"])[gaps].mean() > 0.6
    filled = run.model.impute(before)
    table = run.model.table(filled)
    assert list(table["sex"]) == list(after["sex"])


def test_gaps_and_categories_stand_in_one_table(tmp_path):
    palmerpenguins = pytest.importorskip("palmerpenguins", reason="the extra `test` is missing")
    data = zoo.datasets.load(palmerpenguins.load_penguins(), missing="mask")
    assert np.isnan(data.train.inputs).sum() > 0
    keras.utils.set_random_seed(0)
    columns = {"columns": tuple(data.columns), "input_shape": data.input_shape}
    model = zoo.build("deep_ae", widths=(32,), latent_dim=4, missing="mask", **columns)
    model.fit(data.train, epochs=40, verbose=0)
    filled = model.impute(data.test)
    assert np.isfinite(filled).all()
    assert not model.columns.missing(filled).any()
    report = zoo.evaluate(model, data)
    assert report["category_accuracy"] > report["frequent_category_accuracy"] + 0.2
    bundle = zoo.export(model, tmp_path / "bundle")
    np.testing.assert_allclose(bundle.impute(data.test), filled, rtol=1e-5)
    hidden = data.test.inputs.copy()
    hidden[:, 0] = np.nan  # the species
    known = ~data.columns.missing(data.test.inputs)[:, 6]
    hidden[:, 6] = len(data.columns[6])  # the sex, by its class for missing values
    for imputed in (model.impute(hidden), bundle.impute(hidden)):
        right = imputed == data.test.inputs
        assert right[:, 0].mean() > 0.9
        assert right[known, 6].mean() > 0.65
        np.testing.assert_array_equal(imputed[:, 6] < 2, True)
    graph = keras.Model(model.inputs[0], model.get_layer("one_hot").output)
    seen = graph(data.train.inputs, training=True).numpy()
    assert model.missing_cells.hidden == 0
    first = len(model.columns.numbers)  # of the classes of the species, of which there are three
    missing = seen[:, first + 3]
    assert 0.1 < missing.mean() < 0.3
    np.testing.assert_array_equal(seen[missing == 1, first : first + 3], 0)
    whole = np.append(data.test.inputs[:1], np.full((1, 8), np.nan, np.float32), axis=0)
    with pytest.warns(ImputationWarning, match="1 rows have no observed cell"):
        means = model.impute(whole)[1]
    numbers = [position for position, entry in enumerate(data.columns) if entry is None]
    np.testing.assert_allclose(
        means[numbers], np.nanmean(data.train.inputs[:, numbers], axis=0), rtol=1e-3
    )
