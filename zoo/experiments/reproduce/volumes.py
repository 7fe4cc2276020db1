"""Row on volumes: the error of a convolutional auto-encoder beside PCA of equal size."""

from pathlib import Path

from zoo.datasets.dataset import Dataset
from zoo.training import in_memory


def measure_volumes(data: Dataset, seed: int, pictures: Path) -> dict:
    """Measures the row `volumes`: the error of `conv3d_ae` beside PCA of equal size.

    Args:
        data: `Dataset` of volumes.
        seed: Integer. Seed of the training.
        pictures: `Path` of the folder that a picture is written to.

    Returns:
        A dict: the `value`, the mean squared error of the test rows, that of `pca`, that of the
        `mean_row`, and how the model was trained.

    Example:

    >>> measure_volumes(zoo.datasets.load("mni152"), 0, Path("."))  # doctest: +SKIP
    """
    from zoo import evaluation, plots
    from zoo.evaluation import metrics

    model, trained_by = in_memory.train(
        "conv3d_ae", data.train.inputs, seed, input_shape=data.input_shape
    )
    pca, x = evaluation.pca_of_equal_size(model, data), data.test.inputs
    shown = slice(0, len(x), max(1, len(x) // 4))
    rows = {"original": x[shown], "conv3d_ae": model.reconstruct(x[shown])}
    plots.save(plots.slices(rows | {"PCA": pca.reconstruct(x[shown])}), pictures / "slices.png")
    return {
        "value": metrics.mse(x, model.reconstruct(x)),
        "pca": metrics.mse(x, pca.reconstruct(x)),
        "mean_row": metrics.mse(x, data.train.inputs.mean(axis=0)),
        "code_size": model.code_shapes[0][0],
    } | trained_by
