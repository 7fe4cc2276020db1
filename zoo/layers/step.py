"""What a step of `fit` or `evaluate` shares with the layers that it runs through."""

import contextlib
import threading

import tensorflow as tf
from keras import ops

from zoo.errors import UsageError

_threads = threading.local()  # the replicas of a strategy run in one thread each


class Step:
    """Collects the inputs of the loss terms during one step, and averages over its rows.

    Args:
        x: the rows of the step, `(rows, ...)`.
        sample_weight: None, or one weight per row.
        training: whether this is a step of `fit`.
        drawn: None, or an integer tensor that `evaluate` seeds its fixed noise with.
        model: the `AutoEncoder` that takes the step.
        reporting: whether the terms' figures are counted.
    """

    def __init__(
        self, x, sample_weight=None, training=False, *, drawn=None, model=None, reporting=True
    ):
        self.x, self.sample_weight, self.training = x, sample_weight, training
        self.drawn, self.model, self.reporting = drawn, model, reporting
        self.collected = []

    def loss(self):
        """Returns the weighted sum of all terms collected so far, or None without any."""
        terms, self.collected = self.collected, []
        losses = [term.loss(inputs, self) for term, inputs in terms]
        return sum(losses[1:], losses[0]) if losses else None

    @property
    def rows(self):
        """The number of rows, a float32 scalar."""
        return ops.cast(ops.shape(self.x)[0], "float32")

    @property
    def weights(self):
        """The sample weights as float32 `(rows,)`, or None."""
        if self.sample_weight is None:
            return None
        weights = ops.cast(self.sample_weight, "float32")
        if any(size != 1 for size in weights.shape[1:]):
            raise UsageError(
                "`sample_weight` of a model with loss terms must be one number per row. "
                f"Received: weights of shape {tuple(weights.shape)}."
            )
        return ops.reshape(weights, (-1,))

    @property
    def total_weight(self):
        """The sum of the sample weights; without any, the number of rows."""
        return self.rows if self.sample_weight is None else ops.sum(self.weights)

    @property
    def mean_weight(self):
        """The mean sample weight; without any, 1."""
        return 1.0 if self.sample_weight is None else mean(self.weights)

    def mean(self, values):
        """Returns the mean of `values`, `(rows,)`, times their weights, as Keras's losses do."""
        if self.sample_weight is None:
            return mean(values)
        if len(values.shape) == 0:
            raise UsageError(
                "`sample_weight` needs loss terms of one value per row. Received: a scalar."
            )
        return mean(values * self.weights)

    def report(self, tracker, values):
        """Counts `values`, `(rows,)` or a scalar, in a metric that shows their weighted mean.

        Without sample weights `values` may be of a part of the rows, and stands for all of them.
        """
        if not self.reporting:
            return
        if self.sample_weight is None or len(values.shape) == 0:
            tracker.update_state(mean(values), sample_weight=self.total_weight)
        else:
            tracker.update_state(values, sample_weight=self.weights)


@contextlib.contextmanager
def entered(step: Step):
    """Makes `step` the current one of this thread."""
    before = current()
    _threads.step = step
    try:
        yield step
    finally:
        _threads.step = before


def current() -> Step | None:
    """Returns the step that this thread is in, or None outside of `fit` and `evaluate`."""
    return getattr(_threads, "step", None)


def over_replicas(values):
    """Returns the sums of a list of tensors over the replicas of a strategy."""
    replica = tf.distribute.get_replica_context()
    if replica is None or replica.num_replicas_in_sync == 1:
        return values
    return replica.all_reduce(tf.distribute.ReduceOp.SUM, values)


def mean(values):
    """Returns the mean of a tensor as a scalar; 0 if it is empty."""
    return ops.divide_no_nan(ops.sum(values), ops.cast(ops.size(values), values.dtype))


def seed(layer, training: bool):
    """Returns the seed of a layer's next random numbers, or None if it must not draw any.

    In training the layer's `seed_generator` gives another one each time. In a step of `evaluate`
    the seed depends only on the layer's `seed` and the rows before, so that the figure is the same
    each time. Anywhere else there is none.

    Args:
        layer: a layer with the attributes `seed` and `seed_generator`.
        training: whether it is called in training.
    """
    largest = tf.int32.max - 1
    if training:
        return tf.cast(layer.seed_generator.next() % largest, tf.int32)
    step = current()
    if step is None or step.drawn is None:
        return None
    return tf.stack([(layer.seed or 0) % largest, step.drawn])
