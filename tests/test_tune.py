"""Tuning: sizes of the code beside PCA, and searches, on held-out training rows."""

import csv
import json
import sys

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import zoo
from zoo import cli
from zoo.errors import MissingExtraError, UsageError
from zoo.experiments import results, search_space

SMALL = {"epochs": 1, "validation_split": 0.25}


@pytest.fixture(scope="module")
def table():
    """60 labelled rows of 30 columns to learn from, and test rows that no figure may come from."""
    whole = zoo.datasets.load("breast_cancer")
    test = whole.test.take(slice(20))
    absurd = zoo.datasets.Split(test.inputs * 1e6, test.labels)
    return zoo.datasets.Dataset("table", whole.train.take(slice(80)), absurd)


def test_sizes_are_measured_on_held_out_rows_beside_pca(table, tmp_path, capsys):
    from sklearn.decomposition import PCA
    from sklearn.preprocessing import StandardScaler

    given = {"latent_dims": [2, 4], "folder": tmp_path} | SMALL
    rows = zoo.tune("linear_ae", table, **given)
    assert [row["latent_dim"] for row in rows] == [row["pca_code_size"] for row in rows] == [2, 4]
    learn, held_out = table.hold_out(0.25, seed=0)
    assert (len(learn), len(held_out)) == (60, 20)
    scaler = StandardScaler().fit(learn.inputs)
    x, y = (scaler.transform(split.inputs) for split in (learn, held_out))
    for row in rows:
        judge = PCA(row["latent_dim"], svd_solver="full").fit(x)
        error = np.square(y - judge.inverse_transform(judge.transform(y))).sum(axis=1).mean()
        assert row["pca_sse"] == pytest.approx(error, rel=1e-3)
        assert row["pca_sse"] < row["sse"] < 1000  # after one epoch, and not of the test rows
        assert 0.5 < row["pca_probe_accuracy"] <= 1
    with open(tmp_path / "sizes.csv", encoding="utf-8", newline="") as file:
        stored = list(csv.DictReader(file))
    assert [float(row["sse"]) for row in stored] == [row["sse"] for row in rows]
    assert json.loads((tmp_path / "sizes.json").read_text()) == rows
    with Image.open(tmp_path / "sizes.png") as picture:
        assert np.asarray(picture.convert("L")).std() > 5
    lines = results.read("tuning", tmp_path)
    assert zoo.tune("linear_ae", table, **given) == rows  # nothing is trained again
    assert results.read("tuning", tmp_path) == lines
    assert [line["arguments"]["latent_dim"] for line in lines] == [2, 4]
    assert "latent_dim=2  sse " in capsys.readouterr().err


def test_a_line_of_other_settings_or_data_is_not_taken(table, tmp_path):
    given = {"folder": tmp_path, "latent_dim": 2} | SMALL
    zoo.tune("pca", table, **given)
    other = zoo.datasets.Dataset("table", table.train.take(slice(70)), table.test)
    changes = [{"rows": 40}, {"seed": 1}, {"validation_split": 0.3}, {"data": other}]
    for number, change in enumerate(changes, start=2):
        zoo.tune("pca", **{"data": table} | given | change)
        assert len(results.read("tuning", tmp_path)) == number
    zoo.tune("pca", table, **given)
    assert len(results.read("tuning", tmp_path)) == 5


def test_a_training_that_diverges_is_named_and_leaves_a_gap(table, tmp_path, capsys):
    given = {"latent_dims": [2], "learning_rate": 1e30, "epochs": 2, "folder": tmp_path}
    (row,) = zoo.tune("linear_ae", table, **given)
    assert (row["latent_dim"], row["sse"], row["pca_sse"]) == (2, None, None)
    assert "zoo: latent_dim=2: The loss in step" in capsys.readouterr().err
    assert not (tmp_path / "sizes.png").exists()


def test_a_search_draws_settings_and_continues(table, tmp_path):
    pytest.importorskip("optuna", reason="an extra: autoencoder-zoo[tune]")
    search = {"learning_rate": (1e-4, 1e-1), "batch_size": [16, 60]}
    given = {"search": search, "latent_dim": 2, "folder": tmp_path} | SMALL
    rows = zoo.tune("linear_ae", table, trials=2, **given)
    assert [row["sse"] for row in rows] == sorted(row["sse"] for row in rows)
    for row in rows:
        assert 1e-4 <= row["learning_rate"] <= 1e-1
        assert row["batch_size"] in (16, 60)
    more = zoo.tune("linear_ae", table, trials=3, **given)
    assert len(results.read("tuning", tmp_path)) == len(more) == 3
    assert all(row in more for row in rows)
    best = zoo.tune("linear_ae", table, trials=3, metric="probe_accuracy", **given)
    accuracies = [row["probe_accuracy"] for row in best]
    assert accuracies == sorted(accuracies, reverse=True)


def test_a_search_without_optuna_names_the_extra(table, tmp_path, monkeypatch, uninstall):
    uninstall("optuna")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["zoo"])
    with pytest.raises(MissingExtraError, match=r"pip install 'autoencoder-zoo\[tune\]'"):
        zoo.tune("linear_ae", table, search={"epochs": (1, 3)})
    words = ["tune", "linear_ae", "breast_cancer", "--search", "epochs=1..3"]
    result = CliRunner().invoke(cli.app, words)
    assert (result.exit_code, result.stdout) == (3, "")
    message = (
        "Optuna, which searches for settings, is not installed: pip install 'autoencoder-zoo[tu"
    )
    assert result.stderr.startswith(f"zoo: {message}")
    assert not list(tmp_path.iterdir())


def test_the_command_prints_the_table(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["zoo"])
    words = ["tune", "pca", "breast_cancer", "--latent-dim", "2,3"]
    result = CliRunner().invoke(cli.app, [*words, "--json"])
    assert result.exit_code == 0, result.stderr
    rows = json.loads(result.stdout)
    assert [row["sse"] for row in rows] == pytest.approx([row["pca_sse"] for row in rows], rel=1e-3)
    shown = CliRunner().invoke(cli.app, words).stdout.splitlines()
    assert shown[0].split()[:3] == ["latent_dim", "sse", "probe_accuracy"]
    assert [line.split()[0] for line in shown[1:]] == ["2", "3"]
    assert (tmp_path / "tuning" / "pca-breast_cancer-seed0" / "sizes.png").exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"latent_dims": [0]}, "`latent_dims` must be a positive integer. Received"),
        ({"latent_dims": [2], "search": {"epochs": (1, 2)}}, "exclude each other"),
        ({"search": {"epoch": (1, 2)}}, "no argument 'epoch' of pca; did you mean epochs"),
        ({"search": {"batch_size": (0, 8)}}, "`batch_size` must be a positive integer. Received"),
        ({"search": {"batch_size": [8, 0.5]}}, "`batch_size` must be a positive integer. Received"),
        ({"search": {"epochs": (3, 1)}}, "must be two numbers of at least 0, the smaller first"),
        ({"search": {"epochs": []}}, "`search` must be learning_rate=1e-4..1e-2 for a range"),
        ({"search": {"epochs": (1, 2)}, "trials": 0}, "`trials` must be a positive integer"),
        ({"search": {"epochs": (1, 2)}, "metric": "mse"}, "`metric` must be sse, loss, probe_acc"),
        ({"validation_split": 0.0}, "must hold out at least one of the 80 training rows"),
        ({"lerning_rate": 1.0}, "no argument 'lerning_rate' of pca; did you mean learning_rate"),
    ],
)
def test_wrong_settings_are_refused_before_the_first_training(changes, message, table, tmp_path):
    if changes.get("search", {}).get("epochs") in ((3, 1), []):
        pytest.importorskip("optuna", reason="an extra: autoencoder-zoo[tune]")
    with pytest.raises(UsageError, match=message):
        zoo.tune("pca", table, folder=tmp_path, **changes)
    assert results.read("tuning", tmp_path) == []


def test_the_metric_needs_labels(table, tmp_path):
    rows = {"data": table.train.inputs, "folder": tmp_path}
    with pytest.raises(UsageError, match="array has no labels, which metric='probe_accuracy' need"):
        zoo.tune("pca", search={"epochs": (1, 2)}, metric="probe_accuracy", **rows)
    (line,) = zoo.tune("pca", latent_dim=2, **rows)
    assert line["probe_accuracy"] is None


@pytest.mark.parametrize(
    ("word", "parsed"),
    [
        ("learning_rate=1e-4..1e-2", (1e-4, 1e-2)),
        ("epochs=5..50", (5, 50)),
        ("batch_size=32,64,128", [32, 64, 128]),
        ("optimizer=adam,sgd", ["adam", "sgd"]),
        ("widths=[64],[64, 32]", [[64], [64, 32]]),
        ("pretrain=none", ["none"]),
    ],
)
def test_ranges_and_choices_are_read(word, parsed):
    assert search_space.parse([word]) == {word.partition("=")[0]: parsed}


@pytest.mark.parametrize("word", ["epochs", "epochs="])
def test_what_is_neither_a_range_nor_a_choice_is_refused(word):
    with pytest.raises(UsageError, match=f"--search is written learning_rate=.* Received: {word}"):
        search_space.parse([word])


def test_ranges_are_logarithmic_unless_they_begin_at_0():
    pytest.importorskip("optuna", reason="an extra: autoencoder-zoo[tune]")
    space = {"learning_rate": (1e-4, 1e-2), "momentum": (0.0, 0.9), "epochs": (5, 50)}
    drawn = search_space.distributions(space | {"loss": ["mse", "mae"]})
    assert [drawn[key].log for key in space] == [True, False, True]
    assert search_space.drawn(space | {"loss": ["mse", "mae"]}, {"loss": 1}) == {"loss": "mae"}
