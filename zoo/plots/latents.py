"""Draws codes: where the classes lie, and how much each number varies."""

import numpy as np

from zoo.errors import UsageError
from zoo.inputs.arguments import interval
from zoo.plots import class_labels, style

NAMED = "names stand where their class is densest and least mixed"
TAIL = 0.01  # the fraction of the points at either end of an axis that may be outliers


def scatter(
    codes: dict[str, tuple[np.ndarray, np.ndarray | None]],
    ax=None,
    *,
    quantiles: tuple[float, float] | None = None,
):
    """Draws codes as points in the plane, coloured and labelled by class.

    Codes of two numbers are drawn as they are, with equal units on both axes. Of longer codes the
    first two principal components are drawn, and the title says so. Codes of one number are drawn
    class by class. If a few outliers would squeeze all other points together, they lie outside the
    panel, and the title says so. The name of a class stands where it is densest and least mixed
    with others; a new figure says so in its lowest line.

    Args:
        codes: Dict from the label of each panel to a pair: the codes, of shape `(rows, ...)`, which
            are flattened, and their classes, integers or names of shape `(rows,)`, or None.
        ax: Matplotlib axes, for a single panel. Defaults to None, which draws on a new figure.
        quantiles: Pair of floats in [0, 1], such as `(0.01, 0.99)`. Both axes of a plane are then
            as long as the longer way from the one quantile of the points to the other. Defaults to
            None, for all points but outliers.

    Returns:
        The matplotlib figure.

    Raises:
        UsageError: If the codes are not finite numbers, if there is not one class for each row, if
            `ax` is set for several panels, or if `quantiles` are not two numbers in [0, 1].

    Example:

    >>> z = np.random.default_rng(0).normal(size=(100, 2))
    >>> figure = scatter({"deep_ae": (z, z[:, 0] > 0)})
    """
    style.require_dict("codes", codes)
    if not codes or (ax is not None and len(codes) > 1):
        raise UsageError(
            "`codes` must hold one panel if `ax` is set, and one or more otherwise. "
            f"Received: {len(codes)}."
        )
    if quantiles is not None:
        low, high = interval("quantiles", quantiles)
        if low < 0 or high > 1:
            raise UsageError(f"`quantiles` must lie in [0, 1]. Received: quantiles={quantiles!r}.")
    flat = {label: _flat(z) for label, (z, _) in codes.items()}
    if ax is None:
        width = min(len(codes), 2) * style.WIDTH / 2
        figure, axes = style.panels(len(codes), style.WIDTH / 2, columns=2, width=width)
        if any(
            labels is not None and flat[name].shape[1] > 1 for name, (_, labels) in codes.items()
        ):
            figure.supxlabel(NAMED, fontsize=style.SMALL, color=style.MUTED)
    else:
        figure, axes = ax.figure, [ax]
    for (label, (_, classes)), panel in zip(codes.items(), axes, strict=True):
        z = flat[label]
        classes = np.zeros(len(z), int) if classes is None else np.asarray(classes)
        if classes.shape != (len(z),):
            raise UsageError(
                f"Classes must be one for each row of codes, ({len(z)},). "
                f"Received: {classes.shape} for {label}."
            )
        named = codes[label][1] is not None
        if z.shape[1] == 1:
            _line(panel, z[:, 0], classes, named)
            style.title(panel, label)
        else:
            points, titles, notes = _plane(z)
            notes += _points(panel, points, classes, named, quantiles)
            style.axis_titles(panel, *titles)
            style.title(panel, label, "; ".join(notes))
    return figure


def activity(codes: np.ndarray, ax=None):
    """Draws how much each number of the codes varies over rows, from the most to the least active.

    A number is dead if it is the same in all rows, as for `dead_units` of `zoo.evaluate`.

    Args:
        codes: Array of shape `(rows, ...)`, at least two rows; further axes are flattened.
        ax: Matplotlib axes. Defaults to None, which draws on a new figure.

    Returns:
        The matplotlib figure.

    Raises:
        UsageError: If there are fewer than two rows, or if the codes are not finite numbers.

    Example:

    >>> figure = activity(np.random.default_rng(0).normal(size=(100, 8)))
    """
    z = _flat(codes)
    if len(z) < 2:
        raise UsageError(f"`codes` must be two rows or more. Received: {len(z)}.")
    order = np.argsort(-z.std(axis=0), kind="stable")
    dead = np.ptp(z, axis=0)[order] == 0
    deviations = np.where(dead, 0.0, z.std(axis=0)[order])
    largest = deviations[0]
    figure, ax = style.panel(ax, 3.0, 0.7 * style.WIDTH)
    order = np.arange(1, len(deviations) + 1)
    size = np.clip(1500 / len(order), 6, 30)
    floor = 0.5 * max(deviations[deviations > 0].min(initial=largest), 1e-6 * largest)
    if largest > 60 * floor:
        ax.set_yscale("log")
        deviations = np.maximum(deviations, floor)  # zeros sit on the axis
        ax.set_ylim(floor, 1.5 * largest)
    else:
        ax.set_ylim(0, 1.08 * largest or 1)
    looks = ((~dead, style.FIRST, style.FIRST), (dead, "white", style.MUTED))
    for mask, inside, edge in looks:
        ax.scatter(order[mask], deviations[mask], s=size, color=inside, edgecolors=edge,
                   clip_on=False, zorder=3)  # fmt: skip
    ax.set_xlim(0.4, len(order) + 0.6)
    varying = len(dead) - dead.sum()
    style.plain(ax, grid="y")
    style.axis_titles(ax, "latent dimension, most active first", "standard deviation over rows")
    grey = "; grey: dead" * bool(dead.any())
    style.title(ax, f"{varying} of {len(dead)} latent dimensions vary{grey}")
    ax.xaxis.get_major_locator().set_params(integer=True)
    return figure


def _flat(codes):
    z = np.asarray(codes, np.float32)
    z = z.reshape(len(z), -1) if z.ndim else z.reshape(0, 0)
    if not z.size or not np.isfinite(z).all():
        raise UsageError(
            f"Codes must be finite numbers, (rows, ...). Received: the shape {np.shape(codes)}"
            + (", with NaN or Inf." if z.size else ".")
        )
    return z


def _plane(z):
    """Returns two numbers for each row, the titles of their axes, and notes for the title."""
    if z.shape[1] == 2:
        return z, ("latent 1", "latent 2"), []
    z = z - z.mean(axis=0)
    narrow = z
    if z.size > 1_000_000:  # an exact SVD of a large map takes half a minute
        basis = np.random.default_rng(0).normal(size=(z.shape[1], 8)).astype(z.dtype)
        for _ in range(6):  # steps of subspace iteration
            basis, _ = np.linalg.qr(z.T @ (z @ basis))
        narrow = z @ basis
    rows, scales, _ = np.linalg.svd(narrow, full_matrices=False)
    points = (rows * scales)[:, :2]
    # The sign is arbitrary: turn the long tail to the right.
    points = points * np.where(np.sum(points**3, axis=0) < 0, -1, 1)
    points = np.pad(points, ((0, 0), (0, 2 - points.shape[1])))  # one row has no second component
    fractions = np.square(points).sum(axis=0) / (np.square(z).sum() or 1.0)
    titles = [
        f"principal component {n} ({fraction:.0%} of variance)"
        for n, fraction in enumerate(fractions, 1)
    ]
    return points, titles, ["first two principal components"]


def _points(ax, points, classes, named, quantiles):
    """Draws points, and returns notes for the panel's title."""
    _coloured(ax, points, classes, named)
    style.plain(ax)
    ax.set_aspect("equal", adjustable="datalim")
    ax.locator_params(nbins=5, steps=[1, 2, 5, 10])
    low, high = np.quantile(points, quantiles or (TAIL, 1 - TAIL), axis=0)
    span = np.ptp(points, axis=0).max()
    squeezed = bool(span > 2 * (high - low).max() > 0) and not quantiles
    if quantiles:
        span = (high - low).max() or 1.0
        ax.set_aspect("equal", adjustable="box")  # a square panel
        for set_limits, middle in zip((ax.set_xlim, ax.set_ylim), (low + high) / 2, strict=True):
            set_limits(middle - span / 2, middle + span / 2)
    elif squeezed:
        span = (high - low).max()
        for set_limits, least, most in zip((ax.set_xlim, ax.set_ylim), low, high, strict=True):
            set_limits(least - span / 8, most + span / 8)
    if named:
        class_labels.label_classes(ax, points, classes, span)
    if quantiles:
        return [f"axes span the {quantiles[0]:.0%} to {quantiles[1]:.0%} quantiles of the codes"]
    return ["a few outliers not shown"] * squeezed


def _line(ax, numbers, classes, named):
    """Draws one number along x, a row for each class, its points spread at random in y."""
    names, rows = np.unique(classes, return_inverse=True)
    spread = np.random.default_rng(0).uniform(-0.35, 0.35, len(numbers))
    _coloured(ax, np.stack([numbers, rows + spread], axis=1), classes, named)
    style.plain(ax)
    ax.set_yticks(range(len(names)) if named else [], names if named else [], parse_math=False)
    style.axis_titles(ax, "latent code", "class" if named else None)


def _coloured(ax, points, classes, named):
    _, indices = np.unique(classes, return_inverse=True)
    size = np.clip(12000 / len(points), 5, 30)
    # One call per marker, with the points of its classes mixed, so that no class hides another.
    for n, marker in enumerate(style.MARKERS):
        mask = (indices // len(style.CLASSES)) % len(style.MARKERS) == n
        if mask.any():
            colours = [style.CLASSES[index % len(style.CLASSES)] for index in indices[mask]]
            ax.scatter(*points[mask].T, s=size, marker=marker, alpha=0.75, linewidths=0,
                       c=colours if named else style.FIRST)  # fmt: skip
