"""Checks for a training that diverged: a Keras callback that stops it, and one of the weights."""

import keras
import numpy as np

from zoo.errors import DivergedError, UsageError
from zoo.storage import tensors


class StopWhenDiverged(keras.callbacks.Callback):
    """Keras callback that stops a training that diverges.

    It raises `DivergedError` after a step whose loss is not finite, or an epoch whose metrics
    or weights are not finite.

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
        """Stores the number of the epoch."""
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        """Raises `DivergedError` if the loss is not finite."""
        self._require_finite(f"The loss in step {batch + 1}", [logs.get("loss", 0.0)])

    def on_epoch_end(self, epoch, logs=None):
        """Raises `DivergedError` if a metric or a weight is not finite."""
        for key, value in logs.items():
            self._require_finite(key, [value])
        for weight in self.model.weights:
            self._require_finite(weight.path, keras.ops.convert_to_numpy(weight))

    def _require_finite(self, name, values):
        if not np.all(np.isfinite(values)):
            advice = "The model's weights are lost: build it again, or load them."
            if self.kept:
                advice = (
                    "The checkpoint of the previous epoch is kept."
                    if self.epoch
                    else "There is no checkpoint yet."
                )
            raise DivergedError(
                f"{name} of epoch {self.epoch + 1} is not finite: lower the learning rate, or "
                f"check the data. {advice}"
            )


def require_finite_weights(model) -> None:
    """Raises an error if a weight of a model is NaN or infinite.

    Outputs may hide it: on some processors a ReLU turns NaN into 0.

    Args:
        model: Keras model.

    Raises:
        UsageError: If so; the message names the weights.

    Example:

    >>> require_finite_weights(zoo.build("pca", input_shape=(4,), latent_dim=2))
    """
    bad = tensors.not_finite(model.weights)
    if bad:
        raise UsageError(
            "`model` must have finite weights (train it again, at a lower learning rate, or load "
            f"others). Received NaN or inf in: {bad}."
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
    guarded = any(isinstance(callback, StopWhenDiverged) for callback in callbacks)
    return callbacks if guarded else [StopWhenDiverged(), *callbacks]
