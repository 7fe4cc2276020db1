"""The notebooks: made of their sources, executed whole, each ends in a number it asserts."""

import importlib.util
import tomllib
import urllib.parse
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "notebooks"


@pytest.fixture(scope="module")
def make():
    pytest.importorskip("jupytext")
    spec = importlib.util.spec_from_file_location("make", FOLDER / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_they_are_fresh(make):
    assert [source.stem[0] for source in make.sources()] == list("12345678")
    for source in make.sources():
        text = source.with_suffix(".ipynb").read_text(encoding="utf-8")
        assert make.made(source) == text, "run python notebooks/make.py"
        assert source.read_text(encoding="utf-8").splitlines()[-1].startswith("assert ")


def test_badges_lead_to_the_repository_of_pyproject():
    project = tomllib.loads((FOLDER.parent / "pyproject.toml").read_text(encoding="utf-8"))
    address = urllib.parse.urlparse(project["project"]["urls"]["Repository"]).path
    for path in FOLDER.glob("*.ipynb"):
        badge = f"https://colab.research.google.com/github{address}/blob/main/notebooks/{path.name}"
        assert badge in path.read_text(encoding="utf-8"), path


@pytest.mark.parametrize("source", sorted(FOLDER.glob("[0-9]_*.py")), ids=lambda path: path.stem[0])
def test_they_run(source, tmp_path, monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # where nobody answers: no network
    nbclient = pytest.importorskip("nbclient")
    import nbformat

    notebook = nbformat.read(source.with_suffix(".ipynb"), as_version=4)
    client = nbclient.NotebookClient(
        notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    )
    client.execute()
    shown = [
        output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs
    ]
    assert shown
    assert not any(output.output_type == "error" for output in shown)
