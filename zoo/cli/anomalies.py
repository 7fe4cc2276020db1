"""`zoo detect`."""

from pathlib import Path
from typing import Annotated

import typer

from zoo import manifest, runs
from zoo.cli.console import Json, app, command, show_result, start_tensorflow
from zoo.errors import UsageError


@command(app, "zoo detect runs/deep_ae-breast_cancer-seed0 --normal 1 --score both")
def detect(
    model: Annotated[
        Path, typer.Argument(help="A run's folder, or the export of a fitted detector.")
    ],
    data: Annotated[
        str | None,
        typer.Argument(
            help="A folder or a file, of which every image or row is scored, or a dataset's name, "
            "of which the test rows are. Defaults to the test rows of the training data."
        ),
    ] = None,
    normal: Annotated[
        str | None,
        typer.Option(help="The label or the class name of normal rows: tells AUROC and AUPRC."),
    ] = None,
    score: Annotated[
        str | None, typer.Option(help="By reconstruction, latent distance, or both.")
    ] = None,
    top_fraction: Annotated[
        float | None, typer.Option(help="Fraction of a row's errors, the largest, that count.")
    ] = None,
    false_alarms: Annotated[
        float | None, typer.Option(help="Fraction of normal rows that may raise an alarm.")
    ] = None,
    export: Annotated[Path | None, typer.Option(help="Write the detector to a new folder.")] = None,
    json_: Json = False,
):
    """Score images or rows by how unlike they are to what a model was trained on."""
    if not manifest.is_export(model):
        runs.read_config(model)
        start_tensorflow()

    from zoo import anomaly, datasets

    rows = None if data is None else datasets.rows(data)  # before a detector is fitted
    detector, trained_on = anomaly.open_detector(
        model, normal=normal, score=score, top_fraction=top_fraction, false_alarms=false_alarms
    )
    if data is None and trained_on is None:
        raise UsageError(f"{model} has no record of its data: name some after it.")
    report = anomaly.report(detector, datasets.load(trained_on) if rows is None else rows, normal)
    if export:
        from zoo import exporting

        exporting.export(detector, export)
    shown = report if json_ else {k: v for k, v in report.items() if k not in ("names", "scores")}
    show_result(shown, json_)
