"""Servers as processes, which are ready when they answer and ended when the block ends."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

PATIENCE = 120  # seconds until a server must answer


@contextlib.contextmanager
def zoo_serve(models: dict, *options: str):
    """Runs `zoo serve` at free ports.

    Args:
        models: Dict of folders of exports by name.
        *options: Further options of the command.

    Yields:
        A tuple of the addresses of HTTP, `"http://127.0.0.1:..."`, and of gRPC, `"127.0.0.1:..."`.

    Example:

    >>> with zoo_serve({"conv": "models/conv"}) as (http, grpc):  # doctest: +SKIP
    ...     print(http)
    """
    command = [sys.executable, "-m", "zoo", "serve"]
    command += [f"{name}={folder}" for name, folder in models.items()]
    command += ["--http-port", "0", "--grpc-port", "0", *options]
    with _process(command, stdout=subprocess.PIPE, text=True) as process:
        lines = [process.stdout.readline().split() for _ in range(2)]
        if not all(lines):
            raise RuntimeError(f"zoo serve ended with {process.wait()}.")
        yield lines[0][1], lines[1][1]


@contextlib.contextmanager
def running(command: list, ready: str, **options):
    """Runs a server, and waits until it answers.

    Args:
        command: List of strings or paths.
        ready: String. Address that answers once the server is ready.
        **options: Arguments of `subprocess.Popen`.

    Yields:
        The process.

    Raises:
        RuntimeError: If it ends before, or has not answered after two minutes.

    Example:

    >>> with running(["mlserver", "start", "."], "http://127.0.0.1:8080/v2"):  # doctest: +SKIP
    ...     pass
    """
    with _process([*map(str, command)], **options) as process:
        started = time.monotonic()
        while not _answers(ready):
            if process.poll() is not None or time.monotonic() - started > PATIENCE:
                raise RuntimeError(f"{command[0]} does not answer at {ready}.")
            time.sleep(0.2)
        yield process


def _answers(address):
    try:
        with urllib.request.urlopen(address, timeout=2):
            return True
    except (OSError, urllib.error.URLError):  # not yet
        return False


@contextlib.contextmanager
def _process(command, **options):
    process = subprocess.Popen(command, start_new_session=True, **options)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:  # MLServer may not end while its workers live
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if process.stdout:
            process.stdout.close()
