"""Loss terms of pairs: the rows of a batch, and the partner that is drawn for each of them."""

import keras
from keras import ops

from zoo.layers.loss_term import LossTerm

TINY = 1e-30  # in place of a sum of 0, whose logarithm is infinite, where all weights are 0


class PairTerm(LossTerm):
    """Base class of the loss terms that compare the codes of rows with those of their partners.

    A model with such a layer learns from pairs: its `AutoEncoder.partners` returns candidates for
    each row, and `fit` draws one partner for each row of a batch. The layer is called on the latent
    code and is active in `fit` only: rows to evaluate or encode have no partners. A subclass
    defines `term(inputs)`, where `inputs` is a triple: the codes of the rows and of their partners,
    each `(rows, ...)`, and the sample weights of the rows, `(rows,)`, or None.

    Args:
        weight: Float. The term is multiplied by it in the loss. Defaults to 1.0.
        **kwargs: Further arguments of `keras.layers.Layer`, such as `name`.

    Example:

    >>> class Distance(zoo.layers.PairTerm):
    ...     def term(self, inputs):
    ...         code, partner_code, _ = inputs
    ...         return keras.ops.norm(code - partner_code, axis=-1)
    >>> Distance().term([np.zeros((1, 2)), np.array([[3.0, 4.0]]), None]).numpy()
    array([5.])
    """

    def loss(self, inputs, current):
        """Returns the scalar that a step adds to its loss, and updates the term's metric.

        Args:
            inputs: Code of the rows, `(rows, ...)`.
            current: `zoo.layers.step.Step`. The current step; its `model` must be set.

        Returns:
            A scalar: the mean of the term over the rows, times `weight`; 0 if the rows of the step
            have no partners.
        """
        if current.partners is None:
            return 0.0
        return super().loss([inputs, current.partner_code, current.weights], current)


@keras.saving.register_keras_serializable(package="zoo")
class Attraction(PairTerm):
    """Loss term that draws the code of each row to that of its partner.

    The term is -log q in nats, where q = 1 / (1 + d²) is the similarity of two codes at the
    Euclidean distance d. It is active in `fit` only. McInnes, Healy & Melville, 2018, section 3.2,
    with a = b = 1.

    Args:
        weight: Float. The term is multiplied by it in the loss. Defaults to 1.0.
        **kwargs: Further arguments of `keras.layers.Layer`, such as `name`.

    Example:

    >>> code, partner_code = np.array([[0.0, 0.0]]), np.array([[3.0, 0.0]])
    >>> zoo.layers.Attraction().term([code, partner_code, None]).numpy().round(3)  # log 10
    array([2.303], dtype=float32)
    """

    def term(self, inputs):
        """Returns -log q of each row and its partner.

        Args:
            inputs: Triple of the codes of the rows, those of their partners, each `(rows, ...)`,
                and the sample weights, which are not used.

        Returns:
            A float32 tensor, `(rows,)`.
        """
        code, partner_code = (_flat(codes) for codes in inputs[:2])
        return ops.log1p(ops.sum(ops.square(code - partner_code), axis=-1))


@keras.saving.register_keras_serializable(package="zoo")
class Repulsion(PairTerm):
    """Loss term that pushes the code of each row away from the partners of all rows of its batch.

    But for the row's own one, these are random rows. The term is the logarithm of the sum over
    them, weighted by `sample_weight`, of the similarity q = 1 / (1 + d²) of two codes at the
    Euclidean distance d. It is active in `fit` only. With `Attraction` it is the InfoNCE loss
    (van den Oord, Li & Vinyals, 2018) of these similarities, which is at least 0 and estimates the
    loss of t-SNE (Damrich, Böhm, Hamprecht & Kobak, 2023).

    Args:
        weight: Float. The term is multiplied by it in the loss. Defaults to 1.0.
        **kwargs: Further arguments of `keras.layers.Layer`, such as `name`.

    Example:

    >>> code, partner_code = np.array([[0.0], [1.0]]), np.array([[0.0], [1.0]])
    >>> zoo.layers.Repulsion().term([code, partner_code, None]).numpy().round(2)  # log 1.5
    array([0.41, 0.41], dtype=float32)
    """

    def term(self, inputs):
        """Returns the logarithm of the sum of q of each row and the partners of all rows.

        Args:
            inputs: Triple of the codes of the rows, those of their partners, each `(rows, ...)`,
                and the sample weights of the rows, `(rows,)`, or None.

        Returns:
            A float32 tensor, `(rows,)`.
        """
        code, partner_code = (_flat(codes) for codes in inputs[:2])
        squared = ops.sum(ops.square(code[:, None] - partner_code), axis=-1)  # (rows, rows)
        similarity = 1.0 / (1.0 + squared)
        if inputs[2] is not None:
            similarity = similarity * inputs[2]
        return ops.log(ops.maximum(ops.sum(similarity, axis=1), TINY))


def _flat(code):
    """Returns codes as float32, `(rows, numbers)`."""
    return ops.reshape(ops.cast(code, "float32"), (ops.shape(code)[0], -1))
