"""Measures codes of two numbers that learn from neighbours, beside those that do not."""

import numpy as np

from zoo.experiments.reproduce.measures import sse
from zoo.training import in_memory

TRAINED_ON = 20_000  # rows
BESIDE = {"deep_ae": {"epochs": 15}, "vae": {}}  # variants, and what their recipes change


def two_numbers(data, seed, pictures):
    """Measures the row `neighbours`: the classes of the neighbours of codes of two numbers.

    All models learn from the first 20,000 training rows, without labels. The labels of these rows
    then classify the test rows by their 5 nearest codes.

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
    from zoo import plots, registry
    from zoo.evaluation import probes

    learn = data.train.take(slice(TRAINED_ON))
    model, trained_by = in_memory.train("neighbour_ae", learn.inputs, seed, latent_dim=2)
    models = {"neighbour_ae": model}
    for name, changes in BESIDE.items():
        models[name], _ = in_memory.train(name, learn.inputs, seed, latent_dim=2, **changes)
    pca = registry.build("pca", input_shape=data.input_shape, latent_dim=2)
    models["pca"] = pca.adapt(learn.inputs)
    accuracies, shown, labels = {}, {}, np.asarray(data.test.labels)
    for name, other in models.items():
        codes = other.encode(data.test.inputs)
        accuracies[name] = probes.knn_accuracy(
            other.encode(learn.inputs), learn.labels, codes, labels
        )
        shown[f"{name}, 5-NN accuracy {accuracies[name]:.3f}"] = codes[:2000], labels[:2000]
    plots.save(plots.scatter(shown), pictures / "neighbours_two_numbers.png")
    return {
        "value": accuracies.pop("neighbour_ae"),
        **accuracies,
        "sse": sse(model, data.test),
        "deep_ae_sse": sse(models["deep_ae"], data.test),
        "train_rows": len(learn),
    } | trained_by
