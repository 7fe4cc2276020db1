"""The notebooks, from the `.py` beside them: `python notebooks/make.py` writes each `.ipynb`.

A cell at the top says where it opens in Colab, by the address in pyproject.toml, and one installs
the library there; that one is skipped where the tests execute the notebook.
"""

import tomllib
from pathlib import Path

import jupytext
import nbformat.v4

FOLDER = Path(__file__).parent
SKIPPED = "skip-execution"  # nbclient's own tag


def made(source: Path) -> str:
    """The content of the `.ipynb` that belongs to a `.py` of percent cells."""
    project = tomllib.loads((FOLDER.parent / "pyproject.toml").read_text(encoding="utf-8"))
    address = project["project"]["urls"]["Repository"]
    notebook = jupytext.reads(source.read_text(encoding="utf-8"), fmt="py:percent")
    installed = nbformat.v4.new_code_cell(f"%pip install -q git+{address}")
    installed.metadata = {"tags": [SKIPPED]}
    head = [nbformat.v4.new_markdown_cell(badge(source.stem, address)), installed]
    figures = nbformat.v4.new_code_cell("%matplotlib inline")
    notebook.cells = [*head, figures, *notebook.cells]
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"  # not a random one
    notebook.metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    return nbformat.writes(notebook) + "\n"


def badge(name: str, address: str) -> str:
    """A link to Colab, drawn as its badge."""
    path = address.removeprefix("https://github.com/")
    colab = "https://colab.research.google.com"
    image = f"[![Open in Colab]({colab}/assets/colab-badge.svg)]"
    return f"{image}({colab}/github/{path}/blob/main/notebooks/{name}.ipynb)"


def sources() -> list[Path]:
    """The notebooks' own `.py`, in their order."""
    return sorted(FOLDER.glob("[0-9]_*.py"))


if __name__ == "__main__":
    for source in sources():
        source.with_suffix(".ipynb").write_text(made(source), encoding="utf-8")
