"""The ends of the last epochs of a training, on disk: to go on from the newest that is whole."""

import re
import sys
from pathlib import Path

import keras

from zoo import runs, weights
from zoo.errors import CheckFailedError

KEPT = 2  # files: should the newest be damaged, the one before is there


class Checkpoint(keras.callbacks.Callback):
    """Keeps the end of each epoch: weights, seed states, optimizer, and the history so far.

    Args:
        path: of the files, `NAME.safetensors`, without the number of finished epochs that each
            has in its name: `NAME-7.safetensors`. The last two are kept. None keeps nothing.
    """

    def __init__(self, path: Path | None = None):
        super().__init__()
        self.path = path
        self.history = {}

    def restore(self, model) -> int:
        """Puts the newest whole state back into `model`; returns its number of finished epochs.

        A damaged file is skipped, which a line on stderr says.

        Raises:
            CheckFailedError: if there are files, and none of them is whole.
        """
        damaged = None
        for epochs, path in reversed(files(self.path)):
            try:
                notes = weights.load(path, _state(model))
                runs.require_same(path.parent, notes.get("run_id"), path)
            except CheckFailedError as error:
                damaged = damaged or error
                continue
            if damaged:
                print(
                    f"zoo: {damaged} Training goes on from the end of epoch {epochs}.",
                    file=sys.stderr,
                )
            model.settle()
            self.history = notes["history"]
            return epochs
        if damaged:
            raise CheckFailedError(f"{damaged} Delete it to train from the first epoch again.")
        return 0

    def on_epoch_end(self, epoch, logs=None):
        for key, value in logs.items():
            self.history.setdefault(key, []).append(float(value))
        self.keep(epoch + 1)

    def keep(self, epochs: int) -> None:
        """Writes the state as that after so many epochs, and deletes files that are too old."""
        if self.path:
            path = self.path.with_stem(f"{self.path.stem}-{epochs}")
            notes = {"history": self.history, "run_id": runs.run_id(path.parent)}
            weights.save(path, _state(self.model), **notes)
            for _, old in files(self.path)[:-KEPT]:
                old.unlink(missing_ok=True)


def files(path: Path | None) -> list[tuple[int, Path]]:
    """Returns the checkpoints that there are at `path`, each with its number, oldest first."""
    if path is None or not path.parent.is_dir():
        return []
    name = re.compile(re.escape(path.stem) + r"-(\d+)" + re.escape(path.suffix))
    matches = ((name.fullmatch(each.name), each) for each in path.parent.iterdir())
    return sorted((int(match[1]), each) for match, each in matches if match)


def delete(path: Path) -> None:
    """Deletes the checkpoints at `path`."""
    for _, each in files(path):
        each.unlink(missing_ok=True)


def _state(model):
    return [*model.variables, *model.optimizer.variables]
