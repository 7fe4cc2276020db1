"""Layers that pass their input on and add a named, weighted term to the loss."""

import keras
from keras import ops


class LossTerm(keras.layers.Layer):
    """Base of the loss terms: active in training and in evaluation, the identity otherwise.

    `fit` shows the term's mean, unweighted, under the layer's name, and so does its history.
    A subclass defines `term(inputs)`, a scalar.

    Args:
        weight: what the term is multiplied by in the loss.
    """

    def __init__(self, weight=1.0, **kwargs):
        super().__init__(**kwargs)
        self.weight = weight
        self.tracker = keras.metrics.Mean(name=self.name)

    def term(self, inputs):
        raise NotImplementedError(f"{type(self).__name__} must define term(inputs)")

    def call(self, inputs):
        self.value = self.term(inputs)
        self.add_loss(self.weight * self.value)
        return inputs

    def get_config(self):
        return super().get_config() | {"weight": self.weight}


@keras.saving.register_keras_serializable(package="zoo")
class KLDivergence(LossTerm):
    """KL(N(mean, exp(log_variance)) ‖ N(0, 1)) in nats, summed over the code, mean over rows.

    Called on the pair `[mean, log_variance]`, each `(rows, code)`; returns the pair.
    Kingma & Welling, 2014, appendix B.
    """

    def term(self, inputs):
        mean, log_variance = (ops.cast(each, "float32") for each in inputs)
        nats = 0.5 * (ops.square(mean) + ops.exp(log_variance) - 1.0 - log_variance)
        return ops.mean(ops.sum(nats, axis=-1))
