"""How recipes are chosen: on training images held out, never on the test split.

    python -m zoo.tuning deep_ae mnist learning_rate=0.0005 batch_size=64

trains by the recipe so changed, leaving out a twelfth of the training images (5,000 of MNIST's),
and appends what it reached on those to `results/tuning.jsonl`; a line that is there is kept.
"""

import ast
import dataclasses
import math
import sys
import time

from zoo import results
from zoo.recipe import Recipe


def tune(variant: str, data: str, folder=None, **changes) -> dict:
    """Trains a variant with changes, of its recipe or its arguments.

    Returns:
        The line: the recipe, the arguments, and on training and validation rows the `sse` and
        the `loss`.
    """
    import keras

    from zoo import datasets, registry
    from zoo.evaluation import metrics

    entry = registry.entry(variant)
    fields = {field.name for field in dataclasses.fields(Recipe)}
    recipe = dataclasses.replace(entry.recipe, **{k: v for k, v in changes.items() if k in fields})
    given = {key: value for key, value in changes.items() if key not in fields}
    facts = {
        "variant": variant, "data": data, "recipe": dataclasses.asdict(recipe), "arguments": given
    }  # fmt: skip
    for line in results.read("tuning", folder):
        if {key: line.get(key, {}) for key in facts} == facts:
            return line
    dataset = datasets.load(data)
    learn, held_out = dataset.hold_out(1 / 12, seed=0)
    keras.utils.set_random_seed(0)
    started = time.monotonic()
    model = entry.build(**entry.arguments_for(dataset) | given)
    recipe.compile(model, recipe.epochs * math.ceil(len(learn) / recipe.batch_size))
    model.adapt(learn.inputs)
    model.fit(learn.inputs, batch_size=recipe.batch_size, epochs=recipe.epochs, verbose=0)
    measured = {"sse": {}, "loss": {}}
    for name, split in {"train": learn, "validation": held_out}.items():
        x = split.inputs[: len(held_out)]
        measured["sse"][name] = metrics.sse(x, model.reconstruct(x))
        measured["loss"][name] = float(model.evaluate(x, verbose=0, return_dict=True)["loss"])
    seconds = round(time.monotonic() - started, 1)
    return results.append("tuning", folder, **facts, **measured, seconds=seconds)


if __name__ == "__main__":
    given = dict(word.split("=", 1) for word in sys.argv[3:])
    line = tune(*sys.argv[1:3], **{key: ast.literal_eval(text) for key, text in given.items()})
    print(line["variant"], line["recipe"], line["arguments"], line["sse"], line["loss"])
