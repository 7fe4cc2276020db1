"""Keras callbacks of a run: they set the order of rows, show progress, and stop in time."""

import os
import sys
import time

import keras
import numpy as np
from rich.console import Console
from rich.progress import Progress as Bar

from zoo.errors import DivergedError


class EpochOrder(keras.callbacks.Callback):
    """Keras callback that sets a variable to the number of the epoch before its first batch.

    The order of the rows depends on this variable.

    Args:
        epoch: `tf.Variable`.

    Example:

    >>> import tensorflow as tf
    >>> epoch = tf.Variable(0, dtype=tf.int64)
    >>> EpochOrder(epoch).on_epoch_begin(3)
    >>> int(epoch)
    3
    """

    def __init__(self, epoch):
        super().__init__()
        self.epoch = epoch

    def on_epoch_begin(self, epoch, logs=None):
        """Sets the variable to the number of the epoch."""
        self.epoch.assign(epoch)


class StopWhenDiverged(keras.callbacks.Callback):
    """Keras callback that stops a training that diverges.

    It raises `DivergedError` after a step whose loss is not finite, or an epoch whose figures or
    weights are not finite.

    Args:
        kept: Boolean. Whether there is a checkpoint of each epoch to resume from. Defaults to
            False.

    Example:

    >>> guard = StopWhenDiverged()
    >>> guard.on_epoch_begin(0)
    >>> guard.on_train_batch_end(0, {"loss": 0.1})
    """

    def __init__(self, kept: bool = False):
        super().__init__()
        self.kept = kept

    def on_epoch_begin(self, epoch, logs=None):
        """Notes the number of the epoch."""
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        """Raises `DivergedError` if the loss is not finite."""
        self._require_finite(f"The loss in step {batch + 1}", [logs.get("loss", 0.0)])

    def on_epoch_end(self, epoch, logs=None):
        """Raises `DivergedError` if a figure or a weight is not finite."""
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
    """Returns Keras callbacks with a `StopWhenDiverged` before them, unless there is one already.

    Args:
        callbacks: Keras callback, nested structure of callbacks, `CallbackList`, or None. A
            `CallbackList` is returned as it is.

    Returns:
        A list of callbacks, or the `CallbackList`.

    Example:

    >>> [type(callback).__name__ for callback in with_guard(None)]
    ['StopWhenDiverged']
    """
    if isinstance(callbacks, keras.callbacks.CallbackList):  # it already has its model
        return callbacks
    callbacks = keras.tree.flatten(callbacks or ())
    guarded = any(isinstance(each, StopWhenDiverged) for each in callbacks)
    return callbacks if guarded else [StopWhenDiverged(), *callbacks]


class Progress(keras.callbacks.Callback):
    """Keras callback that shows progress on stderr: a bar on a terminal, else a line per epoch.

    Args:
        label: String. What is being trained. Defaults to `""`.

    Example:

    >>> progress = Progress("layer 1 of 4")
    >>> progress.stop()
    """

    bar = None

    def __init__(self, label=""):
        super().__init__()
        self.of = f"{label}  " if label else ""

    def on_train_begin(self, logs=None):
        """Starts the bar, if stderr is a terminal."""
        console = Console(stderr=True)
        if console.is_terminal and "NO_COLOR" not in os.environ:
            self.bar = Bar(console=console, transient=True)
            self.bar.start()
            self.task = self.bar.add_task("", total=self.params.get("steps"))

    def on_epoch_begin(self, epoch, logs=None):
        """Starts the bar anew for the epoch."""
        self.started = time.monotonic()
        self.label = f"{self.of}epoch {epoch + 1}/{self.params['epochs']}"
        if self.bar:
            self.bar.reset(self.task, description=self.label, total=self.params.get("steps"))

    def on_train_batch_end(self, batch, logs=None):
        """Moves the bar by one step, and shows the loss."""
        if self.bar:
            told = f"{self.label}  loss {float(logs['loss']):.5g}"
            self.bar.update(self.task, completed=batch + 1, description=told)

    def on_epoch_end(self, epoch, logs=None):
        """Prints the figures of the epoch."""
        told = "  ".join(f"{key} {float(value):.5g}" for key, value in logs.items())
        line = f"{self.label}  {told}  {time.monotonic() - self.started:.1f} s"
        if self.bar:
            self.bar.console.print(line, highlight=False)
        else:
            print(line, file=sys.stderr, flush=True)

    def stop(self):
        """Removes the bar from the terminal, however training ended."""
        if self.bar:
            self.bar.stop()
