"""Tries the scores of a detector that ships on held-out training rows, never on the test split.

The command

    python -m zoo.experiments.detector_scores mnist

trains the declared auto-encoder, measures every score beside PCA, and appends the results to
`results/tuning.jsonl`.
"""

import sys

from zoo import datasets
from zoo.experiments import results, weights_detector, weights_training

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


if __name__ == "__main__":
    for line in choose(sys.argv[1]):
        print(line["options"], line["value"])
