"""A variant's graph as a plain Keras model, as Keras's own pages write one."""

import keras
from keras import ops

from zoo.autoencoder import AutoEncoder
from zoo.layers import LossTerm


class AddedLoss(keras.layers.Layer):
    """Passes its input on and adds a loss term of it by `add_loss`."""

    def __init__(self, term: LossTerm):
        super().__init__(name=term.name)
        # A function, since Keras would show the metric of a layer.
        self.added = lambda inputs: term.weight * ops.mean(term.term(inputs))

    def call(self, inputs):
        self.add_loss(self.added(inputs))
        return inputs


def expressible(model: AutoEncoder) -> bool:
    """Returns whether plain Keras computes the same loss: whether no term has a way of its own."""
    plain = (
        (type(term).loss, type(term).call) == (LossTerm.loss, LossTerm.call)
        for term in model.loss_terms
    )
    return type(model) is AutoEncoder and all(plain)


def bare(model: AutoEncoder) -> keras.Model:
    """Returns a `keras.Model` with the layers and weights of `model`."""

    def copied(layer):
        return AddedLoss(layer) if isinstance(layer, LossTerm) else layer

    plain = keras.Model(model.inputs, model.outputs)
    return keras.models.clone_model(plain, clone_function=copied)
