"""Tries nets and scores of detectors of tables, on the half of ADBench's tables for choosing.

The command

    python -m zoo.experiments.table_scores

trains each net of `SETTINGS` on the tables of that half in the folder `adbench`, measures every
score and appends the results to `results/tuning.jsonl`. The row `anomaly-tables` holds the chosen
net and score, and judges them on the other half.
"""

import sys

from zoo.experiments import results
from zoo.experiments.reproduce import anomaly_halves, anomaly_tables

ROW = "anomaly-tables"
SEED = 100  # of rows and training; the row itself is measured with others
SMALL = {"widths": (128,), "latent_dim": 64}
SETTINGS = (SMALL, {}, SMALL | {"hidden": 0.15})


def choose(folder=None, adbench: str = "adbench") -> list[dict]:
    """Measures nets and scores on the tables for choosing, and records them.

    A net that was recorded before is not measured again.

    Args:
        folder: String or `Path`. The folder of `tuning.jsonl`. Defaults to None, the package's.
        adbench: String. The folder of tables, as for the row. Defaults to `"adbench"`.

    Returns:
        The lines of `tuning.jsonl`, one for each of `SETTINGS`; the `value` is the mean AUROC of
        each score.

    Example:

    >>> choose()  # doctest: +SKIP
    """
    tables = anomaly_tables.read(adbench).tables
    return [_line(tables, anomaly_tables.NET | setting, folder) for setting in SETTINGS]


def tried(folder=None) -> list[dict]:
    """Returns the lines of `tuning.jsonl` about nets for tables, oldest first.

    Args:
        folder: String or `Path`. The folder of `tuning.jsonl`. Defaults to None, the package's.

    Example:

    >>> tried(folder=".")
    []
    """
    return [line for line in results.read("tuning", folder) if line.get("row") == ROW]


def table_scores() -> str:
    """Returns the table of the nets and scores that were tried, means of the tables for choosing.

    Returns:
        A string, Markdown; the chosen net and score are bold.

    Example:

    >>> isinstance(table_scores(), str)
    True
    """
    scores = anomaly_tables.SCORES
    rows = [f"| AUROC | {' | '.join(scores)} |", "|---" * (1 + len(scores)) + "|"]
    for line in tried():
        cells = {score: f"{line['value'][score]:.3f}" for score in scores}
        if line["settings"] == _as_json(anomaly_tables.NET):
            cells[anomaly_tables.OURS] = f"**{cells[anomaly_tables.OURS]}**"
        title = ", ".join(f"{key} {_shown(value)}" for key, value in line["settings"].items())
        rows.append(f"| {title} | {' | '.join(cells.values())} |")
    return "\n".join(rows)


def _line(tables, net, folder):
    net = _as_json(net)
    known = [line for line in tried(folder) if line["settings"] == net]
    if known:
        return known[0]
    aurocs = {}
    for name, table in anomaly_halves.tables_of(tables, anomaly_halves.CHOOSING).items():
        rows = anomaly_halves.drawn(name, *table, SEED)
        aurocs[name], _ = anomaly_tables.measure_ours(*rows, SEED, **net)
    value = anomaly_halves.means_of(aurocs)
    return results.append("tuning", folder, row=ROW, settings=net, tables=aurocs, value=value)


def _as_json(net):
    return {key: list(value) if isinstance(value, tuple) else value for key, value in net.items()}


def _shown(value):
    return ", ".join(map(str, value)) if isinstance(value, list) else value


if __name__ == "__main__":
    for line in choose(*sys.argv[1:]):
        print(line["settings"], line["value"])
