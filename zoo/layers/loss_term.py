"""The base classes of the layers that add a named, weighted term to the loss."""

import keras

from zoo.layers import step


class LossTerm(keras.layers.Layer):
    """Base class of the layers that add a named, weighted term to the loss.

    Such a layer passes its input on unchanged and is active in `fit` and `evaluate` only: these
    compute the term, weighted by `sample_weight`, and show its mean over the rows, not multiplied
    by `weight`, under the layer's name. `predict`, `encode` and an export do not compute it. A
    subclass defines `term(inputs)`.

    Args:
        weight: Float. The term is multiplied by it in the loss. Defaults to 1.0.
        **kwargs: Further arguments of `keras.layers.Layer`, such as `name`.

    Example:

    >>> class Largest(zoo.layers.LossTerm):
    ...     def term(self, inputs):
    ...         return keras.ops.max(inputs, axis=-1)
    >>> Largest(weight=0.1).term(np.array([[1.0, 3.0]])).numpy()
    array([3.])
    """

    metric_name = None  # the name that `fit` shows, if not the layer's
    prior = None  # the distribution that it pulls codes towards, if any: "normal" is N(0, 1)

    def __init__(self, weight=1.0, **kwargs):
        super().__init__(**kwargs)
        self.weight = weight
        self.tracker = keras.metrics.Mean(name=self.metric_name or self.name)

    def term(self, inputs):
        """Returns the value of the term for each row; a subclass defines it.

        Args:
            inputs: What the layer was called on.

        Returns:
            A float32 tensor, `(rows,)`.
        """
        raise NotImplementedError(f"{type(self).__name__} must define term(inputs)")

    def call(self, inputs):
        current = step.current()
        if current is not None:
            current.collected.append((self, inputs))
        return inputs

    def loss(self, inputs, current: step.Step):
        """Returns the scalar that a step adds to its loss, and updates the term's metric.

        Args:
            inputs: What the layer was called on in this step.
            current: `zoo.layers.step.Step`. The current step.

        Returns:
            A scalar: the mean of the term over the rows, times `weight`.
        """
        values = self.term(inputs)
        current.update_metric(self.tracker, values)
        return self.weight * current.mean(values)

    def get_config(self):
        return super().get_config() | {"weight": self.weight}


class GradientTerm(LossTerm):
    """Base class of the loss terms that need a gradient by the model's input.

    A subclass defines `term(inputs)`, where `inputs` is a triple: the Keras model from the input to
    the latent code, its input, and a boolean that is true in a training step. It returns one value
    for each row, `(rows,)`.

    Args:
        weight: Float. The term is multiplied by it in the loss. Defaults to 1.0.
        **kwargs: Further arguments of `keras.layers.Layer`, such as `name`.

    Example:

    >>> isinstance(zoo.layers.JacobianPenalty(), zoo.layers.GradientTerm)
    True
    """

    def loss(self, inputs, current):
        """Returns the scalar that a step adds to its loss, and updates the term's metric.

        Args:
            inputs: Not used: the term is computed from the model's own input.
            current: `zoo.layers.step.Step`. The current step; its `model` must be set.

        Returns:
            A scalar: the mean of the term over the rows, times `weight`.
        """
        encoder = current.model.latent_encoder
        return super().loss([encoder, current.x, current.training], current)
