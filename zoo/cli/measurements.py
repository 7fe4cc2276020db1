"""`zoo bench` and `zoo reproduce`: what is measured, and appended to the results."""

from pathlib import Path
from typing import Annotated

import typer

from zoo import benchmarks
from zoo.cli.console import Json, app, command, show_result, start_tensorflow

Results = Annotated[
    Path | None, typer.Option("--results", help="Folder of the results; by default the package's.")
]


@command(app, "zoo bench fit")
def bench(
    name: Annotated[str, typer.Argument(help=f"One of: {', '.join(benchmarks.BENCHES)}.")],
    results: Results = None,
    json_: Json = False,
):
    """Measure speed against doing without this library, and append it to the results."""
    if name in benchmarks.BENCHES:
        start_tensorflow()
    lines = benchmarks.bench(name, results)
    keys = ("bench", "variant", "value", "unit")
    shown = lines if json_ else [{key: line.get(key, "") for key in keys} for line in lines]
    show_result(shown, json_, columns=True)


@command(app, "zoo reproduce 1 --seed 0")
def reproduce(
    row: Annotated[str | None, typer.Argument(help="Of the table; without one, the table.")] = None,
    seed: Annotated[int, typer.Option(help="Of the training.")] = 0,
    held_out: Annotated[
        bool, typer.Option("--held-out", help="Of training rows left out, not of the test split.")
    ] = False,
    data: Annotated[
        str | None, typer.Option(help="With --held-out: instead of the row's own.")
    ] = None,
    results: Results = None,
    json_: Json = False,
):
    """Train what a published result takes, and append ours to the results."""
    from zoo import reproduce as rows  # numpy, which a quick --help does without

    if row is None:
        table = [
            {"row": key, "title": row.title, "published": row.published, "targets": row.bounds}
            for key, row in rows.ROWS.items()
        ]
        show_result(table, json_, columns=True)
        return
    if row in rows.ROWS:
        start_tensorflow()
    show_result(rows.reproduce(row, seed, results, held_out=held_out, data=data), json_)
