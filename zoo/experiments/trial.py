"""Trains one setting of a variant and measures it on held-out training rows, never on test rows."""

import dataclasses
import json
import math
import time

import numpy as np

from zoo import datasets, evaluation, registry
from zoo.datasets.dataset import Dataset
from zoo.errors import UsageError
from zoo.evaluation import learning, metrics, neighbourhoods, probes
from zoo.evaluation.units import unit_of
from zoo.experiments import results
from zoo.inputs import kinds
from zoo.inputs.arguments import check_seed
from zoo.training import in_memory
from zoo.training.settings import settings

HELD_OUT = 1 / 12  # 5,000 of the 60,000 training images of MNIST
# What a line of `tuning.jsonl` was measured with; the last three only where they are not as usual.
SETTINGS = ("variant", "data", "recipe", "arguments", "train_rows", "seed", "validation_split")


def trial(
    variant: str,
    data="mnist_5k",
    folder=None,
    *,
    rows: int | None = None,
    seed: int = 0,
    validation_split: float = HELD_OUT,
    pca: bool = False,
    **changes,
) -> dict:
    """Trains a variant with changes of its recipe or its arguments, and records how well it does.

    Args:
        variant: String. One of `zoo.names()`.
        data: Anything that `zoo.datasets.load` accepts; its test split is not used. Defaults to
            `"mnist_5k"`.
        folder: String or `Path`. The folder of `tuning.jsonl`. Defaults to None, the package's.
        rows: Integer. Number of rows to learn from. Defaults to None, all that are not held out.
        seed: Integer. Seed of the training. The rows that are held out are the same for every seed.
            Defaults to 0.
        validation_split: Float in (0, 1). Fraction of the training rows that are held out. Defaults
            to a twelfth.
        pca: Boolean. Whether to measure a PCA of equal size too. Defaults to False.
        **changes: Fields of the `Recipe`, and arguments of the variant.

    Returns:
        The line of `tuning.jsonl`, a dict: the recipe, the arguments, and for training and
        validation rows the `sse` at inference (of features in units of their standard deviations),
        the `loss` with the noise of training, and the `box_fraction`, the fraction of codes within
        [-2, 2]; the `code_size`; the `probe_accuracy` of held-out rows, if they have labels; for a
        model that learns from pairs the `neighbour_recall` of held-out rows among those it learned
        from; and with `pca` a dict of its `code_size`, `sse` and `probe_accuracy`. If the file
        already holds this measurement, its line is returned.

    Raises:
        UsageError: If a setting is not accepted, or if no row is held out.
        DivergedError: If the loss becomes NaN or infinite.

    Example:

    >>> trial("deep_ae", "mnist_5k", ".", epochs=1)["sse"]  # doctest: +SKIP
    """
    dataset = datasets.load(data, missing=registry.entry(variant).missing(changes))
    check_seed(seed)
    changes = registry.entry(variant).arguments_for(dataset) | changes
    recipe, arguments = settings(variant, **changes)
    learn, held_out = dataset.hold_out(validation_split, seed=0)
    learn = learn.take(slice(rows))
    if not len(held_out):
        raise UsageError(
            f"`validation_split` must hold out at least one of the {len(dataset.train)} training "
            f"rows. Received: validation_split={validation_split!r}."
        )
    unusual = {
        "train_rows": rows,
        "seed": seed or None,
        "validation_split": None if validation_split == HELD_OUT else validation_split,
    }
    facts = {
        "variant": variant,
        "data": dataset.name,
        "recipe": dataclasses.asdict(recipe),
        "arguments": arguments,
    } | {key: value for key, value in unusual.items() if value is not None}
    facts = json.loads(json.dumps(facts))  # tuples become lists, as in the file
    fingerprint = dataset.fingerprint
    for line in results.read("tuning", folder):
        same_data = line.get("fingerprint", fingerprint) == fingerprint
        if same_data and _is_of(line, facts) and ("pca" in line or not pca):
            return line
    results.require_writable("tuning", folder)
    started = time.monotonic()
    model, _ = in_memory.train(variant, learn.inputs, seed, **changes)
    part = learning.prepared(model, Dataset(dataset.name, learn, held_out))
    measured = _measured(model, part)
    if pca:
        measured["pca"] = _of_pca(evaluation.pca_of_equal_size(model, part), part)
    seconds = round(time.monotonic() - started, 1)
    line = facts | {"fingerprint": fingerprint} | measured
    return results.append("tuning", folder, **line, seconds=seconds)


def _is_of(line, facts):
    return all(line.get(key) == facts.get(key) for key in SETTINGS)


def _measured(model, part):
    """Returns the figures of a model that learned from the training split of a dataset."""
    measured = {"sse": {}, "loss": {}, "box_fraction": {}}
    for name, split in {"train": part.train, "validation": part.test}.items():
        x = split.inputs[: len(part.test)]
        measured["sse"][name] = _error(model, x, part)
        measured["loss"][name] = _loss_in_training(model, x)
        measured["box_fraction"][name] = metrics.box_fraction(model.encode(x))
    measured["code_size"] = math.prod(model.code_shapes[0])
    if model.learns_from_pairs:
        known, queries = part.train.inputs, part.test.inputs
        measured["neighbour_recall"] = neighbourhoods.neighbour_recall(
            known, model.encode(known), queries, model.encode(queries)
        )
    return measured | _probed(model, part)


def _of_pca(pca, part):
    size, error = pca.code_shapes[0][0], _error(pca, part.test.inputs, part)
    return {"code_size": size, "sse": error} | _probed(pca, part)


def _error(model, x, part):
    unit = unit_of(part) if kinds.KINDS[part.kind].scaled else 1
    return metrics.sse(x / unit, model.reconstruct(x) / unit)


def _probed(model, part):
    """Returns the accuracy of a linear probe on held-out codes, if there are labels."""
    if part.train.labels is None:
        return {}
    codes = [model.encode(split.inputs) for split in (part.train, part.test)]
    accuracy = probes.probe_accuracy(codes[0], part.train.labels, codes[1], part.test.labels)
    return {"probe_accuracy": accuracy} if math.isfinite(accuracy) else {}


def _loss_in_training(model, x):
    """Returns the loss of held-out rows with the noise, sampling and penalties of training."""
    losses = [model.training_loss(batch) for batch in np.array_split(x, max(1, len(x) // 1000))]
    return sum(losses) / len(losses)
