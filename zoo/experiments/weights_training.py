"""Trains and measures the declared sets of weights, for the first time or again."""

import dataclasses
import statistics
import sys
from pathlib import Path

import numpy as np

from zoo import registry
from zoo.errors import CheckFailedError, UsageError, no_such
from zoo.weights import sets

REQUIRED = ("about", "data", "weaknesses")  # of a declaration
SINGLE = 0.02  # relative tolerance of a metric that is known of one seed
DEVIATIONS = 3  # tolerance of a metric that is known of several seeds


def declared(key: str, folder: Path | None = None) -> sets.WeightsSet:
    """Returns a declared set of weights, whether it is trained already or not.

    Args:
        key: String, `"variant/name"`.
        folder: Path of the folder of all sets. Defaults to None, the package's.

    Raises:
        UsageError: If there is no declaration of that name, or if it lacks what is required.

    Example:

    >>> declared("pca/mnist").declaration["data"]
    'mnist'
    """
    folder = folder or sets.FOLDER
    known = {f"{path.parent.name}/{path.stem}" for path in folder.glob("*/*.toml")}
    if key not in known:
        raise no_such("set of weights", key, sorted(known))
    found = sets.WeightsSet(*key.split("/"), folder, draft=True)
    if not set(REQUIRED) <= set(found.declaration):
        raise UsageError(
            f"{found.path('.toml')} must have {', '.join(REQUIRED)}. Received: "
            f"{', '.join(found.declaration)}."
        )
    return found


def train(found: sets.WeightsSet, data, seed: int, settings: dict | None = None):
    """Trains a set of weights as it is declared, or by the settings that were recorded.

    Args:
        found: `WeightsSet`.
        data: `Dataset`, the declared one.
        seed: Integer.
        settings: Dict of a `variant`, its `arguments` and its `recipe`; of a classifier also the
            recipe of its `fine_tuning`, of a detector its `detection`. The facts of a set are such
            a dict. What is left out has today's defaults. Defaults to None, for what is declared.

    Returns:
        A pair: the model, and a dict of all its settings.

    Example:

    >>> data = zoo.datasets.load("mnist_5k")
    >>> model, facts = train(declared("pca/mnist_2d"), data, seed=0)
    >>> model.encoder.output_shape, facts["arguments"]["latent_dim"]
    ((None, 2), 2)
    """
    from zoo.experiments import weights_detector
    from zoo.training import in_memory

    settings = settings or _declared_settings(found, data)
    variant, changes = settings["variant"], settings["arguments"] | settings["recipe"]
    rows = learned(found, data).train
    model, facts = in_memory.train(variant, rows.inputs, seed, **changes)
    model.column_names = data.column_names
    facts = {"variant": variant} | facts
    if _classifies(found):
        model, of_classifier = _fine_tuned(model, data, seed, settings.get("fine_tuning", {}))
        facts |= of_classifier
    elif _detects(found):
        model = weights_detector.fit(model, data, settings["detection"])
        facts["detection"] = model.detection
    return model, facts


def _declared_settings(found, data):
    declaration = found.declaration
    variant = declaration.get("variant", found.variant)
    shape = registry.entry(variant).arguments_for(data)
    settings = {
        "variant": variant,
        "arguments": shape | declaration.get("arguments", {}),
        "recipe": declaration.get("recipe", {}),
    }
    return settings | ({"detection": declaration["detector"]} if _detects(found) else {})


def learned(found: sets.WeightsSet, data):
    """Returns the data whose training rows a model learns from; a detector holds out a fifth.

    Args:
        found: `WeightsSet`.
        data: `Dataset`, the declared one.

    Example:

    >>> data = zoo.datasets.load("mnist_5k")
    >>> len(learned(declared("pca/mnist"), data).train)
    4000
    """
    from zoo.experiments import weights_detector

    return weights_detector.normal_rows(data) if _detects(found) else data


def _classifies(found):
    return found.variant == sets.CLASSIFIER


def _detects(found):
    return found.variant == sets.DETECTOR


def _fine_tuned(model, data, seed, changes):
    """Returns the classifier, and the facts about it."""
    from zoo.autoencoder.classifier import RECIPE, classifier
    from zoo.training import finetune

    classes, recipe = len(np.unique(data.train.labels)), dataclasses.replace(RECIPE, **changes)
    net = classifier(model, classes)
    finetune.fit(net, recipe, data.train, seed)
    return net, {"classes": classes, "fine_tuning": dataclasses.asdict(recipe)}


def measure(found: sets.WeightsSet, model, data, *, baselines=True) -> dict[str, float]:
    """Returns the metrics of a model on the test split, by name, beside those of PCA.

    Args:
        found: `WeightsSet`.
        model: The trained model.
        data: `Dataset`.
        baselines: Boolean. Whether to measure PCA and the raw inputs too. Defaults to True.

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
    return evaluation.evaluate(model, data, baselines=baselines)


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
    """Trains a set of weights again as it was recorded, and compares its metrics.

    The variant, its arguments and the recipe are those in the facts of the set, whatever the
    declaration and the defaults are today.

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
    from zoo.experiments import weights_card

    declared(key)
    found = sets.find(*key.split("/"))
    print(f"expected: {weights_card.duration(found.facts)}", file=sys.stderr, flush=True)
    data = datasets.load(found.declaration["data"])
    model, _ = train(found, data, seed, found.facts)
    measured, report = measure(found, model, data, baselines=False), {}
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
