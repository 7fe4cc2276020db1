"""A page for every variant, from its file, its entry in the registry and the results files."""

import dataclasses
import inspect

import architecture
from generated import table, toctree, write
from lessons import notebooks
from repository import URL
from variant_numbers import numbers

import zoo
from zoo import registry
from zoo.inputs.kinds import KINDS
from zoo.weights import sets

EXAMPLE = """
```python
import zoo

data = zoo.datasets.load("{data}")
model = zoo.build("{name}"{arguments})
{train}

codes = model.encode(data.test.inputs)
reconstructions = model.decode(codes)
```
"""
COMMANDS = """
```sh
zoo show {name}
zoo train {name} {data} --folder runs/{name}
zoo evaluate runs/{name}
zoo export runs/{name} exports/{name}
```
"""


def page(entry) -> str:
    """Returns the page of a variant."""
    model = entry.build()
    parts = [
        f"# {entry.name}\n\n{entry.summary}\n",
        facts(entry, model),
        explanation(entry),
        "## Architecture\n",
        f"With the default arguments: {model.count_params():,} weights, and a latent code of "
        f"{' × '.join(map(str, model.code_shapes[0]))} numbers. Each bar is as wide as the "
        "logarithm of the number of values.\n",
        f'```{{raw}} html\n<div class="architecture">\n{architecture.svg(model)}\n</div>\n```\n',
        f"## Example\n{example(entry)}",
        f"## Arguments\n{arguments(entry)}",
        f"## Recipe\n\n{recipe(entry)}",
    ]
    measured = numbers(entry.name)
    parts += [f"## Results\n\n{measured}"] if measured else []
    trained = weights(entry)
    parts += [f"## Trained weights\n\n{trained}"] if trained else []
    parts += [f"## References\n\n{references(entry)}"]
    return "\n".join(parts)


def facts(entry, model) -> str:
    """Returns a table of what the registry says about a variant."""
    rows = [("family", entry.family), ("kinds of data", ", ".join(entry.kinds))]
    if entry.preset:
        builder = entry.builder.__name__
        preset = ", ".join(f"{key}={value!r}" for key, value in entry.preset.items())
        rows.append(("preset", f"[`{builder}`]({builder}.md) with `{preset}`"))
    limits = entry.value_range
    rows += [
        ("input values", "within [{:g}, {:g}]".format(*limits) if limits else "any finite numbers"),
        ("loss terms", ", ".join(f"`{term.name}`" for term in model.loss_terms) or "–"),
        ("papers", entry.paper or "–"),
    ]  # fmt: skip
    cells = "\n".join(f"* - {name}\n  - {text}" for name, text in rows)
    return f"```{{list-table}}\n:stub-columns: 1\n:class: facts\n\n{cells}\n```\n"


def explanation(entry) -> str:
    """Returns what the docstring of the variant's file says after its first line: its equations."""
    module = inspect.getmodule(entry.builder)
    _, _, rest = inspect.cleandoc(module.__doc__ or "").partition("\n")
    return f"## Model\n{rest}\n" if rest.strip() else ""


def example(entry) -> str:
    """Returns how the variant is used, in Python and on the command line."""
    documents = "documents" in entry.kinds
    values = {"name": entry.name, "data": KINDS[entry.kinds[0]].example, "arguments": ""}
    values["train"] = "model.fit(data.train.inputs, epochs=1)"
    if documents:
        values["arguments"] = ", input_shape=(1000,)"
        values["train"] = "model.fit(list(data.train.inputs), epochs=1)"
    elif not entry.recipe.epochs:
        values["train"] = "model.adapt(data.train.inputs)"
    tabs = {"Python": EXAMPLE, "Command line": COMMANDS}
    items = [f":::{{tab-item}} {name}\n{text.format(**values)}:::\n" for name, text in tabs.items()]
    return f"\n::::{{tab-set}}\n{''.join(items)}::::\n"


def arguments(entry) -> str:
    """Returns the directive that shows the builder's signature and docstring."""
    builder = entry.builder
    full = f"{builder.__module__}.{builder.__name__}"
    return f"\n```{{eval-rst}}\n.. autofunction:: {full}\n   :no-index:\n```\n"


def recipe(entry) -> str:
    """Returns the settings of the recipe, and how they change with the arguments."""
    usual = entry.recipe_for(entry.arguments())
    settings = {field.name: getattr(usual, field.name) for field in dataclasses.fields(usual)}
    rows = [
        (f"`{key}`", f"`{value!r}`") for key, value in settings.items() if value not in (None, ())
    ]
    changes = [
        f"- With {_spelled(given)}: {_spelled(changed)}" for given, changed in entry.recipe_changes
    ]
    note = "What `zoo.train` trains it with; `fit` takes the loss and the optimizer from it.\n\n"
    changes = "\n".join(["", *changes, ""]) if changes else ""
    return f"{note}{table(('setting', 'value'), rows)}{changes}\n{modes(entry)}"


def modes(entry) -> str:
    """Returns the arguments with which the common checks run too."""
    if not entry.modes:
        return ""
    listed = "; ".join(_spelled(mode) for mode in entry.modes)
    return f"The checks of every auto-encoder run with the defaults, and with {listed}.\n"


def _spelled(arguments):
    return ", ".join(f"`{key}={value!r}`" for key, value in arguments.items())


def weights(entry) -> str:
    """Returns the trained weights that ship for a variant, with a link to the card of each."""
    lines = []
    for name in sets.of(entry.name):
        found = sets.find(entry.name, name)
        card = f"{URL}/blob/main/zoo/weights/{found.key}.md"
        lines.append(
            f'- `zoo.build("{entry.name}", weights="{name}")`: {found.declaration["about"]} '
            f"[Card]({card})"
        )
    return "\n".join(lines) + "\n" if lines else ""


def references(entry) -> str:
    """Returns the papers, the lessons and the source of a variant."""
    lines = [f"- {paper}" for paper in entry.paper.split("; ") if paper]
    for path in notebooks():
        if f'\\"{entry.name}\\"' in path.read_text(encoding="utf-8"):
            lines.append(f"- Lesson: [](../lessons/{path.name})")
    source = inspect.getsourcefile(entry.builder)
    name = source[source.rindex("zoo/models/") :] if "zoo/models/" in source else source
    lines.append(f"- Source: [{name}]({URL}/blob/main/{name})")
    return "\n".join(lines) + "\n"


def all_pages() -> dict[str, str]:
    """Returns the pages of all variants, by the names of their files."""
    return {f"{name}.md": page(zoo.entry(name)) for name in zoo.names()}


def write_pages(app):
    """Writes the pages of all variants."""
    write("variants", all_pages())


def list_them(app, docname, source):
    """Puts the pages of the variants below the page that lists them, and links to each."""
    if docname == "variants":
        for name in zoo.names():
            source[0] = source[0].replace(
                f"\n| `{name}` |", f"\n| [`{name}`](variants/{name}.md) |"
            )
        for family, variants in registry.families().items():
            source[0] += toctree(*(f"variants/{name}" for name, _ in variants), caption=family)


def setup(app):
    app.connect("builder-inited", write_pages)
    app.connect("source-read", list_them)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
