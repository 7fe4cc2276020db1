"""Rows on anomalies: one class is normal and all others are anomalies, in images and tables."""

import math

import numpy as np

from zoo.anomaly import Detector, measure, one_class
from zoo.autoencoder.scores import SCORES
from zoo.experiments.reproduce import anomaly_rivals as rivals
from zoo.training import in_memory

# Chosen on held-out digits (results/tuning.jsonl): few images need many copies and epochs.
NET = {"widths": (256,), "latent_dim": 8, "epochs": 30}
COPIES = 8  # jittered copies of each image
OTHERS = 4000  # training images of other classes, to choose the number of PCA components on
IMAGE_SCORES = ("reconstruction", "latent", "both")
TABLE_NET = {"widths": (16,), "latent_dim": 3, "epochs": 100, "batch_size": 16}
TABLES = {"breast_cancer": (1,), "wine": (0, 1, 2)}  # the normal classes; 1 is benign
MOST_SIZES = 25  # of PCA that are tried
DRAWS = 3  # of a table's normal rows; half of them are tested


def one_against_the_rest(data, seed, pictures):
    """Measures the row `anomaly`: a model for each class of the images, and some tables.

    Detectors of other libraries score the same rows.

    Args:
        data: `Dataset` of images with labels.
        seed: Integer. Seed of the training.
        pictures: `Path` of the folder that a picture is written to.

    Returns:
        A dict: the `value`, which is the mean AUROC of the reconstruction error, the other means,
        the metrics of each class and table, and how the model was trained.

    Example:

    >>> one_against_the_rest(zoo.datasets.load("mnist"), 0, Path("."))  # doctest: +SKIP
    """
    from zoo import plots
    from zoo.datasets.augmentation import with_jittered_copies

    classes, components, images = {}, {}, data.test.inputs
    for label in np.unique(data.train.labels):
        normal = one_class(data, label)
        learn = with_jittered_copies(normal.train.inputs, COPIES, seed)
        anomalous = data.test.labels != label
        others = data.train.inputs[data.train.labels != label]
        others = np.random.default_rng(seed).permutation(others)[:OTHERS]
        train = normal.train.inputs
        count = rivals.best_components(train, normal.test.inputs, others)
        report, detectors, trained_by = _ours(
            normal, learn, images, anomalous, seed, NET, IMAGE_SCORES
        )
        scores = rivals.rival_scores(train, images, count, seed)
        classes[str(label)] = report | {name: measure(s, anomalous) for name, s in scores.items()}
        components[str(label)] = count
    detector = detectors["reconstruction"]  # of the last class
    outputs = detector.model.reconstruct(images)
    plots.save(plots.anomalies(images, outputs, detector.score(images)), pictures / "anomalies.png")
    means = _means(list(classes.values()))
    aurocs = {name: mean["auroc"] for name, mean in means.items()}
    return {
        "value": aurocs["reconstruction"],
        **aurocs,
        "classes_at_least_pca": sum(
            result["reconstruction"]["auroc"] >= result["pca"]["auroc"]
            for result in classes.values()
        ),
        "means": means,
        "classes": classes,
        "pca_components": components,
        "tables": {name: _table(name, seed) for name in TABLES},
        "jittered_copies": COPIES,
    } | trained_by


def measure_table(normal, x, anomalous, seed, net, **training):
    """Measures our scores and those of other detectors on rows of a table.

    Args:
        normal: `Dataset` of normal rows. Our model learns from its training rows, and takes the
            scales and the threshold from its test rows. The other detectors are fitted to both,
            standardised; PCA has the number of components that best separates the test rows from
            rows of which each column is shuffled.
        x: Array of shape `(rows, columns)`. The rows to test.
        anomalous: Array of booleans, `(rows,)`. Whether each row is an anomaly.
        seed: Integer. Seed of the training and of the other detectors.
        net: Dict. Arguments of `deep_ae`, and fields of its recipe.
        **training: Arguments of `measure_ours`.

    Returns:
        A pair: for each score and each other detector the result of `zoo.anomaly.measure`, and how
        our model was trained, with `pca_components`.

    Example:

    >>> rows = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
    >>> normal, anomalous = zoo.datasets.load(rows[:50]), np.arange(10) < 5
    >>> report, _ = measure_table(normal, rows[50:], anomalous, 0, TABLE_NET)  # doctest: +SKIP
    """
    report, trained_by = measure_ours(normal, x, anomalous, seed, net, **training)
    train = np.concatenate([normal.train.inputs, normal.test.inputs])
    deviation = train.std(axis=0)
    deviation[deviation == 0] = 1
    train, rows = ((values - train.mean(axis=0)) / deviation for values in (train, x))
    learnt, held_out = np.split(train, [len(normal.train)])
    shuffled = np.random.default_rng(seed).permuted(held_out, axis=0)  # each column by itself
    columns = x.shape[1]
    counts = np.unique(np.linspace(1, max(1, columns - 1), MOST_SIZES).round().astype(int)).tolist()
    components = rivals.best_components(learnt, held_out, shuffled, counts)
    scores = rivals.rival_scores(train, rows, components, seed)
    report |= {name: measure(values, anomalous) for name, values in scores.items()}
    return report, trained_by | {"pca_components": components}


def measure_ours(normal, x, anomalous, seed, net, *, hide=0.0, least_rows=0, scores=tuple(SCORES)):
    """Measures our scores on rows of a table.

    Args:
        normal: As for `measure_table`.
        x: As for `measure_table`.
        anomalous: As for `measure_table`.
        seed: Integer. Seed of the training.
        net: As for `measure_table`.
        hide: Float in [0, 1). The fraction of the numbers that are hidden in training: they take
            the mean of their column, anew in each epoch, and the model learns to guess them.
            Defaults to 0.
        least_rows: Integer. Fewer training rows are repeated until there are as many, so that each
            epoch has enough steps. Defaults to 0.
        scores: Sequence of keys of `SCORES`. Defaults to all.

    Returns:
        A pair: for each score the result of `zoo.anomaly.measure`, and how the model was trained.

    Example:

    >>> rows = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
    >>> normal, anomalous = zoo.datasets.load(rows[:50]), np.arange(10) < 5
    >>> measure_ours(normal, rows[50:], anomalous, 0, TABLE_NET, hide=0.3)  # doctest: +SKIP
    """
    rows = normal.train.inputs
    mean = rows.mean(axis=0)

    def corrupted(values, random):
        return np.where(random.random(values.shape) < hide, mean, values).astype(values.dtype)

    learn = np.tile(rows, (math.ceil(max(1, least_rows / len(rows))), 1))
    net = net | {"standardise": True} | ({"corrupted": corrupted} if hide else {})
    report, _, trained_by = _ours(normal, learn, x, anomalous, seed, net, scores)
    return report, trained_by | ({"hide": hide, "least_rows": least_rows} if hide else {})


def _table(name, seed):
    """Returns means over draws and normal classes; half of the normal rows are tested."""
    from zoo import datasets
    from zoo.datasets.dataset import split_by_seed

    data = datasets.load(name)
    x = np.concatenate([data.train.inputs, data.test.inputs])
    labels = np.concatenate([data.train.labels, data.test.labels])
    reports = []
    for label in TABLES[name]:
        for draw in range(DRAWS):
            rows = np.random.default_rng((seed, draw)).permutation(np.flatnonzero(labels == label))
            train, held_out = np.array_split(rows, 2)
            tested = np.concatenate([held_out, np.flatnonzero(labels != label)])
            normal = split_by_seed(name, datasets.Split(x[train]))
            report, _ = measure_table(normal, x[tested], labels[tested] != label, seed, TABLE_NET)
            reports.append(report)
    return _means(reports)


def _ours(normal, learn, x, anomalous, seed, net, scores):
    """Returns the metrics and the detector of each score, and how the model was trained."""
    model, trained_by = in_memory.train("deep_ae", learn, seed, **net)
    report, detectors = {}, {}
    for score in scores:
        detectors[score] = detector = Detector.fit(model, normal, score=score)
        values = detector.score(x)
        alarms = float(np.mean(values[~anomalous] > detector.threshold))
        report[score] = measure(values, anomalous) | {"false_alarms": alarms}
    return report, detectors, trained_by


def _means(reports):
    return {
        name: {key: float(np.mean([report[name][key] for report in reports])) for key in metrics}
        for name, metrics in reports[0].items()
    }
