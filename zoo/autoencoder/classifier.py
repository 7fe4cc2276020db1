"""Classifiers: an encoder with a softmax layer on top, trained with labels."""

import copy
import functools

import keras
import numpy as np

from zoo.autoencoder import divergence, fit_arguments, fit_inputs, fit_streams, signatures
from zoo.autoencoder.autoencoder import AutoEncoder
from zoo.autoencoder.variant_model import Encoder, VariantModel
from zoo.datasets.dataset import Dataset
from zoo.datasets.split import Split
from zoo.errors import UsageError
from zoo.inputs import arrays, containers, streams
from zoo.inputs.arguments import positive_integer
from zoo.inputs.containers import is_stream
from zoo.inputs.parts import Part
from zoo.layers import LossTerm
from zoo.recipes.recipe import Recipe
from zoo.serving.array_model import ClassifyingModel

RECIPE = Recipe(
    loss="sparse_categorical_crossentropy",
    schedule="cosine",
    batch_size=100,
    epochs=20,
    steps_per_execution=16,
    metrics=("accuracy",),
)


def classifier(encoder, classes: int, *, freeze: bool = False) -> "Classifier":
    """Returns a classifier: an encoder, and a softmax layer over the classes.

    `fit(x, labels)` fine-tunes it.

    Args:
        encoder: `AutoEncoder`, or the `encoder` of one. Its layers are copied, so that training one
            model does not change the other.
        classes: Integer, at least 2. Number of classes; labels are integers from 0 to
            `classes - 1`.
        freeze: Boolean. Keep the weights of the copied encoder, and train the softmax layer alone.
            Defaults to False.

    Returns:
        A compiled `Classifier`, from `(rows, *input_shape)` to probabilities, float32
        `(rows, classes)`.

    Raises:
        UsageError: If there are fewer than two classes, or if `encoder` is neither.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(8,), latent_dim=2)
    >>> zoo.classifier(model, classes=3).classify(np.zeros((5, 8))).shape
    (5, 3)
    """
    names = encoder.column_names if isinstance(encoder, AutoEncoder) else None
    encoder = encoder.encoder if isinstance(encoder, AutoEncoder) else encoder
    if not isinstance(encoder, Encoder):
        raise UsageError(
            f"`encoder` must be an AutoEncoder, or the encoder of one. Received: {encoder!r}."
        )
    if positive_integer("classes", classes) < 2:
        raise UsageError(f"`classes` must be at least 2. Received: classes={classes!r}.")
    encoder = copy.deepcopy(encoder)
    encoder.trainable = not freeze
    latent = encoder.get_layer("latent").output
    x = keras.layers.Flatten(name="flat_code")(latent)
    outputs = keras.layers.Dense(classes, activation="softmax", name="probabilities")(x)
    facts = encoder.identity | {"column_names": names}
    return RECIPE.compile(Classifier(encoder.inputs[0], outputs, **facts))


@keras.saving.register_keras_serializable(package="zoo")
class Classifier(VariantModel, ClassifyingModel):
    """Functional Keras model from inputs to the probabilities of classes; built by `classifier`.

    Its arguments are those of `VariantModel`, with the values of the auto-encoder that its encoder
    comes from.

    Example:

    >>> model = zoo.classifier(zoo.build("linear_ae", input_shape=(8,), latent_dim=2), classes=3)
    >>> x, labels = np.random.default_rng(0).random((6, 8)), np.array([0, 1, 2, 0, 1, 2])
    >>> history = model.fit(x, labels, verbose=0)
    >>> model.classify(x).shape
    (6, 3)
    """

    @property
    def classes(self) -> int:
        """Number of classes."""
        return self.outputs[0].shape[-1]

    @property
    def facts(self) -> dict:
        """Dictionary of the facts about the model that the manifest of an export records."""
        return self.identity | {"column_names": self.column_names, "classes": self.classes}

    @property
    def signatures(self) -> dict[str, tuple[list, list]]:
        """Named inputs and outputs of `classify`.

        A dictionary from the method's name to a pair of lists of `tf.TensorSpec`.
        """
        inputs, output = signatures.spec(self.inputs[0]), self.outputs[0]
        return {"classify": ([inputs], [signatures.spec(output, "probabilities")])}

    @functools.cached_property
    def endpoints(self) -> dict:
        """Compiled inference function of `classify`, from tensors to named tensors."""
        return signatures.compiled({"classify": self}, self.signatures)

    @property
    def trainable_variables(self) -> list:
        """Trainable variables, without the `transpose_bias` that tied layers do not use here."""
        return [
            variable
            for variable in super().trainable_variables
            if variable.name != "transpose_bias"
        ]

    @property
    def trainable_weights(self) -> list:
        """Trainable weights, the same as `trainable_variables`."""
        return [weight for weight in super().trainable_weights if weight.name != "transpose_bias"]

    @property
    def losses(self) -> list:
        """Empty list: the encoder's terms are in the loss of its auto-encoder only."""
        return []

    @property
    def metrics(self) -> list:
        """Metrics, without those of the encoder's loss terms, which are not in the loss either."""
        terms = [layer for layer in self.layers if isinstance(layer, LossTerm)]
        left_out = {id(metric) for term in terms for metric in term.metrics}
        return [metric for metric in super().metrics if id(metric) not in left_out]

    def fit(self, x=None, y=None, batch_size=None, *args, **kwargs):
        """Trains the classifier as Keras's `fit` does, with the checks of `AutoEncoder.fit`.

        It does not adapt the encoder: call `adapt` of the auto-encoder first.

        Args:
            x: Rows or a stream of batches, as in `AutoEncoder.fit`. The training split of a
                `Dataset` is used, with its labels.
            y: Labels, integers `(rows,)` or `(rows, 1)` from 0 to `classes - 1`; None for those of
                the `Split` or `Dataset`. Defaults to None. A stream yields (inputs, labels).
            batch_size: Integer. Number of rows in a batch; None for 32. Defaults to None.
            *args: Further arguments of `keras.Model.fit`, in its order.
            **kwargs: Further arguments of `keras.Model.fit`, such as `epochs`.

        Returns:
            A `keras.callbacks.History`.

        Raises:
            UsageError: If the model does not accept the rows, the labels or an argument.
            DivergedError: If the loss or a weight becomes NaN or infinite.
        """
        kwargs = fit_arguments.named("fit", args, kwargs)
        fit_arguments.check_class_weight(kwargs.get("class_weight"), self.classes)
        x = containers.by_name(x, self.named_input.name)
        names = fit_inputs.names_to_learn(x, self.column_names, self.columns)
        x, y, kwargs = self._checked_rows(x, y, kwargs)
        self.column_names = names
        x, y, kwargs = fit_streams.streamed(x, y, batch_size, kwargs)
        kwargs["callbacks"] = divergence.with_guard(kwargs.get("callbacks"))
        with streams.sentences():
            return super().fit(x, y, batch_size, **kwargs)

    def evaluate(self, x=None, y=None, batch_size=None, *args, **kwargs):
        """Returns the loss and the metrics as Keras's `evaluate` does, with the checks of `fit`.

        Args:
            x: Rows or a stream of batches, as in `fit`; the test split of a `Dataset` is used.
            y: Labels, integers `(rows,)`; None for those of a `Split` or `Dataset`. Defaults to
                None.
            batch_size: Integer. Number of rows in a batch; None for 32. Defaults to None.
            *args: Further arguments of `keras.Model.evaluate`, in its order.
            **kwargs: Further arguments of `keras.Model.evaluate`, such as `return_dict`.

        Returns:
            A list of floats, or a dictionary with `return_dict=True`, as in Keras.

        Raises:
            UsageError: If the model does not accept the rows, the labels or an argument.
        """
        kwargs = fit_arguments.named("evaluate", args, kwargs)
        if kwargs.get("_use_cached_eval_dataset"):  # `fit` calls this after its own checks
            return super().evaluate(x, y, batch_size, **kwargs)
        x, y, kwargs = self._checked_rows(fit_inputs.test_inputs_of(x), y, kwargs)
        x, y, kwargs = fit_streams.in_order(x, y, batch_size, kwargs)
        with streams.sentences():
            return super().evaluate(x, y, batch_size, **kwargs)

    def predict(self, x, batch_size=None, *args, **kwargs):
        """Returns the probabilities of the classes for each row, as Keras's `predict` does.

        The rows are checked as in `classify`.

        Args:
            x: Rows or a stream of batches, as in `fit`; 0 rows are accepted. Of a `Dataset` pass
                one of its splits, `data.test`.
            batch_size: Integer. Number of rows in a batch; None for 32. Defaults to None.
            *args: Further arguments of `keras.Model.predict`, in its order.
            **kwargs: Further arguments of `keras.Model.predict`, such as `verbose`.

        Returns:
            An array, `(rows, classes)`.

        Raises:
            UsageError: If the model does not accept the rows.
        """
        kwargs = fit_arguments.named("predict", args, kwargs)
        x = fit_inputs.to_predict(x, self.input_part, kwargs)
        if not is_stream(x) and len(x) == 0:
            return self.classify(x)
        x = fit_streams.lazy_as_stream(x, batch_size)
        with streams.sentences():
            return super().predict(x, batch_size, **kwargs)

    def _checked_rows(self, x, y, kwargs):
        split = x.train if isinstance(x, Dataset) else x
        if isinstance(split, Split):
            x, y = split, split.labels if y is None else y
        if not is_stream(x):
            y = self.check_labels(y)
        held_out = kwargs.get("validation_data")
        if isinstance(held_out, Split):
            kwargs = kwargs | {"validation_data": (held_out, held_out.labels)}
        labels = Part(self.check_labels, (), "int64", (0, self.classes - 1))
        return fit_inputs.checked(x, y, kwargs, self.input_part, labels, least=2)

    def check_labels(self, labels, name: str = "labels") -> np.ndarray:
        """Returns labels as an array of integers, `(rows,)`, after checking them.

        Args:
            labels: Array or list of integers from 0 to `classes - 1`, `(rows,)` or `(rows, 1)`.
            name: String. Name of the labels in an error message. Defaults to `"labels"`.

        Raises:
            UsageError: If they are not one integer for each row, or are outside this range.

        Example:

        >>> model = zoo.classifier(zoo.build("linear_ae"), classes=3)
        >>> model.check_labels([0, 2])
        array([0, 2])
        """
        if labels is None:
            raise UsageError(f"{name} must be integers, one for each row. Received: None.")
        labels = arrays.without_column(np.asarray(arrays.regular(labels, name)))
        if labels.ndim != 1 or labels.dtype.kind not in "iu":
            raise UsageError(
                f"{name} must be integers, one for each row. "
                f"Received: {labels.dtype} of shape {labels.shape}."
            )
        if len(labels) and not 0 <= labels.min() <= labels.max() < self.classes:
            raise UsageError(
                f"{name} must lie within [0, {self.classes - 1}] for {self.classes} classes. "
                f"Received: labels from {labels.min()} to {labels.max()}."
            )
        return labels
