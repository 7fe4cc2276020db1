"""The commands `zoo data list` and `zoo data import`."""

from pathlib import Path
from typing import Annotated

import typer

from zoo.cli import completions
from zoo.cli.console import app, command, show_result, start_tensorflow
from zoo.cli.options import Json

data_app = typer.Typer(
    help="List the datasets, or import one from files that you have.",
    epilog="Example: zoo data list",
    no_args_is_help=True,
)
app.add_typer(data_app, name="data")


@command(data_app, "zoo data list", name="list")
def list_data(json_: Json = False):
    """List the datasets that can be loaded by name, with kind, source and licence."""
    from zoo.datasets.by_name import BY_NAME
    from zoo.datasets.imports import IMPORTS

    table = [
        {"name": name, "kind": row.kind, "source": row.source, "licence": row.licence}
        for name, row in (IMPORTS | BY_NAME).items()
    ]
    show_result(sorted(table, key=lambda row: row["name"]), json_, columns=True)


@command(data_app, "zoo data import mnist ~/Downloads", name="import")
def import_data(
    name: Annotated[
        str,
        typer.Argument(
            help="Name of the dataset: 20newsgroups, cifar10_subset, olivetti, or one of "
            "tensorflow-datasets, such as mnist, fashion_mnist or cifar10.",
            autocompletion=completions.datasets,
        ),
    ],
    source: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            help="Folder of the dataset's original files, or the file itself if there is one.",
        ),
    ],
    to: Annotated[
        Path | None,
        typer.Option(
            help="Folder to write to. Defaults to the cache of the library that loads the "
            "dataset. Required for cifar10_subset: a new folder."
        ),
    ] = None,
    json_: Json = False,
):
    """Import a dataset from files that you have, for use without a network.

    The checksums of the files are verified first.
    """
    from zoo.datasets.imports import IMPORTS, import_sources

    if name not in IMPORTS:
        start_tensorflow()  # tensorflow-datasets imports it
    show_result({"written": [str(path) for path in import_sources(name, source, to)]}, json_)
