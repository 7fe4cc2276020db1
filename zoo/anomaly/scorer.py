"""The Keras model behind a detector: an auto-encoder's own graph, and a score on top of it."""

import functools

import keras
from keras import ops

from zoo import codec, documents, endpoints
from zoo.layers import MahalanobisDistance, Standardisation

SCORES = {
    "reconstruction": ("reconstruction",),
    "latent": ("latent",),
    "both": ("reconstruction", "latent"),
}


class Scorer(keras.Model):
    """A functional Keras model from inputs to the reconstruction and the score, `(rows,)`.

    It answers to all that its auto-encoder answers to, and to `score`.

    Args:
        autoencoder: an `AutoEncoder`; its layers are shared, not copied.
        score: a key of `SCORES`; `Detector.fit` says what each is.
        **found: what a `Detector` found: `contamination`, `threshold`, `held_out_rows`.
    """

    def __init__(self, autoencoder, score: str, **found):
        parts = [_PARTS[part](autoencoder) for part in SCORES[score]]
        total = parts[0]
        if len(parts) > 1:
            each = Standardisation(name="score_scale")(ops.stack(parts, axis=1))
            total = ops.sum(each, axis=1)
        super().__init__(autoencoder.inputs, [autoencoder.outputs[0], total], name="scorer")
        self.autoencoder = autoencoder
        self.detection = {"score": score, **found}

    @property
    def variant(self) -> str:
        """The auto-encoder's."""
        return self.autoencoder.variant

    @property
    def value_range(self) -> tuple[float, float] | None:
        """The smallest and largest value of its input, or None for any finite one."""
        return self.autoencoder.value_range

    @property
    def column_names(self) -> list[str] | None:
        """Of the table that the auto-encoder learned from."""
        return self.autoencoder.column_names

    @property
    def record(self) -> dict | None:
        """Of the auto-encoder's training: data, seed, metrics."""
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
        scored = keras.Model(self.inputs, self.outputs[1])
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
        """To be called when weights were set by hand: what is derived from them is made again."""
        self.autoencoder.settle()
        self.__dict__.pop("endpoints", None)
        return self

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
