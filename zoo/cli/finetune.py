"""The command `zoo finetune`."""

from pathlib import Path
from typing import Annotated

import typer

from zoo import runs
from zoo.cli import completions
from zoo.cli.console import app, command, resume_run, show_result, start_tensorflow
from zoo.cli.options import BatchSize, Epochs, Json, Resume, Seed, TrainedRun


@command(app, "zoo finetune runs/stacked_ae-mnist_5k-seed0 --labels 100")
def finetune(
    run: TrainedRun,
    data: Annotated[
        str | None,
        typer.Argument(
            help="Labelled dataset: its name, folder or file. Defaults to the data that the run "
            "was trained on.",
            autocompletion=completions.datasets,
        ),
    ] = None,
    labels: Annotated[
        int | None,
        typer.Option(
            help="Number of labelled training rows to use, the same number of each class. "
            "Defaults to all rows."
        ),
    ] = None,
    epochs: Epochs = None,
    batch_size: BatchSize = None,
    freeze: Annotated[
        bool,
        typer.Option(
            "--freeze", help="Keep the encoder's weights, and train the softmax layer alone."
        ),
    ] = False,
    seed: Seed = 0,
    folder: Annotated[
        Path | None,
        typer.Option(
            help="Run directory to write. Defaults to a new one, "
            "runs/VARIANT-classifier-DATA-seedSEED.",
            autocompletion=completions.runs,
        ),
    ] = None,
    resume: Resume = False,
    json_: Json = False,
):
    """Train a run's encoder with a softmax layer as a classifier, on labelled data."""
    folder = folder or runs.classifier_folder(runs.read_config(run), data, seed, resume)
    resume_run(folder, resume)
    start_tensorflow()

    from zoo.training import finetune

    result = finetune.finetune(
        run, data, labels=labels, seed=seed, epochs=epochs, batch_size=batch_size,
        freeze=freeze, folder=folder, resume=resume,
    )  # fmt: skip
    show_result({"folder": str(result.folder), **result.metrics}, json_)
