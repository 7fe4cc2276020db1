"""The command `zoo explore`."""

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from zoo.cli import completions
from zoo.cli.console import app, command, show_result
from zoo.cli.options import Json
from zoo.errors import UsageError
from zoo.storage import temporaries


@command(app, "zoo explore neighbour_ae --data mnist_5k --to page")
def explore(
    bundles: Annotated[
        list[str],
        typer.Argument(
            metavar="BUNDLE...",
            help="Exported models: a folder, the name of one that ships, or NAME=FOLDER. "
            "?compare=NAME in the page's address sets two side by side.",
        ),
    ],
    to: Annotated[
        Path | None,
        typer.Option(
            help="Folder to write the page to. With --open it may be left out; the page is then "
            "removed at the end."
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            help="Dataset whose codes, neighbours and examples the page shows. Defaults to the "
            "few test vectors of the export.",
            autocompletion=completions.datasets,
        ),
    ] = None,
    runtime: Annotated[
        Path | None,
        typer.Option(
            help="Folder with onnxruntime-web. Defaults to the cache, or else npm fetches it."
        ),
    ] = None,
    single_folder: Annotated[
        bool,
        typer.Option(
            "--single-folder", help="Write files that open from the folder, without a server."
        ),
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a page that the folder holds.")
    ] = False,
    open_: Annotated[
        bool, typer.Option("--open", help="Serve the page, and open it, until Ctrl-C.")
    ] = False,
    port: Annotated[int, typer.Option(help="Port of --open; 0 takes a free one.")] = 0,
    json_: Json = False,
):
    """Write a static page that explores the codes of exported models in the browser."""
    from zoo.explore.write import write  # slow to import

    if to is None and not open_:
        raise UsageError("`zoo explore` needs --to FOLDER, or --open. Received: neither.")
    with contextlib.ExitStack() as stack:
        folder = to or stack.enter_context(temporaries.scratch_folder()) / "page"
        names = write(
            bundles,
            folder,
            data=data,
            runtime_folder=runtime,
            single_folder=single_folder,
            overwrite=overwrite,
        )
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        result = {
            "folder": str(folder),
            "models": " ".join(names),
            "rows": data or "random ones; --data NAME shows real ones",
            "megabytes": size / 1e6,
        }
        if open_:
            _serve(folder, port, result, json_)
        else:
            show_result(result, json_)


def _serve(folder, port, result, as_json):
    import webbrowser

    from zoo.explore.server import server

    with server(folder, port) as running:
        address = f"http://127.0.0.1:{running.server_port}/"
        show_result(result | {"address": address}, as_json)
        webbrowser.open(address)
        running.serve_forever()
