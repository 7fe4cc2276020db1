"""The arguments and options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from zoo.cli import completions

Variant = Annotated[
    str,
    typer.Argument(
        help="Name of a variant; `zoo list` lists them.", autocompletion=completions.variants
    ),
]
TrainedRun = Annotated[
    Path,
    typer.Argument(help="Run directory of a finished run.", autocompletion=completions.runs),
]
Model = Annotated[
    Path,
    typer.Argument(
        help="Run directory, or folder of an exported model.", autocompletion=completions.models
    ),
]
Exported = Annotated[
    Path,
    typer.Argument(help="Folder of an exported model.", autocompletion=completions.exports),
]
Epochs = Annotated[int | None, typer.Option(help="Override the recipe's number of epochs.")]
BatchSize = Annotated[int | None, typer.Option(help="Override the recipe's batch size.")]
LearningRate = Annotated[float | None, typer.Option(help="Override the recipe's learning rate.")]
Optimizer = Annotated[
    str | None,
    typer.Option(help="Override the recipe's optimizer: adam, sgd, or another one of Keras."),
]
Loss = Annotated[
    str | None,
    typer.Option(
        help="Override the recipe's loss: mse, or another one of Keras or of zoo.recipes.losses."
    ),
]
Pretrain = Annotated[
    str | None,
    typer.Option(
        help="Override how the recipe pre-trains the layers, one by one: rbm, autoencoder, "
        "denoising, contractive or none."
    ),
]
PretrainEpochs = Annotated[
    int | None,
    typer.Option(help="Override the recipe's number of pre-training epochs for each layer."),
]
Fields = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Override any field of the recipe, such as schedule=constant; `zoo show VARIANT` "
        "lists them. May be given several times.",
    ),
]
Arguments = Annotated[
    list[str] | None,
    typer.Argument(
        help="Arguments of the variant as name=value, such as latent_dim=16; `zoo show VARIANT` "
        "lists them."
    ),
]
Seed = Annotated[int, typer.Option(help="Random seed.")]
Resume = Annotated[
    bool,
    typer.Option(
        "--resume", help="Continue the run in --folder, or else the newest run of the default name."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
