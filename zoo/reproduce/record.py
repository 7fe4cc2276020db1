"""One line for each row and seed, kept in `reproduce.jsonl`."""

import time
from pathlib import Path

from zoo import results
from zoo.atomic import make_folder
from zoo.errors import no_such
from zoo.reproduce.rows import ROWS


def reproduce(row: str, seed: int = 0, folder=None) -> dict:
    """Trains what a row says and appends a line to `reproduce.jsonl`; a line that is there is kept.

    Args:
        row: a key of `ROWS`.
        seed: of the training.
        folder: of the results file; by default `zoo/results`.

    Returns:
        The line: row, seed, value, unit, recipe and arguments, what else was measured, seconds,
        versions, date.
    """
    if row not in ROWS:
        raise no_such("row", row, list(ROWS))
    for line in results.read("reproduce", folder):
        if (line["row"], line["seed"]) == (row, seed):
            return line
    results.require_writable("reproduce", folder)
    started = time.monotonic()
    pictures = make_folder(Path(folder or results.FOLDER) / "pictures")
    measured = ROWS[row].measure(seed, pictures)
    return results.append(
        "reproduce", folder, row=row, title=ROWS[row].title, seed=seed, **measured,
        unit=ROWS[row].unit, seconds=round(time.monotonic() - started, 1),
    )  # fmt: skip
