"""The state of one step of `fit` or `evaluate`, shared with the layers that it runs through."""

import contextlib
import functools
import threading

import tensorflow as tf
from keras import ops

from zoo.errors import UsageError

_threads = threading.local()  # the replicas of a strategy run in one thread each


class Step:
    """One step of `fit` or `evaluate`, which collects the loss terms and averages over its rows.

    Args:
        x: Rows of the step, `(rows, ...)`.
        sample_weight: One weight for each row, or None. Defaults to None.
        training: Boolean. True in a step of `fit`. Defaults to False.
        drawn: Integer tensor that `evaluate` seeds its fixed noise with, or None. Defaults to None.
        model: `AutoEncoder` that takes the step, or None. Defaults to None.
        y: Targets of the step, in the shape of `x`, if they are not `x` itself; or None. Defaults
            to None.
        reporting: Boolean. Update the metrics of the loss terms. Defaults to True.
        partners: The partner of each row, in the shape of `x`, in a step of `fit` of a model that
            learns from pairs; or None. Defaults to None.

    Example:

    >>> step = Step(x=np.zeros((2, 3)), sample_weight=np.array([1.0, 3.0]))
    >>> float(step.mean(np.array([1.0, 2.0], "float32")))
    3.5
    """

    def __init__(
        self,
        x,
        sample_weight=None,
        training=False,
        *,
        drawn=None,
        model=None,
        reporting=True,
        partners=None,
        y=None,
    ):
        self.x, self.sample_weight, self.training = x, sample_weight, training
        self.drawn, self.model, self.reporting = drawn, model, reporting
        self.partners, self.y = partners, y
        self.collected = []

    def loss(self):
        """Returns the weighted sum of all terms collected so far, or None if there are none."""
        terms, self.collected = self.collected, []
        losses = [term.loss(inputs, self) for term, inputs in terms]
        return sum(losses[1:], losses[0]) if losses else None

    @functools.cached_property
    def partner_code(self):
        """Latent code of the partners, computed once for all loss terms."""
        return self.model.latent_encoder(self.partners, training=self.training)

    @property
    def rows(self):
        """Number of rows, a float32 scalar."""
        return ops.cast(ops.shape(self.x)[0], "float32")

    @property
    def weights(self):
        """Sample weights as float32 `(rows,)`, or None without weights."""
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
        """Sum of the sample weights; the number of rows without weights."""
        return self.rows if self.sample_weight is None else ops.sum(self.weights)

    @property
    def mean_weight(self):
        """Mean sample weight; 1 without weights."""
        return 1.0 if self.sample_weight is None else mean(self.weights)

    def mean(self, values):
        """Returns the mean over rows of values times their sample weights, as Keras's losses do.

        Args:
            values: Tensor, `(rows,)`, or of any shape if there are no sample weights.

        Returns:
            A scalar.

        Raises:
            UsageError: If there are sample weights and `values` is a scalar.
        """
        if self.sample_weight is None:
            return mean(values)
        if len(values.shape) == 0:
            raise UsageError(
                "`sample_weight` needs loss terms of one value per row. Received: a scalar."
            )
        return mean(values * self.weights)

    def update_metric(self, metric, values):
        """Adds values to a metric that shows their weighted mean; does nothing unless `reporting`.

        Args:
            metric: `keras.metrics.Mean`.
            values: Tensor, `(rows,)`, or a scalar. Without sample weights it may hold a part of the
                rows, which then stands for all of them.
        """
        if not self.reporting:
            return
        if self.sample_weight is None or len(values.shape) == 0:
            metric.update_state(mean(values), sample_weight=self.total_weight)
        else:
            metric.update_state(values, sample_weight=self.weights)


@contextlib.contextmanager
def entered(step: Step):
    """Context manager that makes `step` the current step of this thread.

    Args:
        step: `Step`.

    Yields:
        The step.

    Example:

    >>> with entered(Step(x=np.zeros((2, 3)))) as step:
    ...     current() is step
    True
    """
    previous = current()
    _threads.step = step
    try:
        yield step
    finally:
        _threads.step = previous


def current() -> Step | None:
    """Returns the step that this thread is in, or None outside of `fit` and `evaluate`.

    Example:

    >>> current() is None
    True
    """
    return getattr(_threads, "step", None)


def over_replicas(values):
    """Returns the sum of each tensor over the replicas of a distribution strategy.

    Args:
        values: List of tensors.

    Returns:
        A list of tensors of the same shapes; `values` themselves on one replica.

    Example:

    >>> over_replicas([1.0, 2.0])
    [1.0, 2.0]
    """
    replica = tf.distribute.get_replica_context()
    if replica is None or replica.num_replicas_in_sync == 1:
        return values
    return replica.all_reduce(tf.distribute.ReduceOp.SUM, values)


def mean(values):
    """Returns the mean of a tensor as a scalar; 0 if it is empty.

    Args:
        values: Tensor of any shape.

    Example:

    >>> float(mean(np.array([1.0, 2.0], "float32"))), float(mean(np.zeros(0, "float32")))
    (1.5, 0.0)
    """
    return ops.divide_no_nan(ops.sum(values), ops.cast(ops.size(values), values.dtype))


def seed(layer, training: bool):
    """Returns the seed of a layer's next random numbers, or None if it must not draw any.

    In training the layer's `seed_generator` gives a new seed each time. In a step of `evaluate` the
    seed depends only on the layer's `seed` and on the steps before, so that the result of
    `evaluate` is the same each time. Anywhere else there is none.

    Args:
        layer: Layer with the attributes `seed` and `seed_generator`.
        training: Boolean. True in a training step.

    Returns:
        An int32 tensor, `(2,)`, or None.

    Example:

    >>> seed(zoo.layers.Noise(seed=0), training=False) is None
    True
    """
    largest = tf.int32.max - 1
    if training:
        return tf.cast(layer.seed_generator.next() % largest, tf.int32)
    step = current()
    if step is None or step.drawn is None:
        return None
    return tf.stack([(layer.seed or 0) % largest, step.drawn])
