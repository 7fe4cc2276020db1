"""Whether every form of a model gives the same numbers."""

import functools
import operator

import numpy as np

from zoo.errors import CheckFailedError
from zoo.exporting import operations
from zoo.serving import sessions

TOLERANCE = 1e-5  # of each number, relative to the largest where that is above 1
NEAR_TIES = 1e-4  # of the switches may fall the other way


def vectors(model, rows: int) -> dict[str, np.ndarray]:
    """Inputs drawn by seed, and every output of `model` on them."""
    random = np.random.default_rng(0)
    (given,), _ = next(iter(model.signatures.values()))
    if model.vocabulary is None:
        low, high = model.value_range or (-3.0, 3.0)
        shape = (rows, *model.input_shape[1:])
        drawn = {given.name: random.uniform(low, high, shape).astype(np.float32)}
    else:
        words = [*filter(None, model.vocabulary.words), "a", "word", "that", "is", "not", "known"]
        texts = [" ".join(random.choice(words, 20)).encode() for _ in range(rows)]
        longest = max(map(len, texts))
        spelt = np.stack([np.frombuffer(text.ljust(longest), np.uint8) for text in texts])
        drawn = {given.name: model.vocabulary.weigh([text.decode() for text in texts])}
        drawn["text"] = spelt
    run = model_runner(model)
    made = [run(name, drawn) for name, (inputs, _) in model.signatures.items() if inputs == [given]]
    return functools.reduce(operator.or_, made, drawn)


def measure(folder, model, expected) -> dict[str, dict[str, float]]:
    """The largest difference from `expected` for each runtime and output.

    Args:
        folder: of the files, whose hashes are known to be right.
        model: anything with the `signatures` of the files.
        expected: what `vectors` gave.

    Raises:
        CheckFailedError: if a difference is larger than the tolerance.
    """
    runners = {"tensorflow": saved_model_runner(folder), "onnxruntime": sessions.runner(folder)}
    return {
        runtime: compared(runtime, run, model.signatures, expected)
        for runtime, run in runners.items()
    }


def model_runner(model):
    """A function `run(endpoint, feeds)` over a model, on the CPU."""
    import tensorflow as tf

    def run(name, feeds):
        inputs, _ = model.signatures[name]
        with tf.device("/CPU:0"):  # where numbers are exact to the last digits: no TF32
            outputs = model.endpoints[name](*(tf.constant(feeds[each.name]) for each in inputs))
        return {key: value.numpy() for key, value in outputs.items()}

    return run


def saved_model_runner(folder):
    """Returns a function `run(endpoint, feeds)` over a SavedModel that only computes, on the CPU.

    Args:
        folder: a folder that no one else writes to: what is checked there is then loaded.

    Raises:
        CheckFailedError: if an operation of the SavedModel does more than compute.
    """
    import tensorflow as tf

    operations.check((folder / "saved_model" / "saved_model.pb").read_bytes())
    with tf.device("/CPU:0"):
        loaded = tf.saved_model.load(str(folder / "saved_model"))

    def run(name, feeds):
        taken = loaded.signatures[name].structured_input_signature[1]
        given = {key: feeds[key] for key in taken}
        if "text" in given:  # spelt in bytes, since safetensors hold no strings
            given["text"] = tf.constant([bytes(row) for row in given["text"]], tf.string)
        with tf.device("/CPU:0"):
            outputs = loaded.signatures[name](**{k: tf.constant(v) for k, v in given.items()})
        return {key: value.numpy() for key, value in outputs.items()}

    return run


def compared(runtime, run, signatures, expected):
    """The largest difference of each output; of switches, the share that differ.

    Which of two nearly equal values is the larger, rounding decides: a few switches may differ,
    and what is unpooled by them. So decoding is held against the expected switches, and the whole
    against the same runtime's own two parts.
    """
    came = {name: run(name, expected) for name in signatures}
    wanted = dict.fromkeys(came, expected)
    if "decode" in came:
        wanted["reconstruct"] = run("decode", came["encode"])
    return {
        f"{name}.{key}": difference(f"{runtime}'s {name}.{key}", output, wanted[name][key])
        for name, outputs in came.items()
        for key, output in outputs.items()
    }


def difference(what, came, wanted) -> float:
    """The largest difference of numbers, or the share of integers that differ.

    Raises:
        CheckFailedError: if it is larger than rounding explains.
    """
    if came.shape != wanted.shape:
        raise CheckFailedError(f"{what} has the shape {came.shape} instead of {wanted.shape}.")
    if wanted.dtype.kind in "iu":
        found, limit = float(np.mean(came != wanted)) if came.size else 0.0, NEAR_TIES
    else:
        found = float(np.abs(came - wanted.astype(np.float64)).max(initial=0))
        limit = TOLERANCE * max(1.0, np.abs(wanted).max(initial=0))
    if not found <= limit:  # NaN too
        raise CheckFailedError(
            f"{what} differs by {found:.3g}, where at most {limit:.3g} is rounding."
        )
    return found
