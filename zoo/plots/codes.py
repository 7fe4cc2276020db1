"""Codes: how the classes lie in them, and how much each number of them varies."""

import numpy as np

from zoo.errors import UsageError
from zoo.plots import labels, style

TAIL = 0.01  # of the points, at either end of an axis, may be outliers


def scatter(codes: dict[str, tuple[np.ndarray, np.ndarray | None]], ax=None):
    """Codes in the plane, coloured and labelled by class; a panel for each kind of code.

    Two numbers are drawn as they are, with equal units on both axes. Of more, their first two
    principal components are, and the title says so; one number is drawn class by class. Where a
    few outliers would squeeze all others, they lie outside the panel, and the title says so.

    Args:
        codes: for each label the codes, `(rows, ...)`, flattened, and their classes, `(rows,)`
            integers or names, or None.
        ax: a matplotlib axes, for a single kind of code; by default a new figure.

    Raises:
        UsageError: if codes are no finite numbers, classes are not one a row, or one axes is
            given for several kinds.
    """
    style.require_dict("codes", codes)
    if not codes or (ax is not None and len(codes) > 1):
        raise UsageError(
            "`codes` must hold one kind of code where `ax` is given, one or more otherwise. "
            f"Received: {len(codes)}."
        )
    flat = {label: _flat(z) for label, (z, _) in codes.items()}
    if ax is None:
        wide = min(len(codes), 2) * style.WIDTH / 2
        figure, axes = style.panels(len(codes), style.WIDTH / 2, columns=2, width=wide)
    else:
        figure, axes = ax.figure, [ax]
    for (label, (_, classes)), each in zip(codes.items(), axes, strict=True):
        z = flat[label]
        classes = np.zeros(len(z), int) if classes is None else np.asarray(classes)
        if classes.shape != (len(z),):
            raise UsageError(
                f"Classes must be one for each row of codes, ({len(z)},). "
                f"Received: {classes.shape} for {label}."
            )
        named = codes[label][1] is not None
        if z.shape[1] == 1:
            _line(each, z[:, 0], classes, named)
            style.title(each, label)
        else:
            points, titles, told = _plane(z)
            told += _points(each, points, classes, named)
            style.axis_titles(each, *titles)
            style.title(each, label, "; ".join(told))
    return figure


def activity(codes: np.ndarray, ax=None):
    """How much each number of the codes varies over rows, from the most active to the least.

    A number is dead when it is the same in all rows, as for `dead_units` of `zoo.evaluate`.

    Args:
        codes: `(rows, ...)` of at least two rows; further axes are flattened.
        ax: a matplotlib axes; by default a new figure.
    """
    z = _flat(codes)
    if len(z) < 2:
        raise UsageError(f"`codes` must be two rows or more. Received: {len(z)}.")
    order = np.argsort(-z.std(axis=0), kind="stable")
    asleep = np.ptp(z, axis=0)[order] == 0
    deviations = np.where(asleep, 0.0, z.std(axis=0)[order])
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
    looks = ((~asleep, style.FIRST, style.FIRST), (asleep, "white", style.MUTED))
    for those, inside, edge in looks:
        ax.scatter(order[those], deviations[those], s=size, color=inside, edgecolors=edge,
                   clip_on=False, zorder=3)  # fmt: skip
    ax.set_xlim(0.4, len(order) + 0.6)
    varying = len(asleep) - asleep.sum()
    style.plain(ax, grid="y")
    style.axis_titles(ax, "latent, most active first", "standard deviation over rows")
    style.title(ax, f"{varying} of {len(asleep)} vary" + ("; grey: dead" * bool(asleep.any())))
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
    """Two numbers a row, the titles of their axes, and what they are."""
    if z.shape[1] == 2:
        return z, ("latent 1", "latent 2"), []
    z = z - z.mean(axis=0)
    narrow = z
    if z.size > 1_000_000:  # all the components of a whole map would take half a minute
        basis = np.random.default_rng(0).normal(size=(z.shape[1], 8)).astype(z.dtype)
        for _ in range(6):  # of subspace iteration
            basis, _ = np.linalg.qr(z.T @ (z @ basis))
        narrow = z @ basis
    rows, scales, _ = np.linalg.svd(narrow, full_matrices=False)
    points = (rows * scales)[:, :2]
    points = points * np.where(np.sum(points**3, axis=0) < 0, -1, 1)  # the long tail to the right
    points = np.pad(points, ((0, 0), (0, 2 - points.shape[1])))  # of one row there is no second
    shares = np.square(points).sum(axis=0) / (np.square(z).sum() or 1.0)
    titles = [f"component {n} ({share:.0%} of variance)" for n, share in enumerate(shares, 1)]
    return points, titles, ["first two principal components of the codes"]


def _points(ax, points, classes, named):
    """Draws them; returns what is to be told of it."""
    _coloured(ax, points, classes, named)
    style.plain(ax)
    ax.set_aspect("equal", adjustable="datalim")
    ax.locator_params(nbins=5, steps=[1, 2, 5, 10])
    low, high = np.quantile(points, (TAIL, 1 - TAIL), axis=0)
    span = np.ptp(points, axis=0).max()
    squeezed = bool(span > 2 * (high - low).max() > 0)
    if squeezed:
        span = (high - low).max()
        for fix, least, most in zip((ax.set_xlim, ax.set_ylim), low, high, strict=True):
            fix(least - span / 8, most + span / 8)
    if named:
        labels.label_classes(ax, points, classes, span)
    return ["a few outliers lie outside"] * squeezed


def _line(ax, numbers, classes, named):
    """One number along x; each class a row of its own, its points spread by chance in y."""
    names, rows = np.unique(classes, return_inverse=True)
    spread = np.random.default_rng(0).uniform(-0.35, 0.35, len(numbers))
    _coloured(ax, np.stack([numbers, rows + spread], axis=1), classes, named)
    style.plain(ax)
    ax.set_yticks(range(len(names)) if named else [], names if named else [], parse_math=False)
    style.axis_titles(ax, "latent", "class" if named else None)


def _coloured(ax, points, classes, named):
    _, which = np.unique(classes, return_inverse=True)
    size = np.clip(12000 / len(points), 5, 30)
    for n, marker in enumerate(style.MARKERS):  # points of all classes mixed: none lies on top
        those = (which // len(style.CLASSES)) % len(style.MARKERS) == n
        if those.any():
            colours = [style.CLASSES[each % len(style.CLASSES)] for each in which[those]]
            ax.scatter(*points[those].T, s=size, marker=marker, alpha=0.75, linewidths=0,
                       c=colours if named else style.FIRST)  # fmt: skip
