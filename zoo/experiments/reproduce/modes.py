"""Every mode of every variant, trained by its full recipe, beside PCA of equal size."""

from pathlib import Path

from zoo import registry
from zoo.training import in_memory


def measure_modes(data, seed: int, pictures: Path, names: list[str] | None = None) -> dict:
    """Trains every mode on real data of its kind, and measures its remaining error.

    The remaining error is that on the test rows divided by the error of the mean training row.

    Args:
        data: Not used: every mode has the real data that the common checks train it on.
        seed: Integer. Seed of each training.
        pictures: `Path` of an empty folder; no pictures are drawn.
        names: List of strings. Names of variants. Defaults to None, for all of them.

    Returns:
        A dict of the `value`, the largest error of all; `count`, the number of modes; `below_pca`,
        the number of modes whose error is below that of PCA of equal size; and `modes`, for each
        mode the data, the bits of its code, the epochs, and both errors.

    Example:

    >>> measure_modes(None, 0, Path("."), names=["pca"])["count"]  # doctest: +SKIP
    2
    """
    from zoo.checks.subject import Subject

    modes = {}
    for name in names or registry.names():
        for mode in ({}, *registry.entry(name).modes):
            title = ", ".join([name, *(f"{key}={value}" for key, value in mode.items())])
            modes[title] = _measure(Subject(name, pictures, **mode), seed)
    return {
        "value": max(result["error"] for result in modes.values()),
        "modes": modes,
        "count": len(modes),
        "below_pca": sum(result["error"] < result["pca"] for result in modes.values()),
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
