"""Measures a set of weights under other versions of the libraries, and widens its tolerances.

`python -m zoo.experiments.weights_versions document_ae/docstrings`, in an environment with the
oldest versions that are supported. It is for data that are files of installed packages.
"""

import json
import sys
from pathlib import Path

from zoo.experiments.weights import described, write_sums
from zoo.experiments.weights_training import DEVIATIONS, SINGLE, declared, measure, own, train


def widen(key: str, seed: int = 0, folder: Path | None = None) -> dict:
    """Trains a set again under the installed versions, and widens its tolerances by the difference.

    A tolerance becomes the distance of the metric from that of the card plus the spread of the
    seeds, if that is larger than it was. The weights stay as they are.

    Args:
        key: String, `"variant/name"`.
        seed: Integer. Defaults to 0.
        folder: Path of the folder of all sets. Defaults to None, the package's.

    Returns:
        The facts, with `elsewhere`, a list of the versions and metrics of each such training.

    Example:

    >>> widen("document_ae/docstrings")["elsewhere"][0]["versions"]  # doctest: +SKIP
    """
    from zoo import datasets
    from zoo.experiments import weights_card
    from zoo.storage.atomic import replace_file
    from zoo.storage.versions import versions

    found = declared(key, folder)
    facts, data = dict(found.facts), datasets.load(found.declaration["data"])
    model, _ = train(found, data, seed, facts)
    metrics = own(measure(found, model, data, baselines=False))
    entry = {"versions": versions(), "data": described(data), "seed": seed, "metrics": metrics}
    others = [old for old in facts.get("elsewhere", []) if old["versions"] != entry["versions"]]
    facts["elsewhere"] = [*others, entry]
    facts["tolerances"] = {
        name: max(tolerance, abs(metrics[name] - facts["metrics"][name]) + spread(facts, name))
        for name, tolerance in facts["tolerances"].items()
    }
    replace_file(found.path(".json"), (json.dumps(facts, indent=1) + "\n").encode())
    replace_file(found.path(".md"), weights_card.text(found, facts).encode())
    write_sums(found.folder)
    return facts


def spread(facts: dict, name: str) -> float:
    """Returns the tolerance of a metric under the versions that the set was trained with.

    Args:
        facts: Dict of the facts of a set.
        name: String. Name of the metric.

    Example:

    >>> spread({"metrics": {"sse": 10.0}, "deviations": {"sse": 0.5}}, "sse")
    1.5
    """
    if facts["deviations"]:
        return DEVIATIONS * facts["deviations"][name]
    return SINGLE * abs(facts["metrics"][name])


if __name__ == "__main__":
    widen(sys.argv[1])
