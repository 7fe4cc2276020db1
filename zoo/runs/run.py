"""A finished run: the trained model, its history, and its metrics."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.errors import UsageError
from zoo.runs import files
from zoo.runs import folder as folders
from zoo.storage import file_errors, manifest

if TYPE_CHECKING:
    from zoo.autoencoder import AutoEncoder


@dataclasses.dataclass(frozen=True)
class Run:
    """A finished training run.

    Attributes:
        model: The trained `AutoEncoder`, or the `Classifier` of `zoo.finetune`.
        history: Dict from each metric that `fit` shows to its values, one for each epoch.
        metrics: Dict of the metrics on the test split, as `zoo.evaluate` returns them.
        folder: `Path` of the run directory.
        config: Dict of how it was trained: variant, arguments, data, seed, recipe, versions.

    Example:

    >>> run = zoo.Run.open("runs/deep_ae-mnist_5k-seed0")  # doctest: +SKIP
    >>> run.metrics["psnr"]  # doctest: +SKIP
    """

    model: "AutoEncoder"
    history: dict[str, list[float]]
    metrics: dict[str, float]
    folder: Path
    config: dict

    @classmethod
    @file_errors.as_usage_errors()
    def open(cls, folder, model=None) -> "Run":
        """Opens the finished run in a run directory.

        Args:
            folder: String or `Path`. The run directory.
            model: The trained model, if it is already in memory. Defaults to None, which builds it
                again and loads its weights.

        Returns:
            A `Run`.

        Raises:
            UsageError: If the folder holds no finished run, or if a JSON file is damaged.
            CheckFailedError: If the weights are damaged, or if a file belongs to another run.
        """
        folder = file_errors.as_path("folder", folder)
        config = files.read_config(folder)
        if not folders.finished(folder):
            raise UsageError(f"The run in {folder} is not finished: continue it with --resume.")
        history = files.read_part(folder, "history.json", files.HISTORY)
        metrics = files.read_part(folder, "metrics.json", files.METRICS)
        if model is None:
            from zoo.runs import rebuild

            path = folder / "weights.safetensors"
            model = rebuild.rebuild(config, path)
        model.record = {key: config[key] for key in ("data", "seed")} | {"metrics": metrics}
        return cls(model, history, metrics, folder, config)


def open_model(folder):
    """Opens the model in a run directory or an export.

    Args:
        folder: String or `Path`.

    Returns:
        A pair: the model of a run or the `Bundle` of an export, and the name of its data, or None.

    Raises:
        UsageError: If the folder holds neither.
        CheckFailedError: If a file is damaged.

    Example:

    >>> model, data = open_model("runs/deep_ae-mnist_5k-seed0")  # doctest: +SKIP
    """
    if manifest.is_export(folder):
        from zoo import serving

        bundle = serving.load(folder)
        return bundle, (bundle.manifest["data"] or {}).get("name")
    run = Run.open(folder)
    return run.model, run.config["data"]["name"]


def open_given(model):
    """Returns a model that is given as itself, or as where it is.

    Args:
        model: A model, a `Run`, the path of a run directory or of an export, or the name of an
            exported model that ships.

    Returns:
        The model, a `Bundle` for an export.

    Raises:
        UsageError: If the folder holds neither, or if there is no model of the name.
        CheckFailedError: If a file is damaged.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(8,), latent_dim=2)
    >>> open_given(model) is model
    True
    """
    if isinstance(model, (str, Path)):
        from zoo.serving import sources

        return open_model(sources.find(model))[0]
    return model.model if isinstance(model, Run) else model
