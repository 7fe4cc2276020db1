"""Writes the tables of README.md and docs/: `python -m zoo.experiments.readme`."""

import re
import statistics
from pathlib import Path

from zoo import registry
from zoo.autoencoder.scores import SCORES
from zoo.experiments import benchmarks, reproduce, results
from zoo.experiments.readme_speed import speed
from zoo.experiments.reproduce.document_table import documents
from zoo.experiments.reproduce.row import spelled
from zoo.experiments.weights_card import weights

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))

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


def families() -> str:
    """Returns the table of families and the names of their variants.

    Returns:
        A string, Markdown.

    Example:

    >>> print(families().splitlines()[0])
    | family | variants |
    """
    rows = ["| family | variants |", "|---|---|"]
    for family, entries in registry.families().items():
        names = ", ".join(f"`{name}`" for name, _ in entries)
        rows.append(f"| {family} | {names} |")
    return "\n".join(rows)


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
        "| row | what | published | targets | ours (one seed, unless seeds are given) | verdict |",
        "|---|---|---|---|---|---|",
    ]
    for key, row in reproduce.ROWS.items():
        published, ours, verdict = compared(key)
        rows.append(f"| {key} | {row.title} | {published} | {row.bounds} | {ours} | {verdict} |")
    return "\n".join(rows)


def main_results() -> str:
    """Returns the table of the results in `MAIN_ROWS`, without their targets.

    Returns:
        A string, Markdown.

    Example:

    >>> main_results().startswith("| what | published |")
    True
    """
    rows = ["| what | published | ours | verdict |", "|---|---|---|---|"]
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
            "The comparison with an isolation forest has not been measured with this version yet: "
            "run `zoo reproduce anomaly` and `zoo reproduce anomaly-tables`."
        )
    names = ("isolation_forest", "reconstruction", "latent", "both", "knn", "lof", "pca")
    rows = [
        "On these tables an isolation forest is better than all of our scores:",
        "",
        "| AUROC | " + " | ".join(map(spelled, names)) + " |",
        "|---" * (1 + len(names)) + "|",
    ]
    for line in lines:
        for name, metrics in line["tables"].items():
            aurocs = {
                n: value["auroc"] if isinstance(value, dict) else value
                for n, value in metrics.items()
            }
            if aurocs["isolation_forest"] > max(aurocs[score] for score in SCORES):
                shown = " | ".join(f"{aurocs[n]:.3f}" for n in names)
                rows.append(f"| {name} | {shown} |")
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
    row, lines = reproduce.ROWS[key], _lines(key)
    verdict = row.verdict(lines)
    verdict = f"**{verdict}**" if verdict == "miss" else verdict
    if not row.comparable(lines):  # on other data only a ratio can be compared
        return "–", _ratio(lines, row.yardstick[0]), verdict
    return row.published, _ours(key, row.beside), verdict


def _ours(key, beside=()):
    """Returns a row's value and further metrics, each with its spread over the seeds.

    Metrics that an older results line lacks are left out.
    """
    lines, row = _lines(key), reproduce.ROWS[key]
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


def _lines(key):
    return [line for line in results.read("reproduce") if line["row"] == key]


def _mean(lines, name):
    """Returns the mean of a metric, and its standard deviation if there are several seeds."""
    values = [line[name] for line in lines]
    spread = f" ± {statistics.stdev(values):.2g}" if len(values) > 1 else ""
    mean = statistics.mean(values)
    return f"{mean:,.0f}{spread}" if abs(mean) >= 1000 else f"{mean:.4g}{spread}"


# For each idea: the variants or functions that implement it, the number of its notebook, and the
# row of results that measures it; None where there is none.
IDEAS = {
    "encoder, decoder and a latent code, learned without labels": (
        "`shallow_ae`, `deep_ae`",
        1,
        "2",
    ),
    "PCA as a linear auto-encoder with tied weights": ("`pca`, `TiedDense`", 1, "1"),
    "a deep auto-encoder, pre-trained layer by layer as RBMs": ("`dbn`, `zoo.pretrain`", 2, "3"),
    "document retrieval by short codes, compared with latent semantic analysis": (
        "`document_ae`",
        5,
        "14",
    ),
    "image retrieval by latent codes, compared with pixels": ("`zoo.search`", 6, "17"),
    "unsupervised pre-training, then fine-tuning with labels": (
        "`stacked_ae`, `zoo.finetune`",
        2,
        "6",
    ),
    "denoising": ("`denoising_ae`", 3, "10"),
    "contraction": ("`contractive_ae`", 3, "7"),
    "restricted Boltzmann machines, deep belief networks": ("`rbm`, `dbn`", 2, "5"),
    "unpooling with remembered positions, deconvolution": (
        "`conv_ae`, `Unpooling2D`",
        4,
        "unpooling",
    ),
    "generation from regularised codes": ("`latent_weight`, `zoo sample`", 7, "generation"),
    "variational and quantised codes": ("`vae`, `vq_vae`", 7, "13"),
    "anomaly detection by reconstruction error": ("`zoo.anomaly`, `zoo detect`", None, "anomaly"),
    "export and serving": ("`zoo.export`, `zoo.load`", 8, None),
}
NOTEBOOKS = ROOT / "notebooks"


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
            link = f"[{number}](../notebooks/{path.name})"
        measured, verdict = "–", "–"
        if row:
            measured, verdict = _ours(row), reproduce.ROWS[row].verdict(_lines(row))
        rows.append(f"| {idea} | {here} | {link} | {measured} | {verdict} |")
    return "\n".join(rows)


TABLES = {
    table.__name__: table
    for table in (
        weights,
        variants,
        families,
        main_job,
        main_results,
        ideas,
        labels,
        reproduced,
        documents,
        forest_wins,
        speed,
    )
}


def written(text: str) -> str:
    r"""Returns the text of a page with its tables generated again.

    A table stands between `<!-- NAME -->` and `<!-- end -->`.

    Args:
        text: String. The text of the README or of a page in `docs/`.

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
    for page in PAGES:
        page.write_text(written(page.read_text(encoding="utf-8")), encoding="utf-8")
