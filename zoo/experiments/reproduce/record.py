"""Measures a row and records it, a line of `reproduce.jsonl` for each row and seed."""

import dataclasses
import shutil
import time
from pathlib import Path

from zoo.datasets.dataset import Dataset
from zoo.errors import UsageError, no_such
from zoo.experiments import results
from zoo.experiments.reproduce.table import ROWS
from zoo.storage.atomic import make_folder
from zoo.storage.temporaries import scratch_folder


def reproduce(
    row: str, seed: int = 0, folder=None, *, held_out: bool = False, data: str | None = None
) -> dict:
    """Trains and measures a row, and appends a line to `reproduce.jsonl`.

    If the file already holds a line of the row and seed, that line is returned instead. A row in
    parts has a line for each of them, so that a part that is added later is measured alone.

    Args:
        row: String. A key of `ROWS`.
        seed: Integer. Seed of the training. Defaults to 0.
        folder: String or `Path`. The folder of the results file. Defaults to None, the package's.
        held_out: Boolean. Whether to measure on a twelfth of the training rows, which are left out
            of the training, instead of the test split, and to append the line to `tuning.jsonl`,
            even if there is one already. The settings of a row are chosen in this way. Defaults to
            False.
        data: String. Only with `held_out`: a dataset to use instead of the row's, such as a smaller
            one. Defaults to None.

    Returns:
        A dict, the line: row, seed, value, unit, recipe and arguments, everything else that was
        measured, seconds, versions, date. For a row in parts it is what their lines combine to.

    Raises:
        UsageError: If the row is unknown, if there is `data` without `held_out`, if the row has no
            training rows to hold out, or if the file cannot be written.

    Example:

    >>> reproduce("1", folder=".")["value"]  # doctest: +SKIP
    """
    if row not in ROWS:
        raise no_such("row", row, list(ROWS))
    if data and not held_out:
        raise UsageError(f"`data` is only accepted with held_out=True. Received: data={data}.")
    parts = ROWS[row].parts
    if parts is None:
        return _recorded(row, None, seed, folder, held_out, data)
    if held_out:
        raise UsageError(f"Row {row} has no training rows with labels to hold out.")
    return ROWS[row].combine([_recorded(row, part, seed, folder) for part in parts()])


def lines_of(row: str, folder=None) -> list[dict]:
    """Returns the results of a row, one for each seed, oldest first.

    Args:
        row: String. A key of `ROWS`.
        folder: String or `Path`. The folder of the results file. Defaults to None, the package's.

    Returns:
        A list of dicts: the lines of the results file, or for a row in parts what they combine to.

    Example:

    >>> [line["seed"] for line in lines_of("1")]
    [0]
    """
    lines = [line for line in results.read("reproduce", folder) if line["row"] == row]
    if ROWS[row].parts is None:
        return lines
    seeds = dict.fromkeys(line["seed"] for line in lines)
    return [ROWS[row].combine([x for x in lines if x["seed"] == seed]) for seed in seeds]


def _recorded(row, part, seed, folder, held_out=False, data=None):
    """Returns the line of a row or of one of its parts, which is measured if there is none."""
    file = "tuning" if held_out else "reproduce"
    for line in [] if held_out else results.read(file, folder):
        if (line["row"], line.get("part"), line["seed"]) == (row, part, seed):
            return line
    results.require_writable(file, folder)
    started = time.monotonic()
    dataset = ROWS[row].read(data or ROWS[row].data)
    if held_out:
        if not isinstance(dataset, Dataset):
            raise UsageError(f"Row {row} has no training rows with labels to hold out.")
        learn, validation = dataset.hold_out(1 / 12, seed=0)
        dataset = dataclasses.replace(dataset, train=learn, test=validation)
    of_part = {} if part is None else {"part": part}
    with scratch_folder() as pictures:
        measured = ROWS[row].measure(dataset, seed, pictures, **of_part)
        if not held_out:
            kept = make_folder(Path(folder or results.FOLDER) / "pictures")
            shutil.copytree(pictures, kept, dirs_exist_ok=True)
    return results.append(
        file, folder, row=row, **of_part, title=ROWS[row].title, data=dataset.name, seed=seed,
        **measured, unit=ROWS[row].unit, seconds=round(time.monotonic() - started, 1),
    )  # fmt: skip
