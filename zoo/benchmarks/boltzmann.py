"""Images a second of contrastive divergence, beside scikit-learn's machine and the limit."""

import statistics

import numpy as np

from zoo import datasets, registry
from zoo.benchmarks import matrix
from zoo.benchmarks.lines import record
from zoo.benchmarks.timing import median, median_ratio, seconds, take_turns


def measure(
    folder=None, *, units=1000, batches=(100, 500), rows=60_000, epochs=10, rounds=5
) -> list[dict]:
    """One line a batch size, of epochs of CD-1: the embedded digits, repeated to so many rows.

    scikit-learn's machine goes on with persistent chains, which costs it no more products.

    Args:
        folder: of the results.
        units: hidden ones.
        batches: images a step.
        rows: images an epoch.
        epochs: of each `fit`.
        rounds: in which all take turns.
    """
    images = datasets.load("mnist_5k").train.images
    images = np.resize(images, (rows, *images.shape[1:]))
    return [_measured(folder, images, units, batch, epochs, rounds) for batch in batches]


def _measured(folder, images, units, batch, epochs, rounds):
    from sklearn.neural_network import BernoulliRBM

    ours = registry.build("rbm", latent_dim=units, persistent=False, weight_decay=0.0)  # as theirs
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
    # Up, down and up again, and the two products of visible by hidden units that are contrasted.
    flops = 5 * 2 * flat.shape[1] * units
    drawn = epochs * len(flat)
    shares = [drawn / each["zoo"] * flops / (each["gflops"] * 1e9) for each in answers]
    return record(
        folder, bench="boltzmann", variant="rbm", batch=batch, unit="images a second",
        value=round(drawn / median(answers, "zoo")), rows=len(flat), epochs=epochs, units=units,
        times_as_fast_as={"sklearn": round(median_ratio(answers, "sklearn", "zoo"), 3)},
        share_of_limit=round(statistics.median(shares), 3),
        matrix_gflops=round(median(answers, "gflops")), flops_per_image=flops,
    )  # fmt: skip
