"""The exported models that are served in the recorded runs, and what `zoo.load` computes."""

from pathlib import Path

import numpy as np

TEXTS = ["a function returns an array", "the file holds names", "an array of numbers", "Ärger"]
ROWS = 5


def write(folder: Path) -> dict[str, Path]:
    """Exports one model of each kind that a server must know, trained only by `adapt`.

    Args:
        folder: Path of the folder to write to.

    Returns:
        Dict of the exports by name: switches, a detector, a classifier, texts.

    Example:

    >>> list(write(Path("models")))  # doctest: +SKIP
    ['conv', 'detector', 'classes', 'texts']
    """
    import zoo

    digits = zoo.datasets.load("mnist_5k").test.images[:64]
    linear = zoo.build("pca", latent_dim=3).adapt(digits)
    words = zoo.build("document_ae", input_shape=(8,), widths=(4,), latent_dim=2)
    models = {
        "conv": zoo.build("conv_ae", filters=(2, 3), latent_dim=4, unpooling="argmax"),
        "detector": zoo.anomaly.Detector.fit(linear, digits),
        "classes": zoo.classifier(linear.encoder, classes=10),
        "texts": words.adapt(TEXTS * 3),
    }
    for name, model in models.items():
        zoo.export(model, folder / name)
    return {name: folder / name for name in models}


def expected(folder: Path) -> dict[str, np.ndarray]:
    """Returns the inputs and outputs of every endpoint of an export, computed by `zoo.load`.

    Args:
        folder: Path of the export.

    Returns:
        Dict of arrays by the names of the tensors; a model of texts also has `text`, of bytes.

    Example:

    >>> sorted(expected(Path("models/conv")))  # doctest: +SKIP
    ['image', 'latent', 'reconstruction', 'switches_1', 'switches_2']
    """
    import zoo

    bundle = zoo.load(folder)
    digits = zoo.datasets.load("mnist_5k").test.images[:ROWS]
    tensors = {bundle.named_input.name: bundle.check(TEXTS if bundle.vocabulary else digits)}
    for name, (inputs, outputs) in bundle.signatures.items():
        values = bundle.run(name, [tensors[each.name] for each in inputs], 64)
        tensors |= dict(zip([each.name for each in outputs], values, strict=True))
    if bundle.vocabulary:
        tensors["text"] = np.array([text.encode() for text in TEXTS])
    return tensors


def largest_difference(tensors: dict, answer: dict) -> float:
    """Returns the largest difference of the outputs of a server from those of `zoo.load`.

    Args:
        tensors: Dict of arrays, as `expected` returns it.
        answer: Dict of arrays by the names of the outputs.

    Example:

    >>> largest_difference({"latent": np.zeros((2, 3))}, {"latent": np.full((2, 3), 0.5)})
    0.5
    """
    if not answer:
        raise RuntimeError("The answer has no outputs.")
    for name, array in answer.items():
        if array.shape != tensors[name].shape:
            raise RuntimeError(f"{name} has the shape {array.shape}, not {tensors[name].shape}.")
    return max(float(np.abs(array - tensors[name]).max()) for name, array in answer.items())
