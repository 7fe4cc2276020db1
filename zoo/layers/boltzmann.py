"""A restricted Boltzmann machine as a Keras layer, trained by contrastive divergence."""

from typing import Literal

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from zoo.errors import UsageError
from zoo.fused import sum_of_rows
from zoo.inputs import chunks
from zoo.inputs.arguments import positive_integer
from zoo.inputs.lazy import LazyRows
from zoo.layers import boltzmann_energies, gibbs_sampling
from zoo.layers.loss_term import LossTerm

BOUNDS = (0.01, 0.99)  # visible biases start as log-odds of means clipped to these
ONE_IN, LEAST = 16, 8  # a training step measures 1/16 of its rows, at least 8, to save time
MEANS = {"bernoulli": ops.sigmoid, "relu": ops.relu, "linear": keras.activations.linear}
KINDS = {"visible": ("bernoulli", "gaussian"), "hidden": tuple(MEANS)}


@keras.saving.register_keras_serializable(package="zoo")
class RestrictedBoltzmann(LossTerm):
    """Restricted Boltzmann machine that is trained by contrastive divergence.

    `h = layer(v)` returns the means of the hidden units, `(rows, units)`, for visible units `v`,
    `(rows, visible units)`. `v = layer(h, transpose=True)` returns the means of the visible units,
    by the same kernel, transposed.

    With kernel W, hidden biases b and visible biases c, the energy of a pair of Bernoulli units is
    -v·c - h·b - v W h. For Gaussian visible units |v - c|² / 2 takes the place of -v·c, and for
    linear hidden units |h|² / 2 - h·b the place of -h·b; both have unit variance. Rectified hidden
    units (Nair & Hinton, 2010) have the energy of linear ones and are at least 0. For them the
    layer is only approximately a distribution: with the field f = v W + b they are drawn as
    max(0, f + N(0, sigmoid(f))), their mean is taken as max(0, f), and the free energy counts that
    state alone.

    In `fit` and `evaluate` the forward call adds a term to the loss: F(v) - F(v'), the mean
    difference of free energies, where v' is the result of Gibbs sampling from v and is treated as
    constant. The gradient of the term is contrastive divergence (Hinton, 2002). In training the
    hidden units of the chain are drawn and the visible units are left at their means, as Hinton,
    2010, section 3 advises; in `evaluate` all units are means.

    Besides the term, `fit` and `evaluate` show `reconstruction_error`, `free_energy` and, for
    Bernoulli visible units, `pseudo_likelihood`. To save time, a training step without sample
    weights computes these metrics and the value of the term on the first sixteenth of its rows, at
    least eight; the gradient uses all rows. The layer computes in float32 under any dtype policy.

    Args:
        units: Positive integer. Number of hidden units.
        visible: String. `"bernoulli"` for visible units with values in [0, 1], or `"gaussian"` for
            visible units of unit variance with any value. Defaults to `"bernoulli"`.
        hidden: String. Kind of the hidden units: `"bernoulli"`, `"relu"` or `"linear"`. Defaults to
            `"bernoulli"`.
        steps: Positive integer. Number of steps of Gibbs sampling. Defaults to 1.
        chains: Integer. Number of chains of persistent contrastive divergence (Tieleman, 2008),
            which go on from one training step to the next and in which all units are drawn; 0 for
            chains that start at v. Chains that start at v give better reconstructions but poor
            samples: nothing raises the energy away from the data. Defaults to 0.
        weight_decay: Float. Weight in the loss of half the squared length of the kernel. Defaults
            to 0.0.
        seed: Integer, or None to draw one from Keras's global seed. Seed of the sampling. Defaults
            to None.
        **kwargs: Further arguments of `LossTerm`, such as `weight`, and of `keras.layers.Layer`.

    Call arguments:
        x: Visible units, `(rows, visible units)`; with `transpose`, hidden units, `(rows, units)`.
        transpose: Boolean. Go from hidden to visible units. Defaults to False.

    Raises:
        UsageError: If `visible`, `hidden`, `units`, `steps` or `chains` is not accepted.

    Example:

    >>> rbm = zoo.layers.RestrictedBoltzmann(units=2, seed=0)
    >>> v = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]])
    >>> rbm.adapt(v)
    >>> rbm(v).shape
    TensorShape([2, 2])
    >>> rbm(rbm(v), transpose=True).shape
    TensorShape([2, 3])
    """

    metric_name = "free_energy_difference"

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
        for name, value in {"visible": visible, "hidden": hidden}.items():
            if value not in KINDS[name]:
                accepted = " or ".join(map(repr, KINDS[name]))
                raise UsageError(f"`{name}` must be {accepted}. Received: {name}={value!r}.")
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
                aggregation="only_first_replica",  # all replicas share one set of chains
                name="particles",
            )

    @property
    def untrained(self) -> bool:
        """Returns whether both biases are still zero, as they are after `build`."""
        biases = (self.bias, self.transpose_bias)
        return not any(np.any(ops.convert_to_numpy(bias)) for bias in biases)

    def adapt(self, data):
        """Initialises an untrained RBM from data; leaves a trained or adapted one as it is.

        The biases of Bernoulli visible units become the log-odds of the units' means, which are
        clipped to [0.01, 0.99] (Hinton, 2010, section 8.1). `draw_visible` draws units with these
        means, and persistent chains start from rows that are evenly spaced over the data.

        Args:
            data: Array or `LazyRows` of visible units,
                `(rows, visible units)`, at least one row.

        Raises:
            UsageError: If there are no rows.
        """
        rows = data if isinstance(data, LazyRows) else np.asarray(data, np.float32)
        if len(rows) == 0:
            raise UsageError("There must be at least one row to adapt to. Received: 0.")
        if not self.built:
            self.build(rows.shape)
        if not self.untrained:
            return
        mean = chunks.mean_of_rows(rows)
        if self.visible == "bernoulli":
            mean = np.clip(mean, *BOUNDS)
            self.transpose_bias.assign(np.log(mean) - np.log1p(-mean))
        self.visible_mean.assign(mean)
        if self.chains:
            self.particles.assign(rows[np.arange(self.chains) * len(rows) // self.chains])

    def call(self, x, transpose=False):
        if transpose:
            return self.mean_visible(x)
        field = self.field(x)  # (rows, units)
        super().call([x, field])
        return self.mean_hidden(field)

    def loss(self, inputs, current):
        """Returns the contrastive divergence loss of one step, and updates its metrics.

        Args:
            inputs: Pair of the visible units, `(rows, visible units)`, and their field,
                `(rows, units)`.
            current: `zoo.layers.step.Step`. The current step.

        Returns:
            A float32 scalar, multiplied by `weight` and with the weight decay added.
        """
        x, field = inputs
        reconstruction, samples = self._chain(x, field, current.training)
        # The chains of a frozen RBM stay where they are.
        if persistent := current.training and self.chains and self.trainable:
            samples = self.gibbs(self.particles, self.steps)
            self.particles.assign(samples)
        samples = ops.stop_gradient(samples)
        samples_field, part = self.field(samples), slice(None)
        if current.training and current.weights is None:
            # Rows are in random order, and a slice is cheaper than a stride.
            part = slice(ops.maximum((ops.shape(x)[0] + ONE_IN - 1) // ONE_IN, LEAST))
        energy = boltzmann_energies.free_energy(self, x[part], field[part])  # (rows of the part,)
        contrast = boltzmann_energies.free_energy(self, samples[part], samples_field[part])
        difference = energy - (ops.mean(contrast) if persistent else contrast)
        metrics = {
            "reconstruction_error": ops.sum(ops.square(x[part] - reconstruction[part]), axis=-1),
            "free_energy": energy,
        }
        if self.visible == "bernoulli":
            metrics["pseudo_likelihood"] = boltzmann_energies.pseudo_likelihood(
                self, x[part], field[part]
            )
        current.update_metric(self.tracker, difference)
        for name, values in metrics.items():
            current.update_metric(self.trackers[name], values)
        data_weight = samples_weight = _row_weight(x, current.weights)
        if persistent:
            samples_weight = current.mean_weight * _row_weight(samples)
        phases = (x, field, -data_weight), (samples, samples_field, samples_weight)
        loss = self._with_gradient(current.mean(difference), phases)
        if self.weight_decay:
            decay = current.mean_weight * self.weight_decay
            loss += decay * tf.nn.l2_loss(self.kernel.value)  # in one pass
        return self.weight * loss

    def _with_gradient(self, value, phases):
        """Returns `value` with the gradient of F(v) - F(v') by the kernel and the biases.

        For the kernel this is the mean of v' h(v') minus the mean of v h(v).

        Args:
            value: Scalar to return.
            phases: For the data and for the sampled units, a triple of the visible units, their
                field, and the weight of each row: a scalar or `(rows, 1)`.
        """

        @tf.custom_gradient
        def difference(kernel, bias, transpose_bias):
            def gradient(upstream):
                sums = []
                for visible, field, row_weight in phases:
                    row_weight = upstream * row_weight
                    hidden = row_weight * self.mean_hidden(field)
                    kernels = tf.matmul(visible, hidden, transpose_a=True)
                    sums.append((kernels, sum_of_rows(hidden), _weighted_sum(visible, row_weight)))
                return [tf.add(*pair) for pair in zip(*sums, strict=True)]

            return tf.identity(value), gradient

        weights = self.kernel, self.bias, self.transpose_bias
        return difference(*(ops.convert_to_tensor(weight) for weight in weights))

    def free_energy(self, v):
        """Returns the free energy: -log of the sum over hidden states of exp(-energy).

        For linear hidden units the sum is an integral, and its constant factor is left out.

        Args:
            v: Visible units, `(rows, visible units)`.

        Returns:
            A float32 tensor, `(rows,)`, in nats.

        Example:

        >>> rbm = zoo.layers.RestrictedBoltzmann(units=2)
        >>> rbm.build((None, 3))
        >>> rbm.free_energy(np.zeros((1, 3), "float32")).numpy().round(3)  # -2 log 2
        array([-1.386], dtype=float32)
        """
        return boltzmann_energies.free_energy(self, v, self.field(v))

    gibbs, _chain = gibbs_sampling.gibbs, gibbs_sampling.chain
    draw_visible, draw_hidden = gibbs_sampling.draw_visible, gibbs_sampling.draw_hidden

    def field(self, v):
        """Returns the input of each hidden unit from visible units: v W + b.

        Args:
            v: Visible units, `(rows, visible units)`.

        Returns:
            A float32 tensor, `(rows, units)`.
        """
        return ops.matmul(v, self.kernel) + self.bias

    def mean_hidden(self, field):
        """Returns the means of the hidden units.

        Args:
            field: Tensor, `(rows, units)`, as `field` returns it.

        Returns:
            A tensor, `(rows, units)`.
        """
        return MEANS[self.hidden](field)

    def mean_visible(self, h):
        """Returns the means of the visible units.

        Args:
            h: Tensor of hidden units, `(rows, units)`.

        Returns:
            A tensor, `(rows, visible units)`.
        """
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


def _row_weight(rows, weights=None):
    """Returns the weight of a row in a mean: 1 / rows, or with sample weights `(rows, 1)`."""
    count = tf.cast(tf.maximum(tf.shape(rows)[0], 1), "float32")
    return 1 / count if weights is None else weights[:, None] / count


def _weighted_sum(rows, weight):
    """Returns the sum of rows multiplied by `weight`, which is a scalar or `(rows, 1)`."""
    return sum_of_rows(weight * rows) if weight.shape.rank else weight * sum_of_rows(rows)
