"""The command `zoo tune`."""

from pathlib import Path
from typing import Annotated

import typer

from zoo import registry
from zoo.cli import completions
from zoo.cli.console import app, command, show_result, start_tensorflow
from zoo.cli.options import (
    Arguments,
    BatchSize,
    Epochs,
    Fields,
    Json,
    LearningRate,
    Loss,
    Optimizer,
    Pretrain,
    PretrainEpochs,
    Seed,
    Variant,
)
from zoo.cli.recipe_options import divided_words, recipe_changes
from zoo.errors import UsageError
from zoo.experiments import search_space
from zoo.inputs.arguments import by_name, parse


@command(app, "zoo tune deep_ae breast_cancer --latent-dim 2,4,8 --epochs 20")
def tune(
    variant: Variant,
    data: Annotated[
        str | None,
        typer.Argument(
            help="Dataset name, folder or file, whose training rows are used. Defaults to "
            "mnist_5k.",
            autocompletion=completions.datasets,
        ),
    ] = None,
    arguments: Arguments = None,
    latent_dim: Annotated[
        str | None,
        typer.Option(
            metavar="N,N,...",
            help="Train a model of each of these sizes of the code, and draw their errors beside "
            "those of PCA.",
        ),
    ] = None,
    search: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=LOW..HIGH",
            help="Search a field of the recipe or an argument of the variant in this range, or "
            "among choices, KEY=A,B,C. May be given several times. Needs Optuna.",
        ),
    ] = None,
    trials: Annotated[int, typer.Option(help="Number of settings that --search tries.")] = 20,
    metric: Annotated[
        str, typer.Option(help="What --search improves: sse, loss or probe_accuracy.")
    ] = "sse",
    epochs: Epochs = None,
    batch_size: BatchSize = None,
    learning_rate: LearningRate = None,
    optimizer: Optimizer = None,
    loss: Loss = None,
    pretrain: Pretrain = None,
    pretrain_epochs: PretrainEpochs = None,
    set_: Fields = None,
    rows: Annotated[
        int | None, typer.Option(help="Number of rows to learn from. Defaults to all.")
    ] = None,
    validation_split: Annotated[
        float | None,
        typer.Option(
            help="Fraction of the training rows that are held out, to measure on. Defaults to a "
            "twelfth."
        ),
    ] = None,
    seed: Seed = 0,
    folder: Annotated[
        Path | None,
        typer.Option(
            help="Folder to write the table and the measurements to. Defaults to "
            "tuning/VARIANT-DATA-seedSEED."
        ),
    ] = None,
    json_: Json = False,
):
    """Try settings of a variant on held-out training rows: sizes of the code, or a search."""
    names, arguments = divided_words([variant, data], arguments)
    data = names[1] if len(names) > 1 else "mnist_5k"
    registry.require(variant)
    sizes = None if latent_dim is None else _sizes(latent_dim)
    space = search_space.parse(search) if search else None
    changes = recipe_changes(
        set_, epochs=epochs, batch_size=batch_size, learning_rate=learning_rate,
        optimizer=optimizer, loss=loss, pretrain=pretrain, pretrain_epochs=pretrain_epochs,
    )  # fmt: skip
    if validation_split is not None:
        changes["validation_split"] = validation_split

    from zoo import datasets

    named = by_name(arguments, "A variant's arguments are written name=value.")
    dataset = datasets.load(data, missing=named.get("missing"))
    start_tensorflow()

    from zoo.experiments import tune

    changes |= parse(registry.entry(variant).builder, variant, arguments)
    table = tune.tune(
        variant, dataset, latent_dims=sizes, search=space, trials=trials, metric=metric,
        folder=folder, rows=rows, seed=seed, **changes,
    )  # fmt: skip
    if json_:
        show_result(table, as_json=True)
        return
    lines = [list(table[0]), *([_shown(cell) for cell in row.values()] for row in table)]
    show_result([dict(enumerate(line)) for line in lines], as_json=False, columns=True)


def _sizes(text):
    try:
        return [int(size) for size in text.split(",")]
    except ValueError:
        raise UsageError(
            f"--latent-dim must be integers with commas between them. Received: {text}."
        ) from None


def _shown(cell):
    return "–" if cell is None else cell
