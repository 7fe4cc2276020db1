"""The table of the results on signals, set by set."""

from zoo.experiments import reproduce

FIGURES = ("auroc", "pca_auroc", "nearest_auroc", "error", "pca_error")
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
        figures = (_figure(line, key) for key in FIGURES)
        rows.append(f"| `{name}` | {counts} | {' | '.join(figures)} |")
    return "\n".join(rows)


def _figure(line, key):
    """Returns a figure of a set, with its standard deviation over the splits."""
    spread = line.get("spread", {}).get(key)
    return f"{line[key]:.3g}" + ("" if spread is None else f" ± {spread:.2g}")
