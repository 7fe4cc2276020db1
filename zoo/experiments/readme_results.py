"""The tables of results in README.md and docs/, from the lines of the results files."""

import statistics

from zoo.experiments import benchmarks, reproduce, results
from zoo.experiments.reproduce.row import spelled

HEAD_OF_OURS = "ours (one seed, unless seeds are given)"

# The rows of results that the README shows, with short titles; docs/results.md has all of them.
MAIN_ROWS = {
    "1": "PCA, 30 components",
    "2": "deep auto-encoder, code of 30 numbers, trained on jittered copies too",
    "6": "stacked denoising auto-encoder, fine-tuned to classify",
    "7": "contractive auto-encoder, fine-tuned to classify",
    "10": "denoising convolutional auto-encoder",
    "11": "variational auto-encoder, code of 2 numbers",
    "13": "vector-quantised auto-encoder",
    "14": "document retrieval by codes of 10 numbers, 20 Newsgroups",
}


def main_job() -> str:
    """Returns the table of the results of the README's first command, from the newest measurement.

    Returns:
        A string, Markdown.

    Example:

    >>> main_job().startswith("|")
    True
    """
    (line,) = (line for line in benchmarks.newest().values() if line["bench"] == "main_job")
    metrics, parity = line["metrics"], max(line["parity"].values())
    shown = {"sse": ".2f", "mse": ".4f", "psnr": ".1f", "knn_accuracy": ".3f"}
    described = {
        "sse": "squared error, summed over the pixels of an image",
        "mse": "squared error, mean over the pixels",
        "psnr": "peak signal-to-noise ratio in dB",
        "knn_accuracy": "accuracy of 5 nearest neighbours in the latent space",
    }
    size = metrics["code_size"]
    rows = [
        f"| {metrics['test_rows']:,} test digits, latent code of {size} numbers "
        f"| `{line['variant']}` | PCA-{size} |",
        "|---|---|---|",
        *(
            f"| {described[key]} | {metrics[key]:{spec}} | {metrics['pca_' + key]:{spec}} |"
            for key, spec in shown.items()
        ),
        "",
        f"The four commands took {line['value']:.0f} seconds on {line['machine']['cores']} CPU "
        f"cores. The outputs of the exported models differ from those of the trained model by at "
        f"most {parity:.0e}.",
    ]
    return "\n".join(rows)


def reproduced() -> str:
    """Returns the table of results: published, targets, ours, and the verdict.

    Returns:
        A string, Markdown.

    Example:

    >>> reproduced().startswith("| row | what | published |")
    True
    """
    rows = [
        f"| row | what | published | targets | {HEAD_OF_OURS} | verdict |",
        "|---|---|---|---|---|---|",
    ]
    for key, row in reproduce.ROWS.items():
        published, result, verdict = compared(key)
        rows.append(f"| {key} | {row.title} | {published} | {row.bounds} | {result} | {verdict} |")
    return "\n".join(rows)


def main_results() -> str:
    """Returns the table of the results in `MAIN_ROWS`, without their targets.

    Returns:
        A string, Markdown.

    Example:

    >>> main_results().startswith("| what | published |")
    True
    """
    rows = [f"| what | published | {HEAD_OF_OURS} | verdict |", "|---|---|---|---|"]
    rows += [f"| {title} | {' | '.join(compared(key))} |" for key, title in MAIN_ROWS.items()]
    return "\n".join(rows)


def labels() -> str:
    """Returns the table of the test error in percent by number of labels, a row for each start.

    Returns:
        A string, Markdown, from the last results line.

    Example:

    >>> labels().startswith("| start |")
    True
    """
    *_, line = (line for line in results.read("reproduce") if line["row"] == "labels")
    counts = next(iter(line["errors"].values()))
    rows = ["| start | " + " | ".join(f"{int(count):,}" for count in counts) + " |"]
    rows.append("|---" * (1 + len(counts)) + "|")
    for start, errors in line["errors"].items():
        means = " | ".join(f"{result['mean']:.2f}" for result in errors.values())
        rows.append(f"| {'random' if start == 'none' else start} | {means} |")
    return "\n".join(rows)


def compared(key: str) -> tuple[str, str, str]:
    """Returns a row's published result, ours with further metrics, and the verdict.

    Args:
        key: String. A key of `reproduce.ROWS`.

    Returns:
        A tuple of three strings, Markdown; a miss is bold.

    Example:

    >>> published, ours, verdict = compared("1")
    >>> published
    '13.87 (Hinton & Salakhutdinov, 2006)'
    """
    row, lines = reproduce.ROWS[key], reproduce.lines_of(key)
    verdict = row.verdict(lines)
    verdict = f"**{verdict}**" if verdict == "miss" else verdict
    if not row.comparable(lines):  # on other data only a ratio can be compared
        return "–", _ratio(lines, row.yardstick[0]), verdict
    return row.published, ours(key, row.beside), verdict


def ours(key: str, beside=()) -> str:
    """Returns a row's value and further metrics, each with its spread over the seeds.

    Args:
        key: String. A key of `reproduce.ROWS`.
        beside: Sequence of the names of further metrics; those that an older results line lacks are
            left out. Defaults to `()`.

    Returns:
        A string, Markdown.

    Example:

    >>> ours("1")
    '13.87 sse'
    """
    lines, row = reproduce.lines_of(key), reproduce.ROWS[key]
    if not lines:
        return "–"
    names = [name for name in beside if all(name in line for line in lines)]
    others = [f"{spelled(name)} {_mean(lines, name)}" for name in (*row.inseparable, *names)]
    others = f" ({', '.join(others)})" if others else ""
    seeds = f", {len(lines)} seeds" if len(lines) > 1 else ""
    return f"{_mean(lines, 'value')} {row.unit}{others}{seeds}"


def _ratio(lines, name):
    """Returns the mean ratio of a row's value to the metric of that name."""
    ratio = statistics.mean(line["value"] / line[name] for line in lines)
    seeds = f", {len(lines)} seeds" if len(lines) > 1 else ""
    return f"{ratio:.4g} of the {spelled(name)}'s{seeds}"


def _mean(lines, name):
    """Returns the mean of a metric, and its standard deviation if there are several seeds."""
    values = [line[name] for line in lines]
    spread = f" ± {statistics.stdev(values):.2g}" if len(values) > 1 else ""
    mean = statistics.mean(values)
    return f"{mean:,.0f}{spread}" if abs(mean) >= 1000 else f"{mean:.4g}{spread}"
