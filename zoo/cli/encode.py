"""The command `zoo encode`."""

from pathlib import Path
from typing import Annotated

import typer

from zoo.cli import completions
from zoo.cli.console import app, command, require_place, show_result, start_tensorflow
from zoo.cli.options import Json
from zoo.serving import sources
from zoo.storage import manifest


@command(app, "zoo encode exports/conv_ae photos --to codes.parquet")
def encode(
    model: Annotated[
        str,
        typer.Argument(
            help="Run directory, folder of an exported model, or name of one that ships.",
            autocompletion=completions.models,
        ),
    ],
    data: Annotated[
        str,
        typer.Argument(
            help="What to encode: every row of a folder or file, a single image file, or the test "
            "rows of a named dataset. An address may end in in_memory=false, as in "
            "'photos?in_memory=false'.",
            autocompletion=completions.datasets,
        ),
    ],
    to: Annotated[Path, typer.Option(help="File to write: .npy or .parquet.")],
    json_: Json = False,
):
    """Write the latent codes of rows to a file, batch by batch; run again, it continues."""
    require_place(to)
    folder = sources.find(model)
    if not manifest.is_export(folder):
        start_tensorflow()
    import zoo

    show_result({"written": str(zoo.encode(folder, data, to))}, json_)
