"""Trains the sets of weights that ship: `python -m zoo.experiments.weights pca/mnist`.

A set is declared by a file `zoo/weights/<variant>/<name>.toml`. The command trains it once for each
seed, measures each model on the test split, and writes beside the declaration the weights of the
first seed, a file of facts and a card, and the table of the SHA-256 of all of them. Without a name
it writes all cards and pictures again, and trains nothing.
"""

import hashlib
import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np

from zoo.experiments.weights_training import declared, learned, measure, own, tolerances, train
from zoo.weights import sets

LOST = 0.01  # the largest relative change of a metric by rounding the weights to float16
WORST = 20  # the test rows that a card lists


def ship(key: str, seeds=(0,), folder: Path | None = None) -> dict:
    """Trains a declared set for each seed, and writes its weights, facts and card.

    Args:
        key: String, `"variant/name"`.
        seeds: Sequence of integers; the weights of the first are written. Defaults to `(0,)`.
        folder: Path of the folder of all sets. Defaults to None, the package's.

    Returns:
        The facts.

    Example:

    >>> ship("pca/mnist")["metrics"]["sse"]  # doctest: +SKIP
    """
    from zoo import datasets
    from zoo.experiments import recipe_text, weights_figures
    from zoo.experiments.benchmarks import machine
    from zoo.storage import tensors
    from zoo.storage.atomic import replace_file
    from zoo.storage.versions import versions

    found = declared(key, folder)
    data = datasets.load(found.declaration["data"])
    runs, first, started = [], None, (time.process_time(), time.perf_counter())
    for seed in seeds:
        model, facts = train(found, data, seed)
        runs.append(measure(found, model, data, baselines=not runs))
        first = first or (model, facts)
        print(f"{key} seed {seed}: {own(runs[-1])}", file=sys.stderr, flush=True)
    processor, wall = time.process_time() - started[0], time.perf_counter() - started[1]
    model, facts = first
    half = keeps_metrics(found, model, data, runs[0])
    path = tensors.save(found.path(".safetensors"), model.weights, half=half)
    tensors.load(path, model.weights)
    model.refresh_endpoints()
    facts |= {
        "recipe_sha256": recipe_text.sha256(facts),
        "column_names": data.column_names,
        "data": described(data) | {"train_rows": len(learned(found, data).train)},
        "seeds": list(seeds),
        "metrics": runs[0]
        | {name: statistics.fmean(run[name] for run in runs) for name in own(runs[0])},
        "deviations": {
            name: statistics.stdev(run[name] for run in runs) for name in own(runs[0])
        } if len(runs) > 1 else {},
        "tolerances": tolerances(runs),
        "parameters": int(sum(np.size(weight) for weight in model.weights)),
        "dtype": "float16" if half else "float32",
        "bytes": path.stat().st_size,
        "latency_ms": weights_figures.latency(model, data),
        "worst_rows": weights_figures.worst_rows(model, data, WORST),
        "processor_seconds": round(processor / len(runs), 1),
        "wall_seconds": round(wall / len(runs), 1),
        "machine": machine.described(),
        "versions": versions(),
    }  # fmt: skip
    facts = json.loads(json.dumps(facts, allow_nan=False))
    replace_file(found.path(".json"), (json.dumps(facts, indent=1) + "\n").encode())
    write_card(found, model, data, facts)
    write_sums(found.folder)
    write_bundle(found)
    return facts


def described(data) -> dict:
    """Returns what the facts of a set say about its data.

    Args:
        data: `Dataset`.

    Returns:
        Dict of strings: `name`, `fingerprint` and `licence`, and for data that are files of
        installed packages the `versions` of these.

    Example:

    >>> list(described(zoo.datasets.load("mnist_5k")))
    ['name', 'fingerprint', 'licence']
    """
    from zoo.datasets.by_name import BY_NAME
    from zoo.storage.versions import of_packages

    facts = {"name": data.name, "fingerprint": data.fingerprint, "licence": data.licence}
    packages = BY_NAME[data.name].packages if data.name in BY_NAME else ()
    return facts | ({"versions": of_packages(packages)} if packages else {})


def write_card(found: sets.WeightsSet, model, data, facts: dict) -> None:
    """Writes the card of a set, with a picture of the test rows with the largest error.

    Args:
        found: `WeightsSet`.
        model: The trained model.
        data: `Dataset`, the declared one.
        facts: Dict of the facts.

    Example:

    >>> found = sets.find("pca", "mnist")
    >>> write_card(found, zoo.build("pca"), data, found.facts)  # doctest: +SKIP
    """
    from zoo.experiments import weights_card, weights_figures
    from zoo.storage.atomic import replace_file

    picture = weights_figures.picture(model, data, facts["worst_rows"])
    if picture:
        replace_file(found.path(".png"), picture)
    replace_file(found.path(".md"), weights_card.text(found, facts).encode())


def write_cards() -> None:
    """Writes the cards and pictures of all sets that ship, and the cards of bundles, again.

    Example:

    >>> write_cards()  # doctest: +SKIP
    """
    from zoo import datasets, weights
    from zoo.experiments import weights_card
    from zoo.exporting.onnx_only import write_onnx_only
    from zoo.serving import sources

    for found in (declared(each.key) for each in sets.every()):
        data = datasets.load(found.declaration["data"])
        write_card(found, weights.trained(found), data, found.facts)
        if "bundle" in found.declaration:
            folder = sources.BUNDLES / found.declaration["bundle"]
            notes = weights_card.of_bundle(found, found.facts)
            write_onnx_only(folder, folder, overwrite=True, notes=notes)
    write_sums()


def write_bundle(found: sets.WeightsSet, folder: Path | None = None) -> Path | None:
    """Writes the ONNX-only bundle of a set whose declaration has a `bundle`, the bundle's name.

    Args:
        found: `WeightsSet`.
        folder: Path of the folder of all bundles. Defaults to None, the package's.

    Returns:
        The bundle's path, or None if the set has none.

    Example:

    >>> write_bundle(sets.find("pca", "mnist"), Path("bundles")).as_posix()
    'bundles/pca'
    """
    from zoo import exporting, weights
    from zoo.experiments import weights_card
    from zoo.exporting.onnx_only import write_onnx_only
    from zoo.serving import sources
    from zoo.storage.temporaries import scratch_folder

    name = found.declaration.get("bundle")
    if not name:
        return None
    target = (folder or sources.BUNDLES) / name
    with scratch_folder() as scratch:
        model = weights.trained(found)
        exporting.export(model, scratch / "whole")
        notes = weights_card.of_bundle(found, found.facts)
        write_onnx_only(scratch / "whole", target, overwrite=True, notes=notes)
    return target


def keeps_metrics(found: sets.WeightsSet, model, data, metrics: dict[str, float]) -> bool:
    """Returns whether each metric changes by less than 1 % if the weights are rounded to float16.

    The weights of the model are as before afterwards.

    Args:
        found: `WeightsSet`.
        model: The trained model.
        data: `Dataset`.
        metrics: Dict of the model's metrics.

    Example:

    >>> data = zoo.datasets.load("mnist_5k")
    >>> found = declared("pca/mnist_2d")
    >>> model, _ = train(found, data, seed=0)
    >>> keeps_metrics(found, model, data, measure(found, model, data))  # doctest: +SKIP
    True
    """
    from zoo.storage.tensors import halved

    before = model.get_weights()
    with np.errstate(over="ignore"):
        rounded = [halved(weight).astype(np.asarray(weight).dtype) for weight in model.weights]
    if not all(np.isfinite(weight).all() for weight in rounded):
        return False
    model.set_weights(rounded)
    model.refresh_endpoints()
    after = measure(found, model, data, baselines=False)
    model.set_weights(before)
    model.refresh_endpoints()
    return unchanged(own(metrics), after)


def unchanged(before: dict[str, float], after: dict[str, float]) -> bool:
    """Returns whether each metric changes by at most 1 %.

    Args:
        before: Dict of floats.
        after: Dict of floats, which has all of these metrics.

    Example:

    >>> unchanged({"sse": 10.0}, {"sse": 10.05}), unchanged({"sse": 10.0}, {"sse": 9.8})
    (True, False)
    """
    return all(abs(after[key] - value) <= LOST * abs(value) for key, value in before.items())


def write_sums(folder: Path | None = None) -> None:
    """Writes the table of the SHA-256 of every file of the sets.

    Args:
        folder: Path of the folder of all sets. Defaults to None, the package's.

    Example:

    >>> write_sums()  # doctest: +SKIP
    """
    from zoo.storage.atomic import replace_file

    folder = folder or sets.FOLDER
    paths = [path for path in sorted(folder.glob("*/*.*")) if path.suffix in sets.SUFFIXES]
    sums = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
    }
    replace_file(folder / sets.SUMS, (json.dumps(sums, indent=1) + "\n").encode())


if __name__ == "__main__" and len(sys.argv) == 1:
    write_cards()
elif __name__ == "__main__":
    ship(sys.argv[1], [int(seed) for seed in sys.argv[2:]] or (0,))
