"""Warm start: a training that begins with the weights of another model."""

import collections
import dataclasses
from pathlib import Path

from zoo import weights
from zoo.autoencoder import provenance
from zoo.autoencoder.variant_model import VariantModel
from zoo.errors import UsageError
from zoo.runs import Run
from zoo.storage import file_errors
from zoo.weights import sets

PREFIX = "weights:"  # before the variant and the name of weights that ship


@dataclasses.dataclass(frozen=True)
class Start:
    """Trained weights that a training begins with.

    Attributes:
        name: String. The run directory, or `weights:VARIANT/NAME`.
        model: The trained model.

    Example:

    >>> opened("weights:pca/mnist").model.variant
    'pca'
    """

    name: str
    model: VariantModel

    def settings(self, variant: str, dataset, changes: dict) -> dict:
        """Returns changes of a variant's settings, with those of the model as their defaults.

        The arguments of a model of the same variant are taken, except the shape of its input where
        the data have one. Layers are not learned one by one before the training.

        Args:
            variant: String. Name of the variant to train.
            dataset: `Dataset` to train on.
            changes: Dict of arguments of the variant and fields of the recipe.

        Returns:
            A dict.

        Raises:
            UsageError: If `changes` ask for pre-training.
        """
        if changes.get("pretrain") not in (None, "none"):
            raise UsageError(
                "`start_from` and `pretrain` exclude each other: layers that are learned one by "
                f"one start anew. Received: pretrain={changes['pretrain']!r}."
            )
        arguments = dict(self.model.arguments) if self.model.variant == variant else {}
        if dataset.input_shape:
            arguments["input_shape"] = dataset.input_shape
        return arguments | changes | {"pretrain": "none"}

    def ordered(self, dataset):
        """Returns a dataset with its columns in the order and the codes that the model knows.

        Args:
            dataset: `Dataset`.

        Returns:
            A `Dataset`: the same one if it or the model has no column names.

        Raises:
            UsageError: If the columns have other names.
        """
        names, columns = self.model.column_names, self.model.columns
        return dataset.map(lambda split: split.in_form(names, columns))

    def give(self, model) -> dict:
        """Assigns the weights that a model has under the same name and with the same shape.

        A layer without a name of its own is known by its class and its place among the layers of
        this class.

        Args:
            model: `AutoEncoder`, which is changed in place.

        Returns:
            A dict to be recorded: the `source`, its `fingerprint`, and the names of the weights
            that were `taken` and of the model's other weights, which are `new`.

        Raises:
            UsageError: If no weight has the same name and shape.
        """
        ours, theirs = named(model), named(self.model)
        taken = [key for key in ours if key in theirs and theirs[key].shape == ours[key].shape]
        if not taken:
            raise UsageError(
                f"No weight of {self.name} has the name and the shape of one of "
                f"{model.variant}: they have {_described(theirs)}, and {_described(ours)}."
            )
        for key in taken:
            ours[key].assign(theirs[key])
        model.refresh_endpoints()
        return {
            "source": self.name,
            "fingerprint": provenance.fingerprint(self.model),
            "taken": taken,
            "new": [key for key in ours if key not in taken],
        }


def opened(source: Run | str | Path) -> Start:
    """Opens trained weights to start from.

    Args:
        source: A finished `Run` or its run directory, or `"weights:VARIANT/NAME"` for weights that
            ship.

    Returns:
        A `Start`.

    Raises:
        UsageError: If there are no such weights, or no finished run in the folder.
        CheckFailedError: If a file is damaged.

    Example:

    >>> opened("weights:conv_ae/mnist").name
    'weights:conv_ae/mnist'
    """
    if isinstance(source, str) and source.startswith(PREFIX):
        variant, slash, name = source.removeprefix(PREFIX).partition("/")
        if not slash:
            raise UsageError(
                f"Weights that ship are named {PREFIX}VARIANT/NAME; `zoo list --weights` lists "
                f"them. Received: {source}."
            )
        return Start(source, weights.trained(sets.find(variant, name)))
    folder = source.folder if isinstance(source, Run) else file_errors.as_path("start_from", source)
    return Start(str(folder), Run.open(folder).model)


def named(model) -> dict:
    """Returns the weights of a model by names that do not depend on models built before it.

    Args:
        model: Keras model.

    Returns:
        A dict from names to Keras variables, in the order of the layers.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4,), latent_dim=2)
    >>> list(named(model))[:2]
    ['encoder_1/kernel', 'encoder_1/bias']
    """
    counts, variables = collections.Counter(), {}
    for layer in model.layers:
        name, stem = layer.name, layer.name.rstrip("0123456789").rstrip("_")
        if stem.replace("_", "") == type(layer).__name__.lower():  # Keras numbered it
            name = f"{stem}_{counts[stem]}" if counts[stem] else stem
            counts[stem] += 1
        for variable in layer.weights:
            variables[f"{name}/{variable.path.partition('/')[2]}"] = variable
    return variables


def kept_layers(model, taken: list[str]) -> set[str]:
    """Returns the names of the layers all of whose weights were taken.

    Args:
        model: `AutoEncoder`.
        taken: List of names, as `Start.give` returns it.

    Returns:
        A set of strings.

    Example:

    >>> model = zoo.build("pca", input_shape=(4,), latent_dim=2)
    >>> kept_layers(model, list(named(model)))
    {'pca'}
    """
    of_name = {id(variable): key for key, variable in named(model).items()}
    return {
        layer.name
        for layer in model.layers
        if layer.weights and all(of_name[id(variable)] in taken for variable in layer.weights)
    }


def _described(variables):
    shapes = (f"{key} {tuple(variable.shape)}" for key, variable in variables.items())
    return ", ".join(shapes)
