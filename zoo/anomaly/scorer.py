"""The Keras model behind a detector: an auto-encoder's own graph, and a score on top of it."""

import functools

import keras
from keras import ops

from zoo import codec, documents, endpoints
from zoo.autoencoder import AutoEncoder
from zoo.layers import MahalanobisDistance, Standardisation
from zoo.variant_model import VariantModel

SCORES = {
    "reconstruction": ("reconstruction",),
    "latent": ("latent",),
    "both": ("reconstruction", "latent"),
}


def build_scorer(autoencoder, score: str, **found) -> "Scorer":
    """Returns the model that gives an auto-encoder's score; it shares the auto-encoder's layers.

    Args:
        autoencoder: an `AutoEncoder`.
        score: a key of `SCORES`; `Detector.fit` says what each is.
        **found: what a `Detector` found: `contamination`, `threshold`, `held_out_rows`.
    """
    parts = [_PARTS[part](autoencoder) for part in SCORES[score]]
    total = parts[0]
    if len(parts) > 1:
        scaled = Standardisation(name="score_scale")(ops.stack(parts, axis=1))
        total = ops.sum(scaled, axis=1)
    return Scorer(
        autoencoder.inputs[0],
        [autoencoder.outputs[0], total],
        name="scorer",
        detection={"score": score, **found},
        **autoencoder.identity,
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
        known = self.identity | {"record": self._record}
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
                layer.adapt(keras.Model(self.inputs[0], layer.input).predict(rows, verbose=0))
        return self.settle()

    def settle(self):
        """Renews what is derived from the weights; call it after setting weights by hand."""
        self.autoencoder.settle()
        return super().settle()

    def _checked(self, x):
        return self.autoencoder._checked(x)

    def _run(self, endpoint, tensors, batch_size):
        return endpoints.run(self, endpoint, tensors, batch_size)


def _reconstruction_error(autoencoder):
    x, made = autoencoder.inputs[0], autoencoder.outputs[0]
    if autoencoder.standardisation:
        x, made = autoencoder.standardisation(x), autoencoder.standardisation(made)
    return ops.mean(ops.square(x - made), axis=tuple(range(1, len(x.shape))))


def _latent_distance(autoencoder):
    code = keras.layers.Flatten()(autoencoder.get_layer("latent").output)
    return MahalanobisDistance(name="latent_distance")(code)


_PARTS = {"reconstruction": _reconstruction_error, "latent": _latent_distance}
