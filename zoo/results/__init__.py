"""What was measured, one JSON line a measurement; every number we publish is one of these."""

import datetime
import json
import os
from pathlib import Path

from zoo.errors import UsageError
from zoo.versions import versions

FOLDER = Path(__file__).parent


def read(name: str, folder=None) -> list[dict]:
    """The lines of `NAME.jsonl`, oldest first."""
    path = Path(folder or FOLDER) / f"{name}.jsonl"
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def append(name: str, folder=None, **facts) -> dict:
    """Adds one line of facts, with today's date and the versions, and returns it."""
    path = Path(folder or FOLDER) / f"{name}.jsonl"
    line = facts | {"versions": versions(), "date": datetime.date.today().isoformat()}
    try:
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")  # one write: whole or not at all
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}. Pass --results DIR."
        ) from None
    return line
