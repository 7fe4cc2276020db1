"""Greedy layer-wise pre-training: each layer is learned on the output of the layers below it.

Hinton & Salakhutdinov, 2006 (RBMs); Bengio, Lamblin, Popovici & Larochelle, 2007 (auto-encoders);
Vincent, Larochelle, Lajoie, Bengio & Manzagol, 2010 (denoising).
"""

import dataclasses
from collections.abc import Iterable
from pathlib import Path

import keras

from zoo import blocks, datasets, registry, runs
from zoo.autoencoder import AutoEncoder
from zoo.errors import DivergedError, UsageError, no_such
from zoo.inputs.arguments import check_seed, positive_integer
from zoo.layers import Corruption, JacobianPenalty, L1Penalty, TransposableDense
from zoo.recipes.recipe import Recipe
from zoo.storage.file_errors import as_path
from zoo.training import resumable_fit
from zoo.training.dense_stack import levels

METHODS = ("rbm", "autoencoder", "denoising", "contractive")
RECIPE = Recipe(batch_size=128, epochs=10, steps_per_execution=16)  # for a layer's auto-encoder
# The hidden units of the RBM for a layer of each activation.
HIDDEN = {"sigmoid": "bernoulli", "linear": "linear", "relu": "relu", "silu": "relu"}
MASKED, CONTRACTION, SPARSITY = 0.25, 0.1, 0.01  # the regularisers' strengths


def pretrain(
    model: AutoEncoder,
    data,
    method: str = "rbm",
    epochs: int | None = None,
    *,
    seed: int = 0,
    validation_split: float = 0.1,
    folder: str | Path | None = None,
    callbacks: Iterable[keras.callbacks.Callback] = (),
) -> list[dict]:
    """Learns the dense layers of a model one by one, in place, from the input on.

    Each layer is first learned as a small model of its own, an RBM or a tied auto-encoder; then it
    is fixed, and its output is what the next layer learns from. The decoder starts as the encoder's
    transpose, and remains so if the two are tied. The data pass through the lower layers batch by
    batch, so that no layer's output is stored for all rows.

    The hidden units of an RBM are Bernoulli units for sigmoid layers, linear ones for a linear
    code, and rectified ones for ReLU and SiLU layers. Its visible units are Bernoulli units for
    inputs in [0, 1] and for the output of sigmoid layers, and Gaussian ones otherwise. The next RBM
    learns from the means of the hidden units: for SiLU layers this is ReLU of their input, not
    SiLU.

    Args:
        model: An `AutoEncoder` with dense layers `encoder_1`, `encoder_2`, ...
        data: Anything that `zoo.datasets.load` accepts; the training split is learned from.
        method: String. `"rbm"` learns restricted Boltzmann machines by CD-1, for layers of the
            activations above only. `"autoencoder"` learns auto-encoders; a layer that is not
            narrower than its input, and so could copy it, has an L1 penalty on its activity.
            `"denoising"` masks a quarter of each input, and `"contractive"` penalises the Jacobian.
            Defaults to `"rbm"`.
        epochs: Integer. Number of epochs for each layer. Defaults to None: the recipe's number for
            `rbm`, and 10 for an auto-encoder.
        seed: Integer. Seed of the random numbers of Keras, numpy and Python, which this function
            sets. Defaults to 0.
        validation_split: Float in [0, 1). Fraction of the training rows that are held out, for the
            `val_loss` of each layer. Defaults to 0.1.
        folder: String or `Path`. A directory for checkpoints at the end of each epoch: called again
            with the same folder, the function continues there and ends with the same weights.
            Defaults to None, for none.
        callbacks: Iterable of Keras callbacks for the `fit` of each layer. Defaults to `()`.

    Returns:
        A list with a dict for each layer: `stage`, `method`, `units` (from, to), and its `history`.

    Raises:
        UsageError: If the method is unknown, if the model has no dense layers or does not accept
            the data, or if the method is `"rbm"` and a layer's activation is none of those above.
        DivergedError: If the loss of a layer becomes NaN or infinite.

    Example:

    >>> model = zoo.build("dbn", widths=(64,), latent_dim=8)
    >>> stages = zoo.pretrain(model, "mnist_5k", epochs=1)  # doctest: +SKIP
    >>> [stage["units"] for stage in stages]  # doctest: +SKIP
    [(784, 64), (64, 8)]
    """
    _require(method)
    if not isinstance(model, AutoEncoder):
        raise UsageError(f"`model` must be an AutoEncoder. Received: {model!r}.")
    check_seed(seed)
    if epochs is not None:
        epochs = positive_integer("epochs", epochs)
    levels(model)
    dataset = datasets.load(data, kind=model.kind_of_arrays, missing=model.missing)
    learn, held_out = dataset.hold_out(validation_split, seed)
    model.adapt(learn)
    rows = model.prepared(learn).inputs, model.prepared(held_out).inputs
    if folder is None:
        return run_stages(model, *rows, method, epochs, seed, None, callbacks)
    folder = as_path("folder", folder)
    config = {
        "variant": model.variant,
        "arguments": model.arguments,
        "data": {"name": dataset.name, "fingerprint": dataset.fingerprint},
        "seed": seed,
        "validation_split": validation_split,
        "pretrain": {"method": method, "epochs": epochs},
    }
    runs.prepare(folder, config, resume=True)
    with runs.claimed(folder):
        return run_stages(model, *rows, method, epochs, seed, folder, callbacks)


def run_stages(
    model, inputs, held_out, method, epochs, seed, folder, callbacks, augment=None
) -> list[dict]:
    """Pre-trains an adapted model on arrays, as `pretrain` does.

    Args:
        model: An adapted `AutoEncoder`.
        inputs: Array of shape `(rows, *input_shape)`, to learn from.
        held_out: Array of the same form, for validation. It may be empty.
        method: String. As for `pretrain`.
        epochs: Integer, or None for the method's own number.
        seed: Integer. Seed of the random numbers, which this function sets.
        folder: `Path` of the directory for the checkpoints of each layer, or None for none.
        callbacks: Iterable of Keras callbacks for the `fit` of each layer.
        augment: Dict of random changes of images, as for `resumable_fit.fit`. Defaults to None.

    Returns:
        A list with a dict for each layer, as `pretrain` returns it.

    Raises:
        UsageError: If the method is unknown or does not fit the layers.
        DivergedError: If the loss of a layer becomes NaN or infinite.

    Example:

    >>> model = zoo.build("dbn", input_shape=(6, 6, 1), widths=(16,), latent_dim=3)
    >>> x = np.random.default_rng(0).random((64, 6, 6, 1), np.float32)
    >>> stages = run_stages(model, x, x[:0], "rbm", 1, 0, None, ())  # doctest: +SKIP
    """
    _require(method)
    stack, stages = levels(model), []
    if method == "rbm":
        _require_units(stack)
    first = model.missing_cells or model.get_layer("flat")
    below = [keras.Model(model.inputs[0], first.output)]
    for number, level in enumerate(stack, start=1):
        keras.utils.set_random_seed((1000 * seed + number) % 2**31)
        stage, recipe = _stage(level, method)
        recipe = dataclasses.replace(recipe, epochs=epochs or recipe.epochs)
        description = (
            f"layer {number} of {len(stack)}, {'-'.join(map(str, level.units))} ({method})"
        )
        try:
            history = resumable_fit.fit(
                stage, recipe, inputs, held_out, seed,
                folder and folder / f"stage_{number}.safetensors",
                through=lambda x, below=tuple(below): _pushed(x, below),
                callbacks=callbacks, label=description, augment=augment,
            )  # fmt: skip
        except DivergedError as error:
            raise DivergedError(f"Pre-training of {description}: {error}") from None
        _take_over(level, stage)
        below.append(stage.encoder)
        stages.append({"stage": number, "method": method, "units": level.units, "history": history})
    model.refresh_endpoints()
    return stages


def _pushed(x, below):
    for part in below:
        x = part(x, training=False)
    return x


def _stage(level, method):
    """Returns a layer as a model of its own, and the recipe it is trained by."""
    features, units = level.units
    if method == "rbm":
        entry = registry.entry("rbm")
        arguments = entry.arguments(
            {
                "input_shape": (features,),
                "latent_dim": units,
                "visible": "bernoulli" if level.below == "sigmoid" else "gaussian",
                "hidden": HIDDEN[level.activation],
                "persistent": False,  # CD-1 reconstructs better; nothing is sampled here
            }
        )
        return entry.build(**arguments), entry.recipe_for(arguments)
    inputs = keras.Input((features,), name="features")
    x = inputs
    if method == "denoising":
        x = Corruption("masking", MASKED, value_range=None, name="corruption")(x)
    code, mirror = blocks.dense_encoder(x, (units,), code_activation=level.activation, tied=True)
    if method == "contractive":
        sigmoid_layer = "encoder_1" if level.activation == "sigmoid" else None
        code = JacobianPenalty(sigmoid_layer, weight=CONTRACTION, name="jacobian")(code)
    if method == "autoencoder" and units >= features:
        code = L1Penalty(SPARSITY, name="sparsity")(code)
    x = blocks.dense_decoder(blocks.latent_code(code), mirror)
    x = keras.layers.Activation(level.below, name="reconstruction")(x)
    stage = AutoEncoder(inputs, x, variant="layer", value_range=None)
    bounded = level.below == "sigmoid"
    loss = "summed_binary_crossentropy" if bounded else "summed_squared_error"
    return stage, dataclasses.replace(RECIPE, loss=loss)


def _take_over(level, stage):
    """Copies the weights of a stage into the layer and its mirror image."""
    trained = next(layer for layer in stage.layers if hasattr(layer, "transpose_bias"))
    level.layer.kernel.assign(trained.kernel)
    level.layer.bias.assign(trained.bias)
    if isinstance(level.layer, TransposableDense):
        level.layer.transpose_bias.assign(trained.transpose_bias)
    elif level.decoder is not None:
        level.decoder.kernel.assign(keras.ops.transpose(trained.kernel))
        level.decoder.bias.assign(trained.transpose_bias)


def _require_units(stack):
    for level in stack:
        if level.activation not in HIDDEN:
            raise UsageError(
                f"An RBM can be learnt for layers of {', '.join(HIDDEN)} units only: use another "
                f"method of pre-training, such as autoencoder. Received: {level.activation} in "
                f"{level.layer.name}."
            )


def _require(method):
    if method not in METHODS:
        raise no_such("method of pre-training", method, list(METHODS))
