"""An encoder with a softmax on top: what a code is worth once there are labels."""

import copy
import functools

import keras
import numpy as np

from zoo import codec, documents, endpoints, feeds
from zoo.arguments import positive_integer
from zoo.autoencoder import AutoEncoder
from zoo.datasets.dataset import Dataset, Split
from zoo.errors import UsageError
from zoo.layers import LossTerm
from zoo.recipe import Recipe
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
    return RECIPE.compile(Classifier(encoder.inputs[0], outputs, **encoder.identity))


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
        return self.identity | {"classes": self.classes}

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
        x, y, given = self._checked_rows(x, y, given)
        x, y, given = feeds.streamed(x, y, batch_size, given)
        return super().fit(x, y, batch_size, *args, **given)

    def evaluate(self, x=None, y=None, batch_size=None, *args, **given):
        """Keras's `evaluate`, with the checks of `fit`."""
        x, y, given = self._checked_rows(x, y, given)
        x, y, given = feeds.in_order(x, y, batch_size, given)
        return super().evaluate(x, y, batch_size, *args, **given)

    def predict(self, x, *args, **kwargs):
        """Keras's `predict`, with the checks of `classify`; 0 rows are allowed."""
        if isinstance(x, feeds.ARRAYS):
            x = self._checked(x)
            if len(x) == 0:
                return self.classify(x)
        return super().predict(x, *args, **kwargs)

    def _checked_rows(self, x, y, given):
        split = x.train if isinstance(x, Dataset) else x
        if isinstance(split, Split):
            x, y = split.inputs, split.labels if y is None else y
        if isinstance(x, feeds.ARRAYS):
            y = self.check_labels(y)
        held_out = given.get("validation_data")
        if isinstance(held_out, Split):
            given = given | {"validation_data": (held_out.inputs, held_out.labels)}
        return feeds.checked(x, y, given, self._checked, self.check_labels)

    def check_labels(self, labels, name: str = "labels") -> np.ndarray:
        """`labels` as integers `(rows,)`; `UsageError` if there are others than the classes."""
        labels = np.asarray(labels)
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
