"""Every mode of every variant, trained by its full recipe, beside PCA of equal size."""

from pathlib import Path

from zoo import registry
from zoo.training import in_memory


def measure_modes(data, seed: int, pictures: Path, part: str) -> dict:
    """Trains every mode of a variant on real data of its kind, and measures its remaining error.

    The remaining error is that on the test rows divided by the error of the mean training row.

    Args:
        data: Not used: every mode has the real data that the common checks train it on.
        seed: Integer. Seed of each training.
        pictures: `Path` of an empty folder; no pictures are drawn.
        part: String. Name of the variant.

    Returns:
        A dict of the `modes`: for each mode the data, the bits of its code, the epochs, its error,
        and that of PCA of equal size.

    Example:

    >>> list(measure_modes(None, 0, Path("."), "pca")["modes"])  # doctest: +SKIP
    ['pca', 'pca, standardise=True']
    """
    from zoo.checks.subject import Subject

    modes = {}
    for mode in ({}, *registry.entry(part).modes):
        title = ", ".join([part, *(f"{key}={value}" for key, value in mode.items())])
        modes[title] = _measure(Subject(part, pictures, **mode), seed)
    return {"modes": modes}


def combine_modes(lines: list[dict]) -> dict:
    """Returns what the results lines of all variants tell together.

    Args:
        lines: List of dicts. A results line of each variant, of one seed.

    Returns:
        A dict of the `seed`; the `value`, the largest error of all modes; all `modes`; `count`,
        their number; and `below_pca`, the number of those whose error is below that of PCA of equal
        size.

    Example:

    >>> modes = {"pca": {"error": 0.2, "pca": 0.2}, "deep_ae": {"error": 0.1, "pca": 0.2}}
    >>> found = combine_modes([{"seed": 0, "modes": modes}])
    >>> found["value"], found["count"], found["below_pca"]
    (0.2, 2, 1)
    """
    modes = {title: mode for line in lines for title, mode in line["modes"].items()}
    return {
        "seed": lines[0]["seed"],
        "value": max(mode["error"] for mode in modes.values()),
        "modes": modes,
        "count": len(modes),
        "below_pca": sum(mode["error"] < mode["pca"] for mode in modes.values()),
    }


def _measure(subject, seed):
    from zoo import evaluation
    from zoo.evaluation import learning

    data = subject.real_data
    arguments = subject.mode | subject.entry.arguments_for(data)
    model, trained_by = in_memory.train(subject.entry.name, data.train.inputs, seed, **arguments)
    documents = model.vocabulary is not None
    rows = learning.prepared(model, data)
    pca = evaluation.pca_of_equal_size(model, rows)
    return {
        "data": data.name,
        "code_bits": model.code_bits,
        "switch_bits": model.switch_bits,
        "epochs": trained_by["recipe"]["epochs"],
        "error": learning.remaining_error(model, rows, documents),
        "pca": learning.remaining_error(pca, rows, documents),
    }
