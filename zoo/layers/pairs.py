"""Loss terms of pairs: the rows of a batch, and the partner that is drawn for each of them."""

import keras
from keras import ops

from zoo.layers.loss_term import LossTerm

NEAR = 1e-3  # squared distance below which repulsion grows no more, and its gradient ends


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
    """Loss term that pushes the code of each row away from the partners of the batch's other rows.

    These are random rows. The term is the mean over them, weighted by `sample_weight`, of
    -log(1 - q) in nats, where q = 1 / (1 + d²) is the similarity of two codes at the Euclidean
    distance d. It is computed as log(1 + d²) - log(d² + 0.001), whose gradient is bounded. It is
    active in `fit` only. McInnes, Healy & Melville, 2018, section 3.2, with a = b = 1.

    Args:
        weight: Float. The term is multiplied by it in the loss. Defaults to 1.0.
        **kwargs: Further arguments of `keras.layers.Layer`, such as `name`.

    Example:

    >>> code, partner_code = np.array([[0.0], [1.0]]), np.array([[0.0], [1.0]])
    >>> zoo.layers.Repulsion().term([code, partner_code, None]).numpy().round(2)  # log 2
    array([0.69, 0.69], dtype=float32)
    """

    def term(self, inputs):
        """Returns the mean of -log(1 - q) of each row and the partners of the other rows.

        Args:
            inputs: Triple of the codes of the rows, those of their partners, each `(rows, ...)`,
                and the sample weights of the rows, `(rows,)`, or None.

        Returns:
            A float32 tensor, `(rows,)`; 0 for a row that is alone in its batch.
        """
        code, partner_code = (_flat(codes) for codes in inputs[:2])
        squared = ops.sum(ops.square(code[:, None] - partner_code), axis=-1)  # (rows, rows)
        nats = ops.log1p(squared) - ops.log(squared + NEAR)
        others = 1.0 - ops.eye(ops.shape(code)[0], dtype="float32")
        others = others if inputs[2] is None else others * inputs[2]
        return ops.divide_no_nan(ops.sum(others * nats, axis=1), ops.sum(others, axis=1))


def _flat(code):
    """Returns codes as float32, `(rows, numbers)`."""
    return ops.reshape(ops.cast(code, "float32"), (ops.shape(code)[0], -1))
