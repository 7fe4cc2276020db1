"""`zoo finetune`."""

from pathlib import Path
from typing import Annotated

import typer

from zoo import runs
from zoo.cli.console import Json, app, command, resume_run, show_result, start_tensorflow


@command(app, "zoo finetune runs/stacked_ae-mnist_5k-seed0 --labels 100")
def finetune(
    run: Annotated[Path, typer.Argument(help="The folder of a finished run.")],
    data: Annotated[
        str | None, typer.Argument(help="With labels; by default what it was trained on.")
    ] = None,
    labels: Annotated[
        int | None, typer.Option(help="So many labelled rows, balanced; by default all.")
    ] = None,
    epochs: Annotated[int | None, typer.Option(help="Instead of the recipe's.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Instead of the recipe's.")] = None,
    freeze: Annotated[bool, typer.Option("--freeze", help="Keep the encoder as it is.")] = False,
    seed: Annotated[int, typer.Option(help="Of everything random.")] = 0,
    folder: Annotated[Path | None, typer.Option(help="Of the run; by default a new one.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run in the folder.")
    ] = False,
    json_: Json = False,
):
    """Put a softmax layer on a run's encoder, and train both with labels."""
    config = runs.read_config(run)
    name = Path(data or config["data"]["name"]).stem
    variant = f"{config['variant']}-classifier"
    folder = folder or runs.default_folder(variant, name, seed, resume)
    resume_run(folder, resume)
    start_tensorflow()

    from zoo import finetuning

    made = finetuning.finetune(
        run, data, labels=labels, seed=seed, epochs=epochs, batch_size=batch_size,
        freeze=freeze, folder=folder, resume=resume,
    )  # fmt: skip
    show_result({"folder": str(made.folder), **made.metrics}, json_)
