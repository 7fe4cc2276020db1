"""The tables of sequences and volumes: results set by set, and the scores of anomalies."""

import statistics

from zoo.experiments import reproduce, results
from zoo.inputs import kinds

FIGURES = ("auroc", "pca_auroc", "nearest_auroc", "error", "pca_error")
UNMEASURED = "Not measured with this version yet: run `zoo reproduce signals`."


def signals() -> str:
    """Returns the table of the sets of the row `signals`.

    Returns:
        A string, Markdown: the means over the seeds that all sets were measured with, and of sets
        that are divided several times the standard deviation over the splits, as such a mean.

    Example:

    >>> isinstance(signals(), str)
    True
    """
    sets = len(reproduce.ROWS["signals"].parts())
    lines = [line for line in reproduce.lines_of("signals") if line["count"] == sets]
    if not lines:
        return UNMEASURED
    rows = [
        "| set | training and test rows | AUROC | PCA | nearest row | error | PCA |",
        "|---" * 7 + "|",
    ]
    for name, line in lines[-1]["sets"].items():
        counts = f"{line['train_rows']:,} and {line['test_rows']:,}"
        if line.get("splits", 1) > 1:
            counts += f", {line['splits']} splits"
        of_seeds = [each["sets"][name] for each in lines]
        figures = (_figure(of_seeds, key) for key in FIGURES)
        rows.append(f"| `{name}` | {counts} | {' | '.join(figures)} |")
    seeds = f"Means of {len(lines)} seeds." if len(lines) > 1 else "One seed."
    return "\n".join([*rows, "", seeds])


def scores_of_kind(kind: str) -> str:
    """Returns the table of the scores that were tried for a kind of data.

    Args:
        kind: String. Name of the kind.

    Returns:
        A string, Markdown; the default of the kind is bold.

    Example:

    >>> isinstance(scores_of_kind("sequences"), str)
    True
    """
    lines = [line for line in results.read("tuning") if line.get("scores_of") == kind]
    newest = {str(line["options"]): line for line in lines}.values()
    if not newest:
        return "Not measured with this version yet: run `python -m zoo.experiments.signal_scores`."
    columns = list(next(iter(newest))["by_kind"])
    rows = [f"| AUROC | {' | '.join(columns)} | mean |", "|---" * (2 + len(columns)) + "|"]
    default = kinds.KINDS[kind]
    for line in newest:
        options = line["options"]
        title, fraction = f"`{options['score']}`", options.get("top_fraction")
        if fraction is not None:
            title += (
                f", the largest {fraction:.0%} of the errors" if fraction < 1 else ", all errors"
            )
        if options["score"] == default.anomaly_score and fraction in (None, default.top_fraction):
            title = f"**{title}**"
        figures = [*line["by_kind"].values(), line["value"]]
        rows.append(f"| {title} | {' | '.join(f'{auroc:.3f}' for auroc in figures)} |")
    return "\n".join(rows)


def sequence_scores() -> str:
    """Returns the table of `scores_of_kind` for sequences.

    Example:

    >>> isinstance(sequence_scores(), str)
    True
    """
    return scores_of_kind(kinds.SEQUENCES.name)


def volume_scores() -> str:
    """Returns the table of `scores_of_kind` for volumes.

    Example:

    >>> isinstance(volume_scores(), str)
    True
    """
    return scores_of_kind(kinds.VOLUMES.name)


def _figure(lines, key):
    """Returns the mean over seeds of a figure of a set and of its deviation over the splits."""
    spreads = [line["spread"][key] for line in lines if key in line.get("spread", {})]
    value = f"{statistics.fmean(line[key] for line in lines):.3g}"
    return f"{value} ± {statistics.fmean(spreads):.2g}" if spreads else value
