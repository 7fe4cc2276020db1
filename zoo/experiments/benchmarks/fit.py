"""Images per second of `fit`, beside other ways to train the same net and the hardware's limit.

The rivals take part where they are installed: `pip install torch pythae jax optax`.
"""

import contextlib
import statistics

import keras
import numpy as np

from zoo import datasets, registry
from zoo.experiments.benchmarks import machine, matrix
from zoo.experiments.benchmarks.bare import bare
from zoo.experiments.benchmarks.lines import record
from zoo.experiments.benchmarks.rivals.worker import Worker
from zoo.experiments.benchmarks.timing import (
    enough_epochs,
    median,
    median_ratio,
    seconds,
    take_turns,
)
from zoo.recipes import losses

# For each variant, the arguments that determine the rivals' net.
VARIANTS = {
    "deep_ae": ("widths", "latent_dim", "activation"),
    "conv_ae": ("filters", "latent_dim"),
    "vae": ("widths", "latent_dim"),
}
# For each rival, its module and further arguments of its `contender`.
RIVALS = {
    "torch": (".torch_rival", {}),
    "torch_fused": (".torch_rival", {"fused": True}),
    "torch_compile": (".torch_rival", {"fused": True, "compiled": True}),
    "pythae": (".pythae_rival", {}),
    "jax": (".jax_rival", {}),
}
DENSE_ONLY = {"jax"}  # XLA on a CPU takes minutes for an epoch of convolutions
CONVOLUTIONAL = {"conv_ae"}


def measure(
    folder=None, *, variants=VARIANTS, sizes=None, batch=128, rows=16_000, rounds=5, least=2.0
) -> list[dict]:
    """Measures the speed of `fit` and returns one line for each variant.

    All contenders have the same net, loss, Adam, batch size, float32, data in memory and number of
    threads. Each rival has a process of its own.

    Args:
        folder: String or `Path`. The folder of `bench.jsonl`. Defaults to None, the package's.
        variants: Iterable of strings. Names of variants. Defaults to the keys of `VARIANTS`.
        sizes: Dict from the name of a variant to arguments that replace its defaults. Defaults to
            None.
        batch: Integer. Number of images in a batch. Defaults to 128.
        rows: Integer. Number of images in an epoch: the embedded ones, repeated. Defaults to
            16,000.
        rounds: Integer. Number of rounds in which all contenders take turns. Defaults to 5.
        least: Float. The shortest time of a turn, in seconds. Defaults to 2.

    Returns:
        A list of the lines that were appended to `bench.jsonl`, each a dict.

    Example:

    >>> measure(folder=".")  # doctest: +SKIP
    """
    images = datasets.load("mnist_5k").train.images
    images = np.resize(images, (rows, *images.shape[1:]))
    return [
        _measured(folder, name, (sizes or {}).get(name, {}), images, batch, rounds, least)
        for name in variants
    ]


def _measured(folder, name, sizes, images, batch, rounds, least):
    ours = registry.build(name, **sizes)
    recipe = registry.entry(name).recipe_for(ours.arguments)
    contenders = {
        "zoo": lambda epochs: seconds(
            lambda: ours.fit(images, batch_size=batch, epochs=epochs, verbose=0)
        ),
        "keras": _bare_keras(registry.build(name, **sizes), recipe, images, batch),
    }
    facts = {
        "variant": name,
        "arguments": {key: ours.arguments[key] for key in VARIANTS[name]},
        "loss": recipe.loss,
        "learning_rate": recipe.learning_rate,
        "images": images,
        "batch": batch,
        "threads": machine.threads(),
    }
    with contextlib.ExitStack() as stack:
        workers = {
            rival: stack.enter_context(Worker(module, facts | options, rival))
            for rival, (module, options) in RIVALS.items()
            if not (rival in DENSE_ONLY and name in CONVOLUTIONAL)
        }
        workers = {rival: worker for rival, worker in workers.items() if worker.takes_part}
        contenders |= {rival: worker.train for rival, worker in workers.items()}
        turns = {
            key: _rate(train, enough_epochs(train, least), len(images))
            for key, train in contenders.items()
        }
        answers = take_turns(turns | {"gflops": matrix.gflops}, rounds, f"fit {name}")

    flops = matrix.training_flops(ours)
    fractions = [answer["zoo"] * flops / (answer["gflops"] * 1e9) for answer in answers]
    return record(
        folder, bench="fit", variant=name, batch=batch, unit="images a second",
        value=round(median(answers, "zoo")),
        images_per_second={key: round(median(answers, key)) for key in contenders},
        times_as_fast_as={
            key: round(median_ratio(answers, "zoo", key), 3) for key in contenders if key != "zoo"
        },
        share_of_limit=round(statistics.median(fractions), 3),
        matrix_gflops=round(median(answers, "gflops")), flops_per_image=flops,
        rival_versions={rival: worker.version for rival, worker in workers.items()},
    )  # fmt: skip


def _rate(train, epochs, rows):
    """Returns a function that trains for some epochs and returns the images per second."""
    return lambda: epochs * rows / train(epochs)


def _bare_keras(source, recipe, images, batch):
    """Returns a function that trains the same graph in the way of Keras's own guides."""
    model = bare(source)
    loss = getattr(keras.losses, recipe.loss, None) or losses.get(recipe.loss)
    model.compile(keras.optimizers.Adam(recipe.learning_rate), loss)

    def train(epochs):
        return seconds(
            lambda: model.fit(images, images, batch_size=batch, epochs=epochs, verbose=0)
        )

    return train
