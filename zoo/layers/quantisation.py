"""Quantised latent codes: entries of a learnt codebook, and bits."""

import math

import keras
import tensorflow as tf
from keras import ops

from zoo.errors import UsageError
from zoo.inputs.arguments import positive_integer
from zoo.layers import step
from zoo.layers.loss_term import LossTerm


class Quantizer(LossTerm):
    """Base class of the layers that quantise a code: `vectors, indices = layer(x)`.

    The vectors go on to the decoder; the indices are a further output of the model's `encode`. The
    layer adds the commitment to the loss, in `fit` and `evaluate`: ‖x - vectors‖², as the mean over
    a row's numbers.

    Args:
        weight: Float. The term is multiplied by it in the loss. Defaults to 1.0.
        **kwargs: Further arguments of `keras.layers.Layer`, such as `name`.

    Attributes:
        entries: Integer. Number of different values of an index; a subclass sets it.

    Example:

    >>> [layer.bits for layer in zoo.build("vq_vae").layers if isinstance(layer, Quantizer)]
    [343.0]
    """

    def term(self, inputs):
        """Returns the commitment of each row.

        Args:
            inputs: Pair of the code, `(rows, ...)`, and its vectors in the same shape.

        Returns:
            A float32 tensor, `(rows,)`.
        """
        x, vectors = inputs
        squares = ops.square(ops.cast(x - ops.stop_gradient(vectors), "float32"))
        return ops.mean(squares, axis=tuple(range(1, len(x.shape))))

    @property
    def bits(self) -> float:
        """Size of one row's indices in bits: log2 of `entries` for each index."""
        return math.prod(self.output[1].shape[1:]) * math.log2(self.entries)


@keras.saving.register_keras_serializable(package="zoo")
class VectorQuantizer(Quantizer):
    """Layer that replaces each vector of a code by the nearest entry of a codebook.

    `vectors, indices = layer(x)` maps `(rows, ..., size)` to vectors of the same shape and to int32
    indices, `(rows, ...)`. It is always active; in training the gradient passes straight through.
    The codebook is not learnt by gradient: in training each entry is the moving average of the
    vectors that chose it, and an entry that few vectors choose is restarted at a vector of the
    batch, as nearly all are in the first step. A frozen layer keeps its codebook. The layer
    computes in float32 under any dtype policy, since fewer bits would stall the averages. van den
    Oord, Vinyals & Kavukcuoglu, 2017, equations 1 to 3 and appendix A.1; restarts: Dhariwal et al.,
    2020, section 3.1.

    Args:
        entries: Positive integer. Number of entries of the codebook.
        weight: Float. Weight of the commitment in the loss. Defaults to 0.25.
        decay: Float in [0, 1). Decay of the moving averages. Defaults to 0.99.
        threshold: Float in [0, 1). An entry is restarted when it is chosen less often than this
            fraction of what it would be if all entries were chosen equally often. Defaults to 0.1.
        seed: Integer, or None to draw one from Keras's global seed. Seed of the restarts. Defaults
            to None.
        **kwargs: Further arguments of `keras.layers.Layer`, such as `name`.

    Raises:
        UsageError: If `entries`, `decay` or `threshold` is not accepted.

    Example:

    >>> layer = zoo.layers.VectorQuantizer(entries=2)
    >>> layer.build((None, 1))
    >>> _ = layer.codebook.assign([[0.0], [1.0]])
    >>> vectors, indices = layer(np.array([[0.2], [0.9]]))
    >>> vectors.numpy().ravel(), indices.numpy()
    (array([0., 1.], dtype=float32), array([0, 1], dtype=int32))
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
            "sums": (self.entries, size),  # moving averages of the sum of the vectors that chose it
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
        if training and self.trainable:  # a frozen layer keeps its codebook
            self._follow(ops.stop_gradient(flat), indices)
        if training:
            # Straight through: the values are the entries, and the gradient the identity's.
            vectors = x + ops.stop_gradient(vectors - x)
        return vectors, ops.reshape(indices, (-1, *x.shape[1:-1]))

    def _follow(self, flat, indices):
        """Updates the codebook by the batches of all replicas; weight 0 changes nothing."""
        weights = _weights_of(flat)
        chosen = ops.one_hot(indices, self.entries, dtype=flat.dtype)  # (vectors, entries)
        if weights is not None:
            chosen = chosen * weights[:, None]
        batch = [ops.sum(chosen, axis=0), ops.matmul(ops.transpose(chosen), flat)]
        counts, sums = step.over_replicas(batch)
        vectors = ops.sum(counts)
        decay = ops.where(vectors > 0, self.decay, 1.0)
        gain = ops.where(vectors > 0, 1 - self.decay, 0.0)
        counts = decay * self.counts + gain * counts
        sums = decay * self.sums + gain * sums
        even_count = vectors / self.entries
        dead = counts < self.threshold * even_count
        draw = keras.random.uniform((self.entries,), dtype=flat.dtype, seed=self.seed_generator)
        self.counts.assign(ops.where(dead, even_count, counts))
        self.sums.assign(ops.where(dead[:, None], even_count * _drawn(flat, weights, draw), sums))
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
    """Returns the sample weight of each vector in a step, `(vectors,)`, or None without weights."""
    current = step.current()
    weights = None if current is None else current.weights
    if weights is None:
        return None
    per_row = tf.shape(flat)[0] // tf.maximum(tf.shape(weights)[0], 1)
    return tf.repeat(weights, per_row)


def _drawn(flat, weights, draw):
    """Returns a vector of the batch for each draw in [0, 1), in proportion to weight."""
    count = ops.cast(ops.shape(flat)[0], flat.dtype)
    if weights is None:
        chosen = ops.cast(draw * count, "int32")
    else:
        cumulative = ops.cumsum(weights)
        chosen = tf.searchsorted(cumulative, draw * cumulative[-1:], side="right")
        chosen = ops.minimum(chosen, ops.shape(flat)[0] - 1)
    return ops.take(flat, chosen, axis=0)


@keras.saving.register_keras_serializable(package="zoo")
class BinaryCode(keras.layers.Layer):
    """Layer that turns numbers into bits, which are 0.0 and 1.0.

    In training it returns sigmoid(x + N(0, noise²)). The noise has no effect only where x is far
    from zero, so each unit learns to be clearly on or off. At inference it returns 1 where x > 0,
    else 0. Input and output are `(rows, units)`. Salakhutdinov & Hinton, 2009, section 3.3.

    Args:
        noise: Float. Standard deviation of the noise, at least 0. Defaults to 1.0.
        seed: Integer, or None to draw one from Keras's global seed. Seed of the noise. Defaults to
            None.
        **kwargs: Further arguments of `keras.layers.Layer`, such as `name`.

    Raises:
        UsageError: If `noise` is negative or NaN.

    Example:

    >>> zoo.layers.BinaryCode()(np.array([[-2.0, 0.5, 3.0]])).numpy()
    array([[0., 1., 1.]], dtype=float32)
    """

    def __init__(self, noise=1.0, seed=None, **kwargs):
        super().__init__(**kwargs)
        if not noise >= 0:
            raise UsageError(f"`noise` must be at least 0. Received: noise={noise!r}.")
        self.noise, self.seed = noise, seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, x, training=False):
        if not training:
            return ops.cast(x > 0, x.dtype)
        noise = keras.random.normal(ops.shape(x), dtype=x.dtype, seed=self.seed_generator)
        return ops.sigmoid(x + self.noise * noise)

    @property
    def bits(self) -> float:
        """Size of one row's code in bits: one for each unit."""
        return float(self.output.shape[-1])

    def get_config(self):
        return super().get_config() | {"noise": self.noise, "seed": self.seed}
