"""Similar images: whether a query, whatever befell it, finds its class, by code and by pixels."""

import numpy as np

from zoo import experiment
from zoo.datasets import augmentation
from zoo.search import nearest

QUERIES = 1000  # test images, drawn by seed 0
WAYS = ("code", "pca", "pixels")
# Chosen on a held-out eighth of the embedded digits' training rows.
SETTINGS = {
    "loss": "binary_crossentropy",
    "latent_penalty": 1e-3,
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
    """Measures row 17: search by the code of an encoder that had to mend damaged images.

    Code, principal components and pixels are each compared by the distance under which training
    images find their own class best.
    """
    from zoo import evaluation, plots
    from zoo.evaluation import retrieval

    model, trained_by = experiment.train(
        "conv_ae", data.train.inputs, seed, corrupted=corrupted, **SETTINGS | changes
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
    """Measures row 17 on a few hundred or thousand images: more epochs, of smaller batches."""
    return similar_images(data, seed, pictures, **FEW)


def corrupted(images, random):
    """Each image perhaps shifted by up to 3 pixels, then a square of it hidden, then noise on it:
    clean images are met too."""
    for chance, change in (
        (0.5, lambda some: augmentation.shifted(some, 3, random)),
        (0.75, lambda some: augmentation.hidden(some, 10, random)),
        (0.5, lambda some: augmentation.noisy(some, 0.4, random)),
    ):
        changed = random.random(len(images)) < chance
        images = images.copy()
        images[changed] = change(images[changed])
    return images


def _drawn(ways, distances, indexed, asked, queries, k=6):
    """Returns a picture of four queries, each damaged in its own way, and what is nearest."""
    from zoo import plots

    shown = {kind: images[row] for row, (kind, images) in enumerate(queries.items())}
    found = {}
    for way in ("code", "pixels"):
        distance = distances[way]
        codes, those = (
            distance.prepare(ways[way](images))
            for images in (indexed.inputs, np.stack(list(shown.values())))
        )
        searcher = nearest.Exact(codes, distance.metric)
        rows, _ = nearest.nearest(searcher, codes, those, k, distance.metric)
        right = indexed.labels[rows] == asked.labels[: len(shown), None]
        found[f"by {way}"] = indexed.inputs[rows], right
    return plots.neighbours(shown, found)
