"""`zoo.evaluate`: every figure on the test split, beside PCA of the same size and raw pixels."""

import math
from pathlib import Path

import numpy as np

from zoo import datasets, registry
from zoo.autoencoder import AutoEncoder
from zoo.errors import UsageError
from zoo.evaluation import metrics
from zoo.runs import Run, open_model
from zoo.serving import Bundle


def evaluate(model, data="mnist_5k", pca=None) -> dict[str, float]:
    """Measures reconstructions and codes on the test split.

    Args:
        model: an `AutoEncoder`, a `Run`, a `Bundle` that `zoo.load` gave, or a folder of either.
        data: whatever `zoo.datasets.load` accepts.
        pca: what `pca_of_equal_size` gave, if it is there already.

    Returns:
        `mse`, `sse` and `psnr` (dB) of the test images; where there are labels, `knn_accuracy`,
        of 5 nearest neighbours in the training images' codes; the same with `pca_` before it, for
        principal components fitted to the training images, as many as the code has numbers; and
        `test_rows`, `code_size` (numbers in a code) and `switch_bits` (bits an image of remembered
        positions, which no PCA is given).

    Raises:
        UsageError: if the images do not have the model's shape.
    """
    if isinstance(model, (str, Path)):
        model, _ = open_model(model)
    model = model.model if isinstance(model, Run) else model
    if not isinstance(model, (AutoEncoder, Bundle)):
        raise UsageError(
            f"`model` must be an AutoEncoder, a Run, a Bundle or a folder. Received: {model!r}."
        )
    dataset = datasets.load(data)
    expected = tuple(model.input_shape[1:])
    if dataset.input_shape != expected:
        raise UsageError(
            f"This model takes {dataset.kind} of {expected}. Received: {dataset.input_shape} from "
            f"{dataset.name}."
        )
    report = _figures(model, dataset)
    baseline = _figures(pca or pca_of_equal_size(model, dataset), dataset)
    return (
        report
        | {f"pca_{name}": value for name, value in baseline.items()}
        | {
            "test_rows": len(dataset.test),
            "code_size": math.prod(model.code_shapes[0]),
            "code_bits": model.code_bits,
            "switch_bits": model.switch_bits,
        }
    )


def pca_of_equal_size(model, data):
    """A `pca` adapted to the training rows, whose codes weigh as many bits as the model's.

    Where there are fewer columns or training rows than that, as many as there are.
    """
    dataset = datasets.load(data)
    most = min(len(dataset.train), math.prod(dataset.input_shape))
    size = min(math.ceil(model.code_bits / 32), most)
    entry = registry.entry("pca")
    pca = entry.build(**entry.arguments_for(dataset), latent_dim=size)
    return pca.adapt(dataset.train.inputs)


def _figures(model, dataset):
    inputs = dataset.test.inputs
    reconstructions = np.asarray(model.reconstruct(inputs))
    report = {
        "mse": metrics.mse(inputs, reconstructions),
        "sse": metrics.sse(inputs, reconstructions),
        "psnr": metrics.psnr(inputs, reconstructions),
    }
    if dataset.test.labels is not None and dataset.train.labels is not None:
        report["knn_accuracy"] = metrics.knn_accuracy(
            model.encode(dataset.train.inputs), dataset.train.labels,
            model.encode(inputs), dataset.test.labels,
        )  # fmt: skip
    return report
