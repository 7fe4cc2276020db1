"""Lists of runs, and what differs between two of them; nothing is trained."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from zoo import cli, runs
from zoo.errors import FolderWarning, UsageError

CONFIG = {
    "variant": "vae",
    "arguments": {"latent_dim": 3},
    "data": {"name": "wine", "fingerprint": "0" * 64, "licence": "unknown", "train_rows": 9},
    "seed": 0,
    "recipe": {"epochs": 2, "learning_rate": 0.001},
}


def written(folder, figures, **changes):
    """Writes the files of a run, as a training does; without figures it is not finished."""
    runs.prepare(Path(folder), CONFIG | changes, resume=False)
    if figures:
        runs.write_part(folder, "history.json", {"loss": [2.0, 1.0]})
        runs.write_part(folder, "metrics.json", figures | {"test_rows": 5})


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder `runs` with four runs, and folders that hold no run or a damaged one."""
    monkeypatch.chdir(tmp_path)
    written("runs/first", {"sse": 30.0, "pca_sse": 40.0, "mse": 0.1})
    written("runs/second", {"sse": 25.0, "pca_sse": 40.0, "probe_accuracy": 0.9}, seed=1)
    written("runs/classifier", {"test_error": 0.02}, classes=10)
    written("runs/begun", None)
    for name, content in {"notes": None, "broken": "{", "foreign": '{"variant": 3}'}.items():
        Path("runs", name).mkdir()
        if content:
            Path("runs", name, "config.json").write_text(content)
    written("runs/mixed", {"sse": 1.0})
    Path("runs/mixed/metrics.json").write_text(Path("runs/first/metrics.json").read_text())
    Path("runs/readme.txt").write_text("A file is no run.")
    Path("runs/.hidden").mkdir()
    return tmp_path / "runs"


LEFT_OUT = {
    "notes": "holds no run: there is no config.json in it.",
    "broken": "config.json is damaged: train the run again.",
    "foreign": "config.json is damaged: `variant` must not be 3. zoo.train did not write it.",
    "mixed": "metrics.json must belong to the run of the config.json beside it; it is another run",
}


def test_runs_are_listed_and_other_folders_are_named(folder):
    with pytest.warns(FolderWarning) as caught:
        rows = {Path(row["folder"]).name: row for row in runs.list_runs("runs")}
    messages = [str(warning.message) for warning in caught]
    for name, message in LEFT_OUT.items():
        assert [m for m in messages if name in m and message in m], (name, messages)
    assert len(messages) == len(LEFT_OUT)
    assert set(rows) == {"first", "second", "classifier", "begun"}
    first = rows["first"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", first.pop("date"))
    assert first == {
        "folder": "runs/first", "variant": "vae", "classifier": False, "data": "wine",
        "finished": True, "epochs": 2, "figures": {"sse": 30.0, "pca_sse": 40.0},
    }  # fmt: skip
    assert rows["classifier"]["classifier"]
    assert (rows["begun"]["finished"], rows["begun"]["epochs"]) == (False, None)


def test_the_newest_run_is_first(folder):
    for name, date in {"first": "2026-01-02", "second": "2026-01-03"}.items():
        path = folder / name / "config.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"date": date}))
    older = json.loads((folder / "begun" / "config.json").read_text())
    del older["date"]  # of an older version
    (folder / "begun" / "config.json").write_text(json.dumps(older))
    with pytest.warns(FolderWarning):
        names = [Path(row["folder"]).name for row in runs.list_runs(folder)]
    assert names == ["classifier", "second", "first", "begun"]


def test_two_runs_are_compared(folder):
    differences = runs.compare("runs/first", folder / "second")
    assert differences["settings"] == {"seed": [0, 1]}
    figures = {"sse": [30.0, 25.0], "mse": [0.1, None], "probe_accuracy": [None, 0.9]}
    assert differences["figures"] == figures
    written("runs/third", {"sse": 30.0}, recipe={"epochs": 3, "learning_rate": 0.001})
    settings = runs.compare("runs/first", "runs/third")["settings"]
    assert settings == {"recipe.epochs": [2, 3]}
    with pytest.warns(FolderWarning, match="The run in runs/begun is not finished: it has no fig"):
        assert runs.compare("runs/begun", "runs/second")["figures"] == {}
    for other, message in {"nowhere": "no folder", "notes": "no run", "broken": "damaged"}.items():
        with pytest.raises(UsageError, match=message):
            runs.compare("runs/first", Path("runs") / other)
    with pytest.raises(UsageError, match="There is no folder nowhere"):
        runs.list_runs("nowhere")


def command(*words):
    result = CliRunner().invoke(cli.app, ["runs", *words])
    assert result.exit_code == 0, result.stderr
    return result.stdout, result.stderr.splitlines()


@pytest.mark.filterwarnings("always::zoo.errors.FolderWarning")  # the command prints them
def test_the_commands_print_results_and_name_what_is_left_out(folder):
    stdout, stderr = command("--json")
    assert len(json.loads(stdout)) == 4
    assert len(stderr) == len(LEFT_OUT)
    assert all(line.startswith("zoo: left out: ") for line in stderr)
    lines = {line.split()[0]: line for line in command()[0].splitlines()}
    assert lines["runs/first"].endswith("2       sse 30  pca_sse 40")
    assert " vae classifier " in lines["runs/classifier"]
    assert lines["runs/begun"].endswith("not finished")
    stdout, stderr = command("compare", "runs/first", "runs/second")
    assert stdout.splitlines()[1].split() == ["seed", "0", "1"]
    assert ["mse", "0.1", "–"] in [line.split() for line in stdout.splitlines()]
    stdout, stderr = command("compare", "runs/first", "runs/first", "--json")
    assert json.loads(stdout) == {"settings": {}, "figures": {}}
    _, stderr = command("compare", "runs/first", "runs/first")
    assert stderr == ["zoo: runs/first and runs/first have the same settings and figures."]
