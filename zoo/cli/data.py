"""`zoo data`: data sets by name, and the cache filled from files at hand."""

from pathlib import Path
from typing import Annotated

import typer

from zoo.cli.console import Json, app, command, show_result, start_tensorflow

data_app = typer.Typer(
    help="Data sets: list them, or fill the cache from files at hand.",
    epilog="Example: zoo data list",
    no_args_is_help=True,
)
app.add_typer(data_app, name="data")


@command(data_app, "zoo data list", name="list")
def list_data(json_: Json = False):
    """The data sets that have a name of their own."""
    from zoo.datasets.loading import FROM_TFDS

    embedded = {"name": "mnist_5k", "source": "in the package", "licence": FROM_TFDS["mnist"]}
    others = [
        {"name": name, "source": "tensorflow-datasets", "licence": licence}
        for name, licence in FROM_TFDS.items()
    ]
    show_result([embedded, *others], json_, columns=True)


@command(data_app, "zoo data import mnist ~/Downloads", name="import")
def import_data(
    name: Annotated[str, typer.Argument(help="As tensorflow-datasets calls it.")],
    folder: Annotated[Path, typer.Argument(help="Where its source files lie.")],
    json_: Json = False,
):
    """Put source files you have into tensorflow-datasets' cache, checksums verified."""
    start_tensorflow()

    from zoo import datasets

    show_result({"written": [str(path) for path in datasets.import_sources(name, folder)]}, json_)
