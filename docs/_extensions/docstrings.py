"""Docstrings are written as Keras's, with `code` between backticks: makes it code for Sphinx.

The name of a public class, and a dotted name such as `zoo.build`, become links to their entries.
"""

import inspect
import re

import zoo

COLON = "\ue000"  # of no meaning to anybody


def homes() -> dict[str, object]:
    """Returns `zoo`, its public rooms and their public modules, by their dotted names."""
    found = {"zoo": zoo}
    for name in zoo.__all__:
        if inspect.ismodule(room := getattr(zoo, name)):
            found[f"zoo.{name}"] = room
            modules = {each: getattr(room, each) for each in getattr(room, "__all__", ())}
            found |= {
                f"zoo.{name}.{each}": module
                for each, module in modules.items()
                if inspect.ismodule(module)
            }
    return found


def public(home) -> list[str]:
    """Returns the public names of `zoo`, a room or a module, without the modules."""
    own = [name for name, value in vars(home).items() if name[0] != "_" and _is_own(value, home)]
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


def keep_colon(app, kind, name, thing, options, lines):
    """Hides the colon in a property's first line: napoleon takes what is before it for a type."""
    if kind in ("property", "attribute") and lines:
        lines[0] = lines[0].replace(":", COLON)


def setup(app):
    names = {place: place for place in places().values()}
    names |= {each.rpartition(".")[2]: each for each in names if each.split(".")[-1][0].isupper()}

    def process(app, kind, name, thing, options, lines):
        lines[:] = linked("\n".join(lines), names).replace(COLON, ":").split("\n")

    app.connect("autodoc-process-docstring", keep_colon, priority=100)
    app.connect("autodoc-process-docstring", process, priority=900)  # after napoleon
    return {"parallel_read_safe": True, "parallel_write_safe": True}
