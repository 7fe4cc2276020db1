"""The rows: what is trained, and how it is measured, on MNIST's test set."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np


@dataclasses.dataclass(frozen=True)
class Row:
    """One result to reach.

    Attributes:
        title: what is measured, on what.
        unit: of the value.
        published: what others report.
        target: what ours is held against.
        measure: from a seed, and a folder for pictures, to a dict of the `value` and of what else
            belongs on record.
        beside: which of those are told beside the value.
    """

    title: str
    unit: str
    published: str
    target: str
    measure: Callable[[int, Path], dict]
    beside: tuple[str, ...] = ()


def _train(variant, seed, inputs=None, **changes):
    """MNIST, a variant trained on its training images or on `inputs`, and how it was trained."""
    from zoo import datasets, experiment

    data = datasets.load("mnist")
    inputs = data.train.inputs if inputs is None else inputs
    model, trained_by = experiment.train(variant, inputs, seed, **changes)
    return data, model, trained_by


def _sse(model, split):
    from zoo.evaluation import metrics

    return metrics.sse(split.inputs, model.reconstruct(split.inputs))


def _pca(seed, pictures):
    data, model, trained_by = _train("pca", seed, latent_dim=30)
    return {"value": _sse(model, data.test)} | trained_by


def _deep(seed, pictures):
    from zoo import datasets
    from zoo.datasets.augmentation import with_jittered_copies

    copies = 4
    jittered = with_jittered_copies(datasets.load("mnist").train.inputs, copies, seed)
    data, model, trained_by = _train(
        "deep_ae", seed, jittered, loss="binary_crossentropy", learning_rate=1e-3, epochs=20
    )
    return {
        "value": _sse(model, data.test),
        "train_sse": _sse(model, data.train),
        "jittered_copies": copies,
    } | trained_by


def _k_sparse(seed, pictures):
    from zoo.evaluation import probes

    data, model, trained_by = _train("k_sparse_ae", seed)
    codes = [model.encode(split.inputs) for split in (data.train, data.test)]
    accuracy = probes.probe_accuracy(
        codes[0], data.train.labels, codes[1], data.test.labels, most_rows=len(data.train)
    )
    return {"value": 100 * (1 - accuracy)} | trained_by


def _denoising(seed, pictures):
    from zoo.layers import corrupt

    data, model, trained_by = _train(
        "denoising_ae", seed, architecture="conv", level=0.4,
        learning_rate=3e-3, batch_size=64, epochs=20,
    )  # fmt: skip
    clean = data.test.inputs
    restored = model.reconstruct(corrupt(clean, "gaussian", 0.4, seed=seed))
    value, floor = _crossentropy(clean, restored), _crossentropy(clean, clean)
    return {"value": value, "floor": floor, "excess": value - floor} | trained_by


def _crossentropy(truth, guess):
    """Binary, in nats, mean over pixels."""
    truth, guess = np.float64(truth), np.clip(np.float64(guess), 1e-7, 1 - 1e-7)
    return float(-np.mean(truth * np.log(guess) + (1 - truth) * np.log(1 - guess)))


def _variational(seed, pictures):
    data, model, trained_by = _train("vae", seed, latent_dim=2, widths=(512, 256))
    return {"value": negative_elbo(model, data.test.inputs, seed)} | trained_by


def negative_elbo(model, inputs, seed: int, draws: int = 5) -> float:
    """Summed binary cross-entropy of sampled codes' reconstructions + KL: nats an image, mean."""
    import keras

    names = ("latent_mean", "latent_log_variance")
    posterior = keras.Model(model.inputs, [model.get_layer(name).output for name in names])
    mean, log_variance = posterior.predict(inputs, batch_size=1000, verbose=0)
    random, pixels = np.random.default_rng(seed), inputs[0].size
    nats = 0.5 * np.sum(mean**2 + np.exp(log_variance) - 1 - log_variance, axis=-1).mean()
    for _ in range(draws):
        noise = random.normal(size=mean.shape).astype(np.float32)
        decoded = model.decode(mean + np.exp(0.5 * log_variance) * noise)
        nats += pixels * _crossentropy(inputs, decoded) / draws
    return float(nats)


def _quantised(seed, pictures):
    data, model, trained_by = _train("vq_vae", seed, epochs=20)
    used = len(np.unique(model.indices(data.test.inputs)))
    return {
        "value": _sse(model, data.test) / data.test.inputs[0].size,
        "codebook_use": used / model.arguments["entries"],
    } | trained_by


def _two_numbers(seed, pictures):
    from zoo import evaluation, plots
    from zoo.evaluation import probes

    data, model, trained_by = _train("deep_ae", seed, latent_dim=2, epochs=15)
    pca = evaluation.pca_of_equal_size(model, data)
    accuracies, shown = [], {}
    for name, each in {"deep_ae": model, "PCA": pca}.items():
        train, test = each.encode(data.train.inputs), each.encode(data.test.inputs)
        labels = data.train.labels, data.test.labels
        accuracies.append(probes.knn_accuracy(train, labels[0], test, labels[1]))
        shown[f"{name}, 5-NN accuracy {accuracies[-1]:.3f}"] = test[:2000], labels[1][:2000]
    plots.save(plots.scatter(shown), pictures / "two_numbers.png")
    return {"value": accuracies[0], "pca": accuracies[1]} | trained_by


def _unpooling(seed, pictures):
    from zoo import datasets

    images = datasets.load("mnist").train.inputs[:10000]
    sse, bits = {}, {}
    for unpooling in ("fill", "argmax"):
        data, model, trained_by = _train("conv_ae", seed, images, unpooling=unpooling)
        sse[unpooling], bits[unpooling] = _sse(model, data.test), model.switch_bits
    return {
        "value": sse["argmax"],
        "fill": sse["fill"],
        "switch_bits": bits["argmax"],
        "train_rows": len(images),
    } | trained_by


ROWS = {
    "1": Row(
        title="PCA with 30 components",
        unit="sse",
        published="13.87 (Hinton & Salakhutdinov, 2006)",
        target="13.866 ± 0.5 %, the closed form",
        measure=_pca,
    ),
    "2": Row(
        title="deep auto-encoder 784-1000-500-250-30",
        unit="sse",
        published="3.00, with RBMs (Hinton & Salakhutdinov, 2006)",
        target="≤ 2.65",
        measure=_deep,
        beside=("train_sse",),
    ),
    "8": Row(
        title="k-sparse auto-encoder, k = 25 of 1000, logistic regression on the code",
        unit="% error",
        published="reported as about 1.35 (Makhzani & Frey, 2014)",
        target="≤ 1.5",
        measure=_k_sparse,
    ),
    "10": Row(
        title="denoising convolutional auto-encoder, noise of deviation 0.4, clipped to [0, 1]",
        unit="binary cross-entropy",
        published="0.0839 (keras.io)",
        target="≤ 0.084",
        measure=_denoising,
        beside=("floor", "excess"),
    ),
    "11": Row(
        title="variational auto-encoder, code of 2 numbers, cross-entropy + KL",
        unit="nats",
        published="146.95, on training and test images (keras.io)",
        target="≤ 147 on test images",
        measure=_variational,
    ),
    "13": Row(
        title="vector-quantised auto-encoder, 7 × 7 codes, 128 entries of 16 numbers",
        unit="mse",
        published="about 0.0042, on training images (keras.io)",
        target="≤ 0.0042 on test images",
        measure=_quantised,
        beside=("codebook_use",),
    ),
    "2-D": Row(
        title="deep auto-encoder, code of 2 numbers: 5 nearest training codes",
        unit="accuracy",
        published="–",
        target="≥ 0.80",
        measure=_two_numbers,
        beside=("pca",),
    ),
    "unpooling": Row(
        title="convolutional auto-encoder, unpooling by remembered positions, 10,000 images",
        unit="sse",
        published="–",
        target="below filling, whose code has no positions beside it",
        measure=_unpooling,
        beside=("fill", "switch_bits"),
    ),
}
