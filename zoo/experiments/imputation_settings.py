"""Tries the settings of the row `imputation` on held-out cells of training rows, never on others.

The command

    python -m zoo.experiments.imputation_settings

learns from four fifths of the training rows of each table with gaps at random, fills cells that it
hides in the others, and appends the errors to `results/tuning.jsonl`. Each setting is tried with
one model; the row takes the mean of two. Of settings whose mean errors are alike, the row has the
one that is below `KNNImputer` in more tables, on the same cells.
"""

import sys

import numpy as np

from zoo.experiments import results
from zoo.experiments.reproduce import imputation, imputers

SEED = 100  # of the cells; the row itself is measured with others
SETTINGS = (
    {"hidden": 0.4},
    {"hidden": 0.3},
)


def choose(folder=None, adbench: str = "adbench") -> list[dict]:
    """Measures settings of our model on held-out cells of training rows, and records them.

    Args:
        folder: String or `Path`. The folder of `tuning.jsonl`. Defaults to None, the package's.
        adbench: String. The folder of tables, as for the row. Defaults to `"adbench"`.

    Returns:
        The lines of `tuning.jsonl`, one for each of `SETTINGS`.

    Example:

    >>> choose()  # doctest: +SKIP
    """
    tables, lines = imputation.read(adbench).tables, []
    for setting in SETTINGS:
        net = imputation.NET | setting | {"members": 1}
        errors = {
            name: _error(x, (SEED, number), net)
            for number, (name, (x, _)) in enumerate(tables.items())
        }
        value = float(np.mean(list(errors.values())))
        facts = {"row": "imputation", "settings": net, "tables": errors}
        lines.append(results.append("tuning", folder, **facts, value=value))
    return lines


def _error(x, seed, net):
    scaled, hidden, train = imputation.with_gaps(x, "random", seed)
    seen = np.where(hidden, np.nan, scaled)[train]
    random = np.random.default_rng(seed)
    held_out = random.random(len(seen)) < imputation.TESTED
    more = (random.random(seen.shape) < imputation.HIDDEN) & ~np.isnan(seen)
    gaps = np.where(more, np.nan, seen)
    filled, _ = imputation.fill(seen[~held_out], gaps[held_out], 0, **net)
    return imputers.hidden_error(seen[held_out], filled, more[held_out])


if __name__ == "__main__":
    for line in choose(*sys.argv[1:]):
        print(line["settings"], line["value"])
