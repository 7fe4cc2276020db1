r"""Restricted Boltzmann machine: stochastic units, trained by contrastive divergence.

For Bernoulli units $v$ and $h$, with the sigmoid $\sigma$ for the code and the reconstruction:

$$p(v, h) \propto e^{-E(v, h)}, \qquad E(v, h) = -v W h^\top - c v^\top - b h^\top$$

$$z = \sigma(x W + b), \qquad \hat x = \sigma(z W^\top + c)$$

The loss is the difference of the free energies of the data and of samples $\tilde v$ of the model,
as means over the rows, and weight decay with the weight $\lambda$, `weight_decay`. The samples come
from Gibbs sampling, in chains that persist or that start at $x$, and count as constants:

$$L = F(x) - F(\tilde v) + \frac{\lambda}{2} \sum_{i,j} W_{ij}^2, \qquad
F(v) = -c v^\top - \sum_j \log \left( 1 + e^{(v W + b)_j} \right)$$
"""

import functools
from typing import Literal

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike

from zoo import blocks
from zoo.autoencoder import AutoEncoder, fit_arguments, fit_inputs
from zoo.errors import UsageError
from zoo.inputs import chunks, containers, streams
from zoo.inputs.arguments import check_seed, positive_integer
from zoo.inputs.lazy import LazyRows, MappedRows
from zoo.layers import KLSparsity, RestrictedBoltzmann
from zoo.registry import Recipe, register

CHAINS = 100  # number of persistent chains
COMPARED, BATCHES = 1000, 10  # most training rows and batches for the free energy gap
FIRST = 50  # batches of a stream that an untrained RBM starts from

HIDDEN = ({"hidden": "relu"}, {"hidden": "linear"})  # units without bounds
VISIBLE = ({"visible": "gaussian"},)
CD_1 = {"learning_rate": 0.05, "momentum": 0.9, "schedule": "constant", "epochs": 10}


def _resolved(*, visible, hidden, persistent, standardise, **_) -> dict:
    """Returns the kind of visible units and whether chains persist, with defaults resolved."""
    visible = "gaussian" if standardise else visible
    if persistent is None:
        persistent = visible == hidden == "bernoulli"
    return {"visible": visible, "persistent": persistent}


@register(
    recipe=Recipe(
        loss="zero",
        optimizer="sgd",
        learning_rate=0.1,
        schedule="cosine",
        batch_size=100,
        epochs=60,
        steps_per_execution=16,
    ),
    # Momentum moves the weights too fast for persistent chains to follow; CD-1 learns with it.
    # Units without bounds need smaller steps (Hinton, 2010, section 13.2).
    recipe_changes=(
        ({"persistent": False}, CD_1),
        *((kind, {"learning_rate": 1e-2}) for kind in (*HIDDEN, *VISIBLE)),
        *((one | other, {"learning_rate": 1e-3}) for one in HIDDEN for other in VISIBLE),
    ),
    tiny={"input_shape": (6, 6, 1), "latent_dim": 8},
    modes=(
        {"persistent": False, "steps": 2, "sparsity_weight": 0.1},
        {"hidden": "linear"},
        {"hidden": "relu", "visible": "gaussian"},
        {"standardise": True, "input_shape": (60,), "latent_dim": 40},
    ),
    feature_arguments={"standardise": True},
    paper="Hinton, 2002; Tieleman, 2008; Hinton, 2010; Nair & Hinton, 2010",
    monitor="reconstruction_error",
    resolve=_resolved,
)
def rbm(
    input_shape: tuple[int, ...] = (28, 28, 1),
    *,
    latent_dim: int = 500,
    visible: Literal["bernoulli", "gaussian"] = "bernoulli",
    hidden: Literal["bernoulli", "relu", "linear"] = "bernoulli",
    steps: int = 1,
    persistent: bool | None = None,
    weight_decay: float = 2e-4,
    sparsity_weight: float = 0.0,
    sparsity_target: float = 0.1,
    standardise: bool = False,
):
    """Builds an RBM, whose code is the mean of its hidden units.

    The reconstruction is the mean of the visible units.

    The loss that `fit` shows is a difference of free energies, which need not fall. `fit` also
    shows the `reconstruction_error` (squared, summed over a row), the `free_energy`, and for
    Bernoulli units the `pseudo_likelihood`, in nats per row. With validation data it also shows the
    `free_energy_gap`, how much higher the free energy of held-out rows is than that of training
    rows: if it widens, the RBM overfits (Hinton, 2010, section 6). In training the other metrics
    are computed on a sixteenth of a batch's rows, at least eight.

    The first `fit` or `adapt` initialises an untrained RBM from its data: the biases of Bernoulli
    visible units are the log-odds of their means, and persistent chains start at rows. A generator
    cannot be read twice: call `adapt` on some rows before, or the RBM starts from zeros and noise.

    Args:
        input_shape: Tuple of integers. Shape of one image, or of any other array of numbers in [0,
            1], the probabilities of Bernoulli visible units; Gaussian ones take any number.
            Defaults to `(28, 28, 1)`.
        latent_dim: Integer. Number of hidden units. Defaults to 500.
        visible: String. Kind of the visible units: `"bernoulli"`, or `"gaussian"`, which have unit
            variance and any value. With `standardise` they are always Gaussian, and recorded as
            such. Defaults to `"bernoulli"`.
        hidden: String. Kind of the hidden units: `"bernoulli"`; `"linear"`, which have unit
            variance; or `"relu"`, rectified units (Nair & Hinton, 2010), for a layer of ReLU or a
            similar activation, for which the RBM is a distribution only by approximation. Defaults
            to `"bernoulli"`.
        steps: Integer. Number of steps of Gibbs sampling in contrastive divergence (CD), k of CD-k.
            Defaults to 1.
        persistent: Boolean. Whether 100 chains continue from one training step to the next
            (persistent CD; Tieleman, 2008), instead of starting at the data (CD). CD with one step
            reconstructs better, but samples poorly: digits come out black or all alike. Defaults to
            None, which is True if all units are Bernoulli units.
        weight_decay: Float. Weight in the loss of half the kernel's squared length. Defaults to
            2e-4.
        sparsity_weight: Float. Weight in the loss of how far the mean activities of Bernoulli
            hidden units are from `sparsity_target`, a divergence in nats. Defaults to 0, for none.
        sparsity_target: Float. The wanted mean activity, within (0, 1). Defaults to 0.1.
        standardise: Boolean. Whether features of any range are first scaled to zero mean and unit
            deviation, as `adapt` finds them; the visible units are then Gaussian. Defaults to
            False.

    Returns:
        A `BoltzmannMachine`.

    Raises:
        UsageError: If there is a `sparsity_weight` and the hidden units are not Bernoulli units.

    Example:

    >>> model = zoo.build("rbm", input_shape=(6, 6, 1), latent_dim=8)
    >>> model.encode(np.zeros((4, 6, 6, 1), np.float32)).shape
    (4, 8)
    """
    if sparsity_weight and hidden != "bernoulli":
        raise UsageError(f"`sparsity_weight` is for hidden='bernoulli'. Received: {hidden=}.")
    units = _resolved(
        visible=visible, hidden=hidden, persistent=persistent, standardise=standardise
    )
    inputs, x, restore = blocks.flat_input(input_shape, standardise)
    layer = RestrictedBoltzmann(
        latent_dim,
        visible=units["visible"],
        hidden=hidden,
        steps=steps,
        chains=CHAINS if units["persistent"] else 0,
        weight_decay=weight_decay,
        name="boltzmann",
    )
    code = layer(x)
    if sparsity_weight:
        code = KLSparsity(sparsity_target, sparsity_weight, name="sparsity")(code)
    latent = blocks.latent_code(code)

    x = layer(latent, transpose=True)

    value_range = (0.0, 1.0) if units["visible"] == "bernoulli" else None
    return BoltzmannMachine(inputs, restore(x, activation="linear"), value_range=value_range)


@keras.saving.register_keras_serializable(package="zoo")
class BoltzmannMachine(AutoEncoder):
    """`AutoEncoder` that is also a probability distribution over its inputs.

    `rbm` builds it. Its arguments are those of `AutoEncoder`.

    Example:

    >>> model = zoo.build("rbm", input_shape=(6, 6, 1), latent_dim=8)
    >>> model.free_energy(np.zeros((4, 6, 6, 1), np.float32)).shape
    (4,)
    >>> model.sample(n=2, steps=10).shape  # doctest: +SKIP
    (2, 6, 6, 1)
    """

    @property
    def boltzmann(self) -> RestrictedBoltzmann:
        """The RBM's layer: kernel, biases, free energy, Gibbs sampling."""
        return self.get_layer("boltzmann")

    def free_energy(self, x: ArrayLike) -> np.ndarray:
        """Returns the free energy of each row, in nats: -log p(x), up to a constant.

        For rectified hidden units it is an approximation, by their best state.

        Args:
            x: Array of shape `(rows, *input_shape)`.

        Returns:
            Array of shape `(rows,)`.

        Raises:
            UsageError: If the model does not take the rows.
        """

        def energies(rows):
            return [self.boltzmann.free_energy(self._visible(rows[0], training=False))]

        return chunks.batched(energies, [self.check(x)], batch_size=1000)[0]

    @functools.cached_property
    def _visible(self):
        return keras.Model(self.inputs[0], self.get_layer("flat").output)

    def sample(self, n: int, steps: int = 1000, seed: int = 0) -> np.ndarray:
        """Returns inputs that are drawn from the distribution by Gibbs sampling.

        Each input has a chain of its own, which starts at visible units drawn independently
        from their means in the first training data. With Gaussian visible and linear hidden units
        the chains grow without bound if the kernel's largest singular value is 1 or more, because
        then there is no such distribution. With rectified hidden units they may grow; they stay
        bounded if it is less than 1.

        Args:
            n: Integer. Number of inputs.
            steps: Integer. Number of steps of Gibbs sampling; the last one returns the mean of the
                visible units. Defaults to 1000.
            seed: Integer. Seed of the draw. Defaults to 0.

        Returns:
            Float32 array of shape `(n, *input_shape)`.
        """
        n, steps = positive_integer("n", n), positive_integer("steps", steps)
        draws = keras.random.SeedGenerator(check_seed(seed))
        start = self.boltzmann.draw_visible(n, draws)

        @tf.function
        def chain(v):
            return tf.while_loop(
                lambda step, v: step < steps - 1,
                lambda step, v: (step + 1, self.boltzmann.gibbs(v, 1, draws)),
                (0, v),
            )[1]

        return self.decode(self.boltzmann.draw_hidden(self.boltzmann.field(chain(start)), draws))

    def _adapt_if_new(self, x):
        super()._adapt_if_new(x)
        if self.boltzmann.untrained and streams.repeatable(x):
            rows = fit_inputs.some_inputs(x, self.input_part, FIRST)
            visible = functools.partial(self._visible.predict, verbose=0)
            lazy = isinstance(rows, LazyRows)
            self.boltzmann.adapt(MappedRows(visible, rows) if lazy else visible(rows))

    def fit(self, x=None, y=None, batch_size=None, *args, **kwargs):
        """Trains as `AutoEncoder.fit` does, and adds the `free_energy_gap` on validation data.

        Args:
            x: As for `AutoEncoder.fit`. Defaults to None.
            y: As for `AutoEncoder.fit`. Defaults to None.
            batch_size: Integer. As for `AutoEncoder.fit`. Defaults to None.
            *args: As for `AutoEncoder.fit`.
            **kwargs: As for `AutoEncoder.fit`.

        Returns:
            Keras's `History`.

        Raises:
            UsageError: As for `AutoEncoder.fit`.
            DivergedError: As for `AutoEncoder.fit`.
        """
        kwargs = fit_arguments.named("fit", args, kwargs)
        callbacks = keras.tree.flatten(kwargs.pop("callbacks", None) or ())
        x = containers.by_name(x, self.named_input.name)
        return super().fit(x, y, batch_size, callbacks=[FreeEnergyGap(x), *callbacks], **kwargs)


class FreeEnergyGap(keras.callbacks.Callback):
    """Keras callback that adds the `free_energy_gap` to the metrics of each epoch.

    It is the free energy of held-out rows less that of training rows, both at the end of the epoch,
    because free energies can be compared only under the same weights. The metric is left out if the
    training rows come from a generator, which computing it would use up.

    Args:
        x: The training rows, as for `AutoEncoder.fit`. At most 1,000 of them are used.

    Example:

    >>> model = zoo.build("rbm", input_shape=(6,), latent_dim=4)
    >>> x = np.random.default_rng(0).random((40, 6), np.float32)
    >>> history = model.fit(x, validation_data=x)  # doctest: +SKIP
    >>> history.history["free_energy_gap"]  # doctest: +SKIP
    """

    def __init__(self, x):
        super().__init__()
        self.x = fit_inputs.inputs_of(x)

    def on_epoch_end(self, epoch, logs=None):
        """Adds `free_energy_gap` to `logs` if they hold `val_free_energy`."""
        if "val_free_energy" in logs and streams.repeatable(self.x):
            rows = fit_inputs.some_inputs(self.x, self.model.input_part, BATCHES)[:COMPARED]
            training = float(self.model.free_energy(rows).mean())
            logs["free_energy_gap"] = logs["val_free_energy"] - training
