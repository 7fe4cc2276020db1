"""The commands `zoo train` and `zoo evaluate`."""

from pathlib import Path
from typing import Annotated

import typer

from zoo import registry, runs
from zoo.cli import completions
from zoo.cli.console import app, command, require_place, resume_run, show_result, start_tensorflow
from zoo.cli.options import (
    Arguments,
    BatchSize,
    Epochs,
    Fields,
    Json,
    LearningRate,
    Loss,
    Model,
    Optimizer,
    Pretrain,
    PretrainEpochs,
    Resume,
)
from zoo.cli.recipe_options import divided_words, recipe_changes
from zoo.errors import UsageError
from zoo.inputs.arguments import by_name, parse
from zoo.storage import manifest
from zoo.training.augment import parse as parse_changes


@command(app, "zoo train conv_ae mnist_5k latent_dim=16 --epochs 5 --learning-rate 0.001")
def train(
    variant: Annotated[
        str | None,
        typer.Argument(
            help="Name of a variant; `zoo list` lists them. Required without --config.",
            autocompletion=completions.variants,
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Argument(
            help="Dataset name (see `zoo data list`), folder or file. Photos of different sizes "
            "need FOLDER?image_size=64x64, with &fit=crop, pad or stretch and &color=rgb or gray "
            "if wanted. Defaults to mnist_5k.",
            autocompletion=completions.datasets,
        ),
    ] = None,
    arguments: Arguments = None,
    config: Annotated[
        Path | None,
        typer.Option(
            help="Read the settings from this file: a .toml file, or the config.json of a run, to "
            "train it again. Arguments and options of the command line win over it."
        ),
    ] = None,
    epochs: Epochs = None,
    batch_size: BatchSize = None,
    learning_rate: LearningRate = None,
    optimizer: Optimizer = None,
    loss: Loss = None,
    pretrain: Pretrain = None,
    pretrain_epochs: PretrainEpochs = None,
    set_: Fields = None,
    seed: Annotated[int | None, typer.Option(help="Random seed. Defaults to 0.")] = None,
    validation_split: Annotated[
        float | None,
        typer.Option(
            help="Fraction of the training rows held out as validation data. Defaults to 0.1."
        ),
    ] = None,
    start_from: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="RUN",
            help="Start with the weights of this run directory, or of weights:VARIANT/NAME (see "
            "`zoo list --weights`), as far as they fit.",
            autocompletion=completions.runs,
        ),
    ] = None,
    augment: Annotated[
        str | None,
        typer.Option(
            help="Random changes of the training images, such as flip=horizontal,shift=0.1: flip "
            "(horizontal, vertical or horizontal_and_vertical), crop (fraction of the height and "
            "width that is cut away), shift (fraction of the height and width), rotation (fraction "
            "of a turn), zoom (fraction)."
        ),
    ] = None,
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
    names, arguments = divided_words([variant, data], arguments)
    settings = dict(zip(("variant", "data"), names, strict=False)) | {
        "seed": seed, "validation_split": validation_split, "start_from": start_from,
        "folder": folder, "tensorboard": tensorboard or None,
    }  # fmt: skip
    settings = {key: value for key, value in settings.items() if value is not None}
    settings |= recipe_changes(
        set_, epochs=epochs, batch_size=batch_size, learning_rate=learning_rate,
        optimizer=optimizer, loss=loss, pretrain=pretrain, pretrain_epochs=pretrain_epochs,
    )  # fmt: skip
    if config:
        start_tensorflow()

        from zoo.training import config_file

        settings = config_file.read_settings(config, **settings)
    if "variant" not in settings:
        raise UsageError("Name the variant to train, or a file of settings by --config.")
    variant, seed = settings["variant"], settings.get("seed", 0)
    registry.require(variant)
    if augment is not None:
        settings["augment"] = parse_changes(augment)

    from zoo import datasets

    source, kind = settings.get("data", "mnist_5k"), None
    if isinstance(source, str) and source.endswith((".npy", ".npz")):
        start_tensorflow()
        kind = registry.entry(variant).kind_of_arrays  # how the axes of an array are read
    named = by_name(arguments, "A variant's arguments are written name=value.")
    missing = named.get("missing", settings.get("missing"))
    dataset = settings["data"] = datasets.load(source, kind=kind, missing=missing)
    folder = settings.get("folder") or runs.default_folder(variant, dataset.name, seed, resume)
    settings["folder"] = folder
    resume_run(folder, resume)
    start_tensorflow()

    from zoo.training import train

    settings |= parse(registry.entry(variant).builder, variant, arguments)
    run = train.train(**settings, resume=resume)
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
