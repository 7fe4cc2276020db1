"""Draws the figures of a run: the trained model beside PCA of the same size."""

import math
from pathlib import Path

import numpy as np

from zoo import plots
from zoo.inputs import kinds
from zoo.layers import ArgmaxPooling2D, Corruption, corrupt
from zoo.storage.atomic import make_folder

SHOWN, SCATTERED = 10, 2000  # test images in rows; the most test rows drawn as points
SEQUENCES, VOLUMES = 4, 3  # test rows of these kinds side by side
NUMBERS = 10_000_000  # the most numbers in the codes of these points together
CLASSES = 100  # the most classes that are named and coloured
NOISE = "gaussian", 0.4  # for models not trained on noise; the same as in `denoising_gain`


def draw(model, dataset, pca, history: dict[str, list[float]], folder) -> list[Path]:
    """Draws every figure that fits the model and its data, as PNG files.

    Args:
        model: A trained `AutoEncoder`.
        dataset: Its `Dataset`; the test split is drawn.
        pca: The result of `evaluation.pca_of_equal_size`.
        history: Dict. The history of the training, as `Run.history` holds it. It may be empty.
        folder: String or `Path`. The folder for the files, which is created if it does not exist.

    Returns:
        A list of the `Path` of each file.

    Example:

    >>> data = zoo.datasets.load(np.random.default_rng(0).random((50, 4), np.float32))
    >>> pca = zoo.build("pca", input_shape=(4,), latent_dim=2).adapt(data.train.inputs)
    >>> [path.name for path in draw(pca, data, pca, {}, "figures")]  # doctest: +SKIP
    ['codes.png', 'activity.png']
    """
    figures = _of_codes(model, dataset.test, pca) if len(dataset.test) > 1 else {}
    if history:
        figures["curves"] = plots.curves(history)
    for name in kinds.KINDS[dataset.kind].figures:
        figure = OF_ROWS[name](model, dataset.test.inputs, pca)
        figures |= {} if figure is None else {name: figure}
    folder = make_folder(folder)
    return [plots.save(figure, folder / f"{name}.png") for name, figure in figures.items()]


def draw_stages(stages: list[dict], folder) -> list[Path]:
    """Draws the history of each pre-trained layer as a PNG file.

    Args:
        stages: List of dicts, as `zoo.pretrain` returns it.
        folder: String or `Path`. The folder for the files, which is created if it does not exist.

    Returns:
        A list of the `Path` of each file.

    Example:

    >>> stage = {"stage": 1, "method": "rbm", "units": (784, 64), "history": {"loss": [2.0, 1.0]}}
    >>> [path.name for path in draw_stages([stage], "figures")]
    ['stage_1.png']
    """
    folder, files = make_folder(folder), []
    for stage in stages:
        figure = plots.curves(stage["history"])
        before, after = stage["units"]
        figure.suptitle(f"layer {stage['stage']}: {before}-{after}, {stage['method']}", x=0.5)
        files.append(plots.save(figure, folder / f"stage_{stage['stage']}.png"))
    return files


def _of_codes(model, test, pca):
    most = min(SCATTERED, max(2, NUMBERS // math.prod(model.code_shapes[0])))
    rows, labels = test.inputs[:most], None if test.labels is None else test.labels[:most]
    if labels is not None and len(np.unique(labels)) > CLASSES:
        labels = None
    elif test.class_names:
        labels = np.array(test.class_names)[labels]
    codes = model.encode(rows)
    codes_by_name = {model.variant: (codes, labels), _name(pca): (pca.encode(rows), labels)}
    return {"codes": plots.scatter(codes_by_name), "activity": plots.activity(codes)}


def _versions(model, rows, pca):
    reconstructed = {model.variant: model.reconstruct(rows), _name(pca): pca.reconstruct(rows)}
    return {"original": rows, **reconstructed}


def _reconstructions(model, images, pca):
    return plots.reconstructions(_versions(model, images[:SHOWN], pca))


def _sequences(model, rows, pca):
    versions = _versions(model, _spread(rows, SEQUENCES), pca)
    return plots.sequences(versions, channel_names=model.column_names)


def _slices(model, volumes, pca):
    return plots.slices(_versions(model, _spread(volumes, VOLUMES), pca))


def _spread(rows, count):
    """Returns some rows from the first to the last: neighbours may be windows of one series."""
    places = np.linspace(0, len(rows) - 1, min(count, len(rows)))
    return rows[places.astype(int)]


def _restorations(model, images, pca):
    images, models = images[:SHOWN], {model.variant: model, _name(pca): pca}
    corruptions = [layer for layer in model.layers if isinstance(layer, Corruption)]
    kind, level = (*((layer.kind, layer.level) for layer in corruptions), NOISE)[0]
    noisy = corrupt(images, kind, level)
    restored = {name: autoencoder.reconstruct(noisy) for name, autoencoder in models.items()}
    figure = plots.restorations(images, noisy, restored)
    description = f"{kind.replace('_', ' ').capitalize()} noise, level {level:g}"
    origin = "as in training" if corruptions else "not used in training"
    plots.title(figure.axes[0], f"{description}, {origin}")
    return figure


def _filters(model, *_):
    ends = {"encoder": plots.first_kernel(model), "decoder": plots.last_kernel(model)}
    ends = {end: arguments for end, arguments in ends.items() if arguments}
    if not ends:
        return None
    figure, axes = plots.panels(len(ends))
    for (end, (kernel, shape)), ax in zip(ends.items(), axes, strict=True):
        plots.filters(kernel, shape, ax=ax)
        plots.title(ax, f"{end}: {ax.get_title(loc='left')}")
    return figure


def _switches(model, images, _):
    pools = [layer for layer in model.layers if isinstance(layer, ArgmaxPooling2D)]
    if not pools or not model.code_names[1:]:
        return None
    image = images[:1]
    _, (first, *_) = model.encode(image, switches=True)
    height, width = pools[0].pool_size
    windows = (image.shape[1] // height, image.shape[2] // width)
    # The first pooling does not read the image itself.
    if height != width or first.shape[1:3] != windows:
        return None
    return plots.switches(image[0], first[0], pool_size=height)


def _name(pca):
    return f"PCA-{pca.code_shapes[0][0]}"


# The figure of each name in `Kind.figures`: a function of the model, the test rows and the PCA,
# which returns None where the model has nothing to show.
OF_ROWS = {
    "reconstructions": _reconstructions,
    "restorations": _restorations,
    "filters": _filters,
    "switches": _switches,
    "sequences": _sequences,
    "slices": _slices,
}
