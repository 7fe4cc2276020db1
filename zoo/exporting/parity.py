"""Whether every form of a model gives the same numbers."""

import numpy as np

from zoo.errors import CheckFailedError
from zoo.serving import sessions

TOLERANCE = 1e-5  # of each number, relative to the largest where that is above 1


def vectors(model, rows: int) -> dict[str, np.ndarray]:
    """Inputs and every output of `model` on them, drawn by seed.

    With switches, those of more inputs are taken whose switches a change of 1e-6 leaves alone: a
    near-tie may fall either way in another runtime.
    """
    low, high = model.value_range or (-3.0, 3.0)
    random = np.random.default_rng(0)
    shape = tuple(model.input_shape[1:])
    candidates = random.uniform(low, high, (8 * rows, *shape)).astype(np.float32)
    nudged = np.clip(candidates + np.float32(1e-6), low, high)
    _, before = model.encode(candidates, switches=True)
    _, after = model.encode(nudged, switches=True)
    moved = np.zeros(len(candidates))
    for one, other in zip(before, after, strict=True):
        moved += (one != other).reshape(len(moved), -1).sum(axis=1)
    return replay(model, candidates[np.argsort(moved, kind="stable")[:rows]])


def replay(model, x) -> dict[str, np.ndarray]:
    """Named inputs, codes, switches and reconstructions of an `AutoEncoder` or a `Bundle`."""
    (image,), _ = model.signatures["encode"]
    z, switches = model.encode(x, switches=True)
    code = dict(zip(model.code_names, [z, *switches], strict=True))
    return {image.name: x} | code | {"reconstruction": model.reconstruct(x)}


def measure(folder, model, expected) -> dict[str, dict[str, float]]:
    """The largest difference from `expected` for each runtime and output.

    Args:
        folder: of the files, whose hashes are known to be right.
        model: anything with the `signatures` of the files.
        expected: what `vectors` gave.

    Raises:
        CheckFailedError: if a difference is larger than the tolerance.
    """
    return {
        runtime: _compared(runtime, runner(folder), model.signatures, expected)
        for runtime, runner in (("tensorflow", saved_model_runner), ("onnxruntime", sessions.runner))
    }


def saved_model_runner(folder):
    """A function `run(endpoint, feeds)` over a SavedModel, on the CPU."""
    import tensorflow as tf

    with tf.device("/CPU:0"):  # where numbers are exact to the last digits: no TF32
        loaded = tf.saved_model.load(str(folder / "saved_model"))

    def run(name, feeds):
        with tf.device("/CPU:0"):
            outputs = loaded.signatures[name](**{k: tf.constant(v) for k, v in feeds.items()})
        return {key: value.numpy() for key, value in outputs.items()}

    return run


def _compared(runtime, run, signatures, expected):
    worst = {}
    for name, (inputs, _) in signatures.items():
        for key, came in run(name, {spec.name: expected[spec.name] for spec in inputs}).items():
            wanted = expected[key].astype(np.float64)
            difference = float(np.abs(came - wanted).max(initial=0))
            worst[f"{name}.{key}"] = difference
            limit = TOLERANCE * max(1.0, np.abs(wanted).max(initial=0))
            if came.shape != wanted.shape or not difference <= limit:
                raise CheckFailedError(
                    f"{runtime} disagrees in {name}.{key}: by {difference:.3g}, where at most "
                    f"{limit:.3g} is rounding."
                )
    return worst
