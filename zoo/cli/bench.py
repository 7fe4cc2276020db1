"""The commands `zoo bench` and `zoo reproduce`, which append to the files of results."""

from pathlib import Path
from typing import Annotated

import typer

from zoo.cli import completions
from zoo.cli.console import app, command, show_result, start_tensorflow
from zoo.cli.options import Json, Seed
from zoo.experiments import benchmarks

WEIGHTS = "weights:"  # before the variant and the name of trained weights
Results = Annotated[
    Path | None,
    typer.Option(
        "--results", help="Folder of the results files. Defaults to the one in the package."
    ),
]


@command(app, "zoo bench fit")
def bench(
    name: Annotated[
        str,
        typer.Argument(
            help=f"Name of the benchmark: {', '.join(benchmarks.BENCHES)}.",
            autocompletion=completions.benches,
        ),
    ],
    results: Results = None,
    json_: Json = False,
):
    """Measure speed or memory, and append the result to the results file."""
    if name in benchmarks.BENCHES:
        start_tensorflow()
    lines = benchmarks.bench(name, results)
    keys = ("bench", "variant", "value", "unit")
    shown = lines if json_ else [{key: line.get(key, "") for key in keys} for line in lines]
    show_result(shown, json_, columns=True)


@command(app, "zoo reproduce 1 --seed 0")
def reproduce(
    row: Annotated[
        str | None,
        typer.Argument(
            help="Row of the results table, or weights:VARIANT/NAME to train weights that ship "
            "again and compare their metrics. Without one, the rows are listed.",
            autocompletion=completions.rows,
        ),
    ] = None,
    seed: Seed = 0,
    held_out: Annotated[
        bool,
        typer.Option(
            "--held-out",
            help="Measure on held-out training rows instead of the test split, to choose settings.",
        ),
    ] = False,
    data: Annotated[
        str | None,
        typer.Option(
            help="With --held-out: use this dataset instead of the row's own.",
            autocompletion=completions.datasets,
        ),
    ] = None,
    results: Results = None,
    json_: Json = False,
):
    """Reproduce a published result: train and measure it, and append it to the results file."""
    from zoo.experiments import (
        reproduce as rows,  # imports numpy, which would slow `zoo --help` down
    )

    if row is None:
        table = [
            {"row": key, "title": row.title, "published": row.published, "targets": row.bounds}
            for key, row in rows.ROWS.items()
        ]
        show_result(table, json_, columns=True)
        return
    if row.startswith(WEIGHTS):
        from zoo.experiments import weights_training  # imports numpy too

        start_tensorflow()
        show_result(weights_training.reproduce(row.removeprefix(WEIGHTS), seed), json_)
        return
    if row in rows.ROWS:
        start_tensorflow()
    show_result(rows.reproduce(row, seed, results, held_out=held_out, data=data), json_)
