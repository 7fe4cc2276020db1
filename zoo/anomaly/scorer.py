"""The Keras model behind a detector: an auto-encoder's own graph, and a score on top of it."""

import functools
import math

import keras
import numpy as np
from keras import ops

from zoo import codec, documents, endpoints
from zoo.anomaly.defaults import SCORES
from zoo.autoencoder import AutoEncoder
from zoo.errors import UsageError
from zoo.layers import MahalanobisDistance, Standardisation
from zoo.variant_model import VariantModel


def build_scorer(autoencoder, score: str, top_fraction: float | None = None, **found) -> "Scorer":
    """Returns the model that gives an auto-encoder's score; it shares the auto-encoder's layers.

    Args:
        autoencoder: An `AutoEncoder`.
        score: A key of `SCORES`; `Detector.fit` says what each is.
        top_fraction: The fraction of a row's errors, the largest, that are averaged. Defaults to
            None, for a score without them.
        **found: What a `Detector` found: `false_alarms`, `threshold`, `held_out_rows`.
    """
    parts = [_PARTS[part](autoencoder, top_fraction) for part in SCORES[score]]
    fraction = {} if top_fraction is None else {"top_fraction": top_fraction}
    total = parts[0]
    if len(parts) > 1:
        scaled = Standardisation(name="score_scale")(ops.stack(parts, axis=1))
        total = ops.sum(scaled, axis=1)
    return Scorer(
        autoencoder.inputs[0],
        [autoencoder.outputs[0], total],
        name="scorer",
        detection={"score": score, **fraction, **found},
        **autoencoder.identity,
        column_names=autoencoder.column_names,
        record=autoencoder._record,
    )


@keras.saving.register_keras_serializable(package="zoo")
class Scorer(VariantModel):
    """A functional Keras model from inputs to the reconstruction and the score, `(rows,)`.

    It answers to all that its auto-encoder answers to, and to `score`.

    Args:
        *args, **kwargs: as for `VariantModel`.
        detection: the kind of `score`, and what a `Detector` found.
    """

    def __init__(self, *args, detection=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.detection = dict(detection or {})

    def get_config(self):
        return super().get_config() | {"detection": dict(self.detection)}

    @functools.cached_property
    def autoencoder(self) -> AutoEncoder:
        """The auto-encoder that it scores by, with the same layers."""
        known = self.identity | {"column_names": self.column_names, "record": self._record}
        return AutoEncoder(self.inputs[0], self.outputs[0], **known)

    @property
    def record(self) -> dict | None:
        """The record of the auto-encoder's training: data, seed, metrics."""
        return self.autoencoder.record

    @property
    def facts(self) -> dict:
        """What an export's manifest says of it."""
        return self.autoencoder.facts | {"detection": dict(self.detection)}

    @property
    def signatures(self) -> dict[str, tuple[list, list]]:
        """The auto-encoder's, and `score`: the named inputs' and outputs' `tf.TensorSpec`s."""
        score = [endpoints.spec(self.inputs[0])], [endpoints.spec(self.outputs[1], "score")]
        return self.autoencoder.signatures | {"score": score}

    @functools.cached_property
    def endpoints(self) -> dict:
        """For each of `signatures` a compiled function at rest: tensors in, named tensors out."""
        scored = keras.Model(self.inputs[0], self.outputs[1])
        own = endpoints.compiled({"score": scored}, {"score": self.signatures["score"]})
        return self.autoencoder.endpoints | own

    vocabulary, front = property(documents.vocabulary), property(documents.front)

    score, reconstruct = codec.score, codec.reconstruct

    def adapt(self, known, held_out) -> "Scorer":
        """Takes the codes' Gaussian from known rows, and the parts' scales from held-out ones."""
        for name, rows in {"latent_distance": known, "score_scale": held_out}.items():
            for layer in [each for each in self.layers if each.name == name]:
                values = keras.Model(self.inputs[0], layer.input).predict(rows, verbose=0)
                layer.adapt(require_finite(values))
        return self.settle()

    def settle(self):
        """Renews what is derived from the weights; call it after setting weights by hand."""
        self.autoencoder.settle()
        return super().settle()

    def _checked(self, x):
        return self.autoencoder._checked(x)

    def _run(self, endpoint, tensors, batch_size):
        return endpoints.run(self, endpoint, tensors, batch_size)


def require_finite(values):
    """Returns a score, or what it is made from, of normal rows.

    Raises:
        UsageError: If any is NaN or Inf: a threshold that is NaN would raise no alarm.
    """
    if not np.isfinite(values).all():
        raise UsageError(
            "`model` must give finite scores of normal rows: train it again. "
            "Received: one whose weights are NaN, or too large."
        )
    return values


def _reconstruction_error(autoencoder, top_fraction):
    """The mean of the largest errors of a row: of pixels, mean over channels, or of columns."""
    x, made = autoencoder.inputs[0], autoencoder.outputs[0]
    if autoencoder.standardisation:
        x, made = autoencoder.standardisation(x), autoencoder.standardisation(made)
    errors = ops.square(x - made)
    if len(x.shape) > 2:
        errors = ops.mean(errors, axis=-1)  # (rows, height, width)
    places = math.prod(errors.shape[1:])
    largest = max(1, round(top_fraction * places))
    errors = ops.reshape(errors, (-1, places))
    if largest < places:
        errors, _ = ops.top_k(errors, largest)
    return ops.mean(errors, axis=-1)


def _latent_distance(autoencoder, _):
    code = keras.layers.Flatten()(autoencoder.get_layer("latent").output)
    return MahalanobisDistance(name="latent_distance")(code)


_PARTS = {"reconstruction": _reconstruction_error, "latent": _latent_distance}
