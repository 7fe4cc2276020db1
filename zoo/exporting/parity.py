"""Checks that every form of an exported model computes the same outputs."""

import functools
import operator

import numpy as np

from zoo.errors import CheckFailedError
from zoo.serving import runtimes

TOLERANCE = 1e-5  # accepted difference, relative to the largest number where that is above 1
NEAR_TIES = 1e-4  # fraction of switches and indices that may differ, where values nearly tie
GAPS = 0.2  # fraction of the cells of test vectors that are missing, where a model takes them


def vectors(model, rows: int) -> dict[str, np.ndarray]:
    """Returns test vectors: random inputs, drawn with seed 0, and every output of a model for them.

    For a model that takes missing cells, a fifth of the cells and a whole row are NaN.

    Args:
        model: `AutoEncoder`, classifier or scorer.
        rows: Integer. The number of inputs.

    Returns:
        Dict of arrays by the names of the inputs and outputs. For a model of texts the input `text`
        holds the texts as uint8, `(rows, bytes)`.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4, 4, 1), latent_dim=2)
    >>> {name: array.shape for name, array in vectors(model, 3).items()}
    {'image': (3, 4, 4, 1), 'latent': (3, 2), 'reconstruction': (3, 4, 4, 1)}
    """
    random = np.random.default_rng(0)
    (input_spec,), _ = next(iter(model.signatures.values()))
    if model.vocabulary is None:
        low, high = model.value_range or (-3.0, 3.0)
        shape = (rows, *model.input_shape[1:])
        values = random.uniform(low, high, shape).astype(np.float32)
        if model.standardisation is not None:  # rows like those that the model learned from
            values = np.array(model.standardisation(values, inverse=True))
        if model.missing == "mask":
            gaps = random.random(shape) < GAPS
            gaps[1:2] = True
            values[gaps] = np.nan
        arrays = {input_spec.name: values}
        for position in model.columns.categories:
            classes = model.columns.classes[position]
            arrays[input_spec.name][:, position] = random.integers(classes, size=rows)
    else:
        words = [*filter(None, model.vocabulary.words), "a", "word", "that", "is", "not", "known"]
        texts = [" ".join(random.choice(words, 20)).encode() for _ in range(rows)]
        longest = max(map(len, texts))
        text_bytes = np.stack([np.frombuffer(text.ljust(longest), np.uint8) for text in texts])
        arrays = {input_spec.name: model.vocabulary.weigh([text.decode() for text in texts])}
        arrays["text"] = text_bytes
    return with_outputs(model, arrays)


def with_outputs(model, arrays: dict) -> dict[str, np.ndarray]:
    """Returns inputs, and every output of a model for them.

    Args:
        model: `AutoEncoder`, classifier or scorer.
        arrays: Dict with the array of the model's input, by its name.

    Returns:
        Dict of arrays by the names of the inputs and outputs.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4,), latent_dim=2)
    >>> list(with_outputs(model, {"features": np.zeros((3, 4), "float32")}))
    ['features', 'latent', 'reconstruction']
    """
    run = model_runner(model)
    outputs = [
        run(name, arrays)
        for name, (inputs, _) in model.signatures.items()
        if all(tensor.name in arrays for tensor in inputs)
    ]
    return functools.reduce(operator.or_, outputs, arrays)


def measure(folder, model, expected, names, limits=None) -> dict[str, dict[str, float]]:
    """Returns the largest difference from the expected outputs for each runtime and output.

    Args:
        folder: Path of the export's files, whose hashes are known to be right.
        model: Object with the `signatures` of the files: the model or its `Bundle`.
        expected: Dict of arrays, as `vectors` returns it.
        names: Sequence of strings. The runtimes to compare: `"tensorflow"`, for the SavedModel, and
            keys of `zoo.serving.runtimes.RUNTIMES`.
        limits: Dict of functions by the names of runtimes whose files compute in fewer bits, as for
            `compared`. Defaults to None: all of them compute in float32.

    Returns:
        Dict with a dict of floats by `ENDPOINT.OUTPUT` for each runtime, as `compared` returns it.

    Raises:
        CheckFailedError: If a difference is larger than the tolerance, or the SavedModel has an
            operation that does more than compute.

    Example:

    >>> from pathlib import Path
    >>> expected = vectors(model, 7)  # doctest: +SKIP
    >>> measure(Path("exported"), model, expected, ["onnxruntime"])  # doctest: +SKIP
    """
    limits, results = limits or {}, {}
    for name in names:
        tensorflow = name == "tensorflow"
        run = saved_model_runner(folder) if tensorflow else runtimes.runner(name, folder, model)
        results[name] = compared(name, run, model.signatures, expected, limits.get(name))
    return results


def model_runner(model):
    """Returns a function that runs the endpoints of a model on the CPU.

    Args:
        model: `AutoEncoder`, classifier or scorer.

    Returns:
        A function `run(endpoint, feeds)`, which takes a dict of arrays and returns the dict of the
        outputs' arrays.

    Example:

    >>> run = model_runner(zoo.build("linear_ae", input_shape=(4, 4, 1), latent_dim=2))
    >>> run("encode", {"image": np.zeros((3, 4, 4, 1), "float32")})["latent"].shape
    (3, 2)
    """
    import tensorflow as tf

    def run(name, feeds):
        inputs, _ = model.signatures[name]
        with tf.device("/CPU:0"):  # a GPU may compute in TF32, which has fewer digits
            outputs = model.endpoints[name](
                *(tf.constant(feeds[input_spec.name]) for input_spec in inputs)
            )
        return {key: value.numpy() for key, value in outputs.items()}

    return run


def saved_model_runner(folder):
    """Returns a function that runs a SavedModel, which must only compute, on the CPU.

    Args:
        folder: Path of an export's folder that no one else writes to, so that the SavedModel that
            is loaded is the one that was checked.

    Returns:
        A function `run(endpoint, feeds)`, which takes a dict of arrays and returns the dict of the
        outputs' arrays.

    Raises:
        CheckFailedError: If an operation of the SavedModel does more than compute.

    Example:

    >>> from pathlib import Path
    >>> run = saved_model_runner(Path("exported"))  # doctest: +SKIP
    >>> run("encode", {"image": np.zeros((3, 28, 28, 1), "float32")})  # doctest: +SKIP
    """
    import tensorflow as tf

    from zoo.exporting import operations

    operations.check((folder / "saved_model" / "saved_model.pb").read_bytes())
    with tf.device("/CPU:0"):
        loaded = tf.saved_model.load(str(folder / "saved_model"))

    def run(name, feeds):
        names = loaded.signatures[name].structured_input_signature[1]
        arrays = {key: feeds[key] for key in names}
        if "text" in arrays:  # stored as bytes, since safetensors hold no strings
            arrays["text"] = tf.constant([bytes(row) for row in arrays["text"]], tf.string)
        with tf.device("/CPU:0"):
            outputs = loaded.signatures[name](**{k: tf.constant(v) for k, v in arrays.items()})
        return {key: value.numpy() for key, value in outputs.items()}

    return run


def compared(runtime, run, signatures, expected, limit=None):
    """Returns the largest difference of each output from the expected one.

    Rounding decides which of two nearly equal values is the larger, so a few switches may differ,
    and with them the unpooled values. The decoder is therefore compared for the expected switches,
    and the whole model with the encoder and decoder of the same runtime.

    Args:
        runtime: String. Name of the runtime, for the message.
        run: A function `run(endpoint, feeds)`.
        signatures: Dict with the endpoints as keys.
        expected: Dict of arrays, as `vectors` returns it.
        limit: Function of an output's name, `ENDPOINT.OUTPUT`, that returns the difference that is
            accepted. Defaults to None, for what rounding explains in float32.

    Returns:
        Dict of floats by `ENDPOINT.OUTPUT`: the largest absolute difference, or for integers the
        fraction that differs.

    Raises:
        CheckFailedError: If a difference is larger than rounding explains.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4, 4, 1), latent_dim=2)
    >>> expected = vectors(model, 3)
    >>> compared("the same model", model_runner(model), model.signatures, expected)
    {'encode.latent': 0.0, 'decode.reconstruction': 0.0, 'reconstruct.reconstruction': 0.0}
    """
    results = {name: run(name, expected) for name in signatures}
    references = dict.fromkeys(results, expected)
    if "decode" in results:
        references["reconstruct"] = run("decode", results["encode"])
    return {
        f"{name}.{key}": difference(
            f"{runtime}'s {name}.{key}",
            output,
            references[name][key],
            limit and limit(f"{name}.{key}"),
        )
        for name, outputs in results.items()
        for key, output in outputs.items()
    }


def difference(what, result, expected, accepted: float | None = None) -> float:
    """Returns the largest absolute difference, or the fraction of integers that differ.

    Args:
        what: String. Name of the output, for the message.
        result: Array. The output.
        expected: Array. The expected output.
        accepted: Float. The largest difference that is accepted. Defaults to None, for what
            rounding explains in float32.

    Returns:
        Float.

    Raises:
        CheckFailedError: If the shapes differ, or the difference is larger than rounding explains.

    Example:

    >>> difference("latent", np.array([1.0, 2.0]), np.array([1.0, 2.0]))
    0.0
    >>> difference("latent", np.array([1.0, 2.5]), np.array([1.0, 2.0]))
    Traceback (most recent call last):
    ...
    zoo.errors.CheckFailedError: latent differs by 0.5, ...
    """
    if result.shape != expected.shape:
        raise CheckFailedError(f"{what} has the shape {result.shape} instead of {expected.shape}.")
    if expected.dtype.kind in "iu":
        value, limit = float(np.mean(result != expected)) if result.size else 0.0, NEAR_TIES
    else:
        value = float(np.abs(result - expected.astype(np.float64)).max(initial=0))
        limit = TOLERANCE * max(1.0, np.abs(expected).max(initial=0))
    if not value <= (limit if accepted is None else accepted):  # NaN too
        cause = "rounding explains" if accepted is None else "in so few bits it was"
        limit = limit if accepted is None else accepted
        raise CheckFailedError(f"{what} differs by {value:.3g}, but {cause} at most {limit:.3g}.")
    return value
