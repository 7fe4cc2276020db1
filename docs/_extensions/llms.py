"""Writes `llms.txt`: the name, a one-line summary and the link of every page."""

import re
from pathlib import Path

from docutils import nodes
from repository import PROJECT
from sections import SECTIONS


def summary(doctree) -> str:
    """Returns the first sentence of a page's first paragraph that is more than a link."""
    for paragraph in doctree.findall(nodes.paragraph):
        text = " ".join(paragraph.astext().split())
        if "." in text:
            return re.split(r"(?<=[.:]) (?=[A-Z`])", text)[0]
    return ""


def write(app, error):
    """Writes the file into the built site, in the order of the navigation."""
    if error or app.builder.format != "html":
        return
    lines = [f"# {app.config.project}", "", f"> {PROJECT['description']}"]
    for section, (title, _) in SECTIONS.items():
        below = app.env.toctree_includes.get(section, [])
        lines += ["", f"## {title}", ""]
        for name in (section, *below):
            name_of_page = app.env.titles[name].astext()
            what = summary(app.env.get_doctree(name))
            lines.append(f"- [{name_of_page}]({app.builder.get_target_uri(name)}): {what}")
    Path(app.outdir, "llms.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def setup(app):
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
