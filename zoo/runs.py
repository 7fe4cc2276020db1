"""A run's folder: what it was started with, what it gave, and whether it may be gone on with."""

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.atomic import make_folder, replace_file
from zoo.errors import UsageError
from zoo.versions import versions

if TYPE_CHECKING:
    from zoo.autoencoder import AutoEncoder


@dataclasses.dataclass(frozen=True)
class Run:
    """A finished training.

    Attributes:
        model: the trained `AutoEncoder`.
        history: for each figure that `fit` shows, its value after each epoch.
        metrics: what `zoo.evaluate` gave on the test split.
        folder: where it is all kept.
        config: what it was trained with: variant, arguments, data, seed, recipe, versions.
    """

    model: "AutoEncoder"
    history: dict[str, list[float]]
    metrics: dict[str, float]
    folder: Path
    config: dict

    @classmethod
    def open(cls, folder, model=None) -> "Run":
        """The finished run that a folder holds; `model`, if it is there already, is not rebuilt.

        Raises:
            UsageError: if the folder holds no finished run.
            CheckFailedError: if its weights are damaged.
        """
        folder = Path(folder)
        config = read_config(folder)
        if not finished(folder):
            raise UsageError(f"The run in {folder} is not finished: train it on with --resume.")
        history, metrics = (read(folder / name) for name in ("history.json", "metrics.json"))
        if model is None:
            from zoo import weights

            path = folder / "weights.safetensors"
            model = weights.rebuild(config["variant"], config["arguments"], path)
        model.record = {key: config[key] for key in ("data", "seed")} | {"metrics": metrics}
        return cls(model, history, metrics, folder, config)


def finished(folder) -> bool:
    """Whether the run in a folder came to its end."""
    return (Path(folder) / "metrics.json").exists()


def new_folder(variant: str, data: str, seed: int) -> Path:
    """A name under `runs` that is not taken."""
    stem = f"{variant}-{Path(data).stem.replace(':', '-')}-seed{seed}"
    taken = {path.name for path in Path("runs").glob(f"{stem}*")}
    number = 1
    while (name := stem if number == 1 else f"{stem}-{number}") in taken:
        number += 1
    return Path("runs") / name


def read_config(folder) -> dict:
    """What the run in a folder was started with."""
    path = Path(folder) / "config.json"
    if not path.is_file():
        raise UsageError(f"{folder} holds no run: there is no {path.name} in it.")
    config = read(path)
    if not isinstance(config, dict) or not {"variant", "arguments", "data", "seed"} <= set(config):
        raise UsageError(f"{path} is damaged: it is not what zoo.train wrote.")
    return config


def prepare(folder, config: dict, resume: bool) -> None:
    """Makes a run's folder, or sees that it may go on with the one that is there."""
    config = json.loads(json.dumps(config))
    if not folder.exists() or not any(folder.iterdir()):
        make_folder(folder)
        write(folder / "config.json", config | {"versions": versions()})
        return
    there = read_config(folder)
    for key, value in config.items():
        if there.get(key) != value:
            raise UsageError(
                f"{folder} holds another run, with {key}={there.get(key)!r}. Received: "
                f"{key}={value!r}. Name another folder."
            )
    if not resume:
        raise UsageError(
            f"{folder} holds this run already: go on with it by resume=True (on the command "
            "line --resume), or name another folder."
        )


def write(path, content) -> None:
    """A JSON file, whole or not at all."""
    replace_file(path, (json.dumps(content, indent=2) + "\n").encode())


def read(path):
    """A run's JSON file; raises `UsageError` if it is damaged."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise UsageError(f"{path} is missing or damaged: train the run again.") from None
