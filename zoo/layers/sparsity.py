"""Codes of which only a few numbers are not zero, by choosing the largest."""

import math

import keras
from keras import ops

from zoo.arguments import positive_integer
from zoo.errors import UsageError

MEMORY = 0.999  # a step: how far back a unit's share of the rows looks


@keras.saving.register_keras_serializable(package="zoo")
class KSparse(keras.layers.Layer):
    """Keeps the `k` largest numbers of each code, `(rows, units)`, and sets the others to zero.

    Equals of the smallest kept are kept too. In training the number kept falls from all units to
    `k`, linearly, over the first `annealing_steps`. Makhzani & Frey, 2014, section 2.2.

    With `boost`, units that were chosen less often than others are chosen more easily in training,
    so that none goes unused: by exp(boost · (1 - share · units / k)) times their number, for the
    share of rows that each was kept in lately (after Ahmad & Scheinkman, 2019, section 3).

    Args:
        k: a positive integer, at most the number of units.
        annealing_steps: 0 for none.
        surplus: at rest, `surplus * k` are kept (alpha in the paper); at least 1.
        boost: 0 for none.
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
            self.share = self.add_weight(
                shape=input_shape[-1:],
                initializer=even,
                trainable=False,
                aggregation="mean",
                name="share",
            )

    def call(self, x, training=False):
        training = training and self.trainable  # frozen, it counts nothing
        if not training or not self.boost:
            return ops.where(x >= self._lowest(x, training), x, 0.0)
        ease = ops.exp(self.boost * (1 - self.share * x.shape[-1] / self.k))
        boosted = x * ease
        kept = boosted >= self._lowest(boosted, training)
        lately = ops.mean(ops.cast(kept, "float32"), axis=0)
        self.share.assign(MEMORY * self.share + (1 - MEMORY) * lately)
        return ops.where(kept, x, 0.0)

    def _lowest(self, x, training):
        """Of each row the smallest number that is kept, `(rows, 1)`."""
        units = x.shape[-1]
        if training and self.annealing_steps:
            ranked, _ = ops.top_k(x, units)  # (rows, units), falling
            share = ops.minimum(ops.cast(self.steps, "float32") / self.annealing_steps, 1.0)
            kept = ops.cast(ops.round(units - share * (units - self.k)), "int32")
            self.steps.assign_add(1)
            return ops.take(ranked, kept - 1, axis=-1)[:, None]
        kept = self.k if training else self._kept_at_rest(units)
        return ops.top_k(x, kept)[0][:, -1:]

    @property
    def bits(self) -> float:
        """What the numbers kept of one row weigh at rest: 32 each, and which of the units it is."""
        units = self.output.shape[-1]
        return self._kept_at_rest(units) * (32 + math.log2(units))

    def _kept_at_rest(self, units):
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
    """In training keeps, for each unit, only its largest activations within the batch, and equals.

    On a code `(rows, units)`; at rest the identity. Makhzani & Frey, 2015, section 2.

    Args:
        rate: the share of the batch's rows in which a unit may be active, within (0, 1].
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
    """Keeps, for each row and channel, only the largest value of its map, and equals.

    On maps `(rows, height, width, channels)`. Makhzani & Frey, 2015, section 3.
    """

    def call(self, x):
        return ops.where(x >= ops.max(x, axis=(1, 2), keepdims=True), x, 0.0)

    @property
    def bits(self) -> float:
        """What one row weighs: of each channel 32 for the value, and where in the map it stands."""
        _, height, width, channels = self.output.shape
        return channels * (32 + math.log2(height * width))
