"""The command `zoo impute`."""

import sys
import warnings
from pathlib import Path
from typing import Annotated

import typer

from zoo.cli import completions
from zoo.cli.console import app, command, require_place, show_result, start_tensorflow
from zoo.cli.options import Json
from zoo.errors import ImputationWarning
from zoo.serving import sources
from zoo.storage import manifest


@command(app, "zoo impute runs/deep_ae-table-seed0 table.csv --to filled.csv")
def impute(
    model: Annotated[
        str,
        typer.Argument(
            help="Run directory, or folder of an exported model, that was built with missing=mask.",
            autocompletion=completions.models,
        ),
    ],
    data: Annotated[
        str,
        typer.Argument(
            help="What to fill: every row of a file, or the test rows of a named dataset. Empty "
            "cells of a table are missing.",
            autocompletion=completions.datasets,
        ),
    ],
    to: Annotated[Path, typer.Option(help="File to write: .csv, .parquet or .npy.")],
    json_: Json = False,
):
    """Write data with their missing cells filled; observed cells and column names are kept."""
    require_place(to)
    folder = sources.find(model)
    if not manifest.is_export(folder):
        start_tensorflow()
    import zoo

    with warnings.catch_warnings(record=True, action="always", category=ImputationWarning) as said:
        path = zoo.impute(folder, data, to)
    for warning in said:
        print(f"zoo: {warning.message}", file=sys.stderr)
    show_result({"written": str(path)}, json_)
