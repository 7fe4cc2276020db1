"""Measures a model on the test split, beside PCA of equal size and the raw inputs."""

import math
from pathlib import Path

import numpy as np

from zoo import datasets, registry
from zoo.autoencoder import AutoEncoder, divergence
from zoo.datasets.readers import preparation
from zoo.errors import UsageError
from zoo.evaluation import column_metrics, learning, metrics, probes, robustness
from zoo.evaluation.metrics import flat
from zoo.evaluation.units import unit_of
from zoo.inputs import arrays, chunks, kinds
from zoo.runs import Run, open_model
from zoo.search.exact import normalised
from zoo.serving import Bundle

OF_PAIRS = ("psnr", "ssim")  # functions of `metrics` that take inputs and reconstructions
OF_MOVED_ROWS = ("shift_distance", "noise_distance")  # functions of `robustness`
MOVED_ROWS = 1000  # the largest number of test rows that are shifted and made noisy
JACOBIAN_ROWS, JACOBIAN_PASSES = 16, 16_384  # limits; each number of a row's code takes one pass


def evaluate(model, data="mnist_5k", pca=None, *, baselines=True) -> dict[str, float]:
    """Measures a model's reconstructions and codes on the test split of a dataset.

    Args:
        model: `AutoEncoder`, `Run`, `Bundle` (what `zoo.load` returns), or the path of a run
            directory or of an export.
        data: Anything that `zoo.datasets.load` accepts. Images of a folder without options of its
            own are prepared as those that the model was trained on. Of rows on disk, or in
            a sparse matrix, a sample of each split is measured, drawn with a fixed seed: 100 MB of
            rows. Defaults to `"mnist_5k"`.
        pca: The result of `pca_of_equal_size`, to avoid fitting it again. Defaults to None, which
            fits it.
        baselines: Boolean. Whether to measure PCA and the raw inputs too, which takes about twice
            as long as the model itself. Defaults to True.

    Returns:
        A dict from the name of each metric to a number. Metrics that are not defined for the data
        are left out.

        Metrics of the reconstructions: `mse` and `sse`, for features and sequences in units of the
        standard deviations of the training columns or channels; for volumes also `psnr`; for images
        also `psnr` and `denoising_gain` (dB), and `ssim`. Missing cells, NaN, do not count; PCA and
        the metrics of raw inputs see the mean of the training rows in their place. Of a table with
        columns of categories, `mse` and `sse` are of the columns of numbers; `accuracy/NAME` is the
        fraction of rows whose category is right in the column of that name, `category_accuracy` the
        mean of them. With the prefix `frequent_` these are of the most frequent category of the
        training rows.

        Metrics of the codes: `active_units` and `dead_units` (if there are at least two test rows)
        and `sparsity` (if a code has two numbers or more and not all codes are 0). For images also
        `shift_distance` and `noise_distance`, measured on at most 1,000 test rows, drawn with a
        fixed seed, if there are at least two whose codes differ.

        Metrics of the codes' relation to the labels: `knn_accuracy` (5 neighbours),
        `probe_accuracy` and `nmi`, if training and test rows have labels of two classes or more.
        For texts, `knn_accuracy` and `nmi` use codes scaled to unit length, so that only their
        directions count. All three use at most 60,000 training rows (`knn_rows`) and 10,000 test
        rows (`knn_queries`), drawn with a fixed seed; `probe_accuracy` and `nmi` are limited to
        1,000 classes.

        The same metrics with the prefix `pca_` belong to a PCA fitted to the training rows, whose
        codes take the same number of bits. With the prefix `raw_`, metrics of the codes belong to
        the inputs themselves, as if they were codes.

        Only for an `AutoEncoder` (and for `pca_`): `jacobian_norm`, on at most 16 test rows, and on
        fewer if a code has more than 1,024 numbers. It is left out for a quantised code, whose
        derivative is zero. Only for codes that are quantised by one codebook: `codebook_use`.

        Facts: `test_rows`; `code_size` (numbers in a code); `pca_code_size` (components of the PCA;
        with one component for each column PCA reconstructs every input exactly); `code_bits`; and
        `switch_bits` (bits of the remembered pooling positions of a row, which the PCA does not
        get).

    Raises:
        UsageError: If `model` is of another type, if the data do not have the model's shape, or if
            the codes or reconstructions of the model are not finite.

    Example:

    >>> model = zoo.train("pca").model  # doctest: +SKIP
    >>> report = zoo.evaluate(model)  # doctest: +SKIP
    >>> sorted(report)[:2]  # doctest: +SKIP
    ['active_units', 'code_bits']
    """
    if isinstance(model, (str, Path)):
        model, _ = open_model(model)
    model = model.model if isinstance(model, Run) else model
    if not isinstance(model, (AutoEncoder, Bundle)):
        raise UsageError(
            f"`model` must be an AutoEncoder, a Run, a Bundle or a folder. Received: {model!r}."
        )
    if isinstance(model, AutoEncoder):
        divergence.require_finite_weights(model)
    given = preparation.recorded(data, model)
    given |= {"kind": model.kind_of_arrays, "missing": model.missing}
    dataset = datasets.load(data, **given).sample()
    dataset = dataset.map(lambda split: split.in_form(model.column_names, model.columns))
    dataset = learning.prepared(model, dataset)
    expected = tuple(model.input_shape[1:])
    if dataset.input_shape != expected:
        received = (
            f"{dataset.kind} of {dataset.input_shape}" if dataset.input_shape else dataset.kind
        )
        accepted = f"{arrays.plural(model.named_input.name)} of {expected}"
        raise UsageError(f"This model takes {accepted}. Received: {received} from {dataset.name}.")
    documents = model.vocabulary is not None
    report, facts = _model_metrics(model, dataset, documents), {}
    prefixed = {"": report}
    if baselines:
        pca = pca or pca_of_equal_size(model, dataset)
        facts["pca_code_size"] = pca.code_shapes[0][0]
        unit = 1 if documents else unit_of(dataset)
        fill = _filler(dataset)
        plain = dataset.columns.one_hot if dataset.columns.has_categories else np.asarray
        if dataset.columns.has_categories:
            unit = np.where(dataset.columns.classes, 1, unit)
            frequent = column_metrics.most_frequent(dataset)
            frequent = np.broadcast_to(frequent, dataset.test.inputs.shape)
            report_of_frequent = column_metrics.of_columns(dataset, frequent)
            prefixed["frequent_"] = {
                name: value for name, value in report_of_frequent.items() if "accuracy" in name
            }
        raw = _code_metrics(lambda rows: plain(fill(rows) / unit), dataset, documents)
        prefixed["pca_"] = _model_metrics(pca, dataset, documents)
        prefixed["raw_"] = {name: raw[name] for name in RAW if name in raw}
    if "knn_accuracy" in report:
        facts["knn_rows"] = min(len(dataset.train), probes.KNN_ROWS)
        facts["knn_queries"] = min(len(dataset.test), probes.QUERIES)
    facts |= {
        "test_rows": len(dataset.test),
        "code_size": math.prod(model.code_shapes[0]),
        "code_bits": model.code_bits,
        "switch_bits": model.switch_bits,
    }
    return {
        prefix + name: value
        for prefix, values in prefixed.items()
        for name, value in values.items()
        if math.isfinite(value)
    } | facts


# The other metrics of raw inputs, such as their sparsity, say nothing about any code.
RAW = ("knn_accuracy", "probe_accuracy", "nmi", "shift_distance", "noise_distance")


def pca_of_equal_size(model, data):
    """Returns a PCA that is fitted to the training rows and has codes of a model's size.

    Each number of a PCA's code takes 32 bits. The PCA therefore has `code_bits / 32` components,
    rounded up, but not more than there are columns or training rows.

    Args:
        model: `AutoEncoder` or `Bundle`, for the size of its codes, and its vocabulary.
        data: Anything that `zoo.datasets.load` accepts.

    Returns:
        An `AutoEncoder`, the variant `pca`.

    Example:

    >>> model = zoo.build("shallow_ae", input_shape=(8,), latent_dim=3)
    >>> x = np.random.default_rng(0).random((100, 8), np.float32)
    >>> pca_of_equal_size(model, x).code_shapes
    [(3,)]
    """
    if isinstance(model, AutoEncoder):
        divergence.require_finite_weights(model)
    dataset = datasets.load(data, kind=model.kind_of_arrays, missing=model.missing).sample()
    dataset = learning.prepared(model, dataset)
    largest = min(len(dataset.train), math.prod(dataset.input_shape))
    size = min(math.ceil(model.code_bits / 32), largest)
    entry = registry.entry("pca")
    arguments = entry.arguments_for(dataset) | {"latent_dim": size}
    if dataset.train.missing == "mask":
        arguments["missing"] = "mask"
    pca = entry.build(**arguments)
    return pca.adapt(dataset.train)


def _filler(dataset):
    """Returns a function that reads rows, with the mean of the training rows in missing cells."""
    if dataset.train.missing != "mask":
        return lambda rows: arrays.regular(rows, "rows")
    mean, _ = chunks.mean_and_deviation(dataset.train.inputs)
    if dataset.columns.has_categories:  # whose missing values are a class of their own
        mean = np.where(dataset.columns.classes, np.nan, mean)

    def fill(rows):
        rows = arrays.regular(rows, "rows")
        return np.where(np.isnan(rows), mean.astype(rows.dtype), rows)

    return fill


def _model_metrics(model, dataset, documents):
    report = _reconstruction_metrics(model, dataset) | _code_metrics(
        model.encode, dataset, documents
    )
    inputs = dataset.test.inputs
    if isinstance(model, AutoEncoder) and not model.index_names:
        rows = min(JACOBIAN_ROWS, max(1, JACOBIAN_PASSES // math.prod(model.code_shapes[0])))
        report["jacobian_norm"] = robustness.jacobian_norm(model.encoder, inputs[:rows])
    if len(model.index_names) == 1:
        indices = model.indices(dataset.test)
        entries = round(2 ** (model.code_bits / math.prod(indices.shape[1:])))
        report["codebook_use"] = metrics.codebook_use(indices, entries)
    return report


def _reconstruction_metrics(model, dataset):
    inputs, reconstructions = dataset.test.inputs, model.reconstruct(dataset.test)
    _require_finite("reconstructions", reconstructions)
    if dataset.columns.has_categories:
        return column_metrics.of_columns(dataset, reconstructions)
    kind, unit = kinds.KINDS[dataset.kind], unit_of(dataset)
    pair = (inputs / unit, reconstructions / unit) if kind.scaled else (inputs, reconstructions)
    names = ["mse", "sse", *(name for name in kind.metrics if name in OF_PAIRS)]
    report = {name: getattr(metrics, name)(*pair) for name in names}
    if "denoising_gain" in kind.metrics:
        noisy = inputs[probes.drawn(len(inputs), MOVED_ROWS)]
        report["denoising_gain"] = robustness.denoising_gain(model.reconstruct, noisy)
    return report


def _code_metrics(encode, dataset, documents):
    train, test = dataset.train, dataset.test
    codes = encode(test)
    _require_finite("codes", codes)
    report = {
        "active_units": metrics.active_units(codes),
        "dead_units": metrics.dead_units(codes),
        "sparsity": metrics.sparsity(codes),
    }
    for name in kinds.KINDS[dataset.kind].metrics:
        if name in OF_MOVED_ROWS:
            rows = probes.drawn(len(codes), MOVED_ROWS)
            arguments = encode, test.inputs[rows], codes[rows]
            report[name] = getattr(robustness, name)(*arguments)
    if train.labels is not None and test.labels is not None and len(np.unique(train.labels)) > 1:
        train_rows = probes.drawn(len(train), probes.KNN_ROWS)
        rows = probes.drawn(len(test), probes.QUERIES)
        train_codes, codes, labels = encode(train.take(train_rows)), codes[rows], test.labels[rows]
        train_labels = train.labels[train_rows]
        report["probe_accuracy"] = probes.probe_accuracy(train_codes, train_labels, codes, labels)
        if documents:  # Euclidean distances between unit vectors rank as their cosines do
            train_codes, codes = normalised(flat(train_codes)), normalised(flat(codes))
        report["knn_accuracy"] = probes.knn_accuracy(train_codes, train_labels, codes, labels)
        report["nmi"] = probes.nmi(codes, labels)
    return report


def _require_finite(name, values):
    if not np.isfinite(values).all():
        raise UsageError(
            f"`model` must give finite {name}: train it again, at a lower learning rate, or load "
            "other weights. Received: a model whose weights are NaN, infinite or too large."
        )
