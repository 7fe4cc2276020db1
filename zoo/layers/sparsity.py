"""Sparse codes: layers that keep the largest numbers of a code and set the others to zero."""

import math

import keras
from keras import ops

from zoo.errors import UsageError
from zoo.inputs.arguments import positive_integer

MEMORY = 0.999  # decay per step of the moving average of how often a unit is kept


@keras.saving.register_keras_serializable(package="zoo")
class KSparse(keras.layers.Layer):
    """Layer that keeps the `k` largest numbers of each code and sets the others to zero.

    Input and output are `(rows, units)`. The layer is always active; numbers that equal the
    smallest kept one are kept too. In training the number of units kept falls linearly from all
    units to `k` over the first `annealing_steps` steps. Makhzani & Frey, 2014, section 2.2.

    With `boost`, training favours units that were kept less often than others, so that none goes
    unused: units are ranked by their number times exp(boost · (1 - kept_fraction · units / k)),
    where `kept_fraction` is the moving average of the fraction of rows in which the unit was kept
    (after Ahmad & Scheinkman, 2019, section 3).

    Args:
        k: Positive integer. Number of units to keep, at most the number of units.
        annealing_steps: Integer. Number of training steps over which the number of units kept falls
            to `k`; 0 for none. Defaults to 0.
        surplus: Float, at least 1. At inference `surplus * k` units are kept (alpha in the paper).
            Defaults to 1.0.
        boost: Float, at least 0. Strength of the boost; 0 for none. Defaults to 0.0.
        **kwargs: Further arguments of `keras.layers.Layer`, such as `name`.

    Raises:
        UsageError: If an argument is not accepted, or when the layer is built for fewer than `k`
            units.

    Example:

    >>> zoo.layers.KSparse(k=2)(np.array([[3.0, -1.0, 2.0, 0.5]])).numpy()
    array([[3., 0., 2., 0.]], dtype=float32)
    """

    def __init__(self, k, annealing_steps=0, surplus=1.0, boost=0.0, **kwargs):
        super().__init__(**kwargs)
        self.k = positive_integer("k", k)
        if annealing_steps < 0 or surplus < 1 or boost < 0:
            raise UsageError(
                "`annealing_steps` and `boost` must be at least 0 and `surplus` at least 1. "
                f"Received: annealing_steps={annealing_steps!r}, boost={boost!r}, "
                f"surplus={surplus!r}."
            )
        self.annealing_steps, self.surplus, self.boost = annealing_steps, surplus, boost

    def build(self, input_shape):
        if len(input_shape) != 2 or self.k > input_shape[-1]:
            raise UsageError(
                f"`k` must be at most the number of units of a code (rows, units). Received: "
                f"k={self.k} and the shape {tuple(input_shape)}."
            )
        self.steps = self.add_weight(
            shape=(),
            initializer="zeros",
            dtype="int32",
            trainable=False,
            aggregation="only_first_replica",
            name="steps",
        )
        if self.boost:
            even = keras.initializers.Constant(self.k / input_shape[-1])
            self.kept_fraction = self.add_weight(
                shape=input_shape[-1:],
                initializer=even,
                trainable=False,
                aggregation="mean",
                name="kept_fraction",
            )

    def call(self, x, training=False):
        training = training and self.trainable  # a frozen layer does not update its counts
        if not training or not self.boost:
            return ops.where(x >= self._lowest(x, training), x, 0.0)
        factor = ops.exp(self.boost * (1 - self.kept_fraction * x.shape[-1] / self.k))
        boosted = x * factor
        kept = boosted >= self._lowest(boosted, training)
        kept_now = ops.mean(ops.cast(kept, "float32"), axis=0)
        self.kept_fraction.assign(MEMORY * self.kept_fraction + (1 - MEMORY) * kept_now)
        return ops.where(kept, x, 0.0)

    def _lowest(self, x, training):
        """Returns the smallest number of each row that is kept, `(rows, 1)`."""
        units = x.shape[-1]
        if training and self.annealing_steps:
            ranked, _ = ops.top_k(x, units)  # (rows, units), in descending order
            progress = ops.minimum(ops.cast(self.steps, "float32") / self.annealing_steps, 1.0)
            kept = ops.cast(ops.round(units - progress * (units - self.k)), "int32")
            self.steps.assign_add(1)
            return ops.take(ranked, kept - 1, axis=-1)[:, None]
        kept = self.k if training else self._kept_at_inference(units)
        return ops.top_k(x, kept)[0][:, -1:]

    @property
    def bits(self) -> float:
        """Size of one row's code in bits at inference: its numbers and their positions.

        Each number kept counts 32 bits, and its position log2 of the number of units.
        """
        units = self.output.shape[-1]
        return self._kept_at_inference(units) * (32 + math.log2(units))

    def _kept_at_inference(self, units):
        return min(units, round(self.surplus * self.k))

    def get_config(self):
        return super().get_config() | {
            "k": self.k,
            "annealing_steps": self.annealing_steps,
            "surplus": self.surplus,
            "boost": self.boost,
        }


@keras.saving.register_keras_serializable(package="zoo")
class LifetimeSparsity(keras.layers.Layer):
    """Layer that keeps each unit's largest activations within the batch, in training only.

    Numbers that equal the smallest kept one are kept too. Input and output are `(rows, units)`;
    outside training the layer is the identity. Makhzani & Frey, 2015, section 2.

    Args:
        rate: Float in (0, 1]. Fraction of the batch's rows in which a unit may be active, rounded
            up to whole rows. Defaults to 0.05.
        **kwargs: Further arguments of `keras.layers.Layer`, such as `name`.

    Raises:
        UsageError: If `rate` is not in (0, 1].

    Example:

    >>> layer = zoo.layers.LifetimeSparsity(rate=0.5)
    >>> layer(np.array([[1.0, 4.0], [2.0, 3.0]]), training=True).numpy()
    array([[0., 4.],
           [2., 0.]], dtype=float32)
    """

    def __init__(self, rate=0.05, **kwargs):
        super().__init__(**kwargs)
        if not 0 < rate <= 1:
            raise UsageError(f"`rate` must be in (0, 1]. Received: rate={rate!r}.")
        self.rate = rate

    def call(self, x, training=False):
        if not training:
            return x
        by_unit = ops.transpose(x)  # (units, rows)
        rows = ops.cast(ops.shape(x)[0], "float32")
        kept = ops.maximum(ops.cast(ops.ceil(self.rate * rows - 1e-3), "int32"), 1)
        lowest = ops.take(ops.sort(by_unit, axis=-1), ops.shape(x)[0] - kept, axis=-1)
        return ops.where(x >= lowest[None], x, 0.0)

    def get_config(self):
        return super().get_config() | {"rate": self.rate}


@keras.saving.register_keras_serializable(package="zoo")
class SpatialSparsity(keras.layers.Layer):
    """Layer that keeps, for each row and channel, only the largest value of its map.

    Values that equal the largest are kept too. Input and output are
    `(rows, height, width, channels)`; the layer is always active. Makhzani & Frey, 2015, section 3.

    Args:
        **kwargs: Arguments of `keras.layers.Layer`, such as `name`.

    Example:

    >>> x = np.array([[1.0, 2.0], [4.0, 3.0]]).reshape(1, 2, 2, 1)
    >>> zoo.layers.SpatialSparsity()(x).numpy()[0, :, :, 0]
    array([[0., 0.],
           [4., 0.]], dtype=float32)
    """

    def call(self, x):
        return ops.where(x >= ops.max(x, axis=(1, 2), keepdims=True), x, 0.0)

    @property
    def bits(self) -> float:
        """Size of one row's code in bits: each channel's value and its position.

        A value counts 32 bits, and its position log2 of the size of the map.
        """
        _, height, width, channels = self.output.shape
        return channels * (32 + math.log2(height * width))
