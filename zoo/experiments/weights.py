"""Trains the sets of weights that ship: `python -m zoo.experiments.weights pca/mnist`.

A set is declared by a file `zoo/weights/<variant>/<name>.toml`. The command trains it once for each
seed, measures each model on the test split, and writes beside the declaration the weights of the
first seed, a file of facts and a card, and the table of the SHA-256 of all of them. Without a name
it writes all cards, pictures and bundles again, and trains nothing.
"""

import hashlib
import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np

from zoo.errors import CheckFailedError, no_such
from zoo.weights import sets

SINGLE = 0.02  # relative tolerance of a metric that is known of one seed
DEVIATIONS = 3  # tolerance of a metric that is known of several seeds
LOST = 0.01  # the largest relative change of a metric by rounding the weights to float16
WORST = 20  # the test rows that a card lists


def declared(key: str, folder: Path | None = None) -> sets.WeightsSet:
    """Returns a declared set of weights, whether it is trained already or not.

    Args:
        key: String, `"variant/name"`.
        folder: Path of the folder of all sets. Defaults to None, the package's.

    Raises:
        UsageError: If there is no declaration of that name.

    Example:

    >>> declared("pca/mnist").declaration["data"]
    'mnist'
    """
    folder = folder or sets.FOLDER
    known = {f"{path.parent.name}/{path.stem}" for path in folder.glob("*/*.toml")}
    if key not in known:
        raise no_such("set of weights", key, sorted(known))
    return sets.WeightsSet(*key.split("/"), folder)


def train(found: sets.WeightsSet, data, seed: int):
    """Trains a set of weights as it is declared.

    Args:
        found: `WeightsSet`.
        data: `Dataset`, the declared one.
        seed: Integer.

    Returns:
        A pair: the model, and a dict of its `variant`, `arguments` and `recipe`.

    Example:

    >>> data = zoo.datasets.load("mnist_5k")
    >>> model, facts = train(declared("pca/mnist_2d"), data, seed=0)
    >>> model.encoder.output_shape, facts["arguments"]["latent_dim"]
    ((None, 2), 2)
    """
    from zoo import registry
    from zoo.experiments import weights_detector
    from zoo.training import in_memory

    declaration = found.declaration
    variant = declaration.get("variant", found.variant)
    shape = registry.entry(variant).arguments_for(data)
    changes = shape | declaration.get("arguments", {}) | declaration.get("recipe", {})
    model, facts = in_memory.train(variant, _learned(found, data).train.inputs, seed, **changes)
    model.column_names = data.column_names
    facts = {"variant": variant} | facts
    if _classifies(found):
        model = _fine_tuned(model, data, seed, facts)
    elif _detects(found):
        model = weights_detector.fit(model, data, declaration["detector"])
        facts["detection"] = model.detection
    return model, facts


def _classifies(found):
    return found.variant == sets.CLASSIFIER


def _learned(found, data):
    """Returns the data whose training rows a model learns from."""
    from zoo.experiments import weights_detector

    return weights_detector.normal_rows(data) if _detects(found) else data


def _detects(found):
    return found.variant == sets.DETECTOR


def _fine_tuned(model, data, seed, facts):
    from zoo.autoencoder.classifier import RECIPE, classifier
    from zoo.training import finetune

    facts["classes"] = len(np.unique(data.train.labels))
    net = classifier(model, facts["classes"])
    finetune.fit(net, RECIPE, data.train, seed)
    return net


def measure(found: sets.WeightsSet, model, data) -> dict[str, float]:
    """Returns the metrics of a model on the test split, by name, beside those of PCA.

    Args:
        found: `WeightsSet`.
        model: The trained model.
        data: `Dataset`.

    Example:

    >>> data = zoo.datasets.load("mnist_5k")
    >>> measure(declared("pca/mnist_2d"), train(declared("pca/mnist_2d"), data, 0)[0], data)["sse"]
    ... # doctest: +SKIP
    """
    from zoo import evaluation
    from zoo.experiments import weights_detector
    from zoo.training import finetune

    if _classifies(found):
        return finetune.evaluate(model, data.test)
    if _detects(found):
        return weights_detector.metrics(model, data, found.declaration)
    return evaluation.evaluate(model, data)


def own(metrics: dict[str, float]) -> dict[str, float]:
    """Returns the metrics that a model is judged by: those that a card explains, without PCA's.

    Args:
        metrics: Dict from `measure`.

    Example:

    >>> own({"sse": 13.9, "pca_sse": 13.9, "test_rows": 10000})
    {'sse': 13.9}
    """
    from zoo.exporting.model_card import METRICS

    return {name: metrics[name] for name, _ in METRICS if name in metrics}


def tolerances(runs: list[dict[str, float]]) -> dict[str, float]:
    """Returns how far each metric of a new training may lie from the mean.

    Args:
        runs: List of dicts, the metrics of each seed.

    Returns:
        Dict of floats: three standard deviations of the seeds, or 2 % of a single one's.

    Example:

    >>> tolerances([{"sse": 10.0}])
    {'sse': 0.2}
    >>> tolerances([{"sse": 9.0}, {"sse": 10.0}, {"sse": 11.0}])
    {'sse': 3.0}
    """
    if len(runs) < 3:
        return {name: SINGLE * abs(value) for name, value in own(runs[0]).items()}
    return {name: DEVIATIONS * statistics.stdev(run[name] for run in runs) for name in own(runs[0])}


def reproduce(key: str, seed: int = 0) -> dict:
    """Trains a set of weights again by its recorded recipe, and compares its metrics.

    Args:
        key: String, `"variant/name"`.
        seed: Integer. Defaults to 0.

    Returns:
        Dict from each metric to its `value`, the `shipped` one and the `tolerance`.

    Raises:
        UsageError: If there are no such weights.
        CheckFailedError: If a metric lies outside its tolerance; the message names all of them.

    Example:

    >>> reproduce("pca/mnist")["sse"]  # doctest: +SKIP
    """
    from zoo import datasets

    declared(key)
    found = sets.find(*key.split("/"))
    minutes = found.facts["processor_seconds"] / 60
    print(f"expected: {minutes:.1f} minutes of processor time", file=sys.stderr, flush=True)
    data = datasets.load(found.declaration["data"])
    model, _ = train(found, data, seed)
    measured, report = measure(found, model, data), {}
    for name, tolerance in found.facts["tolerances"].items():
        shipped = found.facts["metrics"][name]
        report[name] = {"value": measured[name], "shipped": shipped, "tolerance": tolerance}
    outside = [name for name, row in report.items() if _outside(**row)]
    if outside:
        descriptions = ", ".join(
            f"{name} {report[name]['value']:.6g} (shipped: {report[name]['shipped']:.6g} "
            f"± {report[name]['tolerance']:.2g})"
            for name in outside
        )
        raise CheckFailedError(f"{key} trained again differs: {descriptions}.")
    return report


def _outside(value, shipped, tolerance):
    return abs(value - shipped) > tolerance + 1e-6 * abs(shipped)  # of float32


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
    from zoo.experiments import weights_card
    from zoo.experiments.benchmarks import machine
    from zoo.storage import tensors
    from zoo.storage.atomic import replace_file
    from zoo.storage.versions import versions

    found = declared(key, folder)
    data = datasets.load(found.declaration["data"])
    runs, first, started = [], None, time.process_time()
    for seed in seeds:
        model, facts = train(found, data, seed)
        runs.append(measure(found, model, data))
        first = first or (model, facts)
        print(f"{key} seed {seed}: {own(runs[-1])}", file=sys.stderr, flush=True)
    seconds = (time.process_time() - started) / len(runs)
    model, facts = first
    half = keeps_metrics(found, model, data, runs[0])
    path = tensors.save(found.path(".safetensors"), model.weights, half=half)
    tensors.load(path, model.weights)
    model.refresh_endpoints()
    facts |= {
        "recipe_sha256": _hash(facts["recipe"]),
        "column_names": data.column_names,
        "data": {
            "name": data.name,
            "fingerprint": data.fingerprint,
            "licence": data.licence,
            "train_rows": len(_learned(found, data).train),
        },
        "seeds": list(seeds),
        "metrics": {name: statistics.fmean(run[name] for run in runs) for name in runs[0]},
        "deviations": {
            name: statistics.stdev(run[name] for run in runs) for name in own(runs[0])
        } if len(runs) > 1 else {},
        "tolerances": tolerances(runs),
        "parameters": int(sum(np.size(weight) for weight in model.weights)),
        "dtype": "float16" if half else "float32",
        "bytes": path.stat().st_size,
        "latency_ms": weights_card.latency(model, data),
        "worst_rows": weights_card.worst_rows(model, data, WORST),
        "processor_seconds": round(seconds, 1),
        "machine": machine.described(),
        "versions": versions(),
    }  # fmt: skip
    facts = json.loads(json.dumps(facts, allow_nan=False))
    replace_file(found.path(".json"), (json.dumps(facts, indent=1) + "\n").encode())
    write_card(found, model, data, facts)
    write_sums(found.folder)
    write_bundle(found)
    return facts


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
    from zoo.experiments import weights_card
    from zoo.storage.atomic import replace_file

    picture = weights_card.picture(model, data, facts["worst_rows"])
    if picture:
        replace_file(found.path(".png"), picture)
    replace_file(found.path(".md"), weights_card.text(found, facts).encode())


def write_cards() -> None:
    """Writes the cards, pictures and bundles of all sets that ship again, without training.

    Example:

    >>> write_cards()  # doctest: +SKIP
    """
    from zoo import datasets, weights

    for found in sets.every():
        data = datasets.load(found.declaration["data"])
        write_card(found, weights.trained(found), data, found.facts)
        write_bundle(found)
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
        write_onnx_only(scratch / "whole", target, overwrite=True)
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
    after = measure(found, model, data)
    model.set_weights(before)
    model.refresh_endpoints()
    return all(abs(after[key] - value) <= LOST * abs(value) for key, value in own(metrics).items())


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


def _hash(recipe):
    return hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()


if __name__ == "__main__" and len(sys.argv) == 1:
    write_cards()
elif __name__ == "__main__":
    ship(sys.argv[1], [int(seed) for seed in sys.argv[2:]] or (0,))
