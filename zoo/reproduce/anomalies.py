"""One class is normal, all others are anomalies: images, and scikit-learn's tables."""

import numpy as np

from zoo import experiment
from zoo.anomaly import Detector, measure, one_class
from zoo.anomaly.defaults import SCORES
from zoo.reproduce import anomaly_rivals as rivals

# Chosen on held-out digits (results/tuning.jsonl): of few images many copies and epochs.
NET = {"widths": (256,), "latent_dim": 8, "epochs": 30}
COPIES = 8  # jittered, beside each image
OTHERS = 4000  # training images of other classes, by which PCA's components are chosen
TABLE_NET = {"widths": (16,), "latent_dim": 3, "epochs": 100, "batch_size": 16}
TABLES = {"breast_cancer": (1,), "wine": (0, 1, 2)}  # the classes that are normal; 1 is benign
DRAWS = 3  # of a table's normal rows, of which half are tested


def one_against_the_rest(data, seed, pictures):
    """Measures a model for each class of the images, and then some tables; rivals beside."""
    from zoo import plots
    from zoo.datasets.augmentation import with_jittered_copies

    found, components, images = {}, {}, data.test.inputs
    for label in np.unique(data.train.labels):
        normal = one_class(data, label)
        learn = with_jittered_copies(normal.train.inputs, COPIES, seed)
        anomalous = data.test.labels != label
        others = data.train.inputs[data.train.labels != label]
        others = np.random.default_rng(seed).permutation(others)[:OTHERS]
        known = normal.train.inputs
        count = rivals.best_components(known, normal.test.inputs, others)
        report, detector, trained_by = _ours(normal, learn, images, anomalous, seed, NET)
        scores = rivals.rival_scores(known, images, count, seed)
        found[str(label)] = report | {name: measure(s, anomalous) for name, s in scores.items()}
        components[str(label)] = count
    made = detector.model.reconstruct(images)  # of the last class
    plots.save(plots.anomalies(images, made, detector.score(images)), pictures / "anomalies.png")
    means = _means(list(found.values()))
    aurocs = {name: figures["auroc"] for name, figures in means.items()}
    return {
        "value": aurocs["reconstruction"],
        **aurocs,
        "classes_at_least_pca": sum(
            each["reconstruction"]["auroc"] >= each["pca"]["auroc"] for each in found.values()
        ),
        "means": means,
        "classes": found,
        "pca_components": components,
        "tables": {name: _table(name, seed) for name in TABLES},
        "jittered_copies": COPIES,
    } | trained_by


def measure_table(normal, x, anomalous, seed, net):
    """Measures ours and the rivals on rows of a table.

    Args:
        normal: A `Dataset` of normal rows: ours learns from its training rows, and takes scale and
            threshold from its test rows; the rivals are fitted on both, standardised, PCA with
            half as many components as features.
        x: The rows to test, `(rows, columns)`.
        anomalous: Whether each is an anomaly, `(rows,)`.
        seed: The seed of all.
        net: Arguments of `deep_ae`, and fields of its recipe.

    Returns:
        For each score and rival what `measure` returns, and how ours was trained.
    """
    net = net | {"standardise": True}
    report, _, trained_by = _ours(normal, normal.train.inputs, x, anomalous, seed, net)
    known = np.concatenate([normal.train.inputs, normal.test.inputs])
    deviation = known.std(axis=0)
    deviation[deviation == 0] = 1
    known, rows = ((values - known.mean(axis=0)) / deviation for values in (known, x))
    scores = rivals.rival_scores(known, rows, max(1, x.shape[1] // 2), seed)
    return report | {name: measure(s, anomalous) for name, s in scores.items()}, trained_by


def _table(name, seed):
    """Returns means over draws and normal classes; half of the normal rows are tested."""
    from zoo import datasets
    from zoo.datasets.dataset import split_by_seed

    data = datasets.load(name)
    x = np.concatenate([data.train.inputs, data.test.inputs])
    labels = np.concatenate([data.train.labels, data.test.labels])
    found = []
    for label in TABLES[name]:
        for draw in range(DRAWS):
            rows = np.random.default_rng((seed, draw)).permutation(np.flatnonzero(labels == label))
            learnt, held = np.array_split(rows, 2)
            tested = np.concatenate([held, np.flatnonzero(labels != label)])
            normal = split_by_seed(name, datasets.Split(x[learnt]))
            report, _ = measure_table(normal, x[tested], labels[tested] != label, seed, TABLE_NET)
            found.append(report)
    return _means(found)


def _ours(normal, learn, x, anomalous, seed, net):
    """Returns for each kind of score what it is worth, a detector, and how it was trained."""
    model, trained_by = experiment.train("deep_ae", learn, seed, **net)
    report, detectors = {}, {}
    for score in SCORES:
        detectors[score] = detector = Detector.fit(model, normal, score=score)
        scores = detector.score(x)
        alarms = float(np.mean(scores[~anomalous] > detector.threshold))
        report[score] = measure(scores, anomalous) | {"false_alarms": alarms}
    return report, detectors["reconstruction"], trained_by


def _means(reports):
    return {
        name: {key: float(np.mean([each[name][key] for each in reports])) for key in figures}
        for name, figures in reports[0].items()
    }
