"""What a run does while `fit` works: keep the order, show progress, and stop in time."""

import os
import sys
import time

import keras
import numpy as np
from rich.console import Console
from rich.progress import Progress as Bar

from zoo.errors import DivergedError


class EpochOrder(keras.callbacks.Callback):
    """Tells the data which epoch it is, before the epoch's first batch is drawn."""

    def __init__(self, epoch):
        super().__init__()
        self.epoch = epoch

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch.assign(epoch)


class StopWhenDiverged(keras.callbacks.Callback):
    """Raises `DivergedError` at a step whose loss, or an epoch whose weights, are not finite.

    Args:
        kept: whether the end of each epoch is kept, to go on from.
    """

    def __init__(self, kept: bool = False):
        super().__init__()
        self.kept = kept

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        self._require_finite(f"The loss in step {batch + 1}", [logs.get("loss", 0.0)])

    def on_epoch_end(self, epoch, logs=None):
        for key, value in logs.items():
            self._require_finite(key, [value])
        for weight in self.model.weights:
            self._require_finite(weight.path, keras.ops.convert_to_numpy(weight))

    def _require_finite(self, what, values):
        if not np.all(np.isfinite(values)):
            kept = "The model's weights are lost: build it again, or load them."
            if self.kept:
                kept = "The end of the epoch before is kept." if self.epoch else "Nothing is kept."
            raise DivergedError(
                f"{what} of epoch {self.epoch + 1} is not finite: lower the learning rate, or "
                f"look at the data. {kept}"
            )


def with_guard(callbacks):
    """Returns Keras callbacks, the first of which is a `StopWhenDiverged`."""
    if isinstance(callbacks, keras.callbacks.CallbackList):  # which has been told its model
        return callbacks
    callbacks = keras.tree.flatten(callbacks or ())
    guarded = any(isinstance(each, StopWhenDiverged) for each in callbacks)
    return callbacks if guarded else [StopWhenDiverged(), *callbacks]


class Progress(keras.callbacks.Callback):
    """On stderr: a bar on a terminal, a line an epoch anywhere else."""

    bar = None

    def __init__(self, label=""):
        super().__init__()
        self.of = f"{label}  " if label else ""

    def on_train_begin(self, logs=None):
        console = Console(stderr=True)
        if console.is_terminal and "NO_COLOR" not in os.environ:
            self.bar = Bar(console=console, transient=True)
            self.bar.start()
            self.task = self.bar.add_task("", total=self.params.get("steps"))

    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.monotonic()
        self.label = f"{self.of}epoch {epoch + 1}/{self.params['epochs']}"
        if self.bar:
            self.bar.reset(self.task, description=self.label, total=self.params.get("steps"))

    def on_train_batch_end(self, batch, logs=None):
        if self.bar:
            told = f"{self.label}  loss {float(logs['loss']):.5g}"
            self.bar.update(self.task, completed=batch + 1, description=told)

    def on_epoch_end(self, epoch, logs=None):
        told = "  ".join(f"{key} {float(value):.5g}" for key, value in logs.items())
        line = f"{self.label}  {told}  {time.monotonic() - self.started:.1f} s"
        if self.bar:
            self.bar.console.print(line, highlight=False)
        else:
            print(line, file=sys.stderr, flush=True)

    def stop(self):
        """Gives the terminal back, however training ended."""
        if self.bar:
            self.bar.stop()
