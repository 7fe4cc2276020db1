"""Greedy layer-wise pre-training: a layer is learnt, fixed, and its output is the next one's data.

Hinton & Salakhutdinov, 2006 (machines); Bengio, Lamblin, Popovici & Larochelle, 2007
(auto-encoders); Vincent, Larochelle, Lajoie, Bengio & Manzagol, 2010 (denoising).
"""

import dataclasses
from collections.abc import Iterable
from pathlib import Path

import keras

from zoo import blocks, datasets, fitting, registry, runs
from zoo.arguments import check_seed, positive_integer
from zoo.autoencoder import AutoEncoder
from zoo.errors import DivergedError, UsageError, no_such
from zoo.layers import Corruption, JacobianPenalty, L1Penalty, TransposableDense
from zoo.levels import levels
from zoo.recipe import Recipe

METHODS = ("rbm", "autoencoder", "denoising", "contractive")
RECIPE = Recipe(batch_size=128, epochs=10, steps_per_execution=16)  # of a layer's auto-encoder
# The hidden units of the RBM that a layer of each activation is learnt by.
HIDDEN = {"sigmoid": "bernoulli", "linear": "linear", "relu": "relu", "silu": "relu"}
MASKED, CONTRACTION, SPARSITY = 0.25, 0.1, 0.01  # the regularisers' strengths


def pretrain(
    model: AutoEncoder,
    data,
    method: str = "rbm",
    epochs: int | None = None,
    *,
    seed: int = 0,
    validation: float = 0.1,
    folder: str | Path | None = None,
    callbacks: Iterable[keras.callbacks.Callback] = (),
) -> list[dict]:
    """Learns the dense layers of a model one by one, in place, from the input on.

    Each layer is first learnt as a small model of its own, a machine or a tied auto-encoder; then
    it is fixed, and what it makes of the data is what the next one learns. The decoder starts as
    the encoder's transpose, and goes on as such where the two are tied. The data pass through the
    lower layers batch by batch, so that no layer's output is kept for all rows.

    Args:
        model: any variant with dense layers `encoder_1`, `encoder_2`, ...
        data: whatever `zoo.datasets.load` accepts; the training split is learnt from.
        method: `"rbm"`, restricted Boltzmann machines by CD-1. Their hidden units are Bernoulli
            units for sigmoid layers, linear ones for a linear code, and rectified ones for ReLU and
            SiLU layers; other activations are refused. Their visible units are Bernoulli units for
            inputs in [0, 1] and for the output of sigmoid layers, else Gaussian ones. The next RBM
            learns from the means of the hidden units: for SiLU layers that is ReLU of their input,
            not SiLU of it.
            `"autoencoder"`, where a layer that is not narrower than its input, and so could copy
            it, has an L1 penalty on its activity; `"denoising"`, of inputs a quarter of which is
            masked; `"contractive"`.
        epochs: of each layer; by default the recipe's of `rbm`, 10 of an auto-encoder.
        seed: of everything random; this sets Keras's, numpy's and Python's.
        validation: the share of the training rows held out, for each layer's `val_loss`.
        folder: keeps the end of each epoch: called again with the same folder, it goes on there,
            and ends with the same weights.
        callbacks: for the `fit` of each layer.

    Returns:
        For each layer a dict: `stage`, `method`, `units` (from, to), and its `history`.

    Raises:
        UsageError: for an unknown method, a model without dense layers, data it does not take, or
            `"rbm"` for layers of another activation than those above.
        DivergedError: when a layer's loss becomes NaN or infinite.
    """
    _require(method)
    if not isinstance(model, AutoEncoder):
        raise UsageError(f"`model` must be an AutoEncoder. Received: {model!r}.")
    check_seed(seed)
    if epochs is not None:
        epochs = positive_integer("epochs", epochs)
    levels(model)
    dataset = datasets.load(data)
    learn, held_out = dataset.hold_out(validation, seed)
    model.adapt(learn)
    rows = model.prepared(learn).inputs, model.prepared(held_out).inputs
    if folder is None:
        return run_stages(model, *rows, method, epochs, seed, None, callbacks)
    folder = Path(folder)
    config = {
        "variant": model.variant,
        "arguments": model.arguments,
        "data": {"name": dataset.name, "fingerprint": dataset.fingerprint},
        "seed": seed,
        "validation": validation,
        "pretrain": {"method": method, "epochs": epochs},
    }
    runs.prepare(folder, config, resume=True)
    with runs.claimed(folder):
        return run_stages(model, *rows, method, epochs, seed, folder, callbacks)


def run_stages(model, inputs, held_out, method, epochs, seed, folder, callbacks) -> list[dict]:
    """`pretrain`, of arrays and an adapted model; in `folder` each layer's state is kept."""
    _require(method)
    every, stages = levels(model), []
    if method == "rbm":
        _require_units(every)
    below = [keras.Model(model.inputs[0], model.get_layer("flat").output)]
    for number, level in enumerate(every, start=1):
        keras.utils.set_random_seed((1000 * seed + number) % 2**31)
        stage, recipe = _stage(level, method)
        recipe = dataclasses.replace(recipe, epochs=epochs or recipe.epochs)
        told = f"layer {number} of {len(every)}, {'-'.join(map(str, level.units))} ({method})"
        try:
            history = fitting.fit(
                stage, recipe, inputs, held_out, seed,
                folder and folder / f"stage_{number}.safetensors",
                through=lambda x, below=tuple(below): _pushed(x, below),
                callbacks=callbacks, label=told,
            )  # fmt: skip
        except DivergedError as error:
            raise DivergedError(f"Pre-training of {told}: {error}") from None
        _take_over(level, stage)
        below.append(stage.encoder)
        stages.append({"stage": number, "method": method, "units": level.units, "history": history})
    model.settle()
    return stages


def _pushed(x, below):
    for part in below:
        x = part(x, training=False)
    return x


def _stage(level, method):
    """A layer as a model of its own, and how it is trained."""
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
        only = "encoder_1" if level.activation == "sigmoid" else None
        code = JacobianPenalty(only, weight=CONTRACTION, name="jacobian")(code)
    if method == "autoencoder" and units >= features:
        code = L1Penalty(SPARSITY, name="sparsity")(code)
    x = blocks.dense_decoder(blocks.latent_code(code), mirror)
    x = keras.layers.Activation(level.below, name="reconstruction")(x)
    stage = AutoEncoder(inputs, x, variant="layer", value_range=None)
    bounded = level.below == "sigmoid"
    loss = "summed_binary_crossentropy" if bounded else "summed_squared_error"
    return stage, dataclasses.replace(RECIPE, loss=loss)


def _take_over(level, stage):
    """Puts what a stage has learnt into the layer and its mirror image."""
    learnt = next(each for each in stage.layers if hasattr(each, "transpose_bias"))
    level.layer.kernel.assign(learnt.kernel)
    level.layer.bias.assign(learnt.bias)
    if isinstance(level.layer, TransposableDense):
        level.layer.transpose_bias.assign(learnt.transpose_bias)
    elif level.decoder is not None:
        level.decoder.kernel.assign(keras.ops.transpose(learnt.kernel))
        level.decoder.bias.assign(learnt.transpose_bias)


def _require_units(every):
    for level in every:
        if level.activation not in HIDDEN:
            raise UsageError(
                f"An RBM can be learnt for layers of {', '.join(HIDDEN)} units only: take another "
                f"method of pre-training, such as autoencoder. Received: {level.activation} in "
                f"{level.layer.name}."
            )


def _require(method):
    if method not in METHODS:
        raise no_such("method of pre-training", method, list(METHODS))
