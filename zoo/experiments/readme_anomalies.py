"""The tables of the documentation on anomalies in tables, from the lines of the results files."""

import numpy as np

from zoo.autoencoder.scores import SCORES as OF_DETECTOR
from zoo.experiments import reproduce
from zoo.experiments.reproduce.anomaly_halves import NEAR, halves, means_of
from zoo.experiments.reproduce.anomaly_tables import OURS, SCORES
from zoo.experiments.reproduce.row import spelled

AIM = 0.01  # mean AUROC above that of kNN
RIVALS = ("knn", "nearest", "lof", "mahalanobis", "isolation_forest", "pca")


def anomaly_tables() -> str:
    """Returns the table of the AUROC of every score and every other detector in every table.

    It has the means of each half of ADBench's tables and of all, and in how many tables a detector
    is above kNN, near it (by at most 0.005) or below.

    Returns:
        A string, Markdown: means over the seeds; the best detector of each table is bold, and
        the chosen score has a star.

    Example:

    >>> isinstance(anomaly_tables(), str)
    True
    """
    lines = reproduce.lines_of("anomaly-tables")
    if not lines:
        return (
            "The tables have not been measured with this version yet: run `zoo reproduce "
            "anomaly-tables`."
        )
    names = [name for name in (*SCORES, *RIVALS) if all(name in line for line in lines)]
    heads = [spelled(name) + (r" \*" if name == OURS else "") for name in names]
    rows = [f"| AUROC | {' | '.join(heads)} |", "|---" * (1 + len(names)) + "|"]
    tables = {}
    for half in halves():
        of_half = _mean_tables([line["halves"][half] for line in lines])
        tables |= of_half
        rows += [_row(title, aurocs, names) for title, aurocs in of_half.items()]
        rows.append(_row(f"mean of these {len(of_half)} ({half})", means_of(of_half), names))
    rows.append(_row(f"**mean of all {len(tables)}**", means_of(tables), names))
    for title, sign in (("above", 1), ("near", 0), ("below", -1)):
        counts = (str(_count(tables, name, sign)) for name in names)
        rows.append(f"| tables in which it is {title} kNN | {' | '.join(counts)} |")
    return "\n".join([*rows, "", _distance_from_knn(lines)])


def small_tables() -> str:
    """Returns the table of the AUROC of every detector in the tables that come with the package.

    Returns:
        A string, Markdown, from the last line of the row `anomaly`.

    Example:

    >>> small_tables().splitlines()[2].startswith("| breast_cancer |")
    True
    """
    *_, line = reproduce.lines_of("anomaly")
    tables = {
        title: {name: metrics["auroc"] for name, metrics in report.items()}
        for title, report in line["tables"].items()
    }
    names = [n for n in (*OF_DETECTOR, *RIVALS) if all(n in aurocs for aurocs in tables.values())]
    return "\n".join(
        [
            f"| AUROC | {' | '.join(map(spelled, names))} |",
            "|---" * (1 + len(names)) + "|",
            *(_row(title, aurocs, names) for title, aurocs in tables.items()),
        ]
    )


def _mean_tables(measured):
    """Returns the means over seeds of the AUROC of each detector in each table."""
    return {
        title: {
            name: float(np.mean([tables[title][name] for tables in measured])) for name in first
        }
        for title, first in measured[0].items()
    }


def _distance_from_knn(lines):
    """Returns a sentence on the mean AUROC of the chosen score beside that of kNN."""
    names = ("value", "knn", *halves(), *(f"{half}_knn" for half in halves()))
    means = {name: float(np.mean([line[name] for line in lines])) for name in names}
    apart = means["value"] - means["knn"]
    of_halves = (f"{half} {means[half] - means[f'{half}_knn']:+.4f}" for half in halves())
    verdict = "reached" if apart >= AIM else "missed"
    return (
        f"In the mean of all tables `{OURS}` differs from `knn` by {apart:+.4f} "
        f"({', '.join(of_halves)}). The aim of {AIM:+.2f} is {verdict}."
    )


def _row(title, aurocs, names):
    best = max(f"{aurocs[name]:.3f}" for name in names)
    shown = (f"{aurocs[name]:.3f}" for name in names)
    return f"| {title} | {' | '.join(f'**{x}**' if x == best else x for x in shown)} |"


def _count(tables, name, sign):
    """Returns in how many tables a detector is above kNN (1), near it (0) or below (-1)."""
    apart = (aurocs[name] - aurocs["knn"] for aurocs in tables.values())
    return sum((difference > NEAR) - (difference < -NEAR) == sign for difference in apart)
