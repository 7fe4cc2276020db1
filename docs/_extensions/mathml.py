"""Equations as MathML, which browsers draw themselves, so that no script is loaded."""

from docutils.nodes import SkipNode
from latex2mathml.converter import convert
from sphinx.errors import ExtensionError


def mathml(latex: str, display: str) -> str:
    """Returns an equation as MathML, or raises an error that names the equation."""
    try:
        return convert(latex, display=display)
    except Exception as error:  # the converter lists none, and raises many
        raise ExtensionError(f"The equation {latex!r} is not understood: {error!r}") from error


def visit_math(self, node):
    self.body.append(mathml(node.astext(), "inline"))
    raise SkipNode


def visit_displaymath(self, node):
    self.body.append(f'<div class="equation">{mathml(node.astext(), "block")}</div>')
    raise SkipNode


def setup(app):
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_displaymath, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
