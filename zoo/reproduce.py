"""`zoo reproduce`: the published results we hold ours against, each trained by one command."""

import dataclasses
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from zoo import results
from zoo.errors import no_such


@dataclasses.dataclass(frozen=True)
class Row:
    """One result to reach.

    Attributes:
        title: what is measured, on what.
        unit: of the value.
        published: what others report.
        target: what ours is held against.
        measure: from a seed and a folder to the value and the recipe that gave it.
    """

    title: str
    unit: str
    published: str
    target: str
    measure: Callable[[int, Path], tuple[float, dict]]


def _pca_30(seed, folder):
    from zoo import training

    run = training.train("pca", "mnist", seed=seed, validation=0.0, folder=folder, latent_dim=30)
    return run.metrics["sse"], {"variant": "pca", "latent_dim": 30, "train_rows": 60000}


ROWS = {
    "1": Row(
        title="PCA with 30 components, MNIST test",
        unit="sse",
        published="13.87 (Hinton & Salakhutdinov, 2006)",
        target="13.866 ± 0.5 %, the closed form",
        measure=_pca_30,
    ),
}


def reproduce(row: str, seed: int = 0, folder=None) -> dict:
    """Trains what a row says and appends a line to `reproduce.jsonl`; a line that is there is kept.

    Args:
        row: a key of `ROWS`.
        seed: of the training.
        folder: of the results file; by default `zoo/results`.

    Returns:
        The line: row, seed, value, unit, recipe, seconds, versions, date.
    """
    if row not in ROWS:
        raise no_such("row", row, list(ROWS))
    for line in results.read("reproduce", folder):
        if (line["row"], line["seed"]) == (row, seed):
            return line
    results.require_writable("reproduce", folder)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as work:
        value, recipe = ROWS[row].measure(seed, Path(work) / "run")
    return results.append(
        "reproduce", folder, row=row, title=ROWS[row].title, seed=seed, value=value,
        unit=ROWS[row].unit, recipe=recipe, seconds=round(time.monotonic() - started, 1),
    )  # fmt: skip
