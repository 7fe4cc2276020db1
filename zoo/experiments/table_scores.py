"""Tries nets and scores of detectors of tables, on the half of ADBench's tables for choosing.

The command

    python -m zoo.experiments.table_scores

trains every net of `TRIED` on the tables of that half in the folder `adbench`, measures every score
and appends the results to `results/tuning.jsonl`. The row `anomaly-tables` holds the chosen net and
score, and judges them on the other half.
"""

import numpy as np

from zoo.autoencoder.scores import SCORES
from zoo.datasets.dataset import split_by_seed
from zoo.datasets.split import Split
from zoo.experiments import results
from zoo.experiments.reproduce import anomalies, anomaly_tables

TRIED = ({"widths": (64,), "hide": 0.0, "epochs": 30},)
SEED = 0


def choose(data: anomaly_tables.Tables, tried=TRIED, folder=None) -> list[dict]:
    """Measures nets and scores on the tables for choosing, and records them.

    A net that was recorded before is not measured again.

    Args:
        data: `Tables`.
        tried: Sequence of dicts, as `anomaly_tables.settings_of` takes them. Defaults to `TRIED`.
        folder: String or `Path`. The folder of `tuning.jsonl`. Defaults to None, the package's.

    Returns:
        The lines of `tuning.jsonl`, one for each net; the `value` is the mean AUROC by score.

    Example:

    >>> choose(anomaly_tables.read("adbench"))  # doctest: +SKIP
    """
    lines = []
    for net in tried:
        net = net | {"widths": list(net["widths"])}  # as JSON has them
        known = [line for line in recorded(folder) if line["net"] == net]
        if not known:
            aurocs = {
                name: _measured(name, *table, net)
                for name, table in anomaly_tables.tables_of(data, anomaly_tables.CHOOSING).items()
            }
            value = {
                score: float(np.mean([table[score] for table in aurocs.values()]))
                for score in SCORES
            }
            facts = {"default_of": "features", "net": net, "seed": SEED, "value": value}
            known = [results.append("tuning", folder, **facts, tables=aurocs)]
        lines += known
    return lines


def recorded(folder=None) -> list[dict]:
    """Returns the lines of `tuning.jsonl` about nets for tables, oldest first.

    Args:
        folder: String or `Path`. The folder of `tuning.jsonl`. Defaults to None, the package's.

    Example:

    >>> recorded(folder=".")
    []
    """
    lines = results.read("tuning", folder)
    return [line for line in lines if line.get("default_of") == "features"]


def table_scores() -> str:
    """Returns the table of the nets and scores that were tried, means of the tables for choosing.

    Returns:
        A string, Markdown; the chosen net and score are bold.

    Example:

    >>> table_scores().startswith("| AUROC |")
    True
    """
    rows = [f"| AUROC | {' | '.join(SCORES)} |", "|---" * (1 + len(SCORES)) + "|"]
    chosen = anomaly_tables.CHOSEN | {"widths": list(anomaly_tables.CHOSEN["widths"])}
    for line in recorded():
        cells = {score: f"{line['value'][score]:.3f}" for score in SCORES}
        if line["net"] == chosen:
            cells[anomaly_tables.OURS] = f"**{cells[anomaly_tables.OURS]}**"
        title = ", ".join(f"{key} {value}" for key, value in line["net"].items())
        rows.append(f"| {title} | {' | '.join(cells.values())} |")
    return "\n".join(rows)


def _measured(name, x, anomalous, net):
    train, rows, labels = anomaly_tables.drawn(name, x, anomalous, SEED)
    normal = split_by_seed(name, Split(train))
    net, training = anomaly_tables.settings_of(net, x.shape[1])
    report, _ = anomalies.measure_ours(normal, rows, labels, SEED, net, **training)
    return {score: metrics["auroc"] for score, metrics in report.items()}


if __name__ == "__main__":
    for line in choose(anomaly_tables.read("adbench")):
        print(line["net"], line["value"])
