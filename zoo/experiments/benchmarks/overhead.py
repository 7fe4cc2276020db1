"""The cost of `AutoEncoder`: `fit` of every variant beside the same net in bare Keras."""

import sys

from zoo import datasets, registry
from zoo.errors import UsageError
from zoo.experiments.benchmarks.bare import bare, expressible
from zoo.experiments.benchmarks.lines import record
from zoo.experiments.benchmarks.timing import (
    enough_epochs,
    median,
    median_ratio,
    seconds,
    take_turns,
)


def measure(folder=None, *, names=None, rows=None, rounds: int = 5, least: float = 2.0):
    """Measures `fit` beside bare Keras and returns one line for each variant.

    The batch size is the recipe's, and loss, optimizer, precision and threads are the same.
    Variants that take no images, and those whose loss bare Keras cannot express, are left out, with
    a message on stderr.

    Args:
        folder: String or `Path`. The folder of `bench.jsonl`. Defaults to None, the package's.
        names: Iterable of strings. Names of variants. Defaults to None, for all but presets.
        rows: Integer. Number of images. Defaults to None, the embedded 4,000.
        rounds: Integer. Number of rounds in which the two take turns; the median of the rounds'
            ratios is the value. Defaults to 5.
        least: Float. The shortest time of a turn, in seconds. Defaults to 2.

    Returns:
        A list of the lines that were appended to `bench.jsonl`, each a dict.

    Example:

    >>> measure(folder=".")  # doctest: +SKIP
    """
    data = datasets.load("mnist_5k")
    images, lines = data.train.images[:rows], []
    for name in names or [name for name in registry.names() if not registry.entry(name).preset]:
        entry = registry.entry(name)
        try:
            arguments = entry.arguments_for(data)
        except UsageError as error:
            print(f"left out: {error}", file=sys.stderr)
            continue
        ours, source = entry.build(**arguments), entry.build(**arguments)
        if not expressible(ours):
            print(f"left out: {name} has a loss that plain Keras cannot express.", file=sys.stderr)
            continue
        recipe = entry.recipe_for(ours.arguments)
        plain = recipe.compile(bare(source))
        batch = recipe.batch_size

        def fit_ours(epochs, model=ours, batch=batch):
            return seconds(lambda: model.fit(images, batch_size=batch, epochs=epochs, verbose=0))

        def fit_bare(epochs, model=plain, batch=batch):
            return seconds(
                lambda: model.fit(images, images, batch_size=batch, epochs=epochs, verbose=0)
            )

        epochs = enough_epochs(fit_bare, least)
        turns = {
            "ours": lambda run=fit_ours, n=epochs: run(n),
            "bare": lambda run=fit_bare, n=epochs: run(n),
        }
        answers = take_turns(turns, rounds)
        lines.append(record(
            folder, bench="overhead", variant=name, unit="ratio to bare Keras",
            value=round(median_ratio(answers, "bare", "ours"), 3), batch=batch,
            images_per_second=round(epochs * len(images) / median(answers, "ours")),
            bare_images_per_second=round(epochs * len(images) / median(answers, "bare")),
        ))  # fmt: skip
    return lines
