"""The servers of the load run, each as one process that computes by a number of threads."""

import contextlib
import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from zoo.experiments.servers import processes
from zoo.experiments.servers.clients import PROGRAMS

NAME = "conv"  # of the model whose `encode` is asked
MODEL = f"{NAME}.encode"
_QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


class Server(NamedTuple):
    """A server that runs.

    Attributes:
        http: String. Address of `infer` over HTTP.
        grpc: String. Address of gRPC.
        process: Integer. Its id.
    """

    http: str
    grpc: str
    process: int


@contextlib.contextmanager
def zoo_serve(export: Path, work: Path, python: str, threads: int):
    """Runs `zoo serve`; the arguments are those of the other two, too.

    Args:
        export: Path of an exported model.
        work: Path of an empty folder.
        python: String. The Python of the server's environment.
        threads: Integer. Number of threads that compute.

    Yields:
        A `Server`.

    Example:

    >>> with zoo_serve(Path("conv"), Path("empty"), sys.executable, 1) as server:  # doctest: +SKIP
    ...     print(server.http)
    """
    http, grpc = _free_ports()
    command = [python, "-m", "zoo", "serve", f"{NAME}={export}", "--threads", threads]
    with _running([*command, "--http-port", http, "--grpc-port", grpc], http, grpc) as server:
        yield server


@contextlib.contextmanager
def mlserver(export: Path, work: Path, python: str, threads: int):
    """Runs MLServer on its layout, as `zoo_serve` does."""
    from zoo.exporting import write_layout

    http, grpc = _free_ports()
    folder = write_layout(export, work / "models", "mlserver", name=NAME)
    settings = {"http_port": http, "grpc_port": grpc, "metrics_port": _free_ports()[0]}
    settings |= {"parallel_workers": 0, "debug": False}
    (folder / "settings.json").write_text(json.dumps(settings))
    for path in folder.glob("*/model-settings.json"):
        model = json.loads(path.read_text())
        model["parameters"]["extra"] = {"threads": threads}
        path.write_text(json.dumps(model))
    with _running([Path(python).with_name("mlserver"), "start", folder], http, grpc) as server:
        yield server


@contextlib.contextmanager
def kserve(export: Path, work: Path, python: str, threads: int):
    """Runs KServe's SDK, as `zoo_serve` does."""
    http, grpc = _free_ports()
    command = [python, PROGRAMS / "kserve_server.py", MODEL, export / "encoder.onnx"]
    with _running([*command, http, grpc, threads], http, grpc) as server:
        yield server


CONTENDERS = {"zoo": zoo_serve, "mlserver": mlserver, "kserve": kserve}


@contextlib.contextmanager
def all_running(export: Path, work: Path, pythons: dict[str, str], threads: int):
    """Runs `zoo serve` and the servers whose environments are given.

    Args:
        export: Path of an exported model.
        work: Path of a folder.
        pythons: Dict. By name of a server, the Python of its environment.
        threads: Integer. Number of threads that compute in each.

    Yields:
        Dict of `Server` by name, with `"zoo"` first.

    Example:

    >>> with all_running(Path("conv"), Path("w"), {}, 1) as servers:  # doctest: +SKIP
    ...     print(list(servers))
    """
    with contextlib.ExitStack() as stack:
        servers = {}
        for name, python in {"zoo": sys.executable, **pythons}.items():
            (work / name).mkdir(parents=True)
            run = CONTENDERS[name](export, work / name, python, threads)
            servers[name] = stack.enter_context(run)
        yield servers


@contextlib.contextmanager
def _running(command, http, grpc):
    ready = f"http://127.0.0.1:{http}/v2/models/{MODEL}/ready"
    with processes.running(command, ready, **_QUIET) as process:
        infer = f"http://127.0.0.1:{http}/v2/models/{MODEL}/infer"
        yield Server(infer, f"127.0.0.1:{grpc}", process.pid)


def _free_ports():
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("", 0)) as other:
        return one.getsockname()[1], other.getsockname()[1]
