"""The settings that a variant is trained with."""

import dataclasses
from typing import Literal

from zoo.recipes import fields


@dataclasses.dataclass(frozen=True)
class Recipe:
    """Settings that a variant is trained with; the defaults of a variant were tuned for them.

    Recipes are tuned, and models exported, in float32. A global policy of mixed precision is
    respected; `zoo bench recipe` measures how it and other settings change the speed. What was
    measured, and the settings that were tried, stand on the variant's page of the documentation.

    Attributes:
        loss: String. Name of a function of `zoo.recipes.losses`, or of a Keras loss. In a model
            that standardises features, whose values are no probabilities, the mean squared error
            takes the place of a binary cross-entropy. Defaults to `"mse"`.
        optimizer: String. Name of a Keras optimizer. Defaults to `"adam"`.
        learning_rate: Float. Learning rate, at the start if there is a schedule. Defaults to 1e-3.
        momentum: Float. Momentum of the optimizers that have one; None for the optimizer's own.
            Defaults to None.
        schedule: String. `"constant"`, or `"cosine"` for a decay to zero over the whole training.
            Defaults to `"constant"`.
        batch_size: Integer. Number of rows in a batch. Defaults to 128.
        epochs: Integer. Number of epochs; 0 where `adapt` alone solves the problem. Defaults to 30.
        steps_per_execution: Integer. Number of steps that are compiled into one call, which saves
            the overhead of small steps. Defaults to 1.
        metrics: Tuple of strings. Names of Keras metrics that `fit` shows too. Defaults to `()`.
        pretrain: String. Method of `zoo.pretrain` by which the layers are first trained one by one:
            `"rbm"`, `"autoencoder"`, `"denoising"`, `"contractive"`, or `"none"`. Defaults to
            `"none"`.
        pretrain_epochs: Integer. Number of epochs for each layer in pre-training; None for the
            method's own. Defaults to None.

    Raises:
        UsageError: If the value of a field is not accepted. `compile` also raises it for the name
            of a loss, an optimizer or a metric that does not exist.

    Example:

    >>> recipe = zoo.Recipe(loss="summed_squared_error", batch_size=64)
    >>> recipe.epochs, recipe.compile(zoo.build("pca")).loss.__name__
    (30, 'summed_squared_error')
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

    def __post_init__(self):
        for field in dataclasses.fields(self):
            value = fields.checked(field.name, getattr(self, field.name))
            object.__setattr__(self, field.name, value)

    def used_for(self, model) -> "Recipe":
        """Returns the recipe with the loss that `compile` uses for a model.

        Standardised features are no probabilities: for them the mean squared error takes the place
        of a binary cross-entropy. A model of columns with categories has a loss term of its own,
        and no other loss.

        Args:
            model: Keras model; one of the zoo's knows its `standardisation` and its `column_loss`.

        Returns:
            A `Recipe`.

        Example:

        >>> recipe = zoo.Recipe(loss="binary_crossentropy")
        >>> recipe.used_for(zoo.build("pca", input_shape=(8,), latent_dim=2, standardise=True)).loss
        'mse'
        """
        if getattr(model, "column_loss", None) is not None:
            return dataclasses.replace(self, loss="zero")
        standardised = getattr(model, "standardisation", None) is not None
        if standardised and "binary_crossentropy" in self.loss:
            return dataclasses.replace(self, loss="mse")
        return self

    def compile(self, model, steps: int | None = None):
        """Compiles a model by the recipe.

        Under a distribution strategy of several replicas each call takes one step.

        Args:
            model: Keras model.
            steps: Integer. Number of steps of the whole training, which a schedule spans; None for
                a constant learning rate. Defaults to None.

        Returns:
            The model.

        Raises:
            UsageError: If there is no loss, optimizer or metric of a name, or if the optimizer has
                no momentum.
        """
        import keras

        from zoo.recipes import losses, metrics, optimizers

        rate = self.learning_rate
        if self.schedule == "cosine" and steps:
            rate = keras.optimizers.schedules.CosineDecay(rate, steps)
        momentum = {} if self.momentum is None else {"momentum": self.momentum}
        model.compile(
            optimizer=optimizers.get(self.optimizer, learning_rate=rate, **momentum),
            loss=losses.get(self.used_for(model).loss),
            steps_per_execution=steps_per_call(model, self.steps_per_execution),
            metrics=[metrics.require(name) for name in self.metrics],
        )
        return model


def steps_per_call(model, steps: int) -> int:
    """Returns the number of steps to compile into one call, which is 1 for a model on replicas.

    Keras's compiled loop of steps cannot run on several replicas.

    Args:
        model: Keras model.
        steps: Integer. Number of steps for one device.

    Returns:
        An integer.

    Example:

    >>> steps_per_call(zoo.build("pca"), 16)
    16
    """
    return steps if model.distribute_strategy.num_replicas_in_sync == 1 else 1
