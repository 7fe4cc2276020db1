"""Layers that pass their input on and add a named, weighted term to the loss."""

import keras
import tensorflow as tf
from keras import ops

from zoo.errors import UsageError
from zoo.layers import step


class LossTerm(keras.layers.Layer):
    """Base of the loss terms: layers that pass their input on and add a term to the loss.

    `fit` and `evaluate` compute the term, weighted by `sample_weight`, and show its mean over the
    rows, not multiplied by `weight`, under the layer's name. Nothing else computes it: not
    `predict`, `encode` or an export. A subclass defines `term(inputs)`.

    Args:
        weight: float that the term is multiplied by in the loss.
    """

    told_as = None  # the name that `fit` shows, if not the layer's
    prior = None  # the distribution that it draws codes to, if there is one: "normal" is N(0, 1)

    def __init__(self, weight=1.0, **kwargs):
        super().__init__(**kwargs)
        self.weight = weight
        self.tracker = keras.metrics.Mean(name=self.told_as or self.name)

    def term(self, inputs):
        """Returns one value per row, `(rows,)`, of what the layer is called on."""
        raise NotImplementedError(f"{type(self).__name__} must define term(inputs)")

    def call(self, inputs):
        current = step.current()
        if current is not None:
            current.collected.append((self, inputs))
        return inputs

    def loss(self, inputs, current: step.Step):
        """Returns the scalar that a step adds to its loss, and counts the term's figure.

        Args:
            inputs: what the layer was called on in this step.
            current: the step.
        """
        values = self.term(inputs)
        current.report(self.tracker, values)
        return self.weight * current.mean(values)

    def get_config(self):
        return super().get_config() | {"weight": self.weight}


@keras.saving.register_keras_serializable(package="zoo")
class KLDivergence(LossTerm):
    """Adds KL(N(mean, exp(log_variance)) ‖ N(0, 1)) in nats, summed over the code.

    Called on the pair `[mean, log_variance]`, each `(rows, code)`; returns the pair.
    Kingma & Welling, 2014, appendix B.
    """

    prior = "normal"

    def term(self, inputs):
        mean, log_variance = (ops.cast(each, "float32") for each in inputs)
        nats = 0.5 * (ops.square(mean) + ops.exp(log_variance) - 1.0 - log_variance)
        return _summed(nats)


@keras.saving.register_keras_serializable(package="zoo")
class L2Penalty(LossTerm):
    """Adds the squared length of a code, which draws codes towards zero."""

    def term(self, inputs):
        return _summed(ops.square(ops.cast(inputs, "float32")))


@keras.saving.register_keras_serializable(package="zoo")
class L1Penalty(LossTerm):
    """Adds the sum of a code's absolute values, which draws most of them to zero."""

    def term(self, inputs):
        return _summed(ops.abs(ops.cast(inputs, "float32")))


@keras.saving.register_keras_serializable(package="zoo")
class KLSparsity(LossTerm):
    """Adds how far units of a sigmoid code, `(rows, units)`, are from a target rate of activity.

    The sum over units of KL(Bernoulli(target) ‖ Bernoulli(mean activation in the batch)), in nats.
    It is a statistic of a batch: its figure is the mean over batches, weighted by their rows.
    Ng, 2011, CS294A lecture notes, section 3.

    Args:
        target: the mean activation wanted of each unit, within (0, 1).
        weight: float that the term is multiplied by in the loss.
    """

    def __init__(self, target=0.05, weight=1.0, **kwargs):
        super().__init__(weight, **kwargs)
        if not 0 < target < 1:
            raise UsageError(f"`target` must be in (0, 1). Received: target={target!r}.")
        self.target = target

    def loss(self, inputs, current):
        activity = ops.cast(inputs, "float32")
        if current.weights is not None:
            activity = activity * current.weights[:, None]
        active = ops.divide_no_nan(ops.sum(activity, axis=0), current.total_weight)
        active = ops.clip(active, 1e-6, 1 - 1e-6)
        on, off = self.target, 1 - self.target
        nats = ops.sum(on * ops.log(on / active) + off * ops.log(off / (1 - active)))
        current.report(self.tracker, nats)
        return self.weight * current.mean_weight * nats

    def get_config(self):
        return super().get_config() | {"target": self.target}


class GradientTerm(LossTerm):
    """Base of the terms that need a gradient by the input.

    A subclass defines `term(inputs)` of a triple: the model from the input to the code, its input,
    and whether this is a step of training. It returns one value per row, `(rows,)`.
    """

    def loss(self, inputs, current):
        encoder = current.model.latent_encoder
        return super().loss([encoder, current.x, current.training], current)


@keras.saving.register_keras_serializable(package="zoo")
class JacobianPenalty(GradientTerm):
    """Adds ‖∂code/∂input‖², the squared Frobenius norm of the encoder's Jacobian.

    Rifai, Vincent, Muller, Glorot & Bengio, 2011, equation 1: for one sigmoid layer exact, by the
    form of section 4; for any other encoder, with v drawn from N(0, 1), the estimate ‖Jᵀv‖², whose
    mean is ‖J‖².

    Args:
        sigmoid_layer: the name of the dense layer if it is the whole encoder but for its sigmoid.
        weight: float that the term is multiplied by in the loss.
        seed: integer that the probe depends on; by default drawn from Keras's global seed.
            `evaluate` draws the same probes each time.
    """

    def __init__(self, sigmoid_layer=None, weight=1.0, seed=None, **kwargs):
        super().__init__(weight, **kwargs)
        self.sigmoid_layer, self.seed = sigmoid_layer, seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def term(self, inputs):
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
