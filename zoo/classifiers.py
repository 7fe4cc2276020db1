"""An encoder with a softmax on top: what a code is worth once there are labels."""

import copy
import functools

import keras
import numpy as np

from zoo import arrays, callbacks, codec, documents, endpoints, feeds, streams
from zoo.arguments import positive_integer
from zoo.autoencoder import AutoEncoder
from zoo.containers import is_stream
from zoo.datasets.dataset import Dataset, Split
from zoo.errors import UsageError
from zoo.layers import LossTerm
from zoo.recipe import Recipe
from zoo.streams import Part
from zoo.variant_model import Encoder, VariantModel

RECIPE = Recipe(
    loss="sparse_categorical_crossentropy",
    schedule="cosine",
    batch_size=100,
    epochs=20,
    steps_per_execution=16,
    metrics=("accuracy",),
)


def classifier(encoder, classes: int, *, freeze: bool = False) -> "Classifier":
    """An encoder, and a softmax layer over the classes: `fit(x, labels)` fine-tunes it.

    Args:
        encoder: an `AutoEncoder`, or the `encoder` of one; its layers are copied, so that neither
            model's training changes the other.
        classes: how many; labels are integers from 0 to one less.
        freeze: keep the weights of the copied encoder, and learn the softmax layer alone.

    Returns:
        A compiled Keras model from `(rows, *input_shape)` to probabilities `(rows, classes)`.

    Raises:
        UsageError: if there are fewer than two classes, or no encoder.
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
class Classifier(VariantModel):
    """A functional Keras model from inputs to the probabilities of classes.

    Its arguments are those of `VariantModel`, of the auto-encoder whose encoder it has.
    """

    @property
    def classes(self) -> int:
        """How many there are."""
        return self.outputs[0].shape[-1]

    @property
    def facts(self) -> dict:
        """What an export's manifest says of it."""
        return self.identity | {"column_names": self.column_names, "classes": self.classes}

    @property
    def signatures(self) -> dict[str, tuple[list, list]]:
        """Of `classify`: the named inputs' and outputs' `tf.TensorSpec`s."""
        given, made = endpoints.spec(self.inputs[0]), self.outputs[0]
        return {"classify": ([given], [endpoints.spec(made, "probabilities")])}

    @functools.cached_property
    def endpoints(self) -> dict:
        """`classify` as a compiled function at rest: tensors in, named tensors out."""
        return endpoints.compiled({"classify": self}, self.signatures)

    @property
    def trainable_variables(self) -> list:
        """Without the biases of tied layers' way back, which no class depends on."""
        return [each for each in super().trainable_variables if each.name != "transpose_bias"]

    @property
    def trainable_weights(self) -> list:
        """As `trainable_variables`."""
        return [each for each in super().trainable_weights if each.name != "transpose_bias"]

    @property
    def losses(self) -> list:
        """None: what an encoder adds to its auto-encoder's loss is not asked of a classifier."""
        return []

    @property
    def metrics(self) -> list:
        """Without those of the encoder's terms, which are not in the loss either."""
        terms = [layer for layer in self.layers if isinstance(layer, LossTerm)]
        left_out = {id(metric) for term in terms for metric in term.metrics}
        return [metric for metric in super().metrics if id(metric) not in left_out]

    vocabulary, front = property(documents.vocabulary), property(documents.front)

    classify, _checked = codec.classify, codec.checked

    def fit(self, x=None, y=None, batch_size=None, *args, **given):
        """Keras's `fit`, with the checks of `AutoEncoder.fit`, labels among them.

        Of a data set the training split is learnt from, its labels too.
        """
        given = feeds.named("fit", args, given)
        names = feeds.names_to_learn(x, self.column_names)
        x, y, given = self._checked_rows(x, y, given)
        self.column_names = names
        x, y, given = feeds.streamed(x, y, batch_size, given)
        given["callbacks"] = callbacks.with_guard(given.get("callbacks"))
        with streams.sentences():
            return super().fit(x, y, batch_size, **given)

    def evaluate(self, x=None, y=None, batch_size=None, *args, **given):
        """Keras's `evaluate`, with the checks of `fit`."""
        given = feeds.named("evaluate", args, given)
        if given.get("_use_cached_eval_dataset"):  # `fit` asks, of what it has checked
            return super().evaluate(x, y, batch_size, **given)
        x, y, given = self._checked_rows(x, y, given)
        x, y, given = feeds.in_order(x, y, batch_size, given)
        with streams.sentences():
            return super().evaluate(x, y, batch_size, **given)

    def predict(self, x, batch_size=None, *args, **given):
        """Keras's `predict`, with the checks of `classify`; 0 rows are allowed."""
        given = feeds.named("predict", args, given)
        x = feeds.to_predict(x, self._part, given)
        if isinstance(x, np.ndarray) and len(x) == 0:
            return self.classify(x)
        with streams.sentences():
            return super().predict(x, batch_size, **given)

    def _checked_rows(self, x, y, given):
        split = x.train if isinstance(x, Dataset) else x
        if isinstance(split, Split):
            x, y = split, split.labels if y is None else y
        if not is_stream(x):
            y = self.check_labels(y)
        held_out = given.get("validation_data")
        if isinstance(held_out, Split):
            given = given | {"validation_data": (held_out, held_out.labels)}
        labels = Part(self.check_labels, (), "int64", (0, self.classes - 1))
        return feeds.checked(x, y, given, self._part, labels)

    @property
    def _part(self):
        """What a batch's inputs must be."""
        return Part(self._checked, self.input_shape[1:], value_range=self.value_range)

    def check_labels(self, labels, name: str = "labels") -> np.ndarray:
        """`labels` as integers `(rows,)`; `UsageError` if there are others than the classes."""
        if labels is None:
            raise UsageError(f"{name} must be integers, one for each row. Received: None.")
        labels = arrays.regular(labels, name)
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

    @property
    def _given(self):
        return self.inputs[0]

    def _run(self, endpoint, tensors, batch_size):
        return endpoints.run(self, endpoint, tensors, batch_size)
