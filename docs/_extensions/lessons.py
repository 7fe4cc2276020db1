"""The notebooks of the repository as pages, with the outputs that they were saved with."""

import base64
import json
import re
import struct
from pathlib import Path

from generated import toctree, write
from repository import ROOT

from zoo.plots.style import DPI

PIXELS = 96  # of a page, an inch


def lesson(text: str) -> str:
    """Returns a notebook for the site.

    Cells that only prepare Colab or the kernel are left out. The badge, a picture on another host,
    becomes a plain link below the title.
    """
    notebook = json.loads(text)
    cells, link = [], ""
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        badge = re.fullmatch(r"\[!\[([^]]+)\]\([^)]+\)\]\(([^)]+)\)", source.strip())
        if badge:
            link = f"[{badge[1]}]({badge[2]})"
        elif link and cell["cell_type"] == "markdown" and source.startswith("# "):
            title, _, rest = source.partition("\n")
            cells.append(cell | {"source": f"{title}\n\n{link}\n{rest}"})
            link = ""
        elif not source.startswith("%"):
            cells.append(cell | {"metadata": cell["metadata"] | sized(cell)})
    metadata = {"language_info": {"name": "python"}} | notebook["metadata"]  # for the colours
    changed = notebook | {"cells": cells, "metadata": metadata}
    return json.dumps(changed, indent=1, ensure_ascii=False)


def sized(cell) -> dict:
    """Returns the metadata by which the picture of a cell is as wide on the page as in inches."""
    for output in cell.get("outputs", ()):
        picture = output.get("data", {}).get("image/png")
        if picture:
            width, _ = struct.unpack(">II", base64.b64decode("".join(picture))[16:24])
            return {"mystnb": {"image": {"width": f"{round(width / DPI * PIXELS)}px"}}}
    return {}


def notebooks(folder: Path = ROOT / "notebooks") -> list[Path]:
    """Returns the paths of the notebooks by the numbers that their names begin with."""
    return sorted(folder.glob("[0-9]*_*.ipynb"), key=lambda path: int(path.name.partition("_")[0]))


def write_pages(app):
    """Writes the lessons, and the page that lists them."""
    paths = notebooks()
    pages = {path.name: lesson(path.read_text(encoding="utf-8")) for path in paths}
    tree = toctree(*(path.stem for path in paths), hidden=False)
    sentence = (
        "Each lesson asks a question, answers it with a picture, and ends in a number that its "
        "code checks. They are notebooks that run offline, each in less than a minute."
    )
    pages["index.md"] = f"# Lessons\n\n{sentence}\n{tree}"
    write("lessons", pages)


def setup(app):
    app.connect("builder-inited", write_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
