"""The command `zoo detect`."""

from pathlib import Path
from typing import Annotated

import typer

from zoo import runs
from zoo.cli import completions
from zoo.cli.console import app, command, show_result, start_tensorflow
from zoo.cli.options import Json
from zoo.errors import UsageError
from zoo.storage import manifest

OF_ALL_ROWS = ("names", "scores", "places", "shares")  # too long for a terminal


@command(app, "zoo detect runs/deep_ae-breast_cancer-seed0 --normal 1 --score both")
def detect(
    model: Annotated[
        Path,
        typer.Argument(
            help="Run directory, export of a detector, or name of one that ships.",
            autocompletion=completions.models,
        ),
    ],
    data: Annotated[
        str | None,
        typer.Argument(
            help="Data to score: every row of a folder or file, a single image file, or the test "
            "rows of a named dataset. Defaults to the test rows of the training data.",
            autocompletion=completions.datasets,
        ),
    ] = None,
    normal: Annotated[
        str | None,
        typer.Option(
            help="Label or class name of the normal rows. The detector of a run is fitted on them "
            "alone, and AUROC and AUPRC are reported."
        ),
    ] = None,
    score: Annotated[
        str | None,
        typer.Option(
            help="Anomaly score: reconstruction (the reconstruction error), latent (the distance "
            "of the latent code from those of normal rows), both, neighbours (the distance of code "
            "and residual from the nearest normal row), hidden (the error of cells hidden from "
            "the model) or combined. Defaults to both for features and to reconstruction for "
            "other data."
        ),
    ] = None,
    top_fraction: Annotated[
        float | None,
        typer.Option(
            help="Fraction of a row's errors, the largest ones, whose mean is the reconstruction "
            "error. Defaults to 0.05 for images, 0.01 for volumes and 1 for other data."
        ),
    ] = None,
    false_alarms: Annotated[
        float | None,
        typer.Option(
            help="Fraction of normal rows that may score above the threshold. Defaults to 0.01."
        ),
    ] = None,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain",
            help="Name the column, pixel or step with the largest share of the error of each of "
            "the most anomalous rows; with --json, of all rows.",
        ),
    ] = False,
    export: Annotated[
        Path | None, typer.Option(help="Export the detector to this new folder.")
    ] = None,
    json_: Json = False,
):
    """Find anomalies: score how unlike a model's training data each row is."""
    config = None
    if model.exists() and not manifest.is_export(model):
        config = runs.read_config(model)
        start_tensorflow()

    from zoo import anomaly, datasets
    from zoo.datasets.readers import addresses, preparation

    arrays = data is not None and addresses.address(data)[0].suffix in (".npy", ".npz")
    if config and data is not None and not arrays:
        # Before a detector is fitted; how the axes of an array are read depends on its model.
        given = {"missing": config["arguments"].get("missing")}
        data = datasets.rows(data, **given | preparation.recorded(data, config))
    detector, trained_on = anomaly.open_detector(
        model, normal=normal, score=score, top_fraction=top_fraction, false_alarms=false_alarms
    )
    if data is None and trained_on is None:
        raise UsageError(
            f"{model} has no record of its training data: name a dataset, folder or file after it."
        )
    rows = datasets.load(trained_on) if data is None else data
    report = anomaly.report(detector, rows, normal, explain=explain)
    if export:
        from zoo import exporting

        exporting.export(detector, export)
    shown = report if json_ else {k: v for k, v in report.items() if k not in OF_ALL_ROWS}
    show_result(shown, json_)
