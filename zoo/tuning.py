"""How recipes are chosen: on training images held out, never on the test split.

    python -m zoo.tuning deep_ae mnist learning_rate=0.0005 batch_size=64

trains by the recipe so changed, leaving out a twelfth of the training images (5,000 of MNIST's),
and appends what it reached on those to `results/tuning.jsonl`; a line that is there is kept.
"""

import ast
import dataclasses
import math
import sys

from zoo import results


def tune(variant: str, data: str, folder=None, **changes) -> dict:
    """Trains a variant by its recipe with `changes`; returns the line with its validation sse."""
    import keras

    from zoo import datasets, registry
    from zoo.evaluation import metrics

    entry = registry.entry(variant)
    recipe = dataclasses.replace(entry.recipe, **changes)
    facts = {"variant": variant, "data": data, "recipe": dataclasses.asdict(recipe)}
    for line in results.read("tuning", folder):
        if {key: line[key] for key in facts} == facts:
            return line
    learn, held_out = datasets.load(data).hold_out(1 / 12, seed=0)
    keras.utils.set_random_seed(0)
    model = entry.build(input_shape=learn.images.shape[1:])
    recipe.compile(model, recipe.epochs * math.ceil(len(learn) / recipe.batch_size))
    model.fit(learn.images, batch_size=recipe.batch_size, epochs=recipe.epochs, verbose=0)
    sse = {
        "train": metrics.sse(learn.images, model.reconstruct(learn.images)),
        "validation": metrics.sse(held_out.images, model.reconstruct(held_out.images)),
    }
    return results.append("tuning", folder, **facts, sse=sse)


if __name__ == "__main__":
    given = dict(word.split("=", 1) for word in sys.argv[3:])
    line = tune(*sys.argv[1:3], **{key: ast.literal_eval(text) for key, text in given.items()})
    print(line["variant"], line["recipe"], line["sse"])
