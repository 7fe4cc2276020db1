"""Exports the variants that are computed in the browser."""

from pathlib import Path


def write_exports(folder: Path, small: bool) -> dict[str, Path]:
    """Exports each variant, unless it is in the folder; untrained, but for what `adapt` learns.

    Args:
        folder: Path.
        small: Boolean. With True each variant in its smallest size and in its modes; with False
            each variant of images in its default size.

    Returns:
        Dict of the folders of the exports by name.

    Example:

    >>> write_exports(Path("exports"), small=True)  # doctest: +SKIP
    """
    import keras

    import zoo

    exports = {}
    for name in zoo.names():
        entry = zoo.entry(name)
        if not small and "images" not in entry.kinds:
            continue
        for number, mode in enumerate([{}, *entry.modes] if small else [{}]):
            label = f"{name}-{number}" if number else name
            exports[label] = folder / ("small" if small else "default") / label
            if exports[label].exists():
                continue
            keras.utils.set_random_seed(0)
            model = entry.build(**entry.arguments(entry.tiny | mode if small else mode))
            _adapt(model, zoo)
            zoo.export(model, exports[label])
            keras.backend.clear_session()
    return exports


def _adapt(model, zoo):
    if model.vocabulary is not None:
        model.adapt(["a cat sat on the mat", "mats are flat", "cats eat rats"])
    elif model.input_shape[1:] == (28, 28, 1):
        model.adapt(zoo.datasets.load("mnist_5k").train.images[:500])
