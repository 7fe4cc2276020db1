"""Pages of the public functions and classes, one for `zoo` and one for each public room."""

import functools
import inspect

from docstrings import homes, places, public
from generated import table, toctree, write

# Methods that Keras defines and documents.
OF_KERAS = {"build", "call", "compute_output_shape", "get_config", "get_compile_config"}


def page(home: str, module, documented: dict[int, str]) -> str:
    """Returns the page of `zoo` or of a room: a table of its names, then an entry for each."""
    summary, _, rest = inspect.getdoc(module).partition("\n")
    rows, entries = [], []
    for name in public(module):
        thing, full = getattr(module, name), f"{home}.{name}"
        place = documented.get(id(thing), full)
        rows.append((f"{{py:obj}}`{name} <{place}>`", first_line(thing)))
        if place == full:
            entries.append(entry(full, thing))
    title = f"# {home}\n\n{summary}\n{rest}\n"
    return f"{title}\n{table(('name', 'what it is'), rows)}\n" + "\n".join(entries)


def first_line(thing) -> str:
    """Returns the first line of an object's own docstring."""
    if not callable(thing):
        return "Constant."
    return (inspect.getdoc(thing) or "").partition("\n")[0].replace("|", r"\|")


def entry(full: str, thing) -> str:
    """Returns the directive that documents an object."""
    options = []
    if inspect.isclass(thing):
        kind = "exception" if issubclass(thing, Exception) else "class"
        options = [f":members: {', '.join(members(thing))}"] if members(thing) else []
    elif callable(thing):
        kind = "function"
    else:
        kind, options = "data", [":no-value:"]
    lines = [f".. auto{kind}:: {full}", *(f"   {option}" for option in options)]
    return "\n".join(["```{eval-rst}", *lines, "```", ""])


def members(thing) -> list[str]:
    """Returns the public methods and properties that classes of ours define, inherited ones too."""
    own = [each for each in reversed(inspect.getmro(thing)) if each.__module__.startswith("zoo.")]
    names = dict.fromkeys(name for each in own for name in vars(each) if name[0] != "_")
    kinds = (property, functools.cached_property)
    return [
        name
        for name in names
        if name not in OF_KERAS
        and (
            callable(getattr(thing, name)) or isinstance(inspect.getattr_static(thing, name), kinds)
        )
        and inspect.getdoc(inspect.getattr_static(thing, name))
    ]


def write_pages(app):
    """Writes all API pages, and the page that lists them."""
    documented = places()
    pages = {f"{home}.md": page(home, module, documented) for home, module in homes().items()}
    rows = [
        (f"[`{home}`]({home}.md)", inspect.getdoc(module).partition("\n")[0])
        for home, module in homes().items()
    ]
    sentence = (
        "`import zoo` is enough: rooms are imported when they are first used. What is not listed "
        "here is not public, and may change without notice."
    )
    pages["index.md"] = (
        f"# API\n\n{sentence}\n\n{table(('module', 'what is in it'), rows)}{toctree(*homes())}"
    )
    write("api", pages)


def setup(app):
    app.connect("builder-inited", write_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
