"""The Keras model behind a detector: the graph of an auto-encoder with a score on top of it."""

import functools
import math

import keras
import numpy as np
from keras import ops

from zoo.autoencoder import signatures
from zoo.autoencoder.autoencoder import AutoEncoder
from zoo.autoencoder.scores import SCORES, require_finite
from zoo.autoencoder.variant_model import VariantModel
from zoo.layers import ColumnErrors, MahalanobisDistance, Standardisation
from zoo.serving.codec import ScoringCodec


def build_scorer(autoencoder, score: str, top_fraction: float | None = None, **found) -> "Scorer":
    """Returns the model that computes the anomaly score of an auto-encoder.

    It shares the layers of the auto-encoder.

    Args:
        autoencoder: An `AutoEncoder`.
        score: String. A key of `SCORES`; `Detector.fit` describes them.
        top_fraction: Float. The fraction of a row's errors, the largest ones, that are averaged.
            Defaults to None, for a score without a reconstruction error.
        **found: Further entries of `detection` that a `Detector` determined: `false_alarms`,
            `threshold`, `held_out_rows`.

    Returns:
        A `Scorer`.

    Example:

    >>> pca = zoo.build("pca", input_shape=(4,), latent_dim=2)
    >>> build_scorer(pca, "reconstruction", top_fraction=1.0).detection
    {'score': 'reconstruction', 'top_fraction': 1.0}
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
        record=autoencoder.record_and_fingerprint,
    )


@keras.saving.register_keras_serializable(package="zoo")
class Scorer(VariantModel, ScoringCodec):
    """Functional Keras model from inputs to their reconstructions and their anomaly scores.

    It has the endpoints of its auto-encoder (`encode`, `decode`, `reconstruct`), and `score`.

    Args:
        *args: As for `VariantModel`.
        detection: Dict. The kind of `score`, and what a `Detector` determined. Defaults to None.
        **kwargs: As for `VariantModel`.

    Example:

    >>> pca = zoo.build("pca", input_shape=(4,), latent_dim=2)
    >>> scorer = build_scorer(pca, "reconstruction", top_fraction=1.0)
    >>> scorer.score(np.zeros((3, 4), np.float32)).shape
    (3,)
    """

    has_loss = False

    def __init__(self, *args, detection=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.detection = dict(detection or {})

    def get_config(self):
        """Returns the config of the model, with `detection`."""
        return super().get_config() | {"detection": dict(self.detection)}

    def _take_over(self, original):
        super()._take_over(original)
        self.detection = dict(original.detection)

    @functools.cached_property
    def autoencoder(self) -> AutoEncoder:
        """The `AutoEncoder` that the score is computed from, with the same layers."""
        return AutoEncoder(
            self.inputs[0],
            self.outputs[0],
            **self.identity,
            column_names=self.column_names,
            record=self.record_and_fingerprint,
        )

    @property
    def record(self) -> dict | None:
        """The record of the training (data, seed, metrics), or None."""
        return self.autoencoder.record

    @record.setter
    def record(self, record: dict | None):
        self.autoencoder.record = record
        self.record_and_fingerprint = self.autoencoder.record_and_fingerprint

    @property
    def facts(self) -> dict:
        """The facts about the model that the manifest of an export records."""
        return self.autoencoder.facts | {"detection": dict(self.detection)}

    @property
    def signatures(self) -> dict[str, tuple[list, list]]:
        """The named input and output `tf.TensorSpec`s of each endpoint, with `score`."""
        score = [signatures.spec(self.inputs[0])], [signatures.spec(self.outputs[1], "score")]
        return self.autoencoder.signatures | {"score": score}

    @functools.cached_property
    def endpoints(self) -> dict:
        """A compiled function for each endpoint, at inference: tensors in, named tensors out."""
        scored = keras.Model(self.inputs[0], self.outputs[1])
        own = signatures.compiled({"score": scored}, {"score": self.signatures["score"]})
        return self.autoencoder.endpoints | own

    @property
    def code_names(self) -> list[str]:
        """Names of the decoder's inputs: `latent`, then `switches_1`, `switches_2`, ..."""
        return self.autoencoder.code_names

    @property
    def code_shapes(self) -> list[tuple[int, ...]]:
        """Shapes of one row's code and switches, in the order of `code_names`."""
        return self.autoencoder.code_shapes

    @property
    def index_names(self) -> list[str]:
        """Names of the outputs that hold the indices of a quantised code: `indices`, or none."""
        return self.autoencoder.index_names

    def adapt(self, known, held_out) -> "Scorer":
        """Fits the Gaussian of the codes, and the scales of the parts of the score.

        Args:
            known: Array of shape `(rows, *input_shape)`. The rows that the codes' Gaussian is
                fitted to.
            held_out: Array of shape `(rows, *input_shape)`. The rows that the scales are fitted to.

        Returns:
            The scorer.

        Raises:
            UsageError: If a score is not finite.
        """
        for name, rows in {"latent_distance": known, "score_scale": held_out}.items():
            for layer in [part for part in self.layers if part.name == name]:
                values = keras.Model(self.inputs[0], layer.input).predict(rows, verbose=0)
                layer.adapt(require_finite(values))
        return self.refresh_endpoints()

    def refresh_endpoints(self):
        """Renews what is derived from the weights; call it after setting weights by hand.

        Returns:
            The scorer.
        """
        self.autoencoder.refresh_endpoints()
        return super().refresh_endpoints()


def _reconstruction_error(autoencoder, top_fraction):
    """Returns the mean of a row's largest errors; a pixel's error is its mean over the channels.

    Missing cells have no error: the fraction is of the observed ones.
    """
    x, output, loss = autoencoder.inputs[0], autoencoder.outputs[0], autoencoder.column_loss
    if autoencoder.standardisation:
        x, output = autoencoder.standardisation(x), autoencoder.standardisation(output)
    if loss is not None:  # categories have the errors of their classes
        errors = ColumnErrors(loss.classes, name="column_errors")([x, loss.output])
    else:
        errors = ops.square(x - output)
    if autoencoder.missing == "mask":
        return _error_of_observed(x, errors, top_fraction)
    if len(x.shape) > 2:
        errors = ops.mean(errors, axis=-1)  # (rows, height, width)
    places = math.prod(errors.shape[1:])
    largest = max(1, round(top_fraction * places))
    errors = ops.reshape(errors, (-1, places))
    if largest < places:
        errors, _ = ops.top_k(errors, largest)
    return ops.mean(errors, axis=-1)


def _error_of_observed(x, errors, top_fraction):
    missing = ops.isnan(x)
    errors = ops.where(missing, 0.0, errors)
    seen = ops.where(missing, 0.0, ops.ones_like(x))
    if len(x.shape) > 2:
        counts = ops.sum(seen, axis=-1)
        errors = ops.sum(errors, axis=-1) / ops.maximum(counts, 1.0)
        seen = ops.minimum(counts, 1.0)
    places = math.prod(errors.shape[1:])
    errors = ops.reshape(errors, (-1, places))
    counts = ops.sum(ops.reshape(seen, (-1, places)), axis=-1, keepdims=True)
    counts = ops.maximum(ops.round(top_fraction * counts), 1.0)
    if top_fraction < 1:
        most = max(1, round(top_fraction * places))
        errors, _ = ops.top_k(errors, most)  # those of missing cells, 0, come last
        ranks = np.arange(most, dtype=np.float32)[None]
        errors = ops.where(ops.less(ranks, counts), errors, 0.0)
    return ops.sum(errors, axis=-1) / counts[:, 0]


def _latent_distance(autoencoder, _):
    code = keras.layers.Flatten()(autoencoder.get_layer("latent").output)
    return MahalanobisDistance(name="latent_distance")(code)


_PARTS = {"reconstruction": _reconstruction_error, "latent": _latent_distance}
