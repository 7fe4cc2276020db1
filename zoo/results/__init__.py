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


def require_writable(name: str, folder=None) -> None:
    """Raises `UsageError` now rather than after a long measurement."""
    path = Path(folder or FOLDER) / f"{name}.jsonl"
    try:
        with open(path, "a", encoding="utf-8"):
            pass
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}. Pass --results DIR."
        ) from None


def append(name: str, folder=None, **facts) -> dict:
    """Adds one line of facts, with today's date and the versions, and returns it."""
    require_writable(name, folder)
    line = facts | {"versions": versions(), "date": datetime.date.today().isoformat()}
    written = json.dumps(line, allow_nan=False)  # NaN is no result
    with open(Path(folder or FOLDER) / f"{name}.jsonl", "a", encoding="utf-8") as file:
        file.write(written + "\n")
        file.flush()
        os.fsync(file.fileno())
    return line
