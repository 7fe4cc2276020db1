"""Tries the scores of a detector that ships on held-out training rows, never on the test split.

The command

    python -m zoo.experiments.detector_scores mnist

trains the declared auto-encoder, measures every score beside PCA, and appends the results to
`results/tuning.jsonl`.
"""

import sys

from zoo import datasets
from zoo.experiments import results, weights_detector, weights_training
from zoo.weights import sets

KINDS = ("unseen", "shuffled", "inverted", "noise")  # of anomalies

SETTINGS = (
    {"score": "reconstruction", "top_fraction": 1.0},
    {"score": "reconstruction", "top_fraction": 0.2},
    {"score": "reconstruction", "top_fraction": 0.05},
    {"score": "latent"},
    {"score": "both", "top_fraction": 1.0},
)


def choose(name: str, folder=None) -> list[dict]:
    """Measures the scores of a declared detector on held-out training rows, and records them.

    Args:
        name: String. Name of the declared set.
        folder: String or `Path`. The folder of `tuning.jsonl`. Defaults to None, the package's.

    Returns:
        The lines of `tuning.jsonl`, one for each of `SETTINGS`.

    Example:

    >>> choose("mnist")  # doctest: +SKIP
    """
    found = weights_training.declared(f"detector/{name}")
    declaration = found.declaration
    data, lines = datasets.load(declaration["data"]), []
    scorer, facts = weights_training.train(found, data, seed=0)
    for setting in SETTINGS:
        options = {"false_alarms": declaration["detector"]["false_alarms"]} | setting
        model = weights_detector.fit(scorer.autoencoder, data, options)
        report = weights_detector.metrics(model, data, declaration, held_out=True)
        settings = {"arguments": facts["arguments"], "recipe": facts["recipe"], "options": options}
        lines.append(results.append("tuning", folder, weights=found.key, **settings, value=report))
    return lines


def detector_scores(name: str = "mnist") -> str:
    """Returns the table of the scores that were tried for a detector that ships.

    Args:
        name: String. Name of the detector. Defaults to `"mnist"`.

    Returns:
        A string, Markdown; the chosen score is bold.

    Example:

    >>> detector_scores().splitlines()[0]
    '| AUROC | unseen | shuffled | inverted | noise |'
    """
    found = sets.find(sets.DETECTOR, name)
    tried = [line for line in results.read("tuning") if line.get("weights") == found.key]
    chosen = found.declaration["detector"]
    rows = [f"| AUROC | {' | '.join(KINDS)} |", "|---" * (1 + len(KINDS)) + "|"]
    for line in tried:
        options = line["options"]
        title = f"`{options['score']}`"
        if "top_fraction" in options:
            title += f", the largest {options['top_fraction']:.0%} of the pixels' errors"
        if options.items() <= chosen.items():
            title = f"**{title}**"
        rows.append(_row(title, line["value"], ""))
    components = tried[-1]["value"]["pca_components"]
    return "\n".join([*rows, _row(f"PCA, {components} components", tried[-1]["value"], "pca_")])


def _row(title, value, prefix):
    aurocs = (f"{value[f'{prefix}{kind}_auroc']:.4f}" for kind in KINDS)
    return f"| {title} | {' | '.join(aurocs)} |"


if __name__ == "__main__":
    for line in choose(sys.argv[1]):
        print(line["options"], line["value"])
