"""The command `zoo push`."""

from typing import Annotated

import typer

from zoo.cli.console import app, command, show_result
from zoo.cli.options import Exported, Json


@command(app, "zoo push exports/conv_ae someone/conv_ae --dry-run")
def push(
    folder: Exported,
    name: Annotated[str, typer.Argument(help="Repository on the Hugging Face Hub, OWNER/NAME.")],
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Only write the repository's folder, FOLDER.hub."),
    ] = False,
    json_: Json = False,
):
    """Upload an exported model to the Hugging Face Hub."""
    from zoo.exporting import hub  # imports TensorFlow, which would slow `zoo --help` down

    if dry_run:
        show_result({"written": str(hub.write_repository(folder, name))}, json_)
    else:
        show_result({"uploaded": hub.push(folder, name)}, json_)
