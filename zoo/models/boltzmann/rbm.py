"""The restricted Boltzmann machine: stochastic units in two layers, learnt by contrast."""

import functools
from typing import Literal

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike

from zoo import arrays, blocks, feeds, streams
from zoo.arguments import check_seed, positive_integer
from zoo.autoencoder import AutoEncoder
from zoo.errors import UsageError
from zoo.layers import KLSparsity, RestrictedBoltzmann
from zoo.registry import Recipe, register

CHAINS = 100  # persistent ones
COMPARED, BATCHES = 1000, 10  # training rows whose free energy is compared, from so many batches
FIRST = 50  # batches of a stream that an untrained RBM starts from

HIDDEN = ({"hidden": "relu"}, {"hidden": "linear"})  # units without bounds
VISIBLE = ({"visible": "gaussian"},)
CD_1 = {"learning_rate": 0.05, "momentum": 0.9, "schedule": "constant", "epochs": 10}


def _resolved(*, visible, hidden, persistent, standardise, **_) -> dict:
    """Returns the visible units that standardised features have, and whether chains persist."""
    visible = "gaussian" if standardise else visible
    if persistent is None:
        persistent = visible == hidden == "bernoulli"
    return {"visible": visible, "persistent": persistent}


@register(
    # `zoo bench recipe`, times as fast as with: one step a call 1.30, 64 steps 1.06, half the batch
    # 1.46, twice 0.86, bfloat16 0.98, Keras's own feed 1.15.
    recipe=Recipe(
        loss="nothing",
        optimizer="sgd",
        learning_rate=0.1,
        schedule="cosine",
        batch_size=100,
        epochs=60,
        steps_per_execution=16,
    ),
    # Persistent chains cannot follow weights that momentum drives on; CD-1 learns by it.
    # Without bounds on their units, steps must be smaller (Hinton, 2010, section 13.2).
    recipe_changes=(
        ({"persistent": False}, CD_1),
        *((each, {"learning_rate": 1e-2}) for each in (*HIDDEN, *VISIBLE)),
        *((one | other, {"learning_rate": 1e-3}) for one in HIDDEN for other in VISIBLE),
    ),
    tiny={"input_shape": (6, 6, 1), "latent_dim": 8},
    modes=(
        {"persistent": False, "steps": 2, "sparsity_weight": 0.1},
        {"hidden": "linear"},
        {"hidden": "relu", "visible": "gaussian"},
        {"standardise": True, "input_shape": (60,), "latent_dim": 40},
    ),
    paper="Hinton, 2002; Hinton, 2010; Nair & Hinton, 2010",
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
    """The code is the hidden units' mean, and its reconstruction the mean of the visible units.

    `fit` shows the difference of free energies that it descends, which need not fall; the
    `reconstruction_error` (squared, summed over a row), the `free_energy`, and of Bernoulli units
    the `pseudo_likelihood`, in nats a row; with validation data also the `free_energy_gap`, how
    much higher held-out rows lie than training rows: when it widens, the RBM overfits
    (Hinton, 2010, section 6). In training the others are of a sixteenth of a batch's rows,
    at least eight.

    The first `fit` or `adapt` starts an untrained RBM from its data: the biases of Bernoulli
    visible units at the log-odds of their means, and persistent chains at rows. A generator cannot
    be looked into: call `adapt` on some rows before, or it starts from zeros and noise.

    Args:
        input_shape: shape of one image, or of any other array of numbers in [0, 1]: the
            probabilities of Bernoulli visible units; Gaussian ones take any number.
        latent_dim: number of hidden units.
        visible: what the visible units are: `"gaussian"` ones have unit variance and any value;
            those of standardised features always are, and are recorded so.
        hidden: what the hidden units are: `"linear"` ones have unit variance, `"relu"` ones are
            rectified (Nair & Hinton, 2010), for a layer of ReLU or the like: a distribution by
            approximation only.
        steps: number of steps of Gibbs sampling for the contrast, k of CD-k.
        persistent: whether 100 chains go on from step to step of training (persistent CD), instead
            of beginning at the data (CD). None is True if all units are Bernoulli units. CD with
            one step reconstructs better, but samples poorly: digits come out black or all alike.
        weight_decay: weight in the loss of half the kernel's squared length.
        sparsity_weight: weight in the loss of how far hidden units' mean activities are from
            `sparsity_target`, as a divergence in nats; for Bernoulli ones.
        sparsity_target: the mean activity wanted, within (0, 1).
        standardise: for features of any range: zero mean and unit deviation first, as `adapt`
            finds them; the visible units are then Gaussian.
    """
    if sparsity_weight and hidden != "bernoulli":
        raise UsageError(f"`sparsity_weight` is for hidden='bernoulli'. Received: {hidden=}.")
    units = _resolved(
        visible=visible, hidden=hidden, persistent=persistent, standardise=standardise
    )
    inputs, x, restore = blocks.flat_input(input_shape, standardise)
    machine = RestrictedBoltzmann(
        latent_dim,
        visible=units["visible"],
        hidden=hidden,
        steps=steps,
        chains=CHAINS if units["persistent"] else 0,
        weight_decay=weight_decay,
        name="machine",
    )
    code = machine(x)
    if sparsity_weight:
        code = KLSparsity(sparsity_target, sparsity_weight, name="sparsity")(code)
    latent = blocks.latent_code(code)

    x = machine(latent, transpose=True)

    value_range = (0.0, 1.0) if units["visible"] == "bernoulli" else None
    return BoltzmannMachine(inputs, restore(x, activation="linear"), value_range=value_range)


@keras.saving.register_keras_serializable(package="zoo")
class BoltzmannMachine(AutoEncoder):
    """An `AutoEncoder` that is also a probability distribution of its inputs."""

    @property
    def machine(self) -> RestrictedBoltzmann:
        """Its layer: kernel, biases, free energy, Gibbs sampling."""
        return self.get_layer("machine")

    def free_energy(self, x: ArrayLike) -> np.ndarray:
        """-log p(x) less a constant, in nats, of inputs `(rows, *input_shape)`: `(rows,)`.

        For rectified hidden units it is an approximation, by their best state.
        """

        def energies(rows):
            return [self.machine.free_energy(self._visible(rows[0], training=False))]

        return arrays.batched(energies, [self._checked(x)], batch_size=1000)[0]

    @functools.cached_property
    def _visible(self):
        return keras.Model(self.inputs[0], self.get_layer("flat").output)

    def sample(self, n: int, steps: int = 1000, seed: int = 0) -> np.ndarray:
        """Returns inputs drawn from the distribution: `(n, *input_shape)`.

        Each has a chain of its own, which begins at visible units drawn independently by their
        means in the first training data. With Gaussian visible and linear hidden units the chains
        grow without bound if the kernel's largest singular value is 1 or more: there is no such
        distribution. With rectified hidden units they may, and stay bounded if it is less than 1.

        Args:
            n: number of inputs.
            steps: number of steps of Gibbs sampling; the last gives the mean of the visible units.
            seed: seed of the draw.
        """
        n, steps = positive_integer("n", n), positive_integer("steps", steps)
        draws = keras.random.SeedGenerator(check_seed(seed))
        start = self.machine.draw_visible(n, draws)

        @tf.function
        def chain(v):
            return tf.while_loop(
                lambda step, v: step < steps - 1,
                lambda step, v: (step + 1, self.machine.gibbs(v, 1, draws)),
                (0, v),
            )[1]

        return self.decode(self.machine.draw_hidden(self.machine.field(chain(start)), draws))

    def _adapt_if_new(self, x):
        super()._adapt_if_new(x)
        if self.machine.untrained and streams.repeatable(x):
            rows = self._checked(feeds.some_inputs(x, FIRST))
            self.machine.adapt(self._visible.predict(rows, verbose=0))

    def fit(self, x=None, y=None, batch_size=None, *args, **given):
        """`AutoEncoder.fit`, with the `free_energy_gap` where there is validation data."""
        given = feeds.named("fit", args, given)
        callbacks = keras.tree.flatten(given.pop("callbacks", None) or ())
        return super().fit(x, y, batch_size, callbacks=[FreeEnergyGap(x), *callbacks], **given)


class FreeEnergyGap(keras.callbacks.Callback):
    """Adds to an epoch's figures the free energy of held-out rows less that of training rows.

    Both at the end of the epoch, for they compare under the same weights alone; of a generator,
    which would be used up, there is none.

    Args:
        x: the training rows, of which some are drawn.
    """

    def __init__(self, x):
        super().__init__()
        self.x = feeds.inputs_of(x)

    def on_epoch_end(self, epoch, logs=None):
        if "val_free_energy" in logs and streams.repeatable(self.x):
            rows = feeds.some_inputs(self.x, BATCHES, self.model.column_names)[:COMPARED]
            seen = float(self.model.free_energy(rows).mean())
            logs["free_energy_gap"] = logs["val_free_energy"] - seen
