"""One class is normal, all others are anomalies: images, and scikit-learn's tables."""

import numpy as np

from zoo import experiment
from zoo.anomaly import Detector, measure, one_class

# Chosen on held-out digits (results/tuning.jsonl): of few images many copies and epochs.
NET = {"widths": (256,), "latent_dim": 8, "epochs": 30}
COPIES = 8  # jittered, beside each image
TABLE_NET = {"widths": (16,), "latent_dim": 3, "epochs": 100, "batch_size": 16}
TABLES = {"breast_cancer": (1,), "wine": (0, 1, 2)}  # the classes that are normal; 1 is benign
DRAWS = 3  # of a table's normal rows, of which half are tested


def one_against_the_rest(data, seed, pictures):
    """For each class of the images its own model; beside it PCA and an isolation forest."""
    from zoo import plots
    from zoo.datasets.augmentation import with_jittered_copies

    found, images = {}, data.test.inputs
    for label in np.unique(data.train.labels):
        normal = one_class(data, label)
        learn = with_jittered_copies(normal.train.inputs, COPIES, seed)
        anomalous = data.test.labels != label
        found[str(label)], detector, trained_by = _compared(
            normal, learn, images, anomalous, seed, NET
        )
    made = detector.model.reconstruct(images)  # of the last class
    plots.save(plots.anomalies(images, made, detector.score(images)), pictures / "anomalies.png")
    means = _means(list(found.values()))
    return {
        "value": means["reconstruction"]["auroc"],
        "pca": means["pca"]["auroc"],
        "isolation_forest": means["isolation_forest"]["auroc"],
        "classes_at_least_pca": sum(
            each["reconstruction"]["auroc"] >= each["pca"]["auroc"] for each in found.values()
        ),
        "means": means,
        "classes": found,
        "tables": {name: _table(name, seed) for name in TABLES},
        "jittered_copies": COPIES,
    } | trained_by


def _table(name, seed):
    """Means over draws and normal classes: half of the normal rows are tested, and all others."""
    from zoo import datasets
    from zoo.datasets.dataset import split_by_seed

    data = datasets.load(name)
    x = np.concatenate([data.train.inputs, data.test.inputs])
    labels = np.concatenate([data.train.labels, data.test.labels])
    net, found = TABLE_NET | {"standardise": True}, []
    for label in TABLES[name]:
        for draw in range(DRAWS):
            rows = np.random.default_rng((seed, draw)).permutation(np.flatnonzero(labels == label))
            learnt, held = np.array_split(rows, 2)
            tested = np.concatenate([held, np.flatnonzero(labels != label)])
            normal = split_by_seed(name, datasets.Split(x[learnt]))
            report, _, _ = _compared(
                normal, normal.train.inputs, x[tested], labels[tested] != label, seed, net
            )
            found.append(report)
    return _means(found)


def _compared(normal, learn, x, anomalous, seed, net):
    """For each kind of score, PCA's error and an isolation forest, what they are worth."""
    from sklearn.ensemble import IsolationForest

    model, trained_by = experiment.train("deep_ae", learn, seed, **net)
    same = {key: net[key] for key in ("latent_dim", "standardise") if key in net}
    pca, _ = experiment.train("pca", normal.train.inputs, seed, **same)
    detectors = {
        score: Detector.fit(model, normal, score=score)
        for score in ("reconstruction", "latent", "both")
    }
    report = {}
    for name, detector in (detectors | {"pca": Detector.fit(pca, normal)}).items():
        scores = detector.score(x)
        alarms = float(np.mean(scores[~anomalous] > detector.threshold))
        report[name] = measure(scores, anomalous) | {"false_alarms": alarms}
    flat, tested = (each.reshape(len(each), -1) for each in (normal.train.inputs, x))
    forest = IsolationForest(random_state=seed).fit(flat)
    report["isolation_forest"] = measure(-forest.score_samples(tested), anomalous)
    return report, detectors["reconstruction"], trained_by


def _means(reports):
    return {
        name: {key: float(np.mean([each[name][key] for each in reports])) for key in figures}
        for name, figures in reports[0].items()
    }
