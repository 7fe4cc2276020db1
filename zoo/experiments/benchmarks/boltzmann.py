"""Images per second of contrastive divergence, beside scikit-learn's RBM and the limit."""

import statistics

import numpy as np

from zoo import datasets, registry
from zoo.experiments.benchmarks import matrix
from zoo.experiments.benchmarks.lines import record
from zoo.experiments.benchmarks.timing import median, median_ratio, seconds, take_turns


def measure(
    folder=None, *, units=1000, batches=(100, 500), rows=60_000, epochs=10, rounds=5
) -> list[dict]:
    """Measures epochs of CD-1 and returns one line for each batch size.

    The rows are the embedded digits, repeated. scikit-learn's RBM continues with persistent chains,
    which takes no more matrix products.

    Args:
        folder: String or `Path`. The folder of `bench.jsonl`. Defaults to None, the package's.
        units: Integer. Number of hidden units. Defaults to 1000.
        batches: Tuple of integers. Numbers of images in a batch. Defaults to `(100, 500)`.
        rows: Integer. Number of images in an epoch. Defaults to 60,000.
        epochs: Integer. Number of epochs of each `fit`. Defaults to 10.
        rounds: Integer. Number of rounds in which all contenders take turns. Defaults to 5.

    Returns:
        A list of the lines that were appended to `bench.jsonl`, each a dict.

    Example:

    >>> measure(folder=".")  # doctest: +SKIP
    """
    images = datasets.load("mnist_5k").train.images
    images = np.resize(images, (rows, *images.shape[1:]))
    return [_measured(folder, images, units, batch, epochs, rounds) for batch in batches]


def _measured(folder, images, units, batch, epochs, rounds):
    from sklearn.neural_network import BernoulliRBM

    # Without the options that scikit-learn's RBM lacks.
    ours = registry.build("rbm", latent_dim=units, persistent=False, weight_decay=0.0)
    theirs = BernoulliRBM(units, batch_size=batch, n_iter=epochs, random_state=0)
    flat = images.reshape(len(images), -1)
    turns = {
        "zoo": lambda: seconds(
            lambda: ours.fit(images, batch_size=batch, epochs=epochs, verbose=0)
        ),
        "sklearn": lambda: seconds(lambda: theirs.fit(flat)),
        "gflops": matrix.gflops,
    }
    answers = take_turns(turns, rounds)
    # Five matrix products: up, down, up again, and two statistics of visible and hidden units.
    flops = 5 * 2 * flat.shape[1] * units
    count = epochs * len(flat)
    fractions = [count / answer["zoo"] * flops / (answer["gflops"] * 1e9) for answer in answers]
    return record(
        folder, bench="boltzmann", variant="rbm", batch=batch, unit="images a second",
        value=round(count / median(answers, "zoo")), rows=len(flat), epochs=epochs, units=units,
        times_as_fast_as={"sklearn": round(median_ratio(answers, "sklearn", "zoo"), 3)},
        share_of_limit=round(statistics.median(fractions), 3),
        matrix_gflops=round(median(answers, "gflops")), flops_per_image=flops,
    )  # fmt: skip
