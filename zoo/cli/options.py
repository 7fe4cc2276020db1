"""The arguments and options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from zoo.cli import completions

Variant = Annotated[
    str,
    typer.Argument(
        help="Name of a variant; `zoo list` lists them.", autocompletion=completions.variants
    ),
]
TrainedRun = Annotated[
    Path,
    typer.Argument(help="Run directory of a finished run.", autocompletion=completions.runs),
]
Model = Annotated[
    Path,
    typer.Argument(
        help="Run directory, or folder of an exported model.", autocompletion=completions.models
    ),
]
Exported = Annotated[
    Path,
    typer.Argument(help="Folder of an exported model.", autocompletion=completions.exports),
]
Epochs = Annotated[int | None, typer.Option(help="Override the recipe's number of epochs.")]
BatchSize = Annotated[int | None, typer.Option(help="Override the recipe's batch size.")]
Seed = Annotated[int, typer.Option(help="Random seed.")]
Resume = Annotated[
    bool,
    typer.Option(
        "--resume", help="Continue the run in --folder, or else the newest run of the default name."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
