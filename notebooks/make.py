"""The lessons as notebooks: `python notebooks/make.py [N...]` executes each into its `.ipynb`.

A cell at the top says where it opens in Colab, by the address in pyproject.toml, and one installs
the library there; that one is not executed here. Saved are the outputs that do not depend on the
machine and the time: no stderr, in which TensorFlow speaks of the processor, and no timings.
With `--text` nothing is executed, for lessons in which only the text has changed.
"""

import base64
import copy
import io
import os
import sys
import tempfile
import tomllib
from pathlib import Path

import jupytext
import nbclient
import nbformat.v4
from PIL import Image

FOLDER = Path(__file__).parent
SKIPPED = "skip-execution"  # nbclient's own tag
SECONDS = 600  # for one cell
ENVIRONMENT = {
    "PYTHONPATH": str(FOLDER.parent),  # the checkout, not what is installed
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
    **dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9"),  # nobody answers there
    "no_proxy": "127.0.0.1",  # a lesson's own server
}


def made(source: Path) -> nbformat.NotebookNode:
    """Returns the notebook of a `.py` of percent cells, without outputs."""
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
    return notebook


def badge(name: str, address: str) -> str:
    """Returns a link to Colab, drawn as its badge."""
    path = address.removeprefix("https://github.com/")
    colab = "https://colab.research.google.com"
    image = f"[![Open in Colab]({colab}/assets/colab-badge.svg)]"
    return f"{image}({colab}/github/{path}/blob/main/notebooks/{name}.ipynb)"


def executed(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Returns the notebook with the outputs of its cells."""
    metadata = copy.copy(notebook.metadata)  # the client adds to it
    with tempfile.TemporaryDirectory() as folder:
        client = nbclient.NotebookClient(
            notebook,
            timeout=SECONDS,
            kernel_name="python3",
            resources={"metadata": {"path": folder}},
            record_timing=False,
            coalesce_streams=True,
        )
        client.execute(env=os.environ | ENVIRONMENT)
    notebook.metadata = metadata  # without the versions of this machine
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if not is_stderr(output)]
            for output in cell.outputs:
                shrink(output)
    return notebook


def with_outputs_of(saved: nbformat.NotebookNode, notebook: nbformat.NotebookNode):
    """Returns the notebook with the outputs of a saved one that has the same code."""
    before, after = ([cell for cell in each.cells if cell.cell_type == "code"] for each in
                     (saved, notebook))  # fmt: skip
    if [cell.source for cell in before] != [cell.source for cell in after]:
        sys.exit("--text is for lessons whose code has not changed.")
    for old, new in zip(before, after, strict=True):
        new.outputs, new.execution_count = old.outputs, old.execution_count
    return notebook


def is_stderr(output) -> bool:
    """Returns whether an output is stderr, and shows it to whoever makes the notebook."""
    if output.get("name") != "stderr":
        return False
    print(output.text, file=sys.stderr)
    return True


def shrink(output) -> None:
    """Makes a picture smaller: 256 colours are enough for a figure."""
    picture = output.get("data", {}).get("image/png")
    if picture:
        buffer = io.BytesIO()
        with Image.open(io.BytesIO(base64.b64decode(picture))) as image:
            few = image.convert("RGB").quantize(256, dither=Image.Dither.NONE)
        few.save(buffer, "png", optimize=True)
        output.data["image/png"] = base64.b64encode(buffer.getvalue()).decode()


def sources(*numbers: str) -> list[Path]:
    """Returns the lessons' `.py` in their order: those of the numbers, or all."""
    found = sorted(FOLDER.glob("[0-9]*_*.py"), key=number)
    return [source for source in found if not numbers or str(number(source)) in numbers]


def number(source: Path) -> int:
    """Returns the number that a lesson's file name begins with."""
    return int(source.name.partition("_")[0])


if __name__ == "__main__":
    only_text = "--text" in sys.argv
    for source in sources(*(each for each in sys.argv[1:] if each != "--text")):
        path, notebook = source.with_suffix(".ipynb"), made(source)
        if only_text:
            notebook = with_outputs_of(nbformat.read(path, as_version=4), notebook)
        else:
            notebook = executed(notebook)
        text = nbformat.writes(notebook) + "\n"
        path.write_text(text, encoding="utf-8")
        print(f"{path.name}: {len(text) / 1024:.0f} KB")
