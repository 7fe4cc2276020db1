"""The commands `zoo export`, `zoo verify` and `zoo sign`."""

import contextlib
import json
import os
from pathlib import Path
from typing import Annotated

import typer

from zoo import runs
from zoo.cli import completions
from zoo.cli.console import app, command, show_result, start_tensorflow
from zoo.cli.options import Exported, Json
from zoo.errors import MissingExtraError, UsageError
from zoo.storage import temporaries
from zoo.storage.manifest import Manifest, is_export

PASSWORD = "ZOO_KEY_PASSWORD"  # the environment variable of a private key's password


@command(app, "zoo export runs/conv_ae-mnist_5k-seed0 exports/conv_ae")
def export(
    model: Annotated[
        Path,
        typer.Argument(
            metavar="RUN",
            help="Run directory of a finished run; with --layout also an exported model.",
            autocompletion=completions.models,
        ),
    ],
    folder: Annotated[Path, typer.Argument(help="Folder to write the exported model to.")],
    layout: Annotated[
        str | None,
        typer.Option(
            help="Write the folders that another server reads: triton, tf-serving, kserve, "
            "mlserver or openvino."
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(help="Name of the model in the layout. Defaults to its variant's name."),
    ] = None,
    version: Annotated[
        int | None, typer.Option(min=1, help="Version of the model in the layout. Defaults to 1.")
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace what was exported to that folder before.")
    ] = False,
    json_: Json = False,
):
    """Export a run's model as SavedModel and ONNX, and check that both give its outputs."""
    if layout is None and (name or version):
        raise UsageError("--name and --version belong to --layout. Received: no --layout.")
    if not (layout and is_export(model)):
        runs.read_config(model)
    start_tensorflow()

    from zoo import exporting

    if layout is None:
        bundle = exporting.export(runs.Run.open(model), folder, overwrite=overwrite)
        parity = {key: max(worst.values()) for key, worst in bundle.manifest["parity"].items()}
        files = len(bundle.manifest["files"])
        return show_result(
            {"folder": str(folder), "files": files, "largest_difference": parity}, json_
        )
    options = {"name": name, "version": version or 1, "overwrite": overwrite}
    models = _write_layout(model, folder, layout, options)
    show_result({"folder": str(folder), "models": " ".join(models)}, json_)


def _write_layout(model, folder, layout, options):
    """Writes the layout of a run or of an exported model, and returns the names of its models."""
    from zoo import exporting
    from zoo.exporting.layouts import MARK

    if is_export(model):
        exporting.write_layout(model, folder, layout, **options)
    else:
        with temporaries.scratch_folder() as scratch:
            exporting.export(runs.Run.open(model), scratch / "exported")
            exporting.write_layout(scratch / "exported", folder, layout, **options)
    return json.loads((folder / MARK).read_text(encoding="utf-8"))["models"]


@command(app, "zoo verify exports/conv_ae")
def verify(
    folder: Exported,
    key: Annotated[
        Path | None,
        typer.Option(help="PEM file with the public key of whoever must have signed the folder."),
    ] = None,
    json_: Json = False,
):
    """Verify an exported model: its hashes, its test vectors in both runtimes, its signature."""
    Manifest.read(folder)
    with contextlib.suppress(MissingExtraError):  # the report says what was not checked
        start_tensorflow()

    from zoo import exporting

    show_result(exporting.verify(folder, key), json_)


@command(app, "zoo sign exports/conv_ae --key private.pem")
def sign(
    folder: Exported,
    key: Annotated[Path, typer.Option(help="PEM file with an elliptic private key.")],
    json_: Json = False,
):
    """Sign an exported model; the environment variable ZOO_KEY_PASSWORD opens an encrypted key."""
    from zoo import exporting

    signature = exporting.sign(folder, key, os.environ.get(PASSWORD))
    show_result({"signature": str(signature)}, json_)
