"""The command `zoo serve`."""

import os
from pathlib import Path
from typing import Annotated

import typer

from zoo.cli.console import app, command, show_result
from zoo.errors import UsageError

TOKEN = "ZOO_SERVE_TOKEN"  # the environment variable of the bearer token


@command(app, "zoo serve conv_ae digits=exports/deep_ae")
def serve(
    models: Annotated[
        list[str],
        typer.Argument(
            metavar="BUNDLE...",
            help="Exported models: a folder, a folder of versions (1, 2, ...), the name of one "
            "that ships, or NAME=FOLDER.",
        ),
    ],
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    http_port: Annotated[int, typer.Option(help="Port of HTTP; 0 takes a free one.")] = 8080,
    grpc_port: Annotated[int, typer.Option(help="Port of gRPC; 0 takes a free one.")] = 8081,
    max_batch: Annotated[int, typer.Option(min=1, help="Largest number of rows of a batch.")] = 64,
    max_delay_ms: Annotated[
        float, typer.Option(min=0, help="Milliseconds that a request waits for others to join it.")
    ] = 0.0,
    threads: Annotated[
        int, typer.Option(min=1, help="Number of batches that are computed at a time.")
    ] = 1,
    max_rows: Annotated[
        int, typer.Option(min=1, help="Largest number of rows of a request.")
    ] = 4096,
    max_bytes: Annotated[
        int, typer.Option(min=1, help="Largest size of a request in bytes, decompressed.")
    ] = 64 << 20,
    timeout: Annotated[
        float, typer.Option(min=0.1, help="Seconds that a request may take to come, and to answer.")
    ] = 30.0,
    reload: Annotated[
        bool, typer.Option("--reload", help="Open new versions while the others are served.")
    ] = False,
    token_file: Annotated[
        Path | None,
        typer.Option(
            help="File of the bearer token that requests must bring. Defaults to the environment "
            f"variable {TOKEN}, if it is set."
        ),
    ] = None,
):
    """Serve exported models over HTTP and gRPC, by the Open Inference Protocol."""
    import asyncio  # slow to import, as are the others

    from zoo.server.repository import Repository
    from zoo.server.serve import serve as run
    from zoo.server.service import Limits
    from zoo.serving import Bundle

    def started(http_port, grpc_port, names):
        show_result(
            {
                "http": f"http://{host}:{http_port}",
                "grpc": f"{host}:{grpc_port}",
                "models": " ".join(names),
            },
            as_json=False,
        )

    limits = Limits(max_batch, max_delay_ms / 1000, threads, max_rows, max_bytes, timeout)
    serving = run(
        Repository(models, lambda folder: Bundle(folder, session_options=_options())),
        limits,
        host=host,
        http_port=http_port,
        grpc_port=grpc_port,
        token=_token(token_file),
        reload=reload,
        started=started,
    )
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(serving)


def _loop_factory():
    """Returns what makes a faster event loop than Python's own, or None where there is none."""
    try:
        import uvloop  # not made for Windows
    except ImportError:
        return None
    return uvloop.new_event_loop


def _options():
    """Returns options by which each batch is computed by one thread."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return options


def _token(path):
    if path is None:
        return os.environ.get(TOKEN) or None
    token = path.read_text(encoding="utf-8").strip()
    if not token:
        raise UsageError(f"{path} must hold the bearer token. Received: an empty file.")
    return token
