"""The record of measurements, one JSON line each; every published number comes from here."""

import datetime
import json
import os
from pathlib import Path

from zoo.errors import UsageError
from zoo.storage.versions import versions

FOLDER = Path(__file__).parent


def read(name: str, folder=None) -> list[dict]:
    """Returns the lines of a results file, oldest first.

    Args:
        name: String. Name of the file, without `.jsonl`.
        folder: String or `Path`. The folder of the file. Defaults to None, the package's.

    Returns:
        A list of dicts; empty if there is no such file.

    Example:

    >>> read("fit", folder=".")
    []
    """
    path = Path(folder or FOLDER) / f"{name}.jsonl"
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def require_writable(name: str, folder=None) -> None:
    """Raises an error if a results file cannot be written, before a long measurement starts.

    The file is created if it does not exist.

    Args:
        name: String. Name of the file, without `.jsonl`.
        folder: String or `Path`. The folder of the file. Defaults to None, the package's.

    Raises:
        UsageError: If the file cannot be written.

    Example:

    >>> require_writable("bench", folder=".")
    """
    path = Path(folder or FOLDER) / f"{name}.jsonl"
    try:
        with open(path, "a", encoding="utf-8"):
            pass
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}. Pass --results DIR."
        ) from None


def append(name: str, folder=None, **facts) -> dict:
    """Adds a line of facts to a results file, with today's date and the versions.

    Args:
        name: String. Name of the file, without `.jsonl`.
        folder: String or `Path`. The folder of the file. Defaults to None, the package's.
        **facts: What was measured.

    Returns:
        The line, a dict.

    Raises:
        UsageError: If the file cannot be written.
        ValueError: If a number is NaN or infinite.

    Example:

    >>> append("bench", folder=".", bench="fit", value=1.5)["value"]
    1.5
    >>> len(read("bench", folder="."))
    1
    """
    require_writable(name, folder)
    line = facts | {"versions": versions(), "date": datetime.date.today().isoformat()}
    written = json.dumps(line, allow_nan=False)  # raises for NaN
    with open(Path(folder or FOLDER) / f"{name}.jsonl", "a", encoding="utf-8") as file:
        file.write(written + "\n")
        file.flush()
        os.fsync(file.fileno())
    return line
