"""Generates the README's tables from the registry and the results: `python -m zoo.readme`."""

import re
import statistics
from pathlib import Path

from zoo import benchmarks, registry, reproduce, results
from zoo.anomaly.defaults import SCORES
from zoo.reproduce.document_table import documents
from zoo.reproduce.row import spelled
from zoo.speed import speed

README = Path(__file__).parent.parent / "README.md"


def variants() -> str:
    """Returns the table of variants, from the registry's files.

    Returns:
        A string, Markdown.

    Example:

    >>> print(variants().splitlines()[0])
    | variant | family | what it is |
    """
    rows = ["| variant | family | what it is |", "|---|---|---|"]
    for family, entries in registry.families().items():
        rows += [f"| `{name}` | {family} | {summary} |" for name, summary in entries]
    return "\n".join(rows)


def main_job() -> str:
    """Returns the table of the results of the README's first command, from its last measurement.

    Returns:
        A string, Markdown.

    Example:

    >>> main_job().startswith("|")
    True
    """
    (line,) = (line for line in benchmarks.newest().values() if line["bench"] == "main_job")
    metrics, parity = line["metrics"], max(line["parity"].values())
    shown = {"sse": ".2f", "mse": ".4f", "psnr": ".1f", "knn_accuracy": ".3f"}
    told = {
        "sse": "squared error summed over an image",
        "mse": "squared error of a pixel",
        "psnr": "peak signal-to-noise ratio, dB",
        "knn_accuracy": "accuracy of 5 nearest neighbours by code",
    }
    size = metrics["code_size"]
    rows = [
        f"| {metrics['test_rows']} test digits, codes of {size} numbers | `{line['variant']}` "
        f"| PCA-{size} |",
        "|---|---|---|",
        *(
            f"| {told[key]} | {metrics[key]:{form}} | {metrics['pca_' + key]:{form}} |"
            for key, form in shown.items()
        ),
        "",
        f"It took {line['value']:.0f} seconds on {line['machine']['cores']} cores; the exported "
        f"forms differ from the trained model by at most {parity:.0e}.",
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
        "| row | what | published | targets | ours (one seed, unless seeds are given) | verdict |",
        "|---|---|---|---|---|---|",
    ]
    for key, row in reproduce.ROWS.items():
        lines = _lines(key)
        published, ours = row.published, _ours(key, row.beside)
        if not row.comparable(lines):  # other data: only a ratio can be compared
            published, ours = "–", _ratio(lines, row.yardstick[0])
        verdict = row.verdict(lines)
        verdict = f"**{verdict}**" if verdict == "miss" else verdict
        rows.append(f"| {key} | {row.title} | {published} | {row.bounds} | {ours} | {verdict} |")
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
        means = " | ".join(f"{each['mean']:.2f}" for each in errors.values())
        rows.append(f"| {'random' if start == 'none' else start} | {means} |")
    return "\n".join(rows)


def forest_wins() -> str:
    """Returns the table of the datasets on which an isolation forest beats every score of ours.

    Returns:
        A string, Markdown.

    Example:

    >>> isinstance(forest_wins(), str)
    True
    """
    lines = [line for key in ("anomaly", "anomaly-tables") for line in _lines(key)[-1:]]
    if not lines:
        return (
            "Where an isolation forest is better than each of our scores has not been measured yet "
            "with this version: `zoo reproduce anomaly`, `zoo reproduce anomaly-tables`."
        )
    names = ("isolation_forest", "reconstruction", "latent", "both", "knn", "lof", "pca")
    rows = [
        "In these tables an isolation forest is better than each of our scores:",
        "",
        "| AUROC | " + " | ".join(map(spelled, names)) + " |",
        "|---" * (1 + len(names)) + "|",
    ]
    for line in lines:
        for name, figures in line["tables"].items():
            aurocs = {n: f["auroc"] if isinstance(f, dict) else f for n, f in figures.items()}
            if aurocs["isolation_forest"] > max(aurocs[score] for score in SCORES):
                shown = " | ".join(f"{aurocs[n]:.3f}" for n in names)
                rows.append(f"| {name} | {shown} |")
    return "\n".join(rows)


def _ours(key, beside=()):
    """Returns a row's value and the figures beside it, each with its spread over the seeds.

    Figures that an older results line lacks are left out.
    """
    lines, row = _lines(key), reproduce.ROWS[key]
    if not lines:
        return "–"
    names = [name for name in beside if all(name in line for line in lines)]
    others = [f"{spelled(name)} {_figure(lines, name)}" for name in (*row.inseparable, *names)]
    others = f" ({', '.join(others)})" if others else ""
    seeds = f", {len(lines)} seeds" if len(lines) > 1 else ""
    return f"{_figure(lines, 'value')} {row.unit}{others}{seeds}"


def _ratio(lines, name):
    """Returns the mean ratio of a row's value to the figure of that name."""
    ratio = statistics.mean(line["value"] / line[name] for line in lines)
    seeds = f", {len(lines)} seeds" if len(lines) > 1 else ""
    return f"{ratio:.4g} of the {spelled(name)}'s{seeds}"


def _lines(key):
    return [line for line in results.read("reproduce") if line["row"] == key]


def _figure(lines, name):
    """Returns the mean of a figure, and its standard deviation if there are several seeds."""
    values = [line[name] for line in lines]
    spread = f" ± {statistics.stdev(values):.2g}" if len(values) > 1 else ""
    mean = statistics.mean(values)
    return f"{mean:,.0f}{spread}" if abs(mean) >= 1000 else f"{mean:.4g}{spread}"


# For each idea: the variants or functions that implement it, the number of the notebook, and the
# row of results that measures it; None where there is none.
IDEAS = {
    "encoder, decoder and a code, learnt with no labels": ("`shallow_ae`, `deep_ae`", 1, "2"),
    "PCA as a linear auto-encoder, of one kernel and its transpose": ("`pca`, `TiedDense`", 1, "1"),
    "the deep auto-encoder, its layers first learnt as machines": ("`dbn`, `zoo.pretrain`", 2, "3"),
    "documents by few numbers, against latent semantic analysis": ("`document_ae`", 5, "14"),
    "similar images by codes, against pixels": ("`zoo.search`", 6, "17"),
    "greedy layers, then labels": ("`stacked_ae`, `zoo.finetune`", 2, "6"),
    "denoising": ("`denoising_ae`", 3, "10"),
    "contraction": ("`contractive_ae`", 3, "7"),
    "restricted Boltzmann machines, deep belief networks": ("`rbm`, `dbn`", 2, "5"),
    "unpooling by remembered positions, deconvolution": (
        "`conv_ae`, `Unpooling2D`",
        4,
        "unpooling",
    ),
    "generation from a code drawn towards zero": (
        "`latent_penalty`, `zoo sample`",
        7,
        "generation",
    ),
    "variational and quantised codes": ("`vae`, `vq_vae`", 7, "13"),
    "anomalies: what a code cannot rebuild": ("`zoo.anomaly`, `zoo detect`", None, "anomaly"),
    "models that others serve": ("`zoo.export`, `zoo.load`", 8, None),
}
NOTEBOOKS = README.parent / "notebooks"


def ideas() -> str:
    """Returns the table of ideas: the variant, the notebook, the result and its verdict.

    Returns:
        A string, Markdown.

    Example:

    >>> ideas().startswith("| idea | here |")  # doctest: +SKIP
    True
    """
    rows = ["| idea | here | notebook | measured | verdict |", "|---|---|---|---|---|"]
    for idea, (here, number, row) in IDEAS.items():
        link = "–"
        if number:
            (path,) = NOTEBOOKS.glob(f"{number}_*.ipynb")
            link = f"[{number}](notebooks/{path.name})"
        measured, verdict = "–", "–"
        if row:
            measured, verdict = _ours(row), reproduce.ROWS[row].verdict(_lines(row))
        rows.append(f"| {idea} | {here} | {link} | {measured} | {verdict} |")
    return "\n".join(rows)


TABLES = {
    table.__name__: table
    for table in (
        variants,
        main_job,
        ideas,
        labels,
        reproduced,
        documents,
        forest_wins,
        speed,
    )
}


def written(text: str) -> str:
    r"""Returns the README's text with its tables generated again.

    A table stands between `<!-- NAME -->` and `<!-- end -->`.

    Args:
        text: String. The text of the README.

    Returns:
        A string.

    Raises:
        KeyError: If there is no table of that name.

    Example:

    >>> written("<!-- variants -->\nold\n<!-- end -->").splitlines()[1]
    '| variant | family | what it is |'
    """
    return re.sub(
        r"<!-- (\w+) -->\n.*?<!-- end -->",
        lambda match: f"<!-- {match[1]} -->\n{TABLES[match[1]]()}\n<!-- end -->",
        text,
        flags=re.DOTALL,
    )


if __name__ == "__main__":
    README.write_text(written(README.read_text(encoding="utf-8")), encoding="utf-8")
