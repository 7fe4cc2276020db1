"""The commands `zoo list` and `zoo show`."""

import dataclasses
import fnmatch
from typing import Annotated

import typer

from zoo import registry
from zoo.cli import completions
from zoo.cli.console import app, command, show_result, start_tensorflow
from zoo.cli.options import Json, Variant
from zoo.errors import UsageError
from zoo.weights import sets


@command(app, "zoo list '*vae*'", name="list")
def list_variants(
    pattern: Annotated[
        str,
        typer.Argument(
            help="Name of a variant; * and ? are wildcards.", autocompletion=completions.variants
        ),
    ] = "*",
    weights: Annotated[
        bool, typer.Option("--weights", help="List the trained weights that ship instead.")
    ] = False,
    json_: Json = False,
):
    """List the variants, with the family and a summary of each."""
    if weights:
        _list_weights(pattern, json_)
        return
    wanted = set(registry.names(pattern))
    table = {
        family: {name: summary for name, summary in rows if name in wanted}
        for family, rows in registry.families().items()
    }
    rows = [(name, family, text) for family, names in table.items() for name, text in names.items()]
    if not rows:
        raise UsageError(
            f"No variant's name matches {pattern}. The variants are: {', '.join(registry.names())}."
        )
    show_result([{"name": n, "family": f, "summary": s} for n, f, s in rows], json_, columns=True)


def _list_weights(pattern, json_):
    found = [item for item in sets.every() if fnmatch.fnmatch(item.variant, pattern)]
    if not found:
        with_weights = sorted({item.variant for item in sets.every()})
        raise UsageError(
            f"No weights ship for {pattern}. There are weights for {', '.join(with_weights)}."
        )
    rows = [
        {
            "variant": item.variant,
            "weights": item.name,
            "bytes": item.facts["bytes"],
            "about": item.declaration["about"],
        }
        for item in found
    ]
    show_result(rows, json_, columns=True)


@command(app, "zoo show conv_ae")
def show(variant: Variant, json_: Json = False):
    """Show a variant's summary, paper, arguments and training recipe."""
    registry.require(variant)
    start_tensorflow()
    entry = registry.entry(variant)
    facts = {
        "name": entry.name,
        "family": entry.family,
        "summary": entry.summary,
        "paper": entry.paper,
        "arguments": entry.arguments(),
        "value_range": entry.value_range,
        "monitor": entry.monitor,
        "recipe": dataclasses.asdict(entry.recipe_for(entry.arguments())),
    }
    show_result(facts, json_)
