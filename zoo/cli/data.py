"""`zoo data`: data sets by name, and the libraries' caches filled from files at hand."""

from pathlib import Path
from typing import Annotated

import typer

from zoo.cli.console import Json, app, command, show_result, start_tensorflow

data_app = typer.Typer(
    help="Data sets: list them, or import them from files at hand.",
    epilog="Example: zoo data list",
    no_args_is_help=True,
)
app.add_typer(data_app, name="data")


@command(data_app, "zoo data list", name="list")
def list_data(json_: Json = False):
    """The data sets that have a name of their own."""
    from zoo.datasets.imports import IMPORTS
    from zoo.datasets.loading import BY_NAME

    told = [
        {"name": name, "kind": row.kind, "source": row.source, "licence": row.licence}
        for name, row in (IMPORTS | BY_NAME).items()
    ]
    show_result(sorted(told, key=lambda row: row["name"]), json_, columns=True)


@command(data_app, "zoo data import mnist ~/Downloads", name="import")
def import_data(
    name: Annotated[
        str,
        typer.Argument(
            help="20newsgroups, cifar10_subset, olivetti, or a name of tensorflow-datasets, such "
            "as mnist, fashion_mnist or cifar10."
        ),
    ],
    source: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="Where its source files lie, or the one file itself."),
    ],
    to: Annotated[
        Path | None,
        typer.Option(help="Instead of the library's cache; for cifar10_subset, a new folder."),
    ] = None,
    json_: Json = False,
):
    """Put source files you have where they are read from without a network, checksums verified."""
    from zoo.datasets.imports import IMPORTS, import_sources

    if name not in IMPORTS:
        start_tensorflow()  # which tensorflow-datasets imports
    show_result({"written": [str(path) for path in import_sources(name, source, to)]}, json_)
