"""Layers that pass their input on and add a named, weighted term to the loss."""

import keras
import tensorflow as tf
from keras import ops

from zoo.errors import UsageError


class LossTerm(keras.layers.Layer):
    """Base of the loss terms: active in training and in evaluation, the identity otherwise.

    `fit` shows the term's mean, unweighted, under the layer's name, and so does its history.
    A subclass defines `term(inputs)`, a scalar.

    Args:
        weight: what the term is multiplied by in the loss.
    """

    told_as = None  # the name that `fit` shows, if not the layer's
    prior = None  # the distribution that it draws codes to, if there is one: "normal" is N(0, 1)

    def __init__(self, weight=1.0, **kwargs):
        super().__init__(**kwargs)
        self.weight = weight
        self.tracker = keras.metrics.Mean(name=self.told_as or self.name)

    def term(self, inputs):
        raise NotImplementedError(f"{type(self).__name__} must define term(inputs)")

    def call(self, inputs):
        self.value = self.term(inputs)
        self.add_loss(self.weight * self.value)
        return inputs

    def tell(self):
        """Passes on what `fit` shows; the model's `compute_loss` calls it after each step."""
        self.tracker.update_state(self.value)

    def get_config(self):
        return super().get_config() | {"weight": self.weight}


@keras.saving.register_keras_serializable(package="zoo")
class KLDivergence(LossTerm):
    """KL(N(mean, exp(log_variance)) ‖ N(0, 1)) in nats, summed over the code, mean over rows.

    Called on the pair `[mean, log_variance]`, each `(rows, code)`; returns the pair.
    Kingma & Welling, 2014, appendix B.
    """

    prior = "normal"

    def term(self, inputs):
        mean, log_variance = (ops.cast(each, "float32") for each in inputs)
        nats = 0.5 * (ops.square(mean) + ops.exp(log_variance) - 1.0 - log_variance)
        return ops.mean(ops.sum(nats, axis=-1))


@keras.saving.register_keras_serializable(package="zoo")
class L2Penalty(LossTerm):
    """The squared length of a code, mean over rows: it draws codes towards zero."""

    def term(self, inputs):
        return ops.mean(_summed(ops.square(ops.cast(inputs, "float32"))))


@keras.saving.register_keras_serializable(package="zoo")
class L1Penalty(LossTerm):
    """The sum of a code's absolute values, mean over rows: most of them go to zero."""

    def term(self, inputs):
        return ops.mean(_summed(ops.abs(ops.cast(inputs, "float32"))))


@keras.saving.register_keras_serializable(package="zoo")
class KLSparsity(LossTerm):
    """How far units of a sigmoid code, `(rows, units)`, are from being active at a target rate.

    The sum over units of KL(Bernoulli(target) ‖ Bernoulli(mean activation in the batch)), in nats.
    Ng, 2011, CS294A lecture notes, section 3.

    Args:
        target: the mean activation wanted of each unit, within (0, 1).
        weight: what the term is multiplied by in the loss.
    """

    def __init__(self, target=0.05, weight=1.0, **kwargs):
        super().__init__(weight, **kwargs)
        if not 0 < target < 1:
            raise UsageError(f"`target` must be in (0, 1). Received: target={target!r}.")
        self.target = target

    def term(self, inputs):
        active = ops.mean(ops.cast(inputs, "float32"), axis=0)
        active = ops.clip(active, 1e-6, 1 - 1e-6)
        on, off = self.target, 1 - self.target
        return ops.sum(on * ops.log(on / active) + off * ops.log(off / (1 - active)))

    def get_config(self):
        return super().get_config() | {"target": self.target}


class GradientTerm(LossTerm):
    """Base of the terms that need a gradient: the model's `compute_loss` adds them.

    A subclass defines `term(inputs)` of a triple: the model's encoder, what goes into it, and
    whether that is for training.
    """

    def call(self, inputs):
        return inputs


@keras.saving.register_keras_serializable(package="zoo")
class JacobianPenalty(GradientTerm):
    """‖∂code/∂input‖², the squared Frobenius norm of the encoder's Jacobian, mean over rows.

    Rifai, Vincent, Muller, Glorot & Bengio, 2011, equation 1: for one sigmoid layer exact, by the
    form of section 4; for any other encoder, with v drawn from N(0, 1), the estimate ‖Jᵀv‖², whose
    mean is ‖J‖².

    Args:
        sigmoid_layer: the name of the dense layer if it is the whole encoder but for its sigmoid.
        weight: what the term is multiplied by in the loss.
        seed: of the probe; by default drawn from Keras's global seed.
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
            return ops.mean(ops.matmul(slopes, ops.sum(ops.square(kernel), axis=0)[:, None]))
        with tf.GradientTape() as tape:
            tape.watch(x)
            code = encoder(x, training=training)
            probe = keras.random.normal(ops.shape(code), dtype=code.dtype, seed=self.seed_generator)
            projected = ops.sum(code * probe)
        return ops.mean(_summed(ops.square(ops.cast(tape.gradient(projected, x), "float32"))))

    def get_config(self):
        return super().get_config() | {"sigmoid_layer": self.sigmoid_layer, "seed": self.seed}


def _summed(x):
    """Over all but the first axis: `(rows,)`."""
    return ops.sum(x, axis=tuple(range(1, len(x.shape))))
