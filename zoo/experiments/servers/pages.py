"""Runs the programs of docs/server.md in the environments of the packages that they use.

The command

    python -m zoo.experiments.servers.pages bentoml ENVIRONMENT/bin/python

serves an exported model by the lines of the page, compares the answer with `zoo.load`'s, and
appends the difference to `results/servers.jsonl`.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from zoo.experiments import results
from zoo.experiments.readme import ROOT
from zoo.experiments.servers import clients, processes

PAGE = ROOT / "docs" / "server.md"
FILES = {"bentoml": "service.py", "litserve": "api.py"}
READY = {"bentoml": "http://127.0.0.1:3000/readyz", "litserve": "http://127.0.0.1:8000/health"}
INFER = {"bentoml": "http://127.0.0.1:3000/encode", "litserve": "http://127.0.0.1:8000/predict"}
ALONE = {"BENTOML_DO_NOT_TRACK": "True"}  # nothing is sent to anyone


def lines(package: str) -> tuple[str, str]:
    """Returns the program of the page for a package, and the command that runs it.

    Args:
        package: String. A key of `FILES`.

    Example:

    >>> lines("litserve")[1]
    'python api.py'
    """
    for block in re.findall(r"```text\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        first, _, program = block.partition("\n")
        if f"as {FILES[package]}, by: " in first:
            return program, first.partition(" by: ")[2]
    raise RuntimeError(f"{PAGE} has no program for {package}.")


def measure(package: str, python: str, folder=None) -> dict:
    """Serves an exported model by the lines of the page, and records the difference.

    Args:
        package: String. A key of `FILES`.
        python: String. The Python of the environment with that package.
        folder: String or `Path`. The folder of `servers.jsonl`. Defaults to None, the package's.

    Returns:
        The line of `servers.jsonl`.

    Raises:
        RuntimeError: If the page has no such program, or the server does not answer.

    Example:

    >>> measure("litserve", "env/bin/python")  # doctest: +SKIP
    """
    import requests

    import zoo

    program, command = lines(package)
    images = zoo.datasets.load("mnist_5k").test.images[:5]
    with tempfile.TemporaryDirectory() as work:
        model = zoo.build("conv_ae", filters=(2, 3), latent_dim=4)
        bundle = zoo.export(model, Path(work) / "export")
        (bundle.folder / FILES[package]).write_text(program)
        name, *arguments = command.split()
        options = {
            "cwd": bundle.folder, "env": os.environ | ALONE, "stdout": subprocess.DEVNULL,
            "stderr": subprocess.DEVNULL,
        }  # fmt: skip
        command = [Path(python).with_name(name), *arguments]
        with processes.running(command, READY[package], **options):
            answer = requests.post(INFER[package], json={"image": images.tolist()}, timeout=60)
            answer.raise_for_status()
        codes = answer.json() if package == "bentoml" else answer.json()["latent"]
        difference = float(np.abs(np.array(codes) - bundle.encode(images)).max())
    return results.append(
        "servers", folder, page=PAGE.name, package=package, how="served",
        package_version=clients.version(python, package), value=difference,
    )  # fmt: skip


if __name__ == "__main__":
    print(measure(*sys.argv[1:]))
