"""The sections of the site: the first page leads to them, and two of them are lists of pages."""

from generated import table, toctree, write
from repository import DOCS, GUIDES, ROOT, copies, relinked

SECTIONS = {
    "lessons/index": ("Lessons", "The ideas step by step, in notebooks on digits."),
    "variants": ("Variants", "Every auto-encoder: its equation, network, recipe and results."),
    "guides/index": ("Guides", "How to load data, train, evaluate, export, search and more."),
    "api/index": ("API", "Every public function, class and layer."),
    "results": ("Results", "Published results and ours, with a verdict for each."),
    "performance": ("Performance", "Speed and memory beside Keras, PyTorch and JAX."),
    "project/index": ("Project", "Contributing, security and the changelog."),
}


def start(index: str) -> str:
    """Returns the first page: the start of the README, then docs/index.md without its own start."""
    readme = ROOT / "README.md"
    opening, _, _ = readme.read_text(encoding="utf-8").partition("\n## What is there")
    opening, install = relinked(opening, readme, DOCS / "index.md").split("\n## ", 1)
    _, rest = index.split("\n## ", 1)
    entries = [f"{title} <{page}>" for page, (title, _) in SECTIONS.items()]
    return f"{opening}\n{cards()}\n## {install}\n## {rest}{toctree(*entries)}"


def cards() -> str:
    """Returns a grid of cards, one for each section."""
    made = [
        f":::{{grid-item-card}} {title}\n:link: {page}\n:link-type: doc\n{sentence}\n:::"
        for page, (title, sentence) in SECTIONS.items()
    ]
    return "\n".join(["::::{grid} 2 2 3 4", ":gutter: 3", *made, "::::"])


def guides() -> str:
    """Returns the list of guides."""
    rows = [(f"[{title}]({name})", sentence) for title, name, sentence in GUIDES]
    tree = toctree(*(name.removesuffix(".md") for _, name, _ in GUIDES))
    sentence = "How to do each thing that one does with an auto-encoder."
    return f"# Guides\n\n{sentence}\n\n{table(('guide', 'what it explains'), rows)}{tree}"


def project() -> str:
    """Returns the list of pages about the project itself."""
    tree = toctree("contributing", "security", "changelog", hidden=False)
    return f"# Project\n\nHow the project is made, and how to take part.\n{tree}"


def write_pages(app):
    """Writes the guides and the pages about the project."""
    write("guides", copies("guides") | {"index.md": guides()})
    write("project", copies("project") | {"index.md": project()})


def read(app, docname, source):
    """Makes the first page of docs/index.md."""
    if docname == "index":
        source[0] = start(source[0])


def setup(app):
    app.connect("builder-inited", write_pages)
    app.connect("source-read", read)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
