"""Measures codes of two numbers that learn from neighbours, beside those that do not."""

import numpy as np

from zoo.experiments.reproduce.measures import sse
from zoo.training import in_memory

ROWS = 20_000  # for training; the shipped weights learned from all 60,000
BESIDE = {"deep_ae": {"epochs": 15}, "vae": {}}  # variants, and what their recipes change
SHOWN = 5000  # test rows in the picture


def two_numbers(data, seed, pictures):
    """Measures the row `neighbours`: the classes of the neighbours of codes of two numbers.

    All models learn from the first training rows, without labels. The labels of these rows then
    classify the test rows by their 5 nearest codes.

    Args:
        data: `Dataset`.
        seed: Integer. Seed of the training.
        pictures: `Path` of the folder that a picture is written to.

    Returns:
        A dict: the `value`, which is the accuracy of `neighbour_ae`, that of `deep_ae`, `vae` and
        `pca`, the squared errors of the first two (`sse`, `deep_ae_sse`), and how the first was
        trained.

    Example:

    >>> data = zoo.datasets.load("mnist")  # doctest: +SKIP
    >>> two_numbers(data, seed=0, pictures=Path("."))["value"]  # doctest: +SKIP
    """
    from zoo import registry
    from zoo.evaluation import probes

    learn = data.train.take(slice(ROWS))
    model, trained_by = in_memory.train("neighbour_ae", learn.inputs, seed, latent_dim=2)
    models = {"neighbour_ae": model}
    for name, changes in BESIDE.items():
        models[name], _ = in_memory.train(name, learn.inputs, seed, latent_dim=2, **changes)
    pca = registry.build("pca", input_shape=data.input_shape, latent_dim=2)
    models["pca"] = pca.adapt(learn.inputs)
    codes = {name: other.encode(data.test.inputs) for name, other in models.items()}
    accuracies = {
        name: probes.knn_accuracy(
            other.encode(learn.inputs), learn.labels, codes[name], data.test.labels
        )
        for name, other in models.items()
    }
    _draw(codes, accuracies, data.test.labels, pictures)
    return {
        "value": accuracies.pop("neighbour_ae"),
        **accuracies,
        "sse": sse(model, data.test),
        "deep_ae_sse": sse(models["deep_ae"], data.test),
        "train_rows": len(learn),
    } | trained_by


def _draw(codes, accuracies, labels, pictures):
    """Draws the plane beside that of PCA, each on its own scale."""
    from zoo import plots

    shown = {
        f"{title}: 5-NN accuracy {accuracies[name]:.2f}": (
            codes[name][:SHOWN],
            np.asarray(labels)[:SHOWN],
        )
        for name, title in {"neighbour_ae": "neighbour_ae", "pca": "PCA"}.items()
    }
    figure = plots.scatter(shown, quantiles=(0.01, 0.99))
    plots.save(figure, pictures / "neighbours_two_numbers.png")
