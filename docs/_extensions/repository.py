"""Pages that stand elsewhere in the repository, and links that work there and on the site.

In the Markdown of the repository a link leads to a file, `../SECURITY.md`. On the site it leads to
the page that is made of the file or, if there is none, to the file on the code host.
"""

import os
import re
import tomllib
from pathlib import Path

from generated import table, toctree, write

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
URL = PROJECT["urls"]["Repository"]

PAGES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "SECURITY.md": "project/security.md",
    "CHANGELOG.md": "project/changelog.md",
    "notebooks": "lessons/index.md",
}
SECTIONS = {
    "lessons/index": ("Lessons", "The ideas step by step, in notebooks on digits."),
    "variants": ("Variants", "Every auto-encoder: its equation, network, recipe and results."),
    "guides/index": ("Guides", "How to load data, train, evaluate, export, search and more."),
    "api/index": ("API", "Every public function, class and layer."),
    "results": ("Results", "Published results and ours, and the speed beside other libraries."),
    "project/index": ("Project", "Contributing, security and the changelog."),
}
ELSEWHERE = ("variants.md", "results.md", "performance.md")  # pages that are no guides
PICTURES = {".png", ".svg", ".jpg"}


def relinked(text: str, source: Path, page: Path) -> str:
    """Returns the Markdown of a file with its links changed to those of a page made of it."""

    def change(match):
        if match[0].startswith("```"):
            return match[0]
        target, anchor = match[2], match[3] or ""
        if not target or "://" in target:
            return match[0]
        return f"{match[1]}{_target(target, source, page)}{anchor})"

    pattern = r"```.*?^ *```|(\]\()([^)#\s]*)(#[^)\s]*)?\)"
    return re.sub(pattern, change, text, flags=re.DOTALL | re.MULTILINE)


def _target(target, source, page):
    path = Path(os.path.normpath(source.parent / target))
    name = path.relative_to(ROOT).as_posix()
    if name in PAGES:
        path = DOCS / PAGES[name]
    elif path.parent == ROOT / "notebooks":
        path = DOCS / "lessons" / path.name
    elif DOCS not in path.parents and path.suffix not in PICTURES:
        return f"{URL}/{'tree' if path.is_dir() else 'blob'}/main/{name}"
    return Path(os.path.relpath(path, page.parent)).as_posix()


def start(index: str) -> str:
    """Returns the first page: the start of the README, then docs/index.md without its own start."""
    readme = ROOT / "README.md"
    opening, _, _ = readme.read_text(encoding="utf-8").partition("\n## What is there")
    opening, install = relinked(opening, readme, DOCS / "index.md").split("\n## ", 1)
    _, rest = index.split("\n## ", 1)
    entries = [f"{title} <{page}>" for page, (title, _) in SECTIONS.items()]
    return f"{opening}\n{_cards()}\n## {install}\n## {rest}{toctree(*entries)}"


def _cards():
    cards = [
        f":::{{grid-item-card}} {title}\n:link: {page}\n:link-type: doc\n{sentence}\n:::"
        for page, (title, sentence) in SECTIONS.items()
    ]
    return "\n".join(["::::{grid} 1 2 3 3", ":gutter: 3", *cards, "::::"])


def guides(index: str) -> str:
    """Returns the list of guides: the pages that docs/index.md lists, but for those elsewhere."""
    pages = re.findall(r"^\| \[([^]]+)\]\((\w+\.md)\) \| (.*) \|$", index, re.MULTILINE)
    pages = [page for page in pages if page[1] not in ELSEWHERE]
    rows = [(f"[{title}](../{name})", what) for title, name, what in pages]
    tree = toctree(*(f"../{name.removesuffix('.md')}" for _, name, _ in pages))
    sentence = "How to do each thing that one does with an auto-encoder."
    return f"# Guides\n\n{sentence}\n\n{table(('guide', 'what it explains'), rows)}{tree}"


def write_pages(app):
    """Writes the pages of files that stand outside docs/, and the list of guides."""
    made = {}
    for name, target in PAGES.items():
        source, page = ROOT / name, DOCS / target
        if page.parent.name == "project":
            made[page.name] = relinked(source.read_text(encoding="utf-8"), source, page)
    tree = toctree("contributing", "security", "changelog", hidden=False)
    made["index.md"] = f"# Project\n\nHow the project is made, and how to take part.\n{tree}"
    write("project", made)
    write("guides", {"index.md": guides((DOCS / "index.md").read_text(encoding="utf-8"))})


def read(app, docname, source):
    """Changes a page of docs/ for the site when Sphinx reads it."""
    path = DOCS / f"{docname}.md"
    if path.parent == DOCS and path.exists():
        text = relinked(source[0], path, path)
        if docname == "index":
            text = start(text)
        if docname == "results":
            text += toctree("performance")
        source[0] = text


def setup(app):
    app.connect("builder-inited", write_pages)
    app.connect("source-read", read)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
