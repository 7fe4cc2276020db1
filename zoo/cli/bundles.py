"""`zoo export` and `zoo verify`."""

from pathlib import Path
from typing import Annotated

import typer

from zoo import runs
from zoo.cli.console import Json, app, command, show_result, start_tensorflow
from zoo.manifest import Manifest


@command(app, "zoo export runs/conv_ae-mnist_5k-seed0 exports/conv_ae")
def export(
    run: Annotated[Path, typer.Argument(help="The folder of a finished run.")],
    folder: Annotated[Path, typer.Argument(help="Where to.")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the folder.")] = False,
    json_: Json = False,
):
    """Write SavedModel, ONNX, weights, test vectors, manifest and card, proven equal."""
    runs.read_config(run)
    start_tensorflow()

    from zoo import exporting

    bundle = exporting.export(runs.Run.open(run), folder, overwrite=overwrite)
    parity = {name: max(worst.values()) for name, worst in bundle.manifest["parity"].items()}
    files = len(bundle.manifest["files"])
    show_result({"folder": str(folder), "files": files, "largest_difference": parity}, json_)


@command(app, "zoo verify exports/conv_ae")
def verify(folder: Annotated[Path, typer.Argument(help="An exported model.")], json_: Json = False):
    """Check an exported model: every hash, and its test vectors in both runtimes."""
    Manifest.read(folder)
    start_tensorflow()

    from zoo import exporting

    show_result(exporting.verify(folder), json_)
