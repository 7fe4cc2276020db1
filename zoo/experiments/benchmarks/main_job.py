"""Seconds that the README's first command takes after installation, and its results."""

import json
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from zoo.errors import UsageError
from zoo.experiments import results
from zoo.experiments.benchmarks.lines import record

README = Path(__file__).parents[3] / "README.md"


def measure(folder=None) -> list[dict]:
    """Measures the README's first command.

    The figures that it writes are copied to the folder `pictures` beside the results.

    Args:
        folder: String or `Path`. The folder of `bench.jsonl`. Defaults to None, the package's.

    Returns:
        A list of the lines that were appended to `bench.jsonl`, each a dict.

    Raises:
        UsageError: If there is no README, because this is not a checkout.
        CalledProcessError: If a command fails.

    Example:

    >>> measure(folder=".")  # doctest: +SKIP
    """
    with tempfile.TemporaryDirectory() as work:
        started = time.perf_counter()
        for command in commands():
            subprocess.run([sys.executable, "-m", *shlex.split(command)], cwd=work, check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
        seconds = time.perf_counter() - started
        (manifest,) = Path(work).glob("exports/*/manifest.json")
        content = json.loads(manifest.read_text())
        (figures,) = Path(work).glob("runs/*/figures")
        pictures = Path(folder or results.FOLDER) / "pictures"
        shutil.copytree(figures, pictures, dirs_exist_ok=True)
    parity = {name: max(worst.values()) for name, worst in content["parity"].items()}
    return [record(
        folder, bench="main_job", variant=content["variant"], unit="seconds",
        value=round(seconds, 1), metrics=content["metrics"], parity=parity,
    )]  # fmt: skip


def commands() -> list[str]:
    """Returns the `zoo` commands of the README's first code block.

    Returns:
        A list of strings.

    Raises:
        UsageError: If there is no README, because this is not a checkout.

    Example:

    >>> commands()[0].split()[0]  # doctest: +SKIP
    'zoo'
    """
    if not README.exists():
        raise UsageError(
            f"The commands are read from a checkout's README.md. Received: no file {README}."
        )
    block = re.search(r"```sh\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)[1]
    joined = block.replace("\\\n", " ")
    return [command.strip() for command in joined.split("&&") if command.strip().startswith("zoo ")]
