"""Row on similar images: do clean and damaged queries find their class, by code and pixels?"""

import numpy as np

from zoo.datasets import augmentation
from zoo.search import exact
from zoo.training import in_memory

QUERIES = 1000  # test images, drawn by seed 0
WAYS = ("code", "pca", "pixels")
# Chosen on a held-out eighth of the embedded digits' training rows.
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
    asked = data.test.take(np.sort(rows))
    queries = retrieval.queries(asked.inputs, seed=0)
    pca = evaluation.pca_of_equal_size(model, data)
    encoders = (model.encode, pca.encode, lambda images: images)
    ways = dict(zip(WAYS, encoders, strict=True))
    distances, chosen_on, figures = {}, {}, {}
    for way, encode in ways.items():
        codes, labels = encode(data.train.inputs), data.train.labels
        distances[way], chosen_on[way] = retrieval.choose_distance(codes, labels, seed)
        figures[way] = {
            kind: retrieval.precision(codes, labels, encode(images), asked.labels, distances[way])
            for kind, images in queries.items()
        }
    picture = _drawn(ways, distances, data.train, asked, queries)
    plots.save(picture, pictures / f"neighbours_{data.name}.png")
    p_at_10 = {f"{way}_{kind}": figures[way][kind]["p_at_10"] for way in WAYS for kind in queries}
    value = p_at_10.pop("code_clean")
    record = {
        "distances": {way: distance.name for way, distance in distances.items()},
        "distances_chosen_on": chosen_on,
        "figures": figures,
        "queries": len(asked),
        "indexed": len(data.train),
    }
    return {"value": value} | p_at_10 | record | trained_by


def similar_among_few(data, seed, pictures):
    """Measures row 17 on hundreds or a few thousand images: more epochs, of smaller batches.

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


def _drawn(ways, distances, indexed, asked, queries, k=6):
    """Returns a picture of four queries, each damaged in its own way, and their nearest images."""
    from zoo import plots

    shown = {kind: images[row] for row, (kind, images) in enumerate(queries.items())}
    found = {}
    for way in ("code", "pixels"):
        distance = distances[way]
        codes, those = (
            distance.prepare(ways[way](images))
            for images in (indexed.inputs, np.stack(list(shown.values())))
        )
        searcher = exact.Exact(codes, distance.metric)
        rows, _ = exact.nearest(searcher, codes, those, k, distance.metric)
        right = indexed.labels[rows] == asked.labels[: len(shown), None]
        found[f"by {way}"] = indexed.inputs[rows], right
    return plots.neighbours(shown, found)
