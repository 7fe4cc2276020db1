"""Keras callbacks of a run: they set the order of the rows, and show progress."""

import os
import sys
import time

import keras
from rich.console import Console
from rich.progress import Progress as Bar


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
            description = f"{self.label}  loss {float(logs['loss']):.5g}"
            self.bar.update(self.task, completed=batch + 1, description=description)

    def on_epoch_end(self, epoch, logs=None):
        """Prints the metrics of the epoch."""
        metrics = "  ".join(f"{key} {float(value):.5g}" for key, value in logs.items())
        line = f"{self.label}  {metrics}  {time.monotonic() - self.started:.1f} s"
        if self.bar:
            self.bar.console.print(line, highlight=False)
        else:
            print(line, file=sys.stderr, flush=True)

    def stop(self):
        """Removes the bar from the terminal, however training ended."""
        if self.bar:
            self.bar.stop()
