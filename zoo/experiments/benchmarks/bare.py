"""Builds a variant's graph as a plain Keras model, in the way Keras's own guides do."""

import keras
from keras import ops

from zoo.autoencoder import AutoEncoder
from zoo.layers import LossTerm


class AddedLoss(keras.layers.Layer):
    """Layer that returns its input and adds a loss term by `add_loss`.

    It is always active.

    Args:
        term: `LossTerm` layer, whose weighted term is added.

    Example:

    >>> from zoo.layers import L1Penalty
    >>> layer = AddedLoss(L1Penalty(0.1, name="sparsity"))
    >>> layer(np.ones((2, 3), np.float32)).shape
    TensorShape([2, 3])
    """

    def __init__(self, term: LossTerm):
        super().__init__(name=term.name)
        # A function, since Keras would report the metrics of a layer attribute.
        self.added = lambda inputs: term.weight * ops.mean(term.term(inputs))

    def call(self, inputs):
        """Returns the inputs, and adds their loss term.

        Args:
            inputs: Tensor of shape `(rows, ...)`.

        Returns:
            The tensor.
        """
        self.add_loss(self.added(inputs))
        return inputs


def expressible(model: AutoEncoder) -> bool:
    """Returns whether plain Keras can compute a model's loss.

    It can if no loss term overrides how its loss is computed.

    Args:
        model: `AutoEncoder`.

    Returns:
        A boolean.

    Example:

    >>> expressible(zoo.build("pca", input_shape=(4,), latent_dim=2))
    True
    """
    plain = (
        (type(term).loss, type(term).call) == (LossTerm.loss, LossTerm.call)
        for term in model.loss_terms
    )
    return type(model) is AutoEncoder and all(plain)


def bare(model: AutoEncoder) -> keras.Model:
    """Returns a plain `keras.Model` with the layers of a model.

    It shares the model's layers and weights, except that an `AddedLoss` replaces each loss term.

    Args:
        model: `AutoEncoder`.

    Returns:
        A `keras.Model`.

    Example:

    >>> bare(zoo.build("pca", input_shape=(4,), latent_dim=2)).output_shape
    (None, 4)
    """

    def copied(layer):
        return AddedLoss(layer) if isinstance(layer, LossTerm) else layer

    plain = keras.Model(model.inputs, model.outputs)
    return keras.models.clone_model(plain, clone_function=copied)
