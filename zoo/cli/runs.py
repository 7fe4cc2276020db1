"""`zoo train` and `zoo evaluate`."""

from pathlib import Path
from typing import Annotated

import typer

from zoo import manifest, registry, runs
from zoo.arguments import parse
from zoo.cli.console import (
    Json,
    app,
    command,
    require_place,
    resume_run,
    show_result,
    start_tensorflow,
)
from zoo.errors import UsageError

Data = Annotated[str, typer.Argument(help="A data set, folder or file; see zoo data list.")]
Model = Annotated[Path, typer.Argument(help="A run's folder, or an exported one.")]


@command(app, "zoo train conv_ae mnist_5k latent_dim=16 --epochs 5")
def train(
    variant: Annotated[str, typer.Argument(help="One of zoo list.")],
    data: Data = "mnist_5k",
    arguments: Annotated[
        list[str] | None, typer.Argument(help="The variant's arguments, name=value.")
    ] = None,
    epochs: Annotated[int | None, typer.Option(help="Instead of the recipe's.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Instead of the recipe's.")] = None,
    pretrain: Annotated[
        str | None,
        typer.Option(help="Layer by layer before: rbm, autoencoder, denoising, contractive, none."),
    ] = None,
    pretrain_epochs: Annotated[
        int | None, typer.Option(help="Of each layer, instead of the recipe's.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of everything random.")] = 0,
    validation: Annotated[float, typer.Option(help="Share of the training images held out.")] = 0.1,
    folder: Annotated[Path | None, typer.Option(help="Of the run; by default a new one.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run in the folder.")
    ] = False,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Log for TensorBoard.")
    ] = False,
    json_: Json = False,
):
    """Train a variant by its recipe, evaluate it, and draw figures."""
    if data.partition("=")[0].isidentifier() and "=" in data:  # the data set was left out
        arguments, data = [data, *(arguments or [])], "mnist_5k"
    registry.require(variant)

    from zoo import datasets

    dataset = datasets.load(data)
    folder = folder or runs.default_folder(variant, data, seed, resume)
    resume_run(folder, resume)
    start_tensorflow()

    from zoo import training

    given = parse(registry.entry(variant).builder, variant, arguments or [])
    run = training.train(
        variant, dataset, seed=seed, epochs=epochs, batch_size=batch_size,
        pretrain=pretrain, pretrain_epochs=pretrain_epochs, validation=validation,
        folder=folder, resume=resume, tensorboard=tensorboard, **given,
    )  # fmt: skip
    show_result({"folder": str(run.folder), **run.metrics}, json_)


@command(app, "zoo evaluate runs/conv_ae-mnist_5k-seed0 --csv figures.csv --figure figures.png")
def evaluate(
    model: Model,
    data: Annotated[str | None, typer.Argument(help="By default what it was trained on.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write the table to this file.")] = None,
    figure: Annotated[Path | None, typer.Option(help="Draw bars to this .png file.")] = None,
    json_: Json = False,
):
    """Measure a model on the test split, beside a PCA of the same size and the raw inputs."""
    if not manifest.is_export(model):
        runs.read_config(model)
    if figure and figure.suffix.lower() != ".png":
        raise UsageError(f"--figure must be a .png file. Received: {figure}.")
    for path in filter(None, (csv, figure)):
        require_place(path)
    start_tensorflow()

    from zoo import atomic, evaluation, plots
    from zoo.evaluation import table

    opened, trained_on = runs.open_model(model)
    if data is None and trained_on is None:
        raise UsageError(f"{model} has no record of its data: name some after it.")
    report = evaluation.evaluate(opened, data or trained_on)
    if csv:
        atomic.replace_file(csv, table.as_csv(report))
    if figure:
        plots.save(plots.comparison(report), figure)
    if json_:
        show_result(report, as_json=True)
        return
    head = {"name": "", "model": "model", "pca": "PCA", "raw": "raw"}
    rows = [
        {key: "–" if cell is None else cell for key, cell in row.items()}
        for row in table.rows(report)
    ]
    show_result([head, *rows], as_json=False, columns=True)
