"""Measures what the plane of a code of two numbers holds: a grid over it, decoded and judged."""

import dataclasses

import numpy as np

from zoo.experiments.reproduce import measures
from zoo.experiments.reproduce.generation import judge_facts

SETS = {"neighbour_ae": "mnist", "vae": "mnist_2d"}  # weights that ship, of two numbers
SIDE = 30  # rows and columns of the grid
TAIL = 0.01  # fraction of the training codes beyond either side of the box
HELD = 5  # training codes that a cell holds at least, to count as held


@dataclasses.dataclass(frozen=True)
class Plane:
    """A grid of equal cells over the box of some codes of two numbers.

    Args:
        codes: Array of shape `(rows, 2)`. The box reaches from the 1 % to the 99 % quantile of
            either number.
        side: Integer. Rows and columns of the grid. Defaults to 30.

    Example:

    >>> plane = Plane(np.random.default_rng(0).random((1000, 2)), side=10)
    >>> plane.counts.shape, int(plane.counts.sum()) > 950
    ((10, 10), True)
    """

    codes: np.ndarray
    side: int = SIDE

    @property
    def box(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """The interval of either number."""
        low, high = np.quantile(self.codes, (TAIL, 1 - TAIL), axis=0)
        return tuple(zip(low.tolist(), high.tolist(), strict=True))

    @property
    def centres(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """The interval of the centres of the cells, for `zoo.generation.grid`."""
        half = [(high - low) / self.side / 2 for low, high in self.box]
        return tuple(
            (low + edge, high - edge) for (low, high), edge in zip(self.box, half, strict=True)
        )

    @property
    def counts(self) -> np.ndarray:
        """The number of codes in each cell, `(side, side)`, in the order of `generation.grid`."""
        counts, _, _ = np.histogram2d(*self.codes.T, bins=self.side, range=self.box)
        return counts.T[::-1].astype(int)  # the second number grows from the last row to the first


def decoded_planes(data, seed, pictures):
    """Measures the row `plane`: the images of a grid over the plane, for each of two models.

    The models are weights that ship. The box of the grid comes from their training codes, and a
    judge that is trained without them says which images show a digit.

    Args:
        data: `Dataset`.
        seed: Integer. Seed of the judge.
        pictures: `Path` of the folder that pictures are written to.

    Returns:
        A dict: the accepted fraction of the cells that hold at least 5 training codes (`value` of
        `neighbour_ae`, `vae_held`), of all cells (`box`, `vae_box`), of the cells without any
        training code (`empty`, `vae_empty`), of the model's own reconstructions of test images
        (`reconstructions`, `vae_reconstructions`), the fraction of cells that hold so many codes
        (`held_cells`, `vae_held_cells`), and the judge's controls.

    Example:

    >>> data = zoo.datasets.load("mnist")  # doctest: +SKIP
    >>> decoded_planes(data, seed=0, pictures=Path("."))["value"]  # doctest: +SKIP
    """
    from zoo import weights
    from zoo.training.judge import Judge

    judge = Judge(data.train, seed)
    result = judge_facts(judge, data, seed)  # before it judges generated images
    for variant, name in SETS.items():
        model = weights.build(variant, weights=name)
        prefix = "" if variant == "neighbour_ae" else f"{variant}_"
        measured = measure(model, data, judge, pictures / f"plane_{variant}.png")
        result |= {f"{prefix}{key}": value for key, value in measured.items()}
    result["value"] = result.pop("held")
    return result | {"weights": SETS, "side": SIDE, "held_from": HELD}


def measure(model, data, judge, picture) -> dict[str, float]:
    """Returns what a judge accepts of a model's plane, and draws it.

    Args:
        model: `AutoEncoder` with a code of two numbers.
        data: `Dataset`. The box comes from its training codes.
        judge: `Judge`.
        picture: `Path` of the PNG file.

    Returns:
        A dict of floats; see `decoded_planes`.

    Example:

    >>> measure(model, data, judge, Path("plane.png"))["box"]  # doctest: +SKIP
    """
    from zoo import generation, plots
    from zoo.plots import style

    plane = Plane(model.encode(data.train.inputs).reshape(-1, 2), SIDE)
    images = generation.grid(model, (SIDE, SIDE), plane.centres)
    accepted, counts = judge.accepts(images), plane.counts.ravel()
    held = counts >= HELD
    figure = plots.code_plane(images, (SIDE, SIDE), plane.centres, accepted=accepted, outlined=held)
    (ax,) = figure.axes
    style.title(
        ax,
        f"{model.variant}: {_fraction(accepted[held]):.0%} of the outlined cells and "
        f"{_fraction(accepted):.0%} of all cells show a digit",
        f"tinted: refused by the judge; outlined: {HELD} training codes or more",
    )
    span = "from the 1% to the 99% quantile of the training codes"
    style.axis_titles(ax, f"latent 1, {span}", f"latent 2, {span}")
    plots.save(figure, picture)
    return {
        "held": _fraction(accepted[held]),
        "box": _fraction(accepted),
        "empty": _fraction(accepted[counts == 0]),
        "reconstructions": judge.accepted_fraction(model.reconstruct(data.test.inputs)),
        "held_cells": _fraction(held),
        "sse": measures.sse(model, data.test),
    }


def _fraction(values):
    """Returns the fraction of booleans that are True; 0 if there are none."""
    return float(np.mean(values)) if len(values) else 0.0
