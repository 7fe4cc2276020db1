"""Codes that are entries of a learnt table."""

import math

import keras
import tensorflow as tf
from keras import ops

from zoo.arguments import positive_integer
from zoo.errors import UsageError
from zoo.layers.loss_terms import LossTerm


class Quantizer(LossTerm):
    """Base of the layers that quantise a code: `vectors, indices = layer(x)`.

    The vectors go on to the decoder; the indices are a further output of the model's `encode`.
    The term it adds to the loss is the commitment, ‖x - vectors‖², mean over numbers.

    Attributes:
        entries: how many different values an index takes.
    """

    def term(self, inputs):
        x, vectors = inputs
        return ops.mean(ops.square(ops.cast(x - ops.stop_gradient(vectors), "float32")))

    @property
    def bits(self) -> float:
        """What the indices of one row weigh."""
        return math.prod(self.output[1].shape[1:]) * math.log2(self.entries)


@keras.saving.register_keras_serializable(package="zoo")
class VectorQuantizer(Quantizer):
    """Replaces each vector by the nearest of a codebook: `vectors, indices = layer(x)`.

    From `(rows, ..., size)` to vectors of the same shape and int32 indices `(rows, ...)`. The
    gradient passes straight through. The codebook is not learnt by gradient: each entry is the
    moving average of the vectors that chose it, and one that few choose starts again on a vector
    of the batch. It computes in float32 under any policy, since fewer bits would stall the
    averages. van den Oord, Vinyals & Kavukcuoglu, 2017, equations 1 to 3 and appendix A.1;
    restarts: Dhariwal et al., 2020, section 3.1.

    Args:
        entries: of the codebook.
        weight: of the commitment term in the loss.
        decay: of the moving averages, within [0, 1).
        threshold: an entry starts again when it is chosen less often than this share of what each
            would be if all were chosen alike; within [0, 1).
        seed: of the restarts; by default drawn from Keras's global seed.
    """

    def __init__(self, entries, weight=0.25, decay=0.99, threshold=0.1, seed=None, **kwargs):
        super().__init__(weight, **{"dtype": "float32"} | kwargs)
        self.entries = positive_integer("entries", entries)
        for name, value in {"decay": decay, "threshold": threshold}.items():
            if not 0 <= value < 1:
                raise UsageError(f"`{name}` must be in [0, 1). Received: {name}={value!r}.")
        self.decay, self.threshold, self.seed = decay, threshold, seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, input_shape):
        size = input_shape[-1]
        for name, shape in {
            "codebook": (self.entries, size),
            "sums": (self.entries, size),  # moving averages: of the vectors that chose an entry,
            "counts": (self.entries,),  # and of their number
        }.items():
            weight = self.add_weight(
                shape=shape,
                initializer="random_normal" if name == "codebook" else "zeros",
                trainable=False,
                name=name,
            )
            setattr(self, name, weight)

    def call(self, x, training=False):
        flat = ops.reshape(x, (-1, x.shape[-1]))  # (vectors, size)
        closeness = 2 * ops.matmul(flat, ops.transpose(self.codebook))
        closeness -= ops.sum(ops.square(self.codebook), axis=-1)
        indices = tf.argmax(closeness, axis=-1, output_type=tf.int32)
        vectors = ops.reshape(ops.take(self.codebook, indices, axis=0), (-1, *x.shape[1:]))
        super().call([x, vectors])
        if training and self.trainable:  # frozen, it keeps its codebook
            self._follow(ops.stop_gradient(flat), indices)
            vectors = x + ops.stop_gradient(vectors - x)  # forward the entry, backward the identity
        return vectors, ops.reshape(indices, (-1, *x.shape[1:-1]))

    def _follow(self, flat, indices):
        chosen = ops.one_hot(indices, self.entries, dtype=flat.dtype)  # (vectors, entries)
        counts = self._averaged(self.counts, ops.sum(chosen, axis=0))
        sums = self._averaged(self.sums, ops.matmul(ops.transpose(chosen), flat))
        vectors = ops.cast(ops.shape(flat)[0], flat.dtype)
        alike = vectors / self.entries
        dead = counts < self.threshold * alike
        draw = keras.random.uniform((self.entries,), dtype=flat.dtype, seed=self.seed_generator)
        drawn = ops.take(flat, ops.cast(draw * vectors, "int32"), axis=0)
        self.counts.assign(ops.where(dead, alike, counts))
        self.sums.assign(ops.where(dead[:, None], alike * drawn, sums))
        known = self.counts > 0  # chosen by any vector so far
        averages = self.sums / ops.where(known, self.counts, 1.0)[:, None]
        self.codebook.assign(ops.where(known[:, None], averages, self.codebook))

    def _averaged(self, old, new):
        return self.decay * old + (1 - self.decay) * new

    def get_config(self):
        return super().get_config() | {
            "entries": self.entries,
            "decay": self.decay,
            "threshold": self.threshold,
            "seed": self.seed,
        }
