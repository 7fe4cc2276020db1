"""The restricted Boltzmann machine: two layers of stochastic units, learnt by contrasting."""

from typing import Literal

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from zoo import arrays
from zoo.arguments import positive_integer
from zoo.errors import UsageError
from zoo.layers import energies, gibbs_sampling
from zoo.layers.bias import sum_of_rows
from zoo.layers.loss_terms import LossTerm

BOUNDS = (0.01, 0.99)  # of the probabilities whose log-odds the visible biases start as
SHARE, LEAST = 16, 8  # to spare time, a step of training tells of a part of its rows, or so many
MEANS = {"bernoulli": ops.sigmoid, "relu": ops.relu, "linear": keras.activations.linear}
KINDS = {"visible": ("bernoulli", "gaussian"), "hidden": tuple(MEANS)}


@keras.saving.register_keras_serializable(package="zoo")
class RestrictedBoltzmann(LossTerm):
    """Mean hidden units `h = layer(v)`; mean visible units `v = layer(h, transpose=True)`.

    From `(rows, visible units)` to `(rows, units)`, and back by the same kernel, transposed. The
    energy of a pair, for Bernoulli units, is -v·c - h·b - v W h; Gaussian visible units have
    |v - c|² / 2 for -v·c, linear hidden units |h|² / 2 - h·b for -h·b, both of unit variance.
    Rectified hidden units (Nair & Hinton, 2010) have the energy of linear ones and are at least 0.
    With them the layer is a distribution by approximation only: given a field f, the input from
    the visible units, they are drawn as max(0, f + N(0, sigmoid(f))), their mean is taken as
    max(0, f), and the free energy counts that state alone.

    Forward it adds to the loss F(v) - F(v'), the mean difference of free energies, where v' is
    what Gibbs sampling makes of v and counts as fixed: its gradient is contrastive divergence
    (Hinton, 2002, equation 5). In training v' is drawn, its visible units left at their means, as
    Hinton, 2010, section 3 advises; at rest all are means. What is told of a training step is of
    a sixteenth of its rows, at least eight. It computes in float32 under any policy.

    Args:
        units: the number of hidden units; a positive integer.
        visible: what the visible units are: `"bernoulli"`, of values in [0, 1], or `"gaussian"`,
            of unit variance and any value.
        hidden: what the hidden units are: `"bernoulli"`, `"relu"` or `"linear"`.
        steps: of Gibbs sampling; a positive integer.
        chains: number of chains of persistent contrastive divergence (Tieleman, 2008), which go
            on from step to step of training; 0 for chains that begin at v. Those reconstruct
            better but sample poorly: away from the data nothing raises the energy.
        weight_decay: weight in the loss of half the kernel's squared length.
        seed: of the sampling; by default drawn from Keras's global seed.
    """

    told_as = "free_energy_difference"

    def __init__(
        self,
        units,
        visible: Literal["bernoulli", "gaussian"] = "bernoulli",
        hidden: Literal["bernoulli", "relu", "linear"] = "bernoulli",
        steps=1,
        chains=0,
        weight_decay=0.0,
        seed=None,
        **kwargs,
    ):
        super().__init__(**{"dtype": "float32"} | kwargs)
        for name, came in {"visible": visible, "hidden": hidden}.items():
            if came not in KINDS[name]:
                accepted = " or ".join(map(repr, KINDS[name]))
                raise UsageError(f"`{name}` must be {accepted}. Received: {name}={came!r}.")
        self.units, self.steps = positive_integer("units", units), positive_integer("steps", steps)
        self.visible, self.hidden = visible, hidden
        self.chains, self.seed = chains and positive_integer("chains", chains), seed
        self.weight_decay = weight_decay
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.trackers = {
            name: keras.metrics.Mean(name=name)
            for name in ("reconstruction_error", "free_energy", "pseudo_likelihood")
            if name != "pseudo_likelihood" or visible == "bernoulli"
        }

    def build(self, input_shape):
        features = input_shape[-1]
        self.kernel = self.add_weight(
            shape=(features, self.units),
            initializer=keras.initializers.RandomNormal(stddev=0.01),
            name="kernel",
        )
        self.bias = self.add_weight(shape=(self.units,), initializer="zeros", name="bias")
        self.transpose_bias = self.add_weight(
            shape=(features,), initializer="zeros", name="transpose_bias"
        )
        self.visible_mean = self.add_weight(
            shape=(features,),
            initializer=keras.initializers.Constant(0.5 if self.visible == "bernoulli" else 0.0),
            trainable=False,
            name="visible_mean",
        )
        if self.chains:
            self.particles = self.add_weight(
                shape=(self.chains, features),
                initializer=keras.initializers.RandomUniform(0, 1),
                trainable=False,
                aggregation="only_first_replica",  # one set of chains for all
                name="particles",
            )

    @property
    def untrained(self) -> bool:
        """Whether both biases are still zero, as `build` leaves them."""
        biases = (self.bias, self.transpose_bias)
        return not any(np.any(ops.convert_to_numpy(bias)) for bias in biases)

    def adapt(self, data):
        """Starts an untrained RBM from data; a trained or adapted one stays as it is.

        The biases of Bernoulli visible units become the log-odds of the units' means, which are
        clipped to [0.01, 0.99] (Hinton, 2010, section 8.1). Sampling starts from these means, and
        persistent chains start from rows, evenly spaced over the data.

        Args:
            data: visible units, `(rows, visible units)`.
        """
        rows = data if isinstance(data, arrays.MappedRows) else np.asarray(data, np.float32)
        if len(rows) == 0:
            raise UsageError("There must be at least one row to adapt to. Received: 0.")
        if not self.built:
            self.build(rows.shape)
        if not self.untrained:
            return
        mean = arrays.mean_of_rows(rows)
        if self.visible == "bernoulli":
            mean = np.clip(mean, *BOUNDS)
            self.transpose_bias.assign(np.log(mean) - np.log1p(-mean))
        self.visible_mean.assign(mean)
        if self.chains:
            self.particles.assign(rows[np.arange(self.chains) * len(rows) // self.chains])

    def call(self, x, transpose=False):
        if transpose:
            return self._mean_visible(x)
        field = self.field(x)  # (rows, units)
        super().call([x, field])
        return self._mean_hidden(field)

    def loss(self, inputs, current):
        x, field = inputs
        once, made = self._chain(x, field, current.training)
        # Frozen, its chains stand still.
        if going_on := current.training and self.chains and self.trainable:
            made = self.gibbs(self.particles, self.steps)
            self.particles.assign(made)
        made = ops.stop_gradient(made)
        made_field, part = self.field(made), slice(None)
        if current.training and current.weights is None:
            # Rows come in any order; a slice costs less than every so many.
            part = slice(ops.maximum((ops.shape(x)[0] + SHARE - 1) // SHARE, LEAST))
        energy = energies.free_energy(self, x[part], field[part])  # (rows of the part,)
        contrast = energies.free_energy(self, made[part], made_field[part])
        difference = energy - (ops.mean(contrast) if going_on else contrast)
        figures = {
            "reconstruction_error": ops.sum(ops.square(x[part] - once[part]), axis=-1),
            "free_energy": energy,
        }
        if self.visible == "bernoulli":
            figures["pseudo_likelihood"] = energies.pseudo_likelihood(self, x[part], field[part])
        current.report(self.tracker, difference)
        for name, values in figures.items():
            current.report(self.trackers[name], values)
        of_data = of_made = _share(x, current.weights)
        if going_on:
            of_made = current.mean_weight * _share(made)
        phases = (x, field, -of_data), (made, made_field, of_made)
        loss = self._with_gradient(current.mean(difference), phases)
        if self.weight_decay:
            decay = current.mean_weight * self.weight_decay
            loss += decay * tf.nn.l2_loss(self.kernel.value)  # in one pass
        return self.weight * loss

    def _with_gradient(self, value, phases):
        """Returns `value` with the gradient of F(v) - F(made) by kernel and biases.

        Of the kernel it is the mean of v' h(v') less that of v h(v) (equation 5).

        Args:
            value: the scalar to return.
            phases: for the data and for what was made of them the visible units, the field, and
                the factor that each row counts by: a scalar or `(rows, 1)`.
        """

        @tf.custom_gradient
        def difference(kernel, bias, transpose_bias):
            def gradient(upstream):
                sums = []
                for visible, field, share in phases:
                    share = upstream * share
                    hidden = share * self._mean_hidden(field)
                    kernels = tf.matmul(visible, hidden, transpose_a=True)
                    sums.append((kernels, sum_of_rows(hidden), _weighted_sum(visible, share)))
                return [tf.add(*pair) for pair in zip(*sums, strict=True)]

            return tf.identity(value), gradient

        weights = self.kernel, self.bias, self.transpose_bias
        return difference(*(ops.convert_to_tensor(weight) for weight in weights))

    def free_energy(self, v):
        """-log of the sum over hidden states of exp(-energy), of visible `v`: `(rows,)`."""
        return energies.free_energy(self, v, self.field(v))

    gibbs, _chain = gibbs_sampling.gibbs, gibbs_sampling.chain
    draw_visible, draw_hidden = gibbs_sampling.draw_visible, gibbs_sampling.draw_hidden

    def field(self, v):
        """The input that each hidden unit has from visible `v`: `(rows, units)`."""
        return ops.matmul(v, self.kernel) + self.bias

    def _mean_hidden(self, field):
        return MEANS[self.hidden](field)

    def _mean_visible(self, h):
        x = ops.matmul(h, ops.transpose(self.kernel)) + self.transpose_bias
        return x if self.visible == "gaussian" else ops.sigmoid(x)

    def get_config(self):
        return super().get_config() | {
            "units": self.units,
            "visible": self.visible,
            "hidden": self.hidden,
            "steps": self.steps,
            "chains": self.chains,
            "weight_decay": self.weight_decay,
            "seed": self.seed,
        }


def _share(rows, weights=None):
    """Returns what a row counts in a mean: 1 / rows, or with weights `(rows, 1)`."""
    count = tf.cast(tf.maximum(tf.shape(rows)[0], 1), "float32")
    return 1 / count if weights is None else weights[:, None] / count


def _weighted_sum(rows, share):
    """Returns the sum of rows times their share, a scalar or `(rows, 1)`."""
    return sum_of_rows(share * rows) if share.shape.rank else share * sum_of_rows(rows)
