"""Runs both protocols in one process until a signal ends it."""

import asyncio
import contextlib
import functools
import logging
import signal
import socket
from collections.abc import Callable

import uvicorn

from zoo.errors import UsageError
from zoo.server import rest, rpc
from zoo.server.patience import ImpatientProtocol
from zoo.server.repository import Repository
from zoo.server.service import Limits, Service

POLL = 1.0  # seconds between two looks for new versions
_log = logging.getLogger(__name__)


class _Http(uvicorn.Server):
    """An HTTP server that leaves the signals of the process to `serve`."""

    def capture_signals(self):
        return contextlib.nullcontext()


async def serve(
    repository: Repository,
    limits: Limits,
    *,
    host: str,
    http_port: int,
    grpc_port: int,
    token: str | None = None,
    reload: bool = False,
    started: Callable,
) -> None:
    """Serves the models of a repository until SIGTERM or Ctrl-C, then answers what was accepted.

    Args:
        repository: `Repository`.
        limits: `Limits`.
        host: String. The address to listen at.
        http_port: Integer. 0 takes a free port.
        grpc_port: Integer. 0 takes a free port.
        token: String. The bearer token that requests must bring. Defaults to None, for none.
        reload: Boolean. Open new versions of the models while they are served. Defaults to False.
        started: Function of the two ports and the names of the models, called when all of them
            answer.

    Raises:
        UsageError: If a port cannot be used.
        ZooError: If a model cannot be opened.
    """
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    repository.refresh()
    service = Service(repository, limits)
    listening = _listen(host, http_port)
    grpc_server = rpc.server(service, token)
    try:
        grpc_port = grpc_server.add_insecure_port(_address(host, grpc_port))
    except RuntimeError:
        raise _taken(host, grpc_port) from None
    await grpc_server.start()
    http = _Http(
        uvicorn.Config(
            rest.application(service, token),
            http=functools.partial(ImpatientProtocol, seconds=limits.seconds),
            log_config=None,
            access_log=False,
            lifespan="off",
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=int(limits.seconds) + 1,
        )
    )
    answering = asyncio.create_task(http.serve([listening]))
    while not http.started:
        await asyncio.sleep(0.01)
    watching = asyncio.create_task(_watch(service)) if reload else None
    started(listening.getsockname()[1], grpc_port, service.names())

    await ended.wait()
    service.ready = False
    if watching:
        watching.cancel()
    http.should_exit = True
    await grpc_server.stop(limits.seconds)
    await answering
    await service.close()


async def _watch(service):
    while True:
        await asyncio.sleep(POLL)
        try:
            if await service.refresh():
                _log.warning("The models have changed: %s.", ", ".join(service.names()))
        except Exception as error:  # such as a folder that is being written; the next look decides
            _log.warning("The models are as before: %s", error)


def _listen(host, port):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError:
        listening.close()
        raise _taken(host, port) from None
    return listening


def _taken(host, port):
    return UsageError(
        f"The server cannot listen at {_address(host, port)}: the port is taken, or the address is "
        "not one of this machine."
    )


def _address(host, port):
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
