"""Layers that pass their input on and add a named, weighted term to the loss."""

import keras
import tensorflow as tf
from keras import ops

from zoo.errors import UsageError
from zoo.layers import step
from zoo.layers.loss_term import GradientTerm, LossTerm


@keras.saving.register_keras_serializable(package="zoo")
class KLDivergence(LossTerm):
    """Loss term KL(N(mean, exp(log_variance)) ‖ N(0, 1)), in nats, summed over the latent code.

    The layer is called on the pair `[mean, log_variance]`, each `(rows, code)`, and returns the
    pair. It is active in `fit` and `evaluate` only. Kingma & Welling, 2014, appendix B.

    Args:
        weight: Float. The term is multiplied by it in the loss. Defaults to 1.0.
        **kwargs: Further arguments of `keras.layers.Layer`, such as `name`.

    Example:

    >>> mean, log_variance = np.array([[1.0, 0.0]]), np.zeros((1, 2))
    >>> zoo.layers.KLDivergence().term([mean, log_variance]).numpy()
    array([0.5], dtype=float32)
    """

    prior = "normal"

    def term(self, inputs):
        """Returns the divergence of each row in nats.

        Args:
            inputs: Pair of tensors `[mean, log_variance]`, each `(rows, code)`.

        Returns:
            A float32 tensor, `(rows,)`.
        """
        mean, log_variance = (ops.cast(tensor, "float32") for tensor in inputs)
        nats = 0.5 * (ops.square(mean) + ops.exp(log_variance) - 1.0 - log_variance)
        return _summed(nats)


@keras.saving.register_keras_serializable(package="zoo")
class L2Penalty(LossTerm):
    """Loss term that is the squared length of a code and so pulls codes towards zero.

    It is active in `fit` and `evaluate` only.

    Args:
        weight: Float. The term is multiplied by it in the loss. Defaults to 1.0.
        **kwargs: Further arguments of `keras.layers.Layer`, such as `name`.

    Example:

    >>> zoo.layers.L2Penalty().term(np.array([[3.0, -4.0]])).numpy()
    array([25.], dtype=float32)
    """

    def term(self, inputs):
        """Returns the squared length of each row.

        Args:
            inputs: Tensor, `(rows, ...)`.

        Returns:
            A float32 tensor, `(rows,)`.
        """
        return _summed(ops.square(ops.cast(inputs, "float32")))


@keras.saving.register_keras_serializable(package="zoo")
class L1Penalty(LossTerm):
    """Loss term that is the sum of a code's absolute values and so sets most of them to zero.

    It is active in `fit` and `evaluate` only.

    Args:
        weight: Float. The term is multiplied by it in the loss. Defaults to 1.0.
        **kwargs: Further arguments of `keras.layers.Layer`, such as `name`.

    Example:

    >>> zoo.layers.L1Penalty().term(np.array([[3.0, -4.0]])).numpy()
    array([7.], dtype=float32)
    """

    def term(self, inputs):
        """Returns the sum of the absolute values of each row.

        Args:
            inputs: Tensor, `(rows, ...)`.

        Returns:
            A float32 tensor, `(rows,)`.
        """
        return _summed(ops.abs(ops.cast(inputs, "float32")))


@keras.saving.register_keras_serializable(package="zoo")
class KLSparsity(LossTerm):
    """Loss term that keeps the units of a sigmoid code near a target rate of activity.

    The term is the sum over units of KL(Bernoulli(target) ‖ Bernoulli(mean activation in the
    batch)), in nats, for a code `(rows, units)`. It is a statistic of a batch: the value that is
    shown is the mean over batches, weighted by their number of rows. It is active in `fit` and
    `evaluate` only. Ng, 2011, CS294A lecture notes, section 3.

    Args:
        target: Float in (0, 1). Mean activation that each unit should have. Defaults to 0.05.
        weight: Float. The term is multiplied by it in the loss. Defaults to 1.0.
        **kwargs: Further arguments of `keras.layers.Layer`, such as `name`.

    Raises:
        UsageError: If `target` is not in (0, 1).

    Example:

    >>> code = np.full((4, 2), 0.5, "float32")
    >>> loss = zoo.layers.KLSparsity(target=0.1).loss(code, step.Step(x=code))
    >>> round(float(loss), 3)
    0.736
    """

    def __init__(self, target=0.05, weight=1.0, **kwargs):
        super().__init__(weight, **kwargs)
        if not 0 < target < 1:
            raise UsageError(f"`target` must be in (0, 1). Received: target={target!r}.")
        self.target = target

    def loss(self, inputs, current):
        """Returns the weighted term of one step's batch, and updates its metric, unweighted.

        Args:
            inputs: Sigmoid code, `(rows, units)`.
            current: `zoo.layers.step.Step`. The current step.

        Returns:
            A float32 scalar.
        """
        activity = ops.cast(inputs, "float32")
        if current.weights is not None:
            activity = activity * current.weights[:, None]
        rate = ops.divide_no_nan(ops.sum(activity, axis=0), current.total_weight)
        rate = ops.clip(rate, 1e-6, 1 - 1e-6)
        on, off = self.target, 1 - self.target
        nats = ops.sum(on * ops.log(on / rate) + off * ops.log(off / (1 - rate)))
        current.update_metric(self.tracker, nats)
        return self.weight * current.mean_weight * nats

    def get_config(self):
        return super().get_config() | {"target": self.target}


@keras.saving.register_keras_serializable(package="zoo")
class JacobianPenalty(GradientTerm):
    """Loss term ‖∂code/∂input‖², the squared Frobenius norm of the encoder's Jacobian.

    Rifai, Vincent, Muller, Glorot & Bengio, 2011, equation 1. For an encoder of one sigmoid layer
    the norm is exact, by the formula of section 4. For any other encoder it is the estimate ‖Jᵀv‖²,
    with v drawn from N(0, 1), whose mean is ‖J‖². The term is active in `fit` and `evaluate` only;
    `evaluate` draws the same v each time.

    Args:
        sigmoid_layer: String, or None. Name of the dense layer, if the encoder is that layer and a
            sigmoid. Defaults to None.
        weight: Float. The term is multiplied by it in the loss. Defaults to 1.0.
        seed: Integer, or None to draw one from Keras's global seed. Seed of v. Defaults to None.
        **kwargs: Further arguments of `keras.layers.Layer`, such as `name`.

    Example:

    >>> x = keras.Input((3,))
    >>> code = zoo.fused.Dense(2, "sigmoid", kernel_initializer="ones", name="hidden")(x)
    >>> penalty = zoo.layers.JacobianPenalty(sigmoid_layer="hidden")
    >>> penalty.term([keras.Model(x, code), np.zeros((1, 3)), False]).numpy()
    array([0.375], dtype=float32)
    """

    def __init__(self, sigmoid_layer=None, weight=1.0, seed=None, **kwargs):
        super().__init__(weight, **kwargs)
        self.sigmoid_layer, self.seed = sigmoid_layer, seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def term(self, inputs):
        """Returns the squared norm of each row's Jacobian, or its estimate.

        Args:
            inputs: Triple of the Keras model from the input to the latent code, its input, and a
                boolean that is true in a training step.

        Returns:
            A float32 tensor, `(rows,)`.
        """
        encoder, x, training = inputs
        x = ops.convert_to_tensor(x)
        if self.sigmoid_layer:
            code = ops.cast(encoder(x, training=training), "float32")
            kernel = ops.cast(encoder.get_layer(self.sigmoid_layer).kernel, "float32")
            slopes = ops.square(code * (1 - code))  # (rows, units)
            return ops.matmul(slopes, ops.sum(ops.square(kernel), axis=0)[:, None])[:, 0]
        with tf.GradientTape() as tape:
            tape.watch(x)
            code = encoder(x, training=training)
            seed = step.seed(self, training)
            probe = tf.random.stateless_normal(tf.shape(code), seed, dtype=code.dtype)
            projected = ops.sum(code * probe)
        return _summed(ops.square(ops.cast(tape.gradient(projected, x), "float32")))

    def get_config(self):
        return super().get_config() | {"sigmoid_layer": self.sigmoid_layer, "seed": self.seed}


def _summed(x):
    """Returns the sum over all but the first axis, `(rows,)`."""
    return ops.sum(x, axis=tuple(range(1, len(x.shape))))
