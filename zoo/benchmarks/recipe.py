"""What a recipe's settings of speed are worth: `fit` by it, beside `fit` with one of them changed.

Which of them train better, `zoo/results/tuning.jsonl` tells; here it is images a second alone.
"""

import dataclasses
import math

import keras
import numpy as np

from zoo import datasets, registry
from zoo.benchmarks.lines import record
from zoo.benchmarks.timing import median, median_ratio, seconds, take_turns
from zoo.vocabulary import Vocabulary

STEPS = 64  # an epoch has a multiple of so many
EPOCHS = 4  # of a turn


def measure(folder=None, *, names=None, arguments=None, rounds: int = 3, least: float = 1.2):
    """One line a variant that trains by gradients, presets apart.

    Args:
        folder: of the results.
        names: of the variants; by default all.
        arguments: of the variants instead of their defaults.
        rounds: in which all take turns; the median of the rounds' ratios counts.
        least: seconds of a turn, by whose length an epoch has so many rows, each again and again.
    """
    names = names or [name for name in registry.names() if not registry.entry(name).preset]
    entries = [registry.entry(name) for name in names]
    return [
        _measured(folder, entry, arguments or {}, rounds, least)
        for entry in entries
        if entry.recipe.epochs
    ]


def comment(line: dict) -> str:
    """What a recipe's comment says of its newest line."""
    told = ", ".join(f"{name} {times:.2f}" for name, times in line["times_as_fast_as"].items())
    return f"`zoo bench recipe`, times as fast as with: {told}."


def _measured(folder, entry, arguments, rounds, least):
    recipe = entry.recipe_for(entry.arguments(arguments))
    rows, batch = _rows(entry), recipe.batch_size

    def fit(epoch, precision="float32", own_feed=True, **changes):
        policy = keras.config.dtype_policy()
        keras.config.set_dtype_policy(precision)
        try:
            model = entry.build(**arguments)
        finally:
            keras.config.set_dtype_policy(policy)
        changed = dataclasses.replace(recipe, **changes)
        changed.compile(model)
        given = {"batch_size": changed.batch_size, "epochs": EPOCHS, "verbose": 0}
        method = type(model).fit if own_feed else keras.Model.fit
        return lambda: seconds(lambda: method(model, epoch, **given))

    few = np.resize(rows, (STEPS * batch, *rows.shape[1:]))
    first = fit(few)
    first()  # traces
    steps = STEPS * max(1, math.ceil(least / first()))
    epoch = np.resize(rows, (steps * batch, *rows.shape[1:]))
    changes = {
        "one step a call": {"steps_per_execution": 1},
        "64 steps": {"steps_per_execution": 64},
        "half the batch": {"batch_size": batch // 2},
        "twice": {"batch_size": batch * 2},
    }
    turns = {"recipe": fit(epoch)}
    for name, change in changes.items():
        if dataclasses.replace(recipe, **change) != recipe:
            turns[name] = fit(epoch, **change)
    turns["bfloat16"] = fit(epoch, precision="mixed_bfloat16")
    turns["Keras's own feed"] = fit(epoch, own_feed=False)
    answers = take_turns(turns, rounds)
    return record(
        folder, bench="recipe", variant=entry.name, unit="rows a second", batch=batch,
        steps_per_execution=recipe.steps_per_execution,
        value=round(EPOCHS * len(epoch) / median(answers, "recipe")),
        times_as_fast_as={
            name: round(median_ratio(answers, name, "recipe"), 2)
            for name in turns if name != "recipe"
        },
    )  # fmt: skip


def _rows(entry):
    if "weighting" not in entry.arguments():
        return datasets.load("mnist_5k").train.images
    texts = datasets.load("docstrings").train.inputs
    return Vocabulary.learn(texts).weigh(texts)
