"""The drawing of a model as SVG that takes the colours of the page, light or dark."""

import html
import io
import re

import matplotlib

from zoo.plots.architecture import architecture, steps

SETTINGS = {"svg.fonttype": "none", "svg.hashsalt": "zoo"}  # text as text; the same file each time


def svg(model) -> str:
    """Returns `zoo.plots.architecture(model)` as an SVG element with a description."""
    figure, buffer = architecture(model), io.StringIO()
    with matplotlib.rc_context(SETTINGS):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    text = buffer.getvalue()
    text = re.sub(r"\s*<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
    spoken = "; ".join(f"{step.name}, {' × '.join(map(str, step.shape))}" for step in steps(model))
    return text.replace("<svg", f'<svg role="img" aria-label="{html.escape(spoken)}"', 1).strip()
