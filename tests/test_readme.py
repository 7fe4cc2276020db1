"""The README says what is so: its tables are fresh, its Python runs, its pictures are there."""

import inspect
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

import zoo
from zoo import benchmarks, checks, readme, registry, reproduce, results
from zoo.benchmarks import main_job, recipe

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def test_tables_are_fresh():
    assert readme.written(TEXT) == TEXT, "run python -m zoo.readme"


def test_links_and_pictures_are_there():
    prose = re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)#]+)\)", prose)
    for target in targets:
        assert (ROOT / target).exists(), target
    assert sum(target.endswith(".png") for target in targets) == 13


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def test_the_python_runs(tmp_path, monkeypatch, digits):
    *tour, tensorflow, onnx, texts, search = blocks("python")
    code = "".join([*tour, texts, search])
    code += "print(len(way), len(varied), len(moved))\nprint(ids.shape, restored.shape)"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "(3, 28, 28, 1)\n" in done.stdout
    assert "(1000, 10)\n" in done.stdout
    assert "(64, 28, 28, 1)\n" in done.stdout
    assert "(1, 10)\n10 6 2\n" in done.stdout
    assert done.stdout.endswith("(3, 10) (1000, 28, 28, 1)\n")
    (tmp_path / "exports" / "small").rename(tmp_path / "exports" / "first")
    monkeypatch.chdir(tmp_path)
    images = digits.test.images[:2]
    expected = zoo.load("exports/first").encode(images)
    for code in (tensorflow, onnx):
        names = {"images": images}
        exec(code, names)
        np.testing.assert_allclose(names["latent"], expected, atol=1e-5)


def test_the_variant_of_ones_own_keeps_every_promise(tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "_folders", [*registry._folders])
    monkeypatch.setattr(registry, "_entries", {**registry._entries})
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "tiny_ae.py").write_text(blocks("py")[0])
    zoo.add_models(tmp_path)
    try:
        subject = checks.Subject("tiny_ae", tmp_path)
        for check in checks.CHECKS:
            check(subject)
    finally:
        registry._files.cache_clear()


def test_the_first_command_is_what_the_bench_times():
    commands = main_job.commands()
    assert [command.split()[1] for command in commands] == ["train", "evaluate", "export", "verify"]
    assert "pip install . &&" in blocks("sh")[0]
    assert "pip install -e '.[test]' && pytest" in blocks("sh")[1]


def test_metadata_is_written_once():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert zoo.__version__ == project["version"]
    for name in ("name", "version", "description"):
        assert project[name] not in (ROOT / "setup.cfg").read_text()


def test_the_recorded_row_1_is_the_closed_form():
    values = [line["value"] for line in _rows("1")]
    assert all(value == pytest.approx(13.866, rel=5e-3) for value in values)


# Of the newest line: its bench, variant and batch, then the bound on what is read from it.
AT_LEAST = [
    ("fit", "deep_ae", 128, lambda line: line["times_as_fast_as"]["torch"], 1.5),
    ("fit", "deep_ae", 128, lambda line: line["share_of_limit"], 0.45),
    ("fit", "conv_ae", 128, lambda line: line["times_as_fast_as"]["torch"], 2),
    ("fit", "vae", 128, lambda line: line["times_as_fast_as"]["pythae"], 1.5),
    ("encode", "conv_ae", 1, lambda line: line["value"], 2),
    ("boltzmann", "rbm", 100, lambda line: line["times_as_fast_as"]["sklearn"], 1.5),
    ("boltzmann", "rbm", 100, lambda line: line["share_of_limit"], 0.35),
    ("boltzmann", "rbm", 500, lambda line: line["times_as_fast_as"]["sklearn"], 1.5),
    ("boltzmann", "rbm", 500, lambda line: line["share_of_limit"], 0.5),
    ("contractive", "contractive_ae", 128, lambda line: -line["value"], -2.2),
    ("search", "exact", None, lambda line: -line["value"], -50),
    ("search", "hnsw", None, lambda line: line["recall"], 0.98),
    ("search", "hnsw", None, lambda line: line["times_as_fast"], 10),
    ("main_job", "conv_ae", None, lambda line: -line["value"], -120),
]


@pytest.mark.parametrize(("bench", "variant", "batch", "read", "least"), AT_LEAST)
def test_recorded_lines_are_within_bounds(bench, variant, batch, read, least):
    newest = benchmarks.newest()
    assert (bench, variant, batch) in newest, f"zoo bench {bench}"
    assert read(newest[bench, variant, batch]) >= least


def test_recipes_tell_what_their_settings_of_speed_are_worth():
    lines = {key[1]: line for key, line in benchmarks.newest().items() if key[0] == "recipe"}
    entries = [registry.entry(name) for name in registry.names()]
    assert set(lines) == {each.name for each in entries if each.recipe.epochs and not each.preset}
    for name, line in lines.items():
        entry = registry.entry(name)
        settings = entry.recipe.batch_size, entry.recipe.steps_per_execution
        assert (line["batch"], line["steps_per_execution"]) == settings, f"zoo bench recipe: {name}"
        source = inspect.getsource(inspect.getmodule(entry.builder))
        assert recipe.comment(line) in " ".join(source.replace("#", " ").split())


def test_recorded_fits_cost_no_more_than_bare_keras():
    lines = [line for line in benchmarks.newest().values() if line["bench"] == "overhead"]
    apart = {"rbm", "contractive_ae"}  # which bare Keras cannot train
    entries = [registry.entry(name) for name in registry.names()]
    of_images = {each.name for each in entries if not each.preset and each.family != "text"}
    assert {line["variant"] for line in lines} == of_images - apart
    slow = {line["variant"]: line["value"] for line in lines if line["value"] < 0.97}
    assert not slow  # of bare Keras's speed


BELOW = -1e-6
# Of every line of a row: what is read from it, and the most it may be.
ROWS_WITHIN = [
    ("2", lambda line: line["value"], 2.80),
    ("2-D", lambda line: -line["value"], -0.80),
    ("3", lambda line: line["value"], 3.3),
    ("3", lambda line: line["value"] - line["sigmoid_random"], BELOW),
    ("5", lambda line: line["value"], 1.5),
    ("6", lambda line: line["value"], 1.5),
    ("7", lambda line: line["value"] - line["plain"], BELOW),
    ("7", lambda line: -line["times_smaller_jacobian"], -10),
    ("8", lambda line: line["value"], 1.6),
    ("unpooling", lambda line: line["value"] - line["fill"], BELOW),
    ("9", lambda line: line["value"] - line["random"], BELOW),
    ("9", lambda line: line["pretrained_at_1000"] - line["random_at_1000"], BELOW),
    ("10", lambda line: line["value"], 0.085),
    ("11", lambda line: line["value"], 147),
    ("13", lambda line: line["value"], 0.0042),
    ("14", lambda line: -line["value"], -0.40),
]


def _rows(row):
    found = [line for line in results.read("reproduce") if line["row"] == row]
    assert found, f"zoo reproduce {row}"
    return found


@pytest.mark.parametrize(("row", "read", "most"), ROWS_WITHIN)
def test_recorded_results_are_within_bounds(row, read, most):
    assert max(read(line) for line in _rows(row)) <= most


def test_the_published_error_on_curves_may_stand_beside_ours():
    found = [line["logistic_pca"] for line in _rows("4")]
    np.testing.assert_allclose(found, 7.64, rtol=0.05)  # Hinton & Salakhutdinov, 2006
    assert reproduce.ROWS["4"].comparable(_rows("4"))


def test_on_other_curves_ours_are_ratios_alone(monkeypatch):
    read, lines = results.read, [line | {"value": 2.0, "logistic_pca": 8.1} for line in _rows("4")]
    monkeypatch.setattr(results, "read", lambda name: read(name) if name == "bench" else lines)
    (told,) = (line for line in readme.reproduced().splitlines() if line.startswith("| 4 |"))
    assert "| – | " in told
    assert f"0.2469 of the logistic pca's, seeds: {len(lines)}" in told
    assert "7.64 (" not in told
