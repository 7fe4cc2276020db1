"""How a variant is trained."""

import dataclasses
from typing import Literal


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How a variant is trained: the figures its defaults were tuned for.

    All are tuned, and exported, in float32. A global policy of mixed precision is obeyed; what it
    and other settings are worth in speed, `zoo bench recipe` measures and a comment tells.

    Args:
        loss: the name of a function of `zoo.losses`, or of a Keras loss; a model that standardises
            features, whose values are no probabilities, has the mean squared error instead.
        optimizer: a Keras optimizer's name.
        learning_rate: its (first) learning rate.
        momentum: of the optimizers that have one; None for the optimizer's own.
        schedule: `"constant"`, or `"cosine"` for a decay to zero over the whole training.
        batch_size: images a step.
        epochs: passes over the training images; 0 where `adapt` alone solves the problem.
        steps_per_execution: steps compiled into one call, to spare the overhead of small ones.
        metrics: names of Keras metrics that `fit` shows too.
        pretrain: how the layers are learnt one by one before: a method of `zoo.pretrain`.
        pretrain_epochs: of each layer; None for the method's own.
    """

    loss: str = "mse"
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    momentum: float | None = None
    schedule: Literal["constant", "cosine"] = "constant"
    batch_size: int = 128
    epochs: int = 30
    steps_per_execution: int = 1
    metrics: tuple[str, ...] = ()
    pretrain: Literal["none", "rbm", "autoencoder", "denoising", "contractive"] = "none"
    pretrain_epochs: int | None = None

    def used_for(self, model) -> "Recipe":
        """Returns the recipe with the loss that `compile` gives a model.

        Standardised features are no probabilities: for them a binary cross-entropy is replaced by
        the mean squared error.
        """
        from zoo.layers import Standardisation

        standardised = any(isinstance(layer, Standardisation) for layer in model.layers)
        if standardised and "binary_crossentropy" in self.loss:
            return dataclasses.replace(self, loss="mse")
        return self

    def compile(self, model, steps: int | None = None):
        """Compiles a model by this recipe.

        Under a strategy of several replicas one step is taken per call.

        Args:
            model: a Keras model.
            steps: the number of steps of the whole training, which a schedule spans.

        Returns:
            The model.
        """
        import keras

        from zoo import losses, optimizers

        rate = self.learning_rate
        if self.schedule == "cosine" and steps:
            rate = keras.optimizers.schedules.CosineDecay(rate, steps)
        momentum = {} if self.momentum is None else {"momentum": self.momentum}
        model.compile(
            optimizer=optimizers.get(self.optimizer, learning_rate=rate, **momentum),
            loss=losses.get(self.used_for(model).loss),
            steps_per_execution=steps_per_call(model, self.steps_per_execution),
            metrics=list(self.metrics),
        )
        return model


def steps_per_call(model, steps: int) -> int:
    """Returns the number of steps to compile into one call: 1 where `model` is on replicas.

    Keras's compiled loop of steps cannot run on several replicas.
    """
    return steps if model.distribute_strategy.num_replicas_in_sync == 1 else 1
