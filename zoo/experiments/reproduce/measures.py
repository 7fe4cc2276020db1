"""Measures one variant for each row of the results: functions of data, seed and a folder."""

import math
import warnings

import numpy as np

from zoo.experiments.reproduce.model_errors import crossentropy, negative_elbo, sse
from zoo.training import in_memory


def pca(data, seed, pictures):
    """Measures row 1: PCA with 30 components.

    Args:
        data: `Dataset`.
        seed: Integer. Seed of the training.
        pictures: `Path` of the folder for pictures; none are drawn.

    Returns:
        A dict: the `value`, which is the squared error, and how the model was trained.

    Example:

    >>> data = zoo.datasets.load("mnist")  # doctest: +SKIP
    >>> pca(data, seed=0, pictures=Path("."))["value"]  # doctest: +SKIP
    """
    model, trained_by = in_memory.train("pca", data.train.inputs, seed, latent_dim=30)
    return {"value": sse(model, data.test)} | trained_by


def deep(data, seed, pictures):
    """Measures row 2: a deep auto-encoder that learns from jittered copies too.

    Args:
        data: `Dataset`.
        seed: Integer. Seed of the training.
        pictures: `Path` of the folder for pictures; none are drawn.

    Returns:
        A dict: the `value`, which is the squared error, the error on the training split
        (`train_sse`), and how the model was trained.

    Example:

    >>> data = zoo.datasets.load("mnist")  # doctest: +SKIP
    >>> deep(data, seed=0, pictures=Path("."))["value"]  # doctest: +SKIP
    """
    from zoo.datasets.augmentation import with_jittered_copies

    copies = 4
    jittered = with_jittered_copies(data.train.inputs, copies, seed)
    model, trained_by = in_memory.train("deep_ae", jittered, seed, epochs=20)
    return {
        "value": sse(model, data.test),
        "train_sse": sse(model, data.train),
        "jittered_copies": copies,
    } | trained_by


def k_sparse(data, seed, pictures):
    """Measures row 8: a logistic regression on the codes of a k-sparse auto-encoder.

    Both the auto-encoder and the logistic regression learn from jittered copies too.

    Args:
        data: `Dataset`.
        seed: Integer. Seed of the training.
        pictures: `Path` of the folder for pictures; none are drawn.

    Returns:
        A dict: the `value`, which is the test error in percent, and how the model was trained.

    Example:

    >>> data = zoo.datasets.load("mnist")  # doctest: +SKIP
    >>> k_sparse(data, seed=0, pictures=Path("."))["value"]  # doctest: +SKIP
    """
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    from zoo.datasets.augmentation import with_jittered_copies

    copies, strength = 4, 0.03
    images = with_jittered_copies(data.train.inputs, copies, seed)
    labels = np.tile(data.train.labels, copies + 1)
    model, trained_by = in_memory.train(
        "k_sparse_ae", images, seed, surplus=6.0, boost=1.0, learning_rate=1e-3, batch_size=64,
        epochs=6,
    )  # fmt: skip
    codes, test_codes = model.encode(images), model.encode(data.test.inputs)
    scale = codes.std()
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # it may stop at its last iteration
        fitted = LogisticRegression(C=strength, max_iter=100).fit(codes / scale, labels)
    return {
        "value": 100 * (1 - float(fitted.score(test_codes / scale, data.test.labels))),
        "inverse_regularisation": strength,
        "jittered_copies": copies,
    } | trained_by


def denoising(data, seed, pictures):
    """Measures row 10: a convolutional denoising auto-encoder.

    Args:
        data: `Dataset`.
        seed: Integer. Seed of the training.
        pictures: `Path` of the folder that a picture is written to.

    Returns:
        A dict: the `value`, which is the cross-entropy of restored images, the cross-entropy of
        perfect ones (`floor`), their difference (`excess`), and how the model was trained.

    Example:

    >>> data = zoo.datasets.load("mnist")  # doctest: +SKIP
    >>> denoising(data, seed=0, pictures=Path("."))["value"]  # doctest: +SKIP
    """
    from zoo import plots, registry
    from zoo.layers import corrupt

    model, trained_by = in_memory.train(
        "denoising_ae", data.train.inputs, seed, architecture="conv", level=0.4, epochs=20
    )
    clean = data.test.inputs
    noisy = corrupt(clean, "gaussian", 0.4, seed=seed)
    restored = model.reconstruct(noisy)
    value, floor = crossentropy(clean, restored), crossentropy(clean, clean)
    pca = registry.build("pca", input_shape=data.input_shape).adapt(data.train.inputs)
    numbers = f"PCA, {pca.arguments['latent_dim']} numbers"
    shown = {"denoising_ae": restored[:10], numbers: pca.reconstruct(noisy[:10])}
    plots.save(plots.restorations(clean[:10], noisy[:10], shown), pictures / "denoising.png")
    return {"value": value, "floor": floor, "excess": value - floor} | trained_by


def variational(data, seed, pictures):
    """Measures row 11: a VAE with a code of two numbers.

    Args:
        data: `Dataset`.
        seed: Integer. Seed of the training.
        pictures: `Path` of the folder for pictures; none are drawn.

    Returns:
        A dict: the `value`, which is the negative evidence lower bound in nats, and how the model
        was trained.

    Example:

    >>> data = zoo.datasets.load("mnist")  # doctest: +SKIP
    >>> variational(data, seed=0, pictures=Path("."))["value"]  # doctest: +SKIP
    """
    model, trained_by = in_memory.train(
        "vae", data.train.inputs, seed, latent_dim=2, widths=(512, 256)
    )
    return {"value": negative_elbo(model, data.test.inputs, seed)} | trained_by


def quantised(data, seed, pictures):
    """Measures row 13: a vector-quantised auto-encoder.

    Args:
        data: `Dataset`.
        seed: Integer. Seed of the training.
        pictures: `Path` of the folder for pictures; none are drawn.

    Returns:
        A dict: the `value`, which is the mean squared error, the `codebook_use`, and how the model
        was trained.

    Example:

    >>> data = zoo.datasets.load("mnist")  # doctest: +SKIP
    >>> quantised(data, seed=0, pictures=Path("."))["value"]  # doctest: +SKIP
    """
    from zoo.evaluation import metrics

    model, trained_by = in_memory.train("vq_vae", data.train.inputs, seed, epochs=20)
    images = data.test.inputs
    return {
        "value": metrics.mse(images, model.reconstruct(images)),
        "codebook_use": metrics.codebook_use(model.indices(images), model.arguments["entries"]),
    } | trained_by


def two_numbers(data, seed, pictures):
    """Measures the row `2-D`: the neighbours of codes of two numbers.

    Args:
        data: `Dataset`.
        seed: Integer. Seed of the training.
        pictures: `Path` of the folder that a picture is written to.

    Returns:
        A dict: the `value`, which is the accuracy of 5 nearest neighbours, that of `pca`, and how
        the model was trained.

    Example:

    >>> data = zoo.datasets.load("mnist")  # doctest: +SKIP
    >>> two_numbers(data, seed=0, pictures=Path("."))["value"]  # doctest: +SKIP
    """
    from zoo import evaluation, plots
    from zoo.evaluation import probes

    model, trained_by = in_memory.train("deep_ae", data.train.inputs, seed, latent_dim=2, epochs=15)
    pca = evaluation.pca_of_equal_size(model, data)
    accuracies, shown = [], {}
    for name, encoder in {"deep_ae": model, "PCA": pca}.items():
        codes, test_codes = encoder.encode(data.train.inputs), encoder.encode(data.test.inputs)
        labels = data.train.labels, data.test.labels
        accuracies.append(probes.knn_accuracy(codes, labels[0], test_codes, labels[1]))
        shown[f"{name}, 5-NN accuracy {accuracies[-1]:.3f}"] = test_codes[:2000], labels[1][:2000]
    figure = plots.scatter(shown, quantiles=(0.01, 0.99))
    plots.save(figure, pictures / "two_numbers.png")
    return {"value": accuracies[0], "pca": accuracies[1]} | trained_by


def unpooling(data, seed, pictures):
    """Measures the row `unpooling`: unpooling by remembered positions.

    It is compared with nets and a PCA whose codes take the same number of bits, switches included.

    Args:
        data: `Dataset`.
        seed: Integer. Seed of the training.
        pictures: `Path` of the folder that a picture is written to.

    Returns:
        A dict: the `value`, which is the squared error, the errors of the others, the
        `switch_bits`, and how the model was trained.

    Example:

    >>> data = zoo.datasets.load("mnist")  # doctest: +SKIP
    >>> unpooling(data, seed=0, pictures=Path("."))["value"]  # doctest: +SKIP
    """
    from zoo import plots, registry

    images = data.train.inputs[:10000]
    model, trained_by = in_memory.train("conv_ae", images, seed, unpooling="argmax")
    numbers = math.ceil((model.code_bits + model.switch_bits) / 32)
    filled, _ = in_memory.train("conv_ae", images, seed)
    wide, _ = in_memory.train("conv_ae", images, seed, latent_dim=numbers)
    pca = registry.build("pca", input_shape=data.input_shape, latent_dim=numbers).adapt(images)
    image = data.test.inputs[:1]
    _, (first, *_) = model.encode(image, switches=True)
    plots.save(plots.switches(image[0], first[0]), pictures / "switches.png")
    return {
        "value": sse(model, data.test),
        "fill": sse(filled, data.test),
        "fill_of_as_many_bits": sse(wide, data.test),
        "pca_of_as_many_bits": sse(pca, data.test),
        "numbers_of_as_many_bits": numbers,
        "switch_bits": model.switch_bits,
        "train_rows": len(images),
    } | trained_by
