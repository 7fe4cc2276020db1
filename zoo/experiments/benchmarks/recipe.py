"""The effect of a recipe's speed settings: `fit` by the recipe, and with one of them changed.

It measures only images per second; `tuning.jsonl` records which settings train better.
"""

import dataclasses
import math

import keras
import numpy as np

from zoo import datasets, registry
from zoo.experiments.benchmarks.lines import record
from zoo.experiments.benchmarks.timing import median, median_ratio, seconds, take_turns
from zoo.inputs import kinds
from zoo.inputs.vocabulary import Vocabulary

STEPS = 64  # the number of steps of an epoch is a multiple of this
EPOCHS = 4  # epochs in a turn


def measure(folder=None, *, names=None, arguments=None, rounds: int = 3, least: float = 1.2):
    """Measures every recipe and returns one line for each variant that trains by gradients.

    Presets are left out. The partners of a model that learns from pairs are the rows themselves.

    Args:
        folder: String or `Path`. The folder of `bench.jsonl`. Defaults to None, the package's.
        names: List of strings. Names of variants. Defaults to None, for all of them.
        arguments: Dict. Arguments of the variants that replace their defaults. Defaults to None.
        rounds: Integer. Number of rounds in which all take turns; the median of the rounds' ratios
            counts. Defaults to 3.
        least: Float. The shortest time of a turn, in seconds; it determines the number of rows in
            an epoch, which repeats the data. Defaults to 1.2.

    Returns:
        A list of the lines that were appended to `bench.jsonl`, each a dict.

    Example:

    >>> measure(folder=".")  # doctest: +SKIP
    """
    names = names or [name for name in registry.names() if not registry.entry(name).preset]
    entries = [registry.entry(name) for name in names]
    return [
        _measured(folder, entry, arguments or {}, rounds, least)
        for entry in entries
        if entry.recipe.epochs
    ]


def _measured(folder, entry, arguments, rounds, least):
    recipe = entry.recipe_for(entry.arguments(arguments))
    rows, batch = _rows(entry), recipe.batch_size
    in_pairs = entry.build(**arguments).learns_from_pairs

    def fit(epoch, precision="float32", own_feed=True, **changes):
        policy = keras.config.dtype_policy()
        keras.config.set_dtype_policy(precision)
        try:
            model = entry.build(**arguments)
        finally:
            keras.config.set_dtype_policy(policy)
        changed = dataclasses.replace(recipe, **changes)
        changed.compile(model)
        if in_pairs:  # the search for partners is no part of a step
            model.partners = lambda x: np.arange(len(x))[:, None]
        options = {"batch_size": changed.batch_size, "epochs": EPOCHS, "verbose": 0}
        method = type(model).fit if own_feed else keras.Model.fit
        return lambda: seconds(lambda: method(model, epoch, **options))

    few = np.resize(rows, (STEPS * batch, *rows.shape[1:]))
    first = fit(few)
    first()  # compiles
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
    if not in_pairs:  # which Keras's own feed does not draw
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
    kind = kinds.KINDS[entry.kinds[0]]
    inputs = datasets.load(kind.example).train.inputs
    return Vocabulary.learn(inputs).weigh(inputs) if kind is kinds.DOCUMENTS else inputs
