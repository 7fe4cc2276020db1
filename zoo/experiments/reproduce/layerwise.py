"""Rows on layer-wise pre-training: its effect, with labels and without."""

import statistics

from zoo.experiments.reproduce import model_errors
from zoo.training import in_memory

NET = {"widths": (1000, 1000), "latent_dim": 500}  # 784-1000-1000-500, and 10 classes on top
CONTRACTION = 1.0  # held-out digits (results/tuning.jsonl): error 1.60 %; without, 1.96 %
METHODS = ("none", "rbm", "autoencoder", "denoising", "contractive")


def four_starts(data, seed, pictures):
    """Measures row 3: sigmoid and ReLU nets, from a random start and from RBMs.

    Every start takes the same number of epochs, those of the RBMs included, with batch size 100.

    Args:
        data: `Dataset`.
        seed: Integer. Seed of the training.
        pictures: `Path` of the folder for pictures; none are drawn.

    Returns:
        A dict: the `value`, which is the squared error of sigmoid layers learned as RBMs first, the
        errors of the other starts, and how the model was trained.

    Example:

    >>> data = zoo.datasets.load("mnist")  # doctest: +SKIP
    >>> four_starts(data, seed=0, pictures=Path("."))["value"]  # doctest: +SKIP
    """
    layers, layer_epochs, net_epochs = 4, 3, 48
    values, trained_by = {}, {}
    for activation in ("sigmoid", "relu"):
        for start in ("random", "rbm"):
            pretrained, name = start == "rbm", f"{activation}_{start}"
            values[name], trained_by[name] = _sse_of(
                "deep_ae", data, seed, activation=activation, batch_size=100, learning_rate=3e-3,
                pretrain="rbm" if pretrained else "none", pretrain_epochs=layer_epochs,
                epochs=net_epochs if pretrained else net_epochs + layers * layer_epochs,
            )  # fmt: skip
    return {"value": values.pop("sigmoid_rbm")} | values | trained_by["sigmoid_rbm"]


def synthetic_curves(data, seed, pictures):
    """Measures row 4: codes of six numbers for curves that six numbers determine.

    A `dbn` and logistic PCA are measured too.

    Args:
        data: `Dataset` of generated curves.
        seed: Integer. Seed of the training.
        pictures: `Path` of the folder for pictures; none are drawn.

    Returns:
        A dict: the `value`, which is the squared error of a `deep_ae`, the errors of the two
        others, and how the model was trained.

    Example:

    >>> synthetic_curves(zoo.datasets.load("curves"), seed=0, pictures=Path("."))  # doctest: +SKIP
    """
    net = {"widths": (400, 200, 100, 50, 25), "latent_dim": 6, "epochs": 100}
    value, trained_by = _sse_of("deep_ae", data, seed, **net)
    return {
        "value": value,
        "sigmoid_rbm": _sse_of("dbn", data, seed, **net)[0],
        "logistic_pca": _sse_of("logistic_pca", data, seed, latent_dim=6)[0],
    } | trained_by


def _sse_of(variant, data, seed, **changes):
    model, trained_by = in_memory.train(variant, data.train.inputs, seed, **changes)
    return model_errors.sse(model, data.test), trained_by


def belief_network(data, seed, pictures):
    """Measures row 5: a classifier that is pre-trained as a stack of RBMs.

    Args:
        data: `Dataset`.
        seed: Integer. Seed of the training.
        pictures: `Path` of the folder for pictures; none are drawn.

    Returns:
        A dict: the `value`, which is the test error in percent, and how the model was trained.

    Example:

    >>> data = zoo.datasets.load("mnist")  # doctest: +SKIP
    >>> belief_network(data, seed=0, pictures=Path("."))["value"]  # doctest: +SKIP
    """
    return _classified(data, seed, "rbm", "sigmoid", epochs=20)


def stacked(data, seed, pictures):
    """Measures row 6: a classifier that is pre-trained as denoising auto-encoders.

    Args:
        data: `Dataset`.
        seed: Integer. Seed of the training.
        pictures: `Path` of the folder for pictures; none are drawn.

    Returns:
        A dict: the `value`, which is the test error in percent, and how the model was trained.

    Example:

    >>> data = zoo.datasets.load("mnist")  # doctest: +SKIP
    >>> stacked(data, seed=0, pictures=Path("."))["value"]  # doctest: +SKIP
    """
    return _classified(data, seed, "denoising", "relu", epochs=10)


def contractive(data, seed, pictures):
    """Measures row 7: a classifier that starts from a contractive auto-encoder.

    The same layer, tied as in the paper, is trained with the penalty and without, and then with
    labels.

    Args:
        data: `Dataset`.
        seed: Integer. Seed of the training.
        pictures: `Path` of the folder for pictures; none are drawn.

    Returns:
        A dict: the `value`, which is the test error in percent, the error without the penalty
        (`plain`), `times_smaller_jacobian`, and how the model was trained.

    Example:

    >>> data = zoo.datasets.load("mnist")  # doctest: +SKIP
    >>> contractive(data, seed=0, pictures=Path("."))["value"]  # doctest: +SKIP
    """
    from zoo.evaluation import robustness

    measured, trained_by = {}, {}
    for name, weight in {"contractive": CONTRACTION, "plain": 0.0}.items():
        model, trained_by[name] = in_memory.train(
            "contractive_ae", data.train.inputs, seed, contraction_weight=weight, tied=True,
            batch_size=100, epochs=20,
        )  # fmt: skip
        norm = robustness.jacobian_norm(model.encoder, data.test.inputs[:50])
        measured[name] = {"error": error(model, data, data.train, seed), "jacobian_norm": norm}
    norms = [measured[name]["jacobian_norm"] for name in ("plain", "contractive")]
    return {
        "value": measured["contractive"]["error"],
        "plain": measured["plain"]["error"],
        "times_smaller_jacobian": norms[0] / norms[1],
    } | trained_by["contractive"]


def few_labels(data, seed, pictures):
    """Measures row 9: the test error with 100 and 1,000 labels, over five draws of them.

    Args:
        data: `Dataset`.
        seed: Integer. Seed of the training.
        pictures: `Path` of the folder that a picture is written to.

    Returns:
        A dict: the `value`, which is the mean test error in percent with 100 labels after denoising
        pre-training, the other errors, and how the model was trained.

    Example:

    >>> data = zoo.datasets.load("mnist")  # doctest: +SKIP
    >>> few_labels(data, seed=0, pictures=Path("."))["value"]  # doctest: +SKIP
    """
    return _by_labels(data, seed, pictures, ("none", "denoising"), (100, 1000), draws=5)


def by_labels(data, seed, pictures):
    """Measures the row `labels`: the test error by number of labels and kind of pre-training.

    Args:
        data: `Dataset`.
        seed: Integer. Seed of the training.
        pictures: `Path` of the folder that a picture is written to.

    Returns:
        A dict: the `value`, which is the test error in percent with 100 labels after denoising
        pre-training, all `errors`, and how the model was trained.

    Example:

    >>> data = zoo.datasets.load("mnist")  # doctest: +SKIP
    >>> by_labels(data, seed=0, pictures=Path("."))["value"]  # doctest: +SKIP
    """
    counts = (100, 300, 600, 1000, 3000, 10_000, None)
    return _by_labels(data, seed, pictures, METHODS, counts, draws=1)


def _by_labels(data, seed, pictures, methods, counts, draws):
    from zoo import plots, registry
    from zoo.training.finetune import balanced

    table, trained_by = {}, {}
    for method in methods:
        model, trained_by[method] = in_memory.train(
            "stacked_ae", data.train.inputs, seed, pretrain=method, pretrain_epochs=10, epochs=0,
            **NET,
        )  # fmt: skip
        weights = model.get_weights()
        errors = {}
        for count in counts:
            draw_errors = []
            for draw in range(draws):
                labelled = data.train if count is None else balanced(data.train, count, draw)
                fresh = registry.build("stacked_ae", input_shape=data.input_shape, **NET)
                fresh.set_weights(weights)
                draw_errors.append(error(fresh, data, labelled, seed))
            errors[str(count or len(data.train))] = {
                "mean": statistics.fmean(draw_errors),
                "deviation": statistics.stdev(draw_errors) if draws > 1 else None,
            }
        table[method] = errors
    plots.save(plots.errors_by_labels(table), pictures / f"labels_{len(counts)}.png")
    pretrained, random, first = table["denoising"], table["none"], str(counts[0])
    return {
        "value": pretrained[first]["mean"],
        "random": random[first]["mean"],
        "pretrained_at_1000": pretrained["1000"]["mean"],
        "random_at_1000": random["1000"]["mean"],
        "errors": table,
        "draws": draws,
    } | trained_by["denoising"]


def _classified(data, seed, method, activation, epochs):
    model, trained_by = in_memory.train(
        "stacked_ae", data.train.inputs, seed, activation=activation, pretrain=method,
        pretrain_epochs=epochs, epochs=0, **NET,
    )  # fmt: skip
    return {"value": error(model, data, data.train, seed)} | trained_by


def error(model, data, labelled, seed) -> float:
    """Returns the test error in percent of a classifier that fine-tunes a model with labels.

    Args:
        model: `AutoEncoder`.
        data: `Dataset` whose test split is classified; its labels are 0 to 9.
        labelled: `Split` of the labelled rows to learn from.
        seed: Integer. Seed of the training.

    Returns:
        A float, in percent.

    Example:

    >>> data = zoo.datasets.load("mnist_5k")
    >>> error(zoo.build("shallow_ae"), data, data.train, seed=0)  # doctest: +SKIP
    """
    import keras

    from zoo.autoencoder.classifier import RECIPE, classifier
    from zoo.training import finetune

    keras.utils.set_random_seed(seed)
    net = classifier(model, 10)
    finetune.fit(net, RECIPE, labelled, seed)
    return 100 * finetune.evaluate(net, data.test)["test_error"]
