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

COMPARED, BATCHES = 1000, 10  # training rows whose free energy is compared, from so many batches

HIDDEN = ({"hidden": "relu"}, {"hidden": "linear"})  # units without bounds
VISIBLE = ({"visible": "gaussian"}, {"standardise": True})


@register(
    # `zoo bench recipe`, times as fast as with: one step a call 1.30, 64 steps 1.06, half the batch
    # 1.46, twice 0.86, bfloat16 0.98, Keras's own feed 1.15.
    recipe=Recipe(
        loss="nothing",
        optimizer="sgd",
        learning_rate=0.05,
        momentum=0.9,
        batch_size=100,
        epochs=10,
        steps_per_execution=16,
    ),
    # Without bounds on their units, steps must be smaller (Hinton, 2010, section 13.2).
    recipe_changes=(
        *((each, {"learning_rate": 1e-2}) for each in (*HIDDEN, *VISIBLE)),
        *((one | other, {"learning_rate": 1e-3}) for one in HIDDEN for other in VISIBLE),
    ),
    tiny={"input_shape": (6, 6, 1), "latent_dim": 8},
    modes=(
        {"persistent": True, "steps": 2, "sparsity_weight": 0.1},
        {"hidden": "linear"},
        {"hidden": "relu", "visible": "gaussian"},
        {"standardise": True, "input_shape": (60,), "latent_dim": 40},
    ),
    paper="Hinton, 2002; Hinton, 2010; Nair & Hinton, 2010",
    monitor="reconstruction_error",
)
def rbm(
    input_shape: tuple[int, ...] = (28, 28, 1),
    *,
    latent_dim: int = 500,
    visible: Literal["bernoulli", "gaussian"] = "bernoulli",
    hidden: Literal["bernoulli", "relu", "linear"] = "bernoulli",
    steps: int = 1,
    persistent: bool = False,
    weight_decay: float = 2e-4,
    sparsity_weight: float = 0.0,
    sparsity_target: float = 0.1,
    standardise: bool = False,
):
    """The code is the hidden units' mean, and its reconstruction the mean of the visible units.

    `fit` shows the difference of free energies that it descends, which need not fall; the
    `reconstruction_error` (squared, summed over a row), the `free_energy`, and of Bernoulli units
    the `pseudo_likelihood`, in nats a row; with validation data also the `free_energy_gap`, how
    much higher held-out rows lie than training rows: when it widens, the machine overfits
    (Hinton, 2010, section 6). In training the others are of a sixteenth of a batch's rows,
    at least eight.

    Args:
        input_shape: of one image, or of any other array of numbers in [0, 1]: the probabilities
            of Bernoulli visible units; Gaussian ones take any number.
        latent_dim: the number of hidden units.
        visible: what the visible units are: `"gaussian"` ones have unit variance and any value;
            those of standardised features always are.
        hidden: what the hidden units are: `"linear"` ones have unit variance, `"relu"` ones are
            rectified (Nair & Hinton, 2010), the machine for a layer of ReLU or the like.
        steps: of Gibbs sampling for the contrast: CD-1, or with more CD-k.
        persistent: 100 chains go on from step to step, instead of beginning at the data.
        weight_decay: weight in the loss of half the kernel's squared length.
        sparsity_weight: weight in the loss of how far hidden units' mean activities are from
            `sparsity_target`, as a divergence in nats; for Bernoulli ones.
        sparsity_target: the mean activity wanted, within (0, 1).
        standardise: for features of any range: zero mean and unit deviation first, as `adapt`
            finds them; the visible units are then Gaussian.
    """
    if sparsity_weight and hidden != "bernoulli":
        raise UsageError(f"`sparsity_weight` is for hidden='bernoulli'. Received: {hidden=}.")
    visible = "gaussian" if standardise else visible
    inputs, x, restore = blocks.flat_input(input_shape, standardise)
    machine = RestrictedBoltzmann(
        latent_dim,
        visible=visible,
        hidden=hidden,
        steps=steps,
        chains=100 if persistent else 0,
        weight_decay=weight_decay,
        name="machine",
    )
    code = machine(x)
    if sparsity_weight:
        code = KLSparsity(sparsity_target, sparsity_weight, name="sparsity")(code)
    latent = blocks.latent_code(code)

    x = machine(latent, transpose=True)

    value_range = (0.0, 1.0) if visible == "bernoulli" else None
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

        Of rectified hidden units an approximation, by their best state.
        """

        def energies(rows):
            return [self.machine.free_energy(self._visible(rows[0], training=False))]

        return arrays.batched(energies, [self._checked(x)], batch_size=1000)[0]

    @functools.cached_property
    def _visible(self):
        return keras.Model(self.inputs[0], self.get_layer("flat").output)

    def sample(self, n: int, steps: int = 1000, seed: int = 0) -> np.ndarray:
        """Inputs drawn from the distribution, `(n, *input_shape)`.

        Args:
            n: how many, each by a chain of its own that begins at random values.
            steps: of Gibbs sampling; the last gives the mean of the visible units.
            seed: of the draw.
        """
        n, steps = positive_integer("n", n), positive_integer("steps", steps)
        draws = keras.random.SeedGenerator(check_seed(seed))
        start = keras.random.uniform((n, self.machine.kernel.shape[0]), seed=draws)

        @tf.function
        def chain(v):
            return tf.while_loop(
                lambda step, v: step < steps - 1,
                lambda step, v: (step + 1, self.machine.gibbs(v, 1, draws)),
                (0, v),
            )[1]

        return self.decode(self.machine.draw_hidden(self.machine.field(chain(start)), draws))

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
