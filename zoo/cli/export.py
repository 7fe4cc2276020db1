"""The commands `zoo export` and `zoo verify`."""

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from zoo import runs
from zoo.cli.console import app, command, show_result, start_tensorflow
from zoo.cli.options import Exported, Json, TrainedRun
from zoo.errors import MissingExtraError
from zoo.storage.manifest import Manifest


@command(app, "zoo export runs/conv_ae-mnist_5k-seed0 exports/conv_ae")
def export(
    run: TrainedRun,
    folder: Annotated[Path, typer.Argument(help="Folder to write the exported model to.")],
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an exported model in that folder.")
    ] = False,
    json_: Json = False,
):
    """Export a run's model as SavedModel and ONNX, and check that both give its outputs."""
    runs.read_config(run)
    start_tensorflow()

    from zoo import exporting

    bundle = exporting.export(runs.Run.open(run), folder, overwrite=overwrite)
    parity = {name: max(worst.values()) for name, worst in bundle.manifest["parity"].items()}
    files = len(bundle.manifest["files"])
    show_result({"folder": str(folder), "files": files, "largest_difference": parity}, json_)


@command(app, "zoo verify exports/conv_ae")
def verify(
    folder: Exported,
    json_: Json = False,
):
    """Verify an exported model: its hashes, and its test vectors in both runtimes."""
    Manifest.read(folder)
    with contextlib.suppress(MissingExtraError):  # the report says what was not checked
        start_tensorflow()

    from zoo import exporting

    show_result(exporting.verify(folder), json_)
