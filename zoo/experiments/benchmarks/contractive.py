"""The cost of the contractive penalty's random probe in a training step of a deep net."""

from zoo import blocks, datasets, registry
from zoo.autoencoder import AutoEncoder
from zoo.experiments.benchmarks.lines import record
from zoo.experiments.benchmarks.timing import (
    enough_epochs,
    median,
    median_ratio,
    seconds,
    take_turns,
)
from zoo.layers import JacobianPenalty


def measure(
    folder=None,
    *,
    widths=(1000, 500, 250),
    latent_dim=30,
    batch=128,
    rows=None,
    rounds=5,
    least=2.0,
) -> list[dict]:
    """Measures the time of a training step with the probe, relative to the same net without.

    Args:
        folder: String or `Path`. The folder of `bench.jsonl`. Defaults to None, the package's.
        widths: Tuple of integers. Sizes of the hidden layers. Defaults to `(1000, 500, 250)`.
        latent_dim: Integer. Size of the latent code. Defaults to 30.
        batch: Integer. Number of images in a batch. Defaults to 128.
        rows: Integer. Number of images. Defaults to None, the embedded 4,000.
        rounds: Integer. Number of rounds in which the two take turns; the median of the rounds'
            ratios is the value. Defaults to 5.
        least: Float. The shortest time of a turn, in seconds. Defaults to 2.

    Returns:
        A list of the lines that were appended to `bench.jsonl`, each a dict.

    Example:

    >>> measure(folder=".")  # doctest: +SKIP
    """
    images = datasets.load("mnist_5k").train.images[:rows]
    recipe = registry.entry("contractive_ae").recipe
    nets = {
        key: recipe.compile(_net(images.shape[1:], (*widths, latent_dim), probed))
        for key, probed in (("probe", True), ("plain", False))
    }

    def fit(key, epochs):
        return seconds(lambda: nets[key].fit(images, batch_size=batch, epochs=epochs, verbose=0))

    epochs = enough_epochs(lambda epochs: fit("plain", epochs), least)
    answers = take_turns({key: lambda key=key: fit(key, epochs) for key in nets}, rounds)
    steps = epochs * -(-len(images) // batch)
    return [record(
        folder, bench="contractive", variant="contractive_ae", unit="times a plain step",
        value=round(median_ratio(answers, "probe", "plain"), 3), batch=batch,
        widths=[*widths, latent_dim],
        **{f"{key}_step_ms": round(1e3 * median(answers, key) / steps, 3) for key in nets},
    )]  # fmt: skip


def _net(input_shape, widths, probed):
    inputs, x, restore = blocks.flat_input(input_shape)
    x, levels = blocks.dense_encoder(x, widths, code_activation="sigmoid")
    code = JacobianPenalty(weight=0.1, name="jacobian")(x) if probed else x
    x = blocks.dense_decoder(blocks.latent_code(code), levels)
    return AutoEncoder(inputs, restore(x))
