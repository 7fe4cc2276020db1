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

    If the file already holds a line of the row and seed, that line is returned instead.

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
        The line, a dict: row, seed, value, unit, recipe and arguments, everything else that was
        measured, seconds, versions, date.

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
    file = "tuning" if held_out else "reproduce"
    for line in [] if held_out else results.read(file, folder):
        if (line["row"], line["seed"]) == (row, seed):
            return line
    results.require_writable(file, folder)
    started = time.monotonic()
    dataset = ROWS[row].read(data or ROWS[row].data)
    if held_out:
        if not isinstance(dataset, Dataset):
            raise UsageError(f"Row {row} has no training rows with labels to hold out.")
        learn, validation = dataset.hold_out(1 / 12, seed=0)
        dataset = dataclasses.replace(dataset, train=learn, test=validation)
    with scratch_folder() as pictures:
        measured = ROWS[row].measure(dataset, seed, pictures)
        if not held_out:
            kept = make_folder(Path(folder or results.FOLDER) / "pictures")
            shutil.copytree(pictures, kept, dirs_exist_ok=True)
    return results.append(
        file, folder, row=row, title=ROWS[row].title, data=dataset.name, seed=seed, **measured,
        unit=ROWS[row].unit, seconds=round(time.monotonic() - started, 1),
    )  # fmt: skip
