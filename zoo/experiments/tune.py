"""Tries changes of a recipe on held-out training rows, never on the test split.

The command

    python -m zoo.experiments.tune deep_ae mnist learning_rate=0.0005 batch_size=64

trains by the changed recipe without a twelfth of the training rows (5,000 images of MNIST),
measures the model on that twelfth, and appends the result to `results/tuning.jsonl`. A measurement
that is already recorded is not repeated.
"""

import ast
import dataclasses
import json
import sys
import time

import numpy as np

from zoo.experiments import results


def tune(variant: str, data: str, folder=None, rows: int | None = None, **changes) -> dict:
    """Trains a variant with changes of its recipe or its arguments, and records how well it does.

    Args:
        variant: String. One of `zoo.names()`.
        data: String. The name of a dataset.
        folder: String or `Path`. The folder of `tuning.jsonl`. Defaults to None, the package's.
        rows: Integer. Number of rows to learn from. Defaults to None, all that are not held out.
        **changes: Fields of the `Recipe`, and arguments of the variant.

    Returns:
        The line of `tuning.jsonl`, a dict: the recipe, the arguments, and for training and
        validation rows the `sse` at inference, the `loss` with the noise of training, and the
        `box_fraction`, the fraction of codes within [-2, 2]; for a model that learns from pairs
        also the `neighbour_recall` of held-out rows among those it learned from. If the file
        already holds this measurement, its line is returned.

    Example:

    >>> tune("deep_ae", "mnist_5k", folder=".", epochs=1)["sse"]  # doctest: +SKIP
    """
    from zoo import datasets, registry
    from zoo.evaluation import metrics, neighbourhoods
    from zoo.training import in_memory

    dataset = datasets.load(data)
    changes = registry.entry(variant).arguments_for(dataset) | changes
    recipe, arguments = in_memory.settings(variant, **changes)
    facts = {
        "variant": variant,
        "data": data,
        "recipe": dataclasses.asdict(recipe),
        "arguments": arguments,
    } | ({"train_rows": rows} if rows else {})
    facts = json.loads(json.dumps(facts))  # tuples become lists, as in the file
    for line in results.read("tuning", folder):
        if {key: line.get(key) for key in facts} == facts:
            return line
    learn, held_out = dataset.hold_out(1 / 12, seed=0)
    learn = learn.take(slice(rows))
    started = time.monotonic()
    model, _ = in_memory.train(variant, learn.inputs, 0, **changes)
    measured = {"sse": {}, "loss": {}, "box_fraction": {}}
    for name, split in {"train": learn, "validation": held_out}.items():
        x = split.inputs[: len(held_out)]
        measured["sse"][name] = metrics.sse(x, model.reconstruct(x))
        measured["loss"][name] = _loss_in_training(model, x)
        measured["box_fraction"][name] = metrics.box_fraction(model.encode(x))
    if model.learns_from_pairs:
        known, queries = learn.inputs, held_out.inputs
        measured["neighbour_recall"] = neighbourhoods.neighbour_recall(
            known, model.encode(known), queries, model.encode(queries)
        )
    seconds = round(time.monotonic() - started, 1)
    return results.append("tuning", folder, **facts, **measured, seconds=seconds)


def _loss_in_training(model, x):
    """Returns the loss of held-out rows with the noise, sampling and penalties of training."""
    losses = [model.training_loss(batch) for batch in np.array_split(x, max(1, len(x) // 1000))]
    return sum(losses) / len(losses)


if __name__ == "__main__":
    changes = dict(argument.split("=", 1) for argument in sys.argv[3:])
    line = tune(*sys.argv[1:3], **{key: ast.literal_eval(text) for key, text in changes.items()})
    print(line["variant"], sys.argv[2:], line["sse"], line["loss"], line["seconds"])
