"""Asks `zoo serve` through the clients of others, each in an environment of its own.

The commands

    python -m zoo.experiments.servers.clients triton_client http ENVIRONMENT/bin/python
    python -m zoo.experiments.servers.clients kserve_client grpc ENVIRONMENT/bin/python

compare every output with `zoo.load`'s, and append the largest difference to
`results/servers.jsonl`.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from zoo.experiments import results
from zoo.experiments.servers import models, processes

PROGRAMS = Path(__file__).with_name("programs")
PACKAGES = {"triton_client": "tritonclient", "kserve_client": "kserve"}


def measure(program: str, protocol: str, python: str, folder=None) -> dict:
    """Asks every endpoint of every model through a client, and records the largest difference.

    Args:
        program: String. A key of `PACKAGES`.
        protocol: String. `"http"` or `"grpc"`.
        python: String. The Python of the client's environment.
        folder: String or `Path`. The folder of `servers.jsonl`. Defaults to None, the package's.

    Returns:
        The line of `servers.jsonl`.

    Raises:
        RuntimeError: If the client fails, or an output has another shape.

    Example:

    >>> measure("triton_client", "http", "env/bin/python")  # doctest: +SKIP
    """
    differences = {}
    with tempfile.TemporaryDirectory() as work:
        work = Path(work)
        exports = models.write(work)
        with processes.zoo_serve(exports) as addresses:
            address = addresses[protocol == "grpc"]
            for name, export in exports.items():
                for model, feeds, tensors in _requests(name, export):
                    answer = _ask(python, program, protocol, address, model, feeds, work)
                    differences[model] = models.largest_difference(tensors, answer)
    return results.append(
        "servers", folder, client=PACKAGES[program], protocol=protocol,
        package_version=version(python, PACKAGES[program]), server="zoo serve",
        differences=differences, value=max(differences.values()),
    )  # fmt: skip


def _requests(name, export):
    """Yields the name of each model of an export, its inputs, and all of its tensors."""
    import zoo
    from zoo.server.endpoint import endpoints

    tensors = models.expected(export)
    for model, endpoint in endpoints(zoo.load(export), name).items():
        yield model, {each.name: tensors[each.name] for each in endpoint.inputs}, tensors


def _ask(python, program, protocol, address, model, feeds, work):
    np.savez(work / "inputs.npz", **feeds)
    if program == "triton_client":
        address = address.removeprefix("http://")
    command = [python, PROGRAMS / f"{program}.py", protocol, address, model]
    command += [work / "inputs.npz", work / "outputs.npz"]
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{program} failed for {model}: {done.stderr[-2000:]}")
    with np.load(work / "outputs.npz") as outputs:
        return dict(outputs)


def version(python: str, package: str) -> str:
    """Returns the version of a package in another environment.

    Args:
        python: String. The Python of that environment.
        package: String.

    Example:

    >>> version(sys.executable, "numpy") == np.__version__
    True
    """
    code = f"import importlib.metadata as m; print(m.version({package!r}))"
    return subprocess.run(
        [python, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


if __name__ == "__main__":
    print(measure(*sys.argv[1:]))
