"""Compares what all weights that ship give under two installations, such as two versions of Keras.

python tests/weights_agree.py write FILE     under the first
python tests/weights_agree.py compare FILE   under the second: fails above 1e-5

A set that one of the two lacks is a failure too.
"""

import sys

import keras
import numpy as np

import zoo
from zoo.weights import sets, trained

ROWS = 100
TOLERANCE = 1e-5  # pixels lie in [0, 1]
NEAR_TIES = 1e-3  # the fraction of values that a remembered position may move


def outputs():
    """The reconstructions, or probabilities, of test rows by each set of weights."""
    digits = zoo.datasets.load("mnist_5k").test.inputs[:ROWS]
    for found in sets.every():
        model = trained(found)
        if found.variant == sets.CLASSIFIER:
            yield found.key, model.classify(digits)
            continue
        # The texts are those of the installed packages, so documents are drawn instead.
        if model.vocabulary is not None:
            yield found.key, model.reconstruct(documents(model.input_shape[1]))
            continue
        yield found.key, model.reconstruct(np.resize(digits, (ROWS, *model.input_shape[1:])))


def documents(size):
    random = np.random.default_rng(0)
    return random.dirichlet(np.full(size, 0.01), ROWS).astype("float32")


def disagreements(written, found):
    """The sets that only one of the two has, or whose values differ."""
    failures = sorted(set(written) ^ set(found))
    for key in sorted(set(written) & set(found)):
        differences = np.abs(found[key] - written[key])
        argmax = "argmax" in key
        worst = np.quantile(differences, 1 - NEAR_TIES) if argmax else differences.max()
        print(f"{key}: {worst:.1e}")
        failures += [key] if worst > TOLERANCE else []
    return failures


def main(action, path):
    found = dict(outputs())
    if action == "write":
        np.savez(path, **found)
        return
    with np.load(path) as written:
        failures = disagreements(written, found)
    if failures:
        sys.exit(f"Under Keras {keras.__version__} these differ: {', '.join(failures)}.")


if __name__ == "__main__":
    main(*sys.argv[1:])
