"""Rows on anomalies: one class is normal and all others are anomalies, in images and tables."""

import numpy as np

from zoo.anomaly import Detector, measure, one_class
from zoo.experiments.reproduce import anomaly_rivals as rivals
from zoo.training import in_memory

# Chosen on held-out digits (results/tuning.jsonl): few images need many copies and epochs.
NET = {"widths": (256,), "latent_dim": 8, "epochs": 30}
COPIES = 8  # jittered copies of each image
SCORES = ("reconstruction", "latent", "both")  # that the row compares
OTHERS = 4000  # training images of other classes, to choose the number of PCA components on
TABLE_NET = {"widths": (16,), "latent_dim": 3, "epochs": 100, "batch_size": 16}
TABLES = {"breast_cancer": (1,), "wine": (0, 1, 2)}  # the normal classes; 1 is benign
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
        report, detector, trained_by = _ours(normal, learn, images, anomalous, seed, NET)
        scores = rivals.rival_scores(train, images, count, seed)
        classes[str(label)] = report | {name: measure(s, anomalous) for name, s in scores.items()}
        components[str(label)] = count
    outputs = detector.model.reconstruct(images)  # of the last class
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


def measure_table(normal, x, anomalous, seed, net):
    """Measures our scores and those of other detectors on rows of a table.

    Args:
        normal: `Dataset` of normal rows. Our model learns from its training rows, and takes the
            scales and the threshold from its test rows. The other detectors are fitted to both,
            standardised; PCA has half as many components as there are features.
        x: Array of shape `(rows, columns)`. The rows to test.
        anomalous: Array of booleans, `(rows,)`. Whether each row is an anomaly.
        seed: Integer. Seed of the training and of the other detectors.
        net: Dict. Arguments of `deep_ae`, and fields of its recipe.

    Returns:
        A pair: for each score and each other detector the result of `zoo.anomaly.measure`, and how
        our model was trained.

    Example:

    >>> rows = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
    >>> normal, anomalous = zoo.datasets.load(rows[:50]), np.arange(10) < 5
    >>> report, _ = measure_table(normal, rows[50:], anomalous, 0, TABLE_NET)  # doctest: +SKIP
    """
    net = net | {"standardise": True}
    report, _, trained_by = _ours(normal, normal.train.inputs, x, anomalous, seed, net)
    train = np.concatenate([normal.train.inputs, normal.test.inputs])
    deviation = train.std(axis=0)
    deviation[deviation == 0] = 1
    train, rows = ((values - train.mean(axis=0)) / deviation for values in (train, x))
    scores = rivals.rival_scores(train, rows, max(1, x.shape[1] // 2), seed)
    return report | {name: measure(s, anomalous) for name, s in scores.items()}, trained_by


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


def _ours(normal, learn, x, anomalous, seed, net):
    """Returns the metrics of each kind of score, a detector, and how the model was trained."""
    model, trained_by = in_memory.train("deep_ae", learn, seed, **net)
    report, detectors = {}, {}
    for score in SCORES:
        detectors[score] = detector = Detector.fit(model, normal, score=score)
        scores = detector.score(x)
        alarms = float(np.mean(scores[~anomalous] > detector.threshold))
        report[score] = measure(scores, anomalous) | {"false_alarms": alarms}
    return report, detectors["reconstruction"], trained_by


def _means(reports):
    return {
        name: {key: float(np.mean([report[name][key] for report in reports])) for key in metrics}
        for name, metrics in reports[0].items()
    }
