"""Similar images: whether a query, whatever befell it, finds its class, by code and by pixels."""

import numpy as np

from zoo import experiment
from zoo.datasets import augmentation
from zoo.search import nearest

QUERIES = 1000  # test images, drawn by seed 0
# Chosen on a held-out eighth of the embedded digits' training rows. What cannot be mended draws a
# code towards zero: by the cosine, such queries find their class more often than by distance.
SETTINGS = {
    "loss": "binary_crossentropy",
    "latent_penalty": 1e-3,
    "batch_size": 64,
    "epochs": 30,
}
FEW = {"batch_size": 16, "epochs": 300}
# What is told of each, by its metric; the others stand in the line's `figures`.
TOLD = {
    "code": ("code", "cosine"),
    "pca": ("pca", "l2"),
    "pixels": ("pixels", "l2"),
    "pixels_cosine": ("pixels", "cosine"),
}
BESIDE = (
    "pca_clean",
    *(f"{name}_{kind}" for kind in ("shifted", "hidden", "noise") for name in ("code", "pixels")),
    "pixels_cosine_hidden",
)


def similar_images(data, seed, pictures, **changes):
    """Row 17: the encoder saw its images shifted, partly hidden and noisy, and had to mend them."""
    from zoo import evaluation, plots
    from zoo.evaluation import retrieval

    model, trained_by = experiment.train(
        "conv_ae", data.train.inputs, seed, corrupted=corrupted, **SETTINGS | changes
    )
    rows = np.random.default_rng(0).permutation(len(data.test))[:QUERIES]
    asked = data.test.take(np.sort(rows))
    queries = retrieval.queries(asked.inputs, seed=0)
    pca = evaluation.pca_of_equal_size(model, data)
    ways = {"code": model.encode, "pca": pca.encode, "pixels": lambda images: images}
    figures = {
        way: _figures(encode, data.train, asked.labels, queries) for way, encode in ways.items()
    }
    plots.save(_drawn(ways, data.train, asked, queries), pictures / f"neighbours_{data.name}.png")
    p_at_10 = {
        f"{name}_{kind}": figures[way][metric][kind]["p_at_10"]
        for name, (way, metric) in TOLD.items()
        for kind in queries
    }
    value = p_at_10.pop("code_clean")
    told = {"figures": figures, "queries": len(asked), "indexed": len(data.train)}
    return {"value": value} | p_at_10 | told | trained_by


def similar_among_few(data, seed, pictures):
    """Row 17 of a few hundred or thousand images: more epochs, of smaller batches."""
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


def _figures(encode, indexed, labels, queries):
    """By metric and kind of query: precisions, and mean average precision."""
    from zoo.evaluation import retrieval

    codes = encode(indexed.inputs)
    asked = {kind: encode(images) for kind, images in queries.items()}
    return {
        metric: {
            kind: retrieval.precision(codes, indexed.labels, each, labels, metric)
            for kind, each in asked.items()
        }
        for metric in nearest.METRICS
    }


def _drawn(ways, indexed, asked, queries, k=6):
    """The first four queries, each corrupted in its own way, and what code and pixels find."""
    from zoo import plots
    from zoo.evaluation.metrics import flat

    shown = {kind: images[row] for row, (kind, images) in enumerate(queries.items())}
    found = {}
    for way in ("code", "pixels"):
        metric = TOLD[way][1]
        codes, those = (
            flat(ways[way](images)) for images in (indexed.inputs, np.stack(list(shown.values())))
        )
        if metric == "cosine":
            codes, those = nearest.normalised(codes), nearest.normalised(those)
        rows, _ = nearest.nearest(nearest.Exact(codes, metric), codes, those, k, metric)
        right = indexed.labels[rows] == asked.labels[: len(shown), None]
        found[f"by {way}"] = indexed.inputs[rows], right
    return plots.neighbours(shown, found)
