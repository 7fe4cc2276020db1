"""Docstrings are written as Keras's, with `code` between backticks: makes it code for Sphinx.

The name of a public class, and a dotted name such as `zoo.build`, become links to their entries.
"""

import inspect
import re

import zoo


def homes() -> dict[str, object]:
    """Returns `zoo` and its public rooms, by the names under which they are imported."""
    rooms = {f"zoo.{name}": getattr(zoo, name) for name in zoo.__all__}
    return {"zoo": zoo} | {name: room for name, room in rooms.items() if inspect.ismodule(room)}


def public(home) -> list[str]:
    """Returns the public names of `zoo` or of a room, without the rooms."""
    own = [name for name, value in vars(home).items() if _is_own(value, home)]
    names = getattr(home, "__all__", own)
    return [name for name in names if not inspect.ismodule(getattr(home, name))]


def _is_own(value, home):
    return getattr(value, "__module__", None) == home.__name__


def places() -> dict[int, str]:
    """Returns the dotted name under which each public object is documented, by the object's id.

    It is the first under which it can be imported, `zoo.Bundle` rather than `zoo.serving.Bundle`.
    """
    found = {}
    for home, module in homes().items():
        for name in public(module):
            found.setdefault(id(getattr(module, name)), f"{home}.{name}")
    return found


def linked(text: str, names: dict[str, str]) -> str:
    """Returns a docstring in which every `code` is a literal or a link, as Sphinx writes them."""

    def mark(match):
        code, after = match[1], match[2] and "\\ "  # a plural: `Split`s
        if not code:
            return match[0].replace("|", r"\|")  # ‖x‖ and |x| are no substitutions
        return (f":py:obj:`{code} <{names[code]}>`" if code in names else f"``{code}``") + after

    return re.sub(r"(?<![`:\w])`([^`]+)`(?![`_])(?=(\w?))|(?<=\s)\|(?=\S)", mark, text)


def setup(app):
    names = {place: place for place in places().values()}
    names |= {each.rpartition(".")[2]: each for each in names if each.split(".")[-1][0].isupper()}

    def process(app, kind, name, thing, options, lines):
        lines[:] = linked("\n".join(lines), names).split("\n")

    app.connect("autodoc-process-docstring", process, priority=900)  # after napoleon
    return {"parallel_read_safe": True, "parallel_write_safe": True}
