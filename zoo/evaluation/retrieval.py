"""Whether the rows nearest to a query are of its class: precision, and mean average precision."""

import math

import numpy as np

from zoo.datasets import augmentation
from zoo.evaluation.metrics import flat
from zoo.search.nearest import Exact, normalised

# What may have happened to an image that is searched by; each from images and a Generator.
QUERIES = {
    "clean": lambda images, random: images,
    "shifted": lambda images, random: augmentation.shifted(images, 3, random),
    "noise": lambda images, random: augmentation.noisy(images, 0.4, random),
    "hidden": lambda images, random: augmentation.hidden(images, 10, random),
}


def queries(images, seed: int) -> dict[str, np.ndarray]:
    """The images as each of `QUERIES`: as they are; shifted by up to 3 pixels down and across;
    with noise of deviation 0.4; and with a square of 10 × 10 hidden.

    Args:
        images: `(rows, height, width, channels)`, in [0, 1].
        seed: of the shifts, the noise and the squares.
    """
    return {
        name: change(images, np.random.default_rng([seed, number]))
        for number, (name, change) in enumerate(QUERIES.items())
    }


def precision(
    codes, labels, query_codes, query_labels, metric="l2", at=(1, 10, 100)
) -> dict[str, float]:
    """How many of the nearest rows have the query's class, mean over queries.

    Args:
        codes, query_codes: of any shape, `(rows, ...)`; images are their own code.
        labels, query_labels: `(rows,)`.
        metric: `"l2"` or `"cosine"`.
        at: so many nearest rows; none for which there are fewer rows.

    Returns:
        `p_at_1`, ...: the share of those rows that are of the query's class; `map`: the mean
        average precision, which is the mean over the rows of its class of the precision down to
        each of them. A query whose class no row has is left out of it; NaN if all are.
    """
    codes, query_codes = (np.asarray(flat(each), np.float32) for each in (codes, query_codes))
    if metric == "cosine":
        codes, query_codes = normalised(codes), normalised(query_codes)
    searcher = Exact(codes, metric)
    shares, averages = [], []
    step = max(1, 2_000_000 // len(codes))
    for start in range(0, len(query_codes), step):
        part = slice(start, start + step)
        order = np.argsort(searcher.scores(query_codes[part]), axis=1, kind="stable")
        same = labels[order] == query_labels[part, None]
        running = np.cumsum(same, axis=1) / np.arange(1, len(codes) + 1)
        shares.append(running[:, [k - 1 for k in at if k <= len(codes)]])
        with np.errstate(invalid="ignore"):
            averages.append(np.sum(running * same, axis=1) / same.sum(axis=1))
    averages = np.concatenate(averages)
    averages = averages[np.isfinite(averages)]
    named = zip([k for k in at if k <= len(codes)], np.concatenate(shares).T, strict=True)
    return {f"p_at_{k}": float(share.mean()) for k, share in named} | {
        "map": float(averages.mean()) if len(averages) else math.nan
    }
