"""The Keras model behind a detector: the graph of an auto-encoder with a score on top of it."""

import functools

import keras
from keras import ops

from zoo.autoencoder import signatures
from zoo.autoencoder.autoencoder import AutoEncoder
from zoo.autoencoder.score_parts import ADAPTED_TO_KNOWN, PARTS
from zoo.autoencoder.scores import SCORES, require_finite
from zoo.autoencoder.variant_model import VariantModel
from zoo.layers import Standardisation
from zoo.serving.codec import ScoringCodec

BATCH = 256  # rows that a part of the score is computed of at once


def build_scorer(
    autoencoder,
    score: str,
    top_fraction: float | None = None,
    known_rows: int | None = None,
    **found,
) -> "Scorer":
    """Returns the model that computes the anomaly score of an auto-encoder.

    It shares the layers of the auto-encoder.

    Args:
        autoencoder: An `AutoEncoder`.
        score: String. A key of `SCORES`; `Detector.fit` describes them.
        top_fraction: Float. The fraction of a row's errors, the largest ones, that are averaged.
            Defaults to None, for a score without a reconstruction error.
        known_rows: Integer. The number of normal rows that the score keeps. Defaults to None, for a
            score without nearest neighbours.
        **found: Further entries of `detection` that a `Detector` determined: `false_alarms`,
            `threshold`, `held_out_rows`.

    Returns:
        A `Scorer`.

    Example:

    >>> pca = zoo.build("pca", input_shape=(4,), latent_dim=2)
    >>> build_scorer(pca, "reconstruction", top_fraction=1.0).detection
    {'score': 'reconstruction', 'top_fraction': 1.0}
    """
    options = {"top_fraction": top_fraction, "known_rows": known_rows}
    options = {name: value for name, value in options.items() if value is not None}
    parts = [PARTS[part](autoencoder, **options) for part in SCORES[score]]
    total = parts[0]
    if len(parts) > 1:
        scaled = Standardisation(name="score_scale")(ops.stack(parts, axis=1))
        total = ops.sum(scaled, axis=1)
    return Scorer(
        autoencoder.inputs[0],
        [autoencoder.outputs[0], total],
        name="scorer",
        detection={"score": score, **options, **found},
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
        """Fits the parts of the score to normal rows, and then the scales of the parts.

        Args:
            known: Array of shape `(rows, *input_shape)`. The rows that the parts are fitted to,
                such as the Gaussian of the codes.
            held_out: Array of shape `(rows, *input_shape)`. The rows that the scales are fitted to.

        Returns:
            The scorer.

        Raises:
            UsageError: If a score is not finite.
        """
        fitted_to = {**dict.fromkeys(ADAPTED_TO_KNOWN, known), "score_scale": held_out}
        for name, rows in fitted_to.items():
            for layer in [one for one in self.layers if one.name == name]:
                values = keras.Model(self.inputs[0], layer.input).predict(
                    rows, batch_size=BATCH, verbose=0
                )
                layer.adapt(require_finite(values))
        return self.refresh_endpoints()

    def refresh_endpoints(self):
        """Renews what is derived from the weights; call it after setting weights by hand.

        Returns:
            The scorer.
        """
        self.autoencoder.refresh_endpoints()
        return super().refresh_endpoints()
