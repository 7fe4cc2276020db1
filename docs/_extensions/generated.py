"""Writes the folders of pages that are generated at build time and not committed."""

from pathlib import Path

DOCS = Path(__file__).parents[1]


def write(folder: str, pages: dict[str, str]) -> None:
    """Makes a folder of docs/ hold these pages and no others.

    A page that is the same already is not written again, so that Sphinx need not read it again.
    """
    home = DOCS / folder
    home.mkdir(exist_ok=True)
    for path in home.iterdir():
        if path.name not in pages:
            path.unlink()
    for name, text in pages.items():
        path = home / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def toctree(*entries: str, hidden: bool = True, caption: str = "") -> str:
    """Returns the directive that puts pages below the page that it stands on."""
    options = [":hidden:"] if hidden else []
    options += [f":caption: {caption}"] if caption else []
    return "\n".join(["", "```{toctree}", *options, "", *entries, "```", ""])


def table(head: tuple[str, ...], rows) -> str:
    """Returns a Markdown table."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines) + "\n"
