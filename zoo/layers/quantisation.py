"""Codes that are entries of a learnt table."""

import math

import keras
import tensorflow as tf
from keras import ops

from zoo.arguments import positive_integer
from zoo.errors import UsageError
from zoo.layers import step
from zoo.layers.loss_terms import LossTerm


class Quantizer(LossTerm):
    """Base of the layers that quantise a code: `vectors, indices = layer(x)`.

    The vectors go on to the decoder; the indices are a further output of the model's `encode`.
    The term it adds to the loss is the commitment, ‖x - vectors‖², mean over a row's numbers.

    Attributes:
        entries: how many different values an index takes.
    """

    def term(self, inputs):
        x, vectors = inputs
        squares = ops.square(ops.cast(x - ops.stop_gradient(vectors), "float32"))
        return ops.mean(squares, axis=tuple(range(1, len(x.shape))))

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
                aggregation="only_first_replica",
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
        """Moves the codebook to the vectors of a batch, of all replicas; weight 0 moves nothing."""
        weights = _weights_of(flat)
        chosen = ops.one_hot(indices, self.entries, dtype=flat.dtype)  # (vectors, entries)
        if weights is not None:
            chosen = chosen * weights[:, None]
        batch = [ops.sum(chosen, axis=0), ops.matmul(ops.transpose(chosen), flat)]
        counts, sums = step.over_replicas(batch)
        vectors = ops.sum(counts)
        kept = ops.where(vectors > 0, self.decay, 1.0)
        gained = ops.where(vectors > 0, 1 - self.decay, 0.0)
        counts = kept * self.counts + gained * counts
        sums = kept * self.sums + gained * sums
        alike = vectors / self.entries
        dead = counts < self.threshold * alike
        draw = keras.random.uniform((self.entries,), dtype=flat.dtype, seed=self.seed_generator)
        self.counts.assign(ops.where(dead, alike, counts))
        self.sums.assign(ops.where(dead[:, None], alike * _drawn(flat, weights, draw), sums))
        known = self.counts > 0  # chosen by any vector so far
        averages = self.sums / ops.where(known, self.counts, 1.0)[:, None]
        self.codebook.assign(ops.where(known[:, None], averages, self.codebook))

    def get_config(self):
        return super().get_config() | {
            "entries": self.entries,
            "decay": self.decay,
            "threshold": self.threshold,
            "seed": self.seed,
        }


def _weights_of(flat):
    """Returns the sample weight of each vector in a step, `(vectors,)`, or None without any."""
    current = step.current()
    weights = None if current is None else current.weights
    if weights is None:
        return None
    of_a_row = tf.shape(flat)[0] // tf.maximum(tf.shape(weights)[0], 1)
    return tf.repeat(weights, of_a_row)


def _drawn(flat, weights, draw):
    """Returns vectors of the batch by numbers in [0, 1), each as likely as its weight is large."""
    count = ops.cast(ops.shape(flat)[0], flat.dtype)
    if weights is None:
        chosen = ops.cast(draw * count, "int32")
    else:
        up_to = ops.cumsum(weights)
        chosen = tf.searchsorted(up_to, draw * up_to[-1:], side="right")
        chosen = ops.minimum(chosen, ops.shape(flat)[0] - 1)
    return ops.take(flat, chosen, axis=0)
