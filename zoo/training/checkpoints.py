"""Checkpoints at the end of each epoch, to resume from the newest undamaged one."""

import re
import sys
from pathlib import Path

import keras

from zoo import runs
from zoo.errors import CheckFailedError
from zoo.storage import tensors

KEPT = 2  # checkpoints, so that there is another one if the newest is damaged


class Checkpoint(keras.callbacks.Callback):
    """Keras callback that writes a checkpoint at the end of each epoch.

    A checkpoint holds weights, seed states, optimizer, and the history so far. The newest
    two are kept.

    Args:
        path: `Path` of the checkpoints, `NAME.safetensors`. Each file has the number of finished
            epochs in its name, such as `NAME-7.safetensors`. Defaults to None, which writes
            nothing.

    Attributes:
        history: Dict from each metric to its values, one for each epoch.

    Example:

    >>> model = zoo.build("pca", input_shape=(4,), latent_dim=2)
    >>> model.optimizer.build(model.trainable_variables)
    >>> Checkpoint(Path("pca.safetensors")).restore(model)
    0
    """

    def __init__(self, path: Path | None = None):
        super().__init__()
        self.path = path
        self.history = {}

    def restore(self, model) -> int:
        """Loads the newest undamaged checkpoint into a model.

        A damaged file is skipped, with a message on stderr.

        Args:
            model: Keras model whose optimizer is built.

        Returns:
            The number of finished epochs, 0 if there is no checkpoint.

        Raises:
            CheckFailedError: If there are checkpoints and all are damaged.
        """
        first_error = None
        for epochs, path in reversed(files(self.path)):
            try:
                notes = tensors.load(path, _state(model))
                runs.require_same(path.parent, notes.get("run_id"), path)
            except CheckFailedError as error:
                first_error = first_error or error
                continue
            if first_error:
                print(
                    f"zoo: {first_error} Training goes on from the end of epoch {epochs}.",
                    file=sys.stderr,
                )
            model.refresh_endpoints()
            self.history = notes["history"]
            return epochs
        if first_error:
            raise CheckFailedError(f"{first_error} Delete it to train from the first epoch again.")
        return 0

    def on_epoch_end(self, epoch, logs=None):
        """Adds the metrics of the epoch to the history, and writes a checkpoint."""
        for key, value in logs.items():
            self.history.setdefault(key, []).append(float(value))
        self.keep(epoch + 1)

    def keep(self, epochs: int) -> None:
        """Writes a checkpoint, and deletes those that are too old.

        Args:
            epochs: Integer. Number of finished epochs.
        """
        if self.path:
            path = self.path.with_stem(f"{self.path.stem}-{epochs}")
            notes = {"history": self.history, "run_id": runs.run_id(path.parent)}
            tensors.save(path, _state(self.model), **notes)
            for _, old in files(self.path)[:-KEPT]:
                old.unlink(missing_ok=True)


def files(path: Path | None) -> list[tuple[int, Path]]:
    """Returns the checkpoints at a path, oldest first.

    Args:
        path: `Path` without the number of epochs, or None.

    Returns:
        A list of pairs of the number of finished epochs and the `Path` of the file.

    Example:

    >>> files(Path("checkpoint.safetensors"))
    []
    """
    if path is None or not path.parent.is_dir():
        return []
    name = re.compile(re.escape(path.stem) + r"-(\d+)" + re.escape(path.suffix))
    matches = ((name.fullmatch(file.name), file) for file in path.parent.iterdir())
    return sorted((int(match[1]), file) for match, file in matches if match)


def delete(path: Path) -> None:
    """Deletes the checkpoints at a path.

    Args:
        path: `Path` without the number of epochs.

    Example:

    >>> delete(Path("checkpoint.safetensors"))
    """
    for _, file in files(path):
        file.unlink(missing_ok=True)


def _state(model):
    return [*model.variables, *model.optimizer.variables]
