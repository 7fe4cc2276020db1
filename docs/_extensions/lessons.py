"""The notebooks of the repository as pages, with the outputs that they were saved with."""

import json
import re

from generated import toctree, write
from repository import ROOT


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
            cells.append(cell)
    metadata = {"language_info": {"name": "python"}} | notebook["metadata"]  # for the colours
    changed = notebook | {"cells": cells, "metadata": metadata}
    return json.dumps(changed, indent=1, ensure_ascii=False)


def write_pages(app):
    """Writes the lessons, and the page that lists them."""
    paths = sorted((ROOT / "notebooks").glob("*.ipynb"))
    pages = {path.name: lesson(path.read_text(encoding="utf-8")) for path in paths}
    tree = toctree(*(path.stem for path in paths), hidden=False)
    sentence = (
        "Each lesson explains an idea on digits that come with the package, and ends in a number "
        "that it checks. They are notebooks of the repository, and run offline in minutes."
    )
    pages["index.md"] = f"# Lessons\n\n{sentence}\n{tree}"
    write("lessons", pages)


def setup(app):
    app.connect("builder-inited", write_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
