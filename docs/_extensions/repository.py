"""Pages made of files of the repository, and links that work both there and on the site.

In the Markdown of the repository a link leads to a file, `../SECURITY.md`. On the site it leads to
the page that is made of the file or, if there is none, to the file on the code host.
"""

import os
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
URL = PROJECT["urls"]["Repository"]
PICTURES = {".png", ".svg", ".jpg"}

# The pages that docs/index.md lists: title, file, sentence. All but these are guides, which get a
# folder of their own: at the top docs/search.md would take the place of Sphinx's page of searches.
NOT_GUIDES = ("variants.md", "results.md", "performance.md")
LISTED = re.findall(
    r"^\| \[([^]]+)\]\(([\w-]+\.md)\) \| (.*) \|$",
    (DOCS / "index.md").read_text(encoding="utf-8"),
    re.MULTILINE,
)
GUIDES = [page for page in LISTED if page[1] not in NOT_GUIDES]
PAGES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "SECURITY.md": "project/security.md",
    "CHANGELOG.md": "project/changelog.md",
    "notebooks": "lessons/index.md",
} | {f"docs/{name}": f"guides/{name}" for _, name, _ in GUIDES}


def relinked(text: str, source: Path, page: Path) -> str:
    """Returns the Markdown of a file with its links changed to those of a page made of it."""

    def change(match):
        target, anchor = match[2], match[3] or ""
        if not target or "://" in target:  # a block of code, an anchor, another host
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


def copies(folder: str) -> dict[str, str]:
    """Returns the pages of a folder that are made of files elsewhere, by their names."""
    made = {}
    for name, target in PAGES.items():
        source, page = ROOT / name, DOCS / target
        if page.parent == DOCS / folder and source.is_file():
            made[page.name] = relinked(source.read_text(encoding="utf-8"), source, page)
    return made


def read(app, docname, source):
    """Changes the links of a page of docs/ itself when Sphinx reads it."""
    path = DOCS / f"{docname}.md"
    if path.parent == DOCS:
        source[0] = relinked(source[0], path, path)


def setup(app):
    app.connect("source-read", read, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
