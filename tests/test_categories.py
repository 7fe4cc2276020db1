"""Tables as they are: columns of categories, their names, and numbers beyond float32."""

import json

import numpy as np
import pytest

import zoo
from zoo import datasets
from zoo.datasets.readers import coding
from zoo.errors import UsageError
from zoo.evaluation import column_metrics
from zoo.experiments.reproduce import ROWS, whole_tables
from zoo.inputs.columns import Columns

pandas = pytest.importorskip("pandas", reason="the extra `tabular` is not installed")

DENSE = ("deep_ae", "shallow_ae", "stacked_ae", "linear_ae", "pca", "neighbour_ae", "vae")
QUICK = {"widths": (32,), "latent_dim": 4, "epochs": 60, "learning_rate": 0.01}
ENTRIES = (None, ("cat", "cow", "dog"), (False, True), 1_700_000_000)


@pytest.fixture(scope="module")
def penguins():
    """Rows of four measures, a year, and three columns of categories, of which 9 are missing."""
    packaged = pytest.importorskip("palmerpenguins", reason="the extra `test` is not installed")
    frame = packaged.load_penguins().dropna(subset=["bill_length_mm"]).reset_index(drop=True)
    assert frame["sex"].isna().sum() == 9
    return frame


@pytest.fixture(scope="module")
def run(penguins, tmp_path_factory):
    return zoo.train("deep_ae", penguins, **QUICK, folder=tmp_path_factory.mktemp("run") / "run")


@pytest.fixture(scope="module")
def bundle(run, penguins, tmp_path_factory):
    detector = zoo.anomaly.Detector.fit(run, penguins)
    return zoo.export(detector, tmp_path_factory.mktemp("bundle") / "bundle")


def animals(rows=40):
    """A table with each kind of column: numbers, texts, booleans and times since 1970."""
    random = np.random.default_rng(0)
    return pandas.DataFrame(
        {
            "kg": random.normal(20, 4, rows),
            "kind": random.choice(["cat", "dog", "cow"], rows),
            "wild": random.random(rows) < 0.5,
            "seen": 1_700_000_000 + 60 * np.arange(rows),
        }
    )


# Loading -----------------------------------------------------------------------------------------


def test_each_kind_of_column_becomes_numbers():
    frame = animals()
    frame.loc[3, "kind"] = None
    rows = datasets.rows(frame)
    assert rows.columns == ENTRIES
    codes = frame["kind"].map({"cat": 0, "cow": 1, "dog": 2}).fillna(3)
    expected = np.stack([frame["kg"], codes, frame["wild"], 60 * np.arange(40)], axis=1)
    np.testing.assert_array_equal(rows.inputs, expected.astype(np.float32))
    model = zoo.build("pca", input_shape=(4,), latent_dim=2, columns=rows.columns).adapt(rows)
    back = model.table(rows.inputs)
    assert back["seen"].tolist() == frame["seen"].tolist()
    assert back["kind"].tolist() == [*frame["kind"][:3], None, *frame["kind"][4:]]


def test_a_category_of_test_rows_alone_was_never_seen():
    frame = animals()
    train = datasets.load(animals()).train.inputs[:, 0]
    only = np.flatnonzero(~np.isin(np.float32(frame["kg"]), train))[0]
    frame.loc[only, "kind"] = "wolf"
    data = datasets.load(frame)
    assert data.columns[1] == ("cat", "cow", "dog")
    assert (data.test.inputs[:, 1] == 4).sum() == 1
    assert data.train.inputs[:, 1].max() == 2


@pytest.mark.parametrize("dtype", ["object", "string", "category"])
def test_texts_of_every_type_are_categories(dtype):
    frame = animals().astype({"kind": dtype})
    frame.loc[[1, 2], "kind"] = None
    rows = datasets.rows(frame)
    assert rows.columns[1] == ("cat", "cow", "dog")
    assert (rows.inputs[:, 1] == 3).sum() == 2


def test_numbers_are_categories_where_they_are_named(tmp_path):
    frame = animals().assign(zip=[10115, 94110] * 20, text=["1", "x"] * 20)
    frame.to_csv(tmp_path / "a.csv", index=False)
    address = f"{tmp_path / 'a.csv'}?categories=zip,text"
    data = datasets.load(address)
    assert data.columns[4:] == ((10115, 94110), ("1", "x"))
    assert datasets.load(data.name).fingerprint == data.fingerprint
    named = datasets.load(tmp_path / "a.csv", categories=["zip", "text"])
    assert named.columns == data.columns == datasets.load(frame, categories=["zip", "text"]).columns
    with pytest.raises(UsageError, match="no column 'zipp'; did you mean zip"):
        datasets.load(frame, categories=["zipp"])
    with pytest.raises(UsageError, match="`categories` names columns of a table"):
        datasets.load("mnist_5k", categories=["zip"])


REFUSED = {
    "a text column of numbers": (["1", "2", "1", "2"], "must hold numbers. Received: '1' in row 0"),
    "numbers and a text": (["1", "2", "?", "2"], r"must hold numbers. Received: '\?' in row 2"),
    "dates as texts": (["2020-01-01", "2020-01-02"] * 2, "must hold numbers. Received: '2020-"),
    "texts that all differ": ([f"x{n}" for n in range(30)], "numbers. Received: 'x0' in row 0"),
    "a missing date": (pandas.to_datetime(["2020-01-01", None] * 2), "none in row 1"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_columns_that_are_neither_numbers_nor_categories(case):
    values, message = REFUSED[case]
    with pytest.raises(UsageError, match=f"Column 'a' of DataFrame .*{message}"):
        datasets.load(pandas.DataFrame({"a": values}))
    if "date" not in case or "texts" in case:
        named = datasets.rows(pandas.DataFrame({"a": values}), categories=["a"])
        assert named.columns[0] == tuple(sorted(set(values)))


def test_categories_of_other_types_are_refused():
    frame = pandas.DataFrame({"a": [[1], [2], [1]]})
    with pytest.raises(UsageError, match=r"Column 'a' must hold categories .* \[1\] in row 0"):
        datasets.load(frame, categories=["a"])


@pytest.mark.parametrize("column", ["kind", "seen"])
def test_other_variants_refuse_such_columns_by_name(column):
    frame = animals()[[column, "wild"]]
    with pytest.raises(UsageError, match=f"sparse_ae takes col.* of numbers .* column '{column}'"):
        zoo.train("sparse_ae", frame)
    numbers = datasets.load(frame[["wild"]])
    assert zoo.entry("sparse_ae").arguments_for(numbers) == {"input_shape": (1,)}
    with pytest.raises(UsageError, match="`columns` are for architecture='dense'"):
        zoo.build("vae", architecture="conv", columns=datasets.load(animals()).columns)


def test_missing_codes_are_a_class_of_their_own():
    columns, rng = Columns([("cat", "dog"), None]), np.random.default_rng(0)
    rows = np.stack([rng.integers(0, 2, 60), rng.normal(size=60)], axis=1).astype(np.float32)
    rows[:25, 0] = rows[50:55, 0] = np.nan  # most often of all
    rows[10:20, 1] = np.nan
    expected = np.where(np.isnan(rows[:, 0]), 2, rows[:, 0])
    hot = columns.one_hot(rows)
    np.testing.assert_array_equal(hot[:, 0], rows[:, 1])
    np.testing.assert_array_equal(hot[:, 1:], np.eye(4)[expected.astype(int)])
    np.testing.assert_array_equal(columns.one_hot(np.float32([[0.5, 0], [7, 0]]))[:, 4], 1)
    assert columns.values_of(rows)[0].tolist()[24:26] == [None, ["cat", "dog"][int(rows[25, 0])]]
    options = {"missing": "mask", "columns": columns, "column_names": ("kind", "kg")}
    splits = [datasets.Split(part, **options) for part in (rows[:40], rows[40:])]
    data = datasets.Dataset("gaps", *splits)
    np.testing.assert_allclose(
        column_metrics.most_frequent(data), [[2, np.nanmean(rows[:40, 1])]], rtol=1e-6
    )
    own = np.stack([expected, np.nan_to_num(rows[:, 1])], axis=1)[40:]
    assert column_metrics.of_columns(data, own)["accuracy/kind"] == 1
    model = zoo.build("pca", input_shape=(2,), latent_dim=1, columns=columns, missing="mask")
    report = zoo.evaluate(model.adapt(data.train), data)
    assert report["frequent_accuracy/kind"] == pytest.approx(5 / 20)
    assert np.isfinite(list(report.values())).all()
    assert coding.learned(data).columns == columns


# The loss ----------------------------------------------------------------------------------------


def test_each_column_counts_once_in_the_loss():
    rows = datasets.rows(animals())
    model = zoo.build("shallow_ae", input_shape=(4,), latent_dim=2, columns=rows.columns)
    model.adapt(rows)
    graph = type(model.encoder)(model.inputs[0], model.column_loss.output)
    output = np.float64(graph(rows.inputs))  # numbers, then 5 and 4 classes
    standard = np.float64(model.standardisation(rows.inputs))
    total = np.square(standard[:, [0, 3]] - output[:, :2]).sum(axis=1)
    for column, logits in ((1, output[:, 2:7]), (2, output[:, 7:])):
        chosen = logits[np.arange(40), rows.inputs[:, column].astype(int)]
        total += np.log(np.exp(logits).sum(axis=1)) - chosen
    weights = np.linspace(0, 2, 40)
    for sample_weight in (None, weights):
        expected = np.average(total / 4, weights=sample_weight)
        loss = model.evaluate(rows, sample_weight=sample_weight, verbose=0, return_dict=True)
        assert loss["column_loss"] == pytest.approx(expected, rel=1e-4)
    reconstructed = model.reconstruct(rows)
    np.testing.assert_array_equal(reconstructed[:, 1], output[:, 2:7].argmax(axis=1))
    shifted = rows.inputs[::-1].copy()
    assert model.evaluate(rows, shifted, verbose=0) != model.evaluate(rows, verbose=0)


@pytest.mark.parametrize("variant", DENSE)
def test_dense_variants_take_categories(variant, tmp_path):
    sizes = {"widths": (8,)} if "widths" in zoo.entry(variant).arguments() else {}
    epochs = {} if variant == "pca" else {"epochs": 1}
    if variant == "stacked_ae":
        epochs["pretrain_epochs"] = 1
    run = zoo.train(variant, animals(), latent_dim=2, folder=tmp_path / "run", **sizes, **epochs)
    assert set(np.unique(run.model.reconstruct(animals())[:, 1])) <= {0, 1, 2, 3, 4}
    assert run.model.loss == "zero" or run.model.loss.__name__ == "zero"
    with pytest.raises(UsageError, match="`loss` must not be set where columns hold categories"):
        zoo.train(variant, animals(), loss="mse", latent_dim=2, folder=tmp_path / "other")


# A real table, whole -----------------------------------------------------------------------------


def test_a_table_of_categories_is_learned(run):
    assert run.config["column_names"][:2] == ["species", "island"]
    metrics = run.metrics
    for name in ("species", "island", "sex"):
        assert metrics[f"accuracy/{name}"] >= metrics[f"frequent_accuracy/{name}"]
        assert 0 <= metrics[f"pca_accuracy/{name}"] <= 1
    assert metrics["category_accuracy"] > metrics["frequent_category_accuracy"] + 0.2
    assert metrics["mse"] < 0.6
    assert run.history["loss"][-1] < 0.5 * run.history["loss"][0]


def test_models_and_exports_take_the_same_frames(run, bundle, penguins, tmp_path):
    opened = zoo.Run.open(run.folder).model
    run.model.save(tmp_path / "model.keras")
    models = (run.model, opened, zoo.load_model(tmp_path / "model.keras"), bundle)
    frame = penguins[penguins.columns[::-1]].copy()
    frame.loc[0, "island"] = "Atlantis"  # never seen
    frame.loc[1, "island"] = None
    expected = run.model.encode(penguins)
    assert bundle.manifest["arguments"]["columns"][1] == ["Biscoe", "Dream", "Torgersen"]
    for model in models:
        assert model.columns == Columns(run.model.columns)
        codes = model.encode(frame)
        np.testing.assert_allclose(codes[2:], expected[2:], rtol=1e-4, atol=1e-4)
        assert not np.allclose(codes[0], expected[0])
        assert model.check(frame)[:2, 1].tolist() == [4, 3]
        assert model.table(model.check(frame))["island"][2] == penguins["island"][2]
        assert model.encode(frame[:0]).shape == (0, 4)
    scores = zoo.anomaly.Detector(bundle).score(frame)
    clean = zoo.anomaly.Detector(bundle).score(penguins)
    assert scores[0] > clean[0]
    np.testing.assert_allclose(scores[2:], clean[2:], rtol=1e-3, atol=1e-3)
    assert zoo.evaluate(bundle, frame, baselines=False)["accuracy/sex"] > 0.5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frame: frame.drop(columns="sex"), r"Received: columns without \['sex'\]"),
        (lambda frame: frame.assign(more=1.0), r"Received: columns with \['more'\]"),
        (lambda frame: frame.assign(year="x"), "Column 'year' must hold numbers. Received: 'x'"),
    ],
)
def test_other_columns_are_refused_by_name(change, message, run, bundle, penguins):
    frame = change(penguins)
    calls = [run.model.encode, run.model.fit, run.model.evaluate, bundle.reconstruct, bundle.score]
    for call in calls:
        with pytest.raises(UsageError, match=message):
            call(frame)
    with pytest.raises(UsageError, match=r"'more'|'sex'|'year'"):
        zoo.evaluate(bundle, frame)


def test_the_jobs_of_a_model_take_the_table(run, penguins, tmp_path):
    penguins.to_csv(tmp_path / "p.csv", index=False)
    path = zoo.encode(run, str(tmp_path / "p.csv"), tmp_path / "codes.npy")
    np.testing.assert_allclose(np.load(path), run.model.encode(penguins), rtol=1e-4, atol=1e-4)
    index = zoo.search.Index.build(run.model, datasets.rows(penguins))
    found, distances = index.query(penguins[:3], 1)
    assert found[:, 0].tolist() == [0, 1, 2]
    assert distances.max() < 1e-3
    labelled = penguins.assign(label=penguins["year"] % 2)
    tuned = zoo.finetune(run, labelled, epochs=1, folder=tmp_path / "tuned")
    assert tuned.model.classify(penguins[:3]).shape == (3, 2)
    further = zoo.train(
        "deep_ae", penguins[penguins.columns[::-1]], start_from=run, epochs=1,
        folder=tmp_path / "further",
    )  # fmt: skip
    assert further.model.column_names == run.model.column_names
    assert json.loads((further.folder / "config.json").read_text())["from"]["new"] == []


# Extreme tables ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "entries"),
    [
        ({"constant": [7.0] * 10}, ()),
        ({"kind": ["a"] * 10}, (("a",),)),
        ({"empty": pandas.Categorical([None] * 10), "kg": np.arange(10.0)}, ((), None)),
        ({"when": pandas.date_range("2024-01-01", periods=10, freq="s")}, (1704067200.0,)),
        ({"when": pandas.date_range("2024-01-01", periods=10, freq="365D")}, (1704067200.0,)),
    ],
)
def test_extreme_tables_are_learned(columns, entries, tmp_path):
    frame = pandas.DataFrame(columns)
    run = zoo.train("deep_ae", frame, widths=(4,), latent_dim=1, epochs=1, folder=tmp_path / "run")
    assert run.model.columns == entries
    assert np.isfinite(run.model.reconstruct(frame)).all()
    assert all(np.isfinite(value) for value in run.metrics.values())


def test_numbers_beyond_float32_are_taken_less_their_offset(tmp_path):
    times = np.stack([np.arange(40) % 7, 1_700_000_000 + 60 * np.arange(40)], axis=1)
    frame = pandas.DataFrame(times, columns=["day", "seconds"])
    run = zoo.train("pca", frame, latent_dim=2, folder=tmp_path / "run")
    bundle = zoo.export(run, tmp_path / "bundle")
    assert bundle.manifest["arguments"]["columns"] == [None, 1_700_000_000]
    less = np.float32(times - [0, 1_700_000_000])
    for model in (run.model, bundle):
        for rows in (frame, times, times.astype(np.float64), times.tolist()):
            np.testing.assert_array_equal(model.check(rows), less)
        np.testing.assert_array_equal(model.check(less), less)
        found = model.table(model.reconstruct(frame))["seconds"]
        np.testing.assert_allclose(found, times[:, 1], rtol=0, atol=0.1)
    dates = pandas.to_datetime(frame["seconds"], unit="s", utc=True)
    np.testing.assert_array_equal(bundle.check(frame.assign(seconds=dates)), less)
    naive = dates.dt.tz_convert(None)
    np.testing.assert_array_equal(bundle.check(frame.assign(seconds=naive)), less)


# The row of results ------------------------------------------------------------------------------


def test_the_row_of_results_fills_and_exports_each_table(penguins, tmp_path, monkeypatch):
    pytest.importorskip("pyarrow", reason="the extra `tabular` is not installed")
    with pytest.raises(UsageError, match=r"make_tables.py writes. Received: .* without ames"):
        whole_tables.read(tmp_path)
    for name in whole_tables.names():
        penguins.to_parquet(tmp_path / f"{name}.parquet", index=False)
    monkeypatch.setattr(whole_tables, "NET", {"widths": (32,), "latent_dim": 6, "epochs": 60})
    data, row = whole_tables.read(tmp_path), ROWS["tables"]
    line = row.measure(data, 0, tmp_path, "ames")
    assert (tmp_path / "filled_ames.png").exists()
    assert line["filled_accuracy"] > line["common_filled_accuracy"] + 0.2
    assert line["filled_error"] < 0.9 * line["common_filled_error"]
    assert line["common_filled_error"] == pytest.approx(1, abs=0.3)
    assert line["export_difference"] < 0.001
    assert line["missing_cells"] == data.tables["ames"].columns.missing(
        data.tables["ames"].train.inputs
    ).sum()  # fmt: skip
    found = row.combine([line | {"part": name, "seed": 0} for name in row.parts()])
    assert set(row.beside) <= set(found)
    assert row.verdict([found | {"export_difference": 0.1}]) == "miss"
