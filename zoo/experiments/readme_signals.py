"""The tables of the results on signals, set by set, and of the scores that were tried on them."""

from zoo.experiments import reproduce, results

TITLES = {  # of the figures of a set, with our own first
    "AUROC": ("auroc", "pca_auroc", "nearest_auroc"),
    "error": ("error", "pca_error"),
}
UNMEASURED = "Not measured with this version yet: run `zoo reproduce signals`."


def signals() -> str:
    """Returns the table of the sets of the row `signals`.

    Returns:
        A string, Markdown, from the newest results lines.

    Example:

    >>> isinstance(signals(), str)
    True
    """
    lines = reproduce.lines_of("signals")
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
        figures = (_figure(line, key) for keys in TITLES.values() for key in keys)
        rows.append(f"| `{name}` | {counts} | {' | '.join(figures)} |")
    return "\n".join(rows)


def signal_scores() -> str:
    """Returns the table of the scores that were tried on held-out training rows of signals.

    Returns:
        A string, Markdown.

    Example:

    >>> isinstance(signal_scores(), str)
    True
    """
    lines = [line for line in results.read("tuning") if "scores" in line]
    if not lines:
        return "Not measured yet: run `python -m zoo.experiments.signal_scores aeon_signals`."
    newest = {line["scores"]: line for line in lines}
    rows = [f"| AUROC | {' | '.join(f'`{name}`' for name in newest)} |", "|---" * (1 + len(newest))]
    rows[-1] += "|"
    for number, options in enumerate(lines[-1]["options"]):
        title = f"`{options['score']}`"
        if options.get("top_fraction", 1) < 1:
            title += f", the largest {options['top_fraction']:.0%} of the steps' errors"
        values = [line["value"][number] for line in newest.values()]
        shown = ("–" if value is None else f"{value:.3f}" for value in values)
        rows.append(f"| {title} | {' | '.join(shown)} |")
    return "\n".join(rows)


def _figure(line, key):
    """Returns a figure of a set, with its standard deviation over the splits."""
    spread = line.get("spread", {}).get(key)
    return f"{line[key]:.3f}" + ("" if spread is None else f" ± {spread:.3f}")
