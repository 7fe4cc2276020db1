"""The commands `zoo train` and `zoo evaluate`."""

from pathlib import Path
from typing import Annotated

import typer

from zoo import registry, runs
from zoo.cli import completions
from zoo.cli.console import app, command, require_place, resume_run, show_result, start_tensorflow
from zoo.cli.options import BatchSize, Epochs, Json, Model, Resume, Seed, Variant
from zoo.errors import UsageError
from zoo.inputs.arguments import parse
from zoo.storage import manifest


@command(app, "zoo train conv_ae mnist_5k latent_dim=16 --epochs 5")
def train(
    variant: Variant,
    data: Annotated[
        str,
        typer.Argument(
            help="Dataset name (see `zoo data list`), folder or file.",
            autocompletion=completions.datasets,
        ),
    ] = "mnist_5k",
    arguments: Annotated[
        list[str] | None,
        typer.Argument(
            help="Arguments of the variant as name=value, such as latent_dim=16; `zoo show "
            "VARIANT` lists them."
        ),
    ] = None,
    epochs: Epochs = None,
    batch_size: BatchSize = None,
    pretrain: Annotated[
        str | None,
        typer.Option(
            help="Override how the recipe pre-trains the layers, one by one: rbm, autoencoder, "
            "denoising, contractive or none."
        ),
    ] = None,
    pretrain_epochs: Annotated[
        int | None,
        typer.Option(help="Override the recipe's number of pre-training epochs for each layer."),
    ] = None,
    seed: Seed = 0,
    validation_split: Annotated[
        float, typer.Option(help="Fraction of the training rows held out as validation data.")
    ] = 0.1,
    folder: Annotated[
        Path | None,
        typer.Option(
            help="Run directory to write. Defaults to a new one, runs/VARIANT-DATA-seedSEED.",
            autocompletion=completions.runs,
        ),
    ] = None,
    resume: Resume = False,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Also write logs for TensorBoard.")
    ] = False,
    json_: Json = False,
):
    """Train a variant by its recipe, evaluate it, and save all of it in a run directory."""
    if data.partition("=")[0].isidentifier() and "=" in data:  # the dataset was left out
        arguments, data = [data, *(arguments or [])], "mnist_5k"
    registry.require(variant)

    from zoo import datasets

    kind = None
    if data.endswith((".npy", ".npz")):  # how its axes are read may depend on the variant
        start_tensorflow()
        kind = registry.entry(variant).kind_of_arrays
    dataset = datasets.load(data, kind=kind)
    folder = folder or runs.default_folder(variant, dataset.name, seed, resume)
    resume_run(folder, resume)
    start_tensorflow()

    from zoo.training import train

    parsed = parse(registry.entry(variant).builder, variant, arguments or [])
    run = train.train(
        variant, dataset, seed=seed, epochs=epochs, batch_size=batch_size,
        pretrain=pretrain, pretrain_epochs=pretrain_epochs, validation_split=validation_split,
        folder=folder, resume=resume, tensorboard=tensorboard, **parsed,
    )  # fmt: skip
    show_result({"folder": str(run.folder), **run.metrics}, json_)


@command(app, "zoo evaluate runs/conv_ae-mnist_5k-seed0 --csv metrics.csv")
def evaluate(
    model: Model,
    data: Annotated[
        str | None,
        typer.Argument(
            help="Dataset name, folder or file whose test split is used. Defaults to the data "
            "that the model was trained on.",
            autocompletion=completions.datasets,
        ),
    ] = None,
    csv: Annotated[
        Path | None, typer.Option(help="Also write the metrics to this .csv file.")
    ] = None,
    figure: Annotated[
        Path | None, typer.Option(help="Also draw the metrics as bars in this .png file.")
    ] = None,
    json_: Json = False,
):
    """Evaluate a model on a test split, beside PCA of equal size and the raw inputs."""
    if not manifest.is_export(model):
        runs.read_config(model)
    if figure and figure.suffix.lower() != ".png":
        raise UsageError(f"--figure must be a .png file. Received: {figure}.")
    for path in filter(None, (csv, figure)):
        require_place(path)
    start_tensorflow()

    from zoo import evaluation, plots
    from zoo.plots import report_table
    from zoo.storage import atomic

    opened, trained_on = runs.open_model(model)
    if data is None and trained_on is None:
        raise UsageError(
            f"{model} has no record of its training data: name a dataset, folder or file after it."
        )
    report = evaluation.evaluate(opened, data or trained_on)
    if csv:
        atomic.replace_file(csv, report_table.as_csv(report))
    if figure:
        plots.save(plots.comparison(report), figure)
    if json_:
        show_result(report, as_json=True)
        return
    head = {"name": "", "model": "model", "pca": "PCA", "raw": "raw"}
    rows = [
        {key: "–" if cell is None else cell for key, cell in row.items()}
        for row in report_table.rows(report)
    ]
    show_result([head, *rows], as_json=False, columns=True)
