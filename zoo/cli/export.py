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

SHOWN = "target", "unpooling", "reduced"  # of the manifest


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
    target: Annotated[
        str | None,
        typer.Option(
            help="What the export is for, which chooses how it unpools by switches: cpu, gpu, "
            "openvino, browser or litert. Defaults to a form that runs everywhere."
        ),
    ] = None,
    formats: Annotated[
        str | None,
        typer.Option(
            help="Formats to write, separated by commas: saved_model, onnx, litert. Defaults to "
            "saved_model,onnx; for --target litert to all three."
        ),
    ] = None,
    precision: Annotated[
        str, typer.Option(help="Precision of the ONNX files: float32, float16, int8, int8-static.")
    ] = "float32",
    calibration: Annotated[
        str | None,
        typer.Option(
            help="Dataset whose training rows int8-static is scaled by, and by which the loss of a "
            "precision is measured.",
            autocompletion=completions.datasets,
        ),
    ] = None,
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
    """Export a run's model as SavedModel, ONNX or LiteRT, and check that all give its outputs."""
    if layout is None and (name or version):
        raise UsageError("--name and --version belong to --layout. Received: no --layout.")
    options = {
        "target": target, "formats": formats, "precision": precision, "calibration": calibration,
    }  # fmt: skip
    if layout and is_export(model):
        if options != {
            "target": None,
            "formats": None,
            "precision": "float32",
            "calibration": None,
        }:
            raise UsageError(
                "--target, --formats, --precision and --calibration are for a run. Received: "
                f"{model}, which is exported already."
            )
    else:
        runs.read_config(model)
    start_tensorflow()

    from zoo import exporting

    if layout is None:
        bundle = exporting.export(runs.Run.open(model), folder, overwrite=overwrite, **options)
        parity = {key: max(worst.values()) for key, worst in bundle.manifest["parity"].items()}
        files = len(bundle.manifest["files"])
        facts = {key: bundle.manifest[key] for key in SHOWN if bundle.manifest.get(key)}
        return show_result(
            {"folder": str(folder), "files": files, "largest_difference": parity, **facts}, json_
        )
    layout_options = {"name": name, "version": version or 1, "overwrite": overwrite}
    models = _write_layout(model, folder, layout, layout_options, options)
    show_result({"folder": str(folder), "models": " ".join(models)}, json_)


def _write_layout(model, folder, layout, layout_options, options):
    """Writes the layout of a run or of an exported model, and returns the names of its models."""
    from zoo import exporting
    from zoo.exporting.layouts import MARK

    if is_export(model):
        exporting.write_layout(model, folder, layout, **layout_options)
    else:
        with temporaries.scratch_folder() as scratch:
            exporting.export(runs.Run.open(model), scratch / "exported", **options)
            exporting.write_layout(scratch / "exported", folder, layout, **layout_options)
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
