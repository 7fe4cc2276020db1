"""Row on similar images: search by codes, by PCA and by pixels, with clean and damaged queries."""

import numpy as np

from zoo.datasets import augmentation
from zoo.search import exact
from zoo.training import in_memory

QUERIES = 1000  # test images, drawn with seed 0
WAYS = ("code", "pca", "pixels")
# Chosen on a held-out eighth of the training rows of the embedded digits.
SETTINGS = {
    "loss": "binary_crossentropy",
    "latent_weight": 1e-3,
    "batch_size": 64,
    "epochs": 30,
}
FEW = {"batch_size": 16, "epochs": 300}
BESIDE = (
    "pca_clean",
    "pixels_clean",
    *(f"{way}_{kind}" for kind in ("shifted", "hidden", "noise") for way in WAYS),
)


def similar_images(data, seed, pictures, **changes):
    """Measures row 17: search by the code of an encoder that learned to repair damaged images.

    Codes, principal components and pixels are each compared by the distance under which training
    images find their own class best.

    Args:
        data: `Dataset`.
        seed: Integer. Seed of the training.
        pictures: `Path` of the folder that a picture is written to.
        **changes: Changes of `SETTINGS`: fields of the `Recipe`, and arguments of `conv_ae`.

    Returns:
        A dict: the `value`, which is the precision among the 10 nearest codes for clean queries,
        the other precisions, the distances, and how the model was trained.

    Example:

    >>> data = zoo.datasets.load("mnist")  # doctest: +SKIP
    >>> similar_images(data, seed=0, pictures=Path("."))["value"]  # doctest: +SKIP
    """
    from zoo import evaluation, plots
    from zoo.evaluation import retrieval

    model, trained_by = in_memory.train(
        "conv_ae", data.train.inputs, seed, corrupted=augmentation.corrupted, **SETTINGS | changes
    )
    rows = np.random.default_rng(0).permutation(len(data.test))[:QUERIES]
    test = data.test.take(np.sort(rows))
    queries = retrieval.queries(test.inputs, seed=0)
    pca = evaluation.pca_of_equal_size(model, data)
    encoders = (model.encode, pca.encode, lambda images: images)
    ways = dict(zip(WAYS, encoders, strict=True))
    distances, chosen_on, precisions = {}, {}, {}
    for way, encode in ways.items():
        codes, labels = encode(data.train.inputs), data.train.labels
        distances[way], chosen_on[way] = retrieval.choose_distance(codes, labels, seed)
        precisions[way] = {
            kind: retrieval.precision(codes, labels, encode(images), test.labels, distances[way])
            for kind, images in queries.items()
        }
    picture = _drawn(ways, distances, data.train, test, queries)
    plots.save(picture, pictures / f"neighbours_{data.name}.png")
    p_at_10 = {
        f"{way}_{kind}": precisions[way][kind]["p_at_10"] for way in WAYS for kind in queries
    }
    value = p_at_10.pop("code_clean")
    record = {
        "distances": {way: distance.name for way, distance in distances.items()},
        "distances_chosen_on": chosen_on,
        "figures": precisions,
        "queries": len(test),
        "indexed": len(data.train),
    }
    return {"value": value} | p_at_10 | record | trained_by


def similar_among_few(data, seed, pictures):
    """Measures row 17 on at most a few thousand images, with more epochs and smaller batches.

    Args:
        data: `Dataset` of images.
        seed: Integer. Seed of the training.
        pictures: `Path` of the folder that a picture is written to.

    Returns:
        A dict, as `similar_images` returns it.

    Example:

    >>> similar_among_few(zoo.datasets.load("olivetti"), 0, Path("."))  # doctest: +SKIP
    """
    return similar_images(data, seed, pictures, **FEW)


def _drawn(ways, distances, indexed, test, queries, k=5):
    """Returns a picture of four queries, each damaged in its own way, and their nearest images."""
    from zoo import plots

    names = np.array(indexed.class_names or range(1 + indexed.labels.max()))
    labels = test.labels[: len(queries)]
    shown = {
        f"{kind}\n{names[label]}": images[row]
        for row, (label, (kind, images)) in enumerate(zip(labels, queries.items(), strict=True))
    }
    neighbours = {}
    for way in ("code", "pixels"):
        distance = distances[way]
        codes, query_codes = (
            distance.prepare(ways[way](images))
            for images in (indexed.inputs, np.stack(list(shown.values())))
        )
        searcher = exact.Exact(codes, distance.metric)
        rows, _ = exact.nearest(searcher, codes, query_codes, k, distance.metric)
        correct = indexed.labels[rows] == labels[:, None]
        neighbours[f"by {way}"] = indexed.inputs[rows], correct, names[indexed.labels[rows]]
    return plots.neighbours(shown, neighbours)
