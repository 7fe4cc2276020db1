"""Tries the settings of a detector's reconstruction error on images, by which defaults are chosen.

The command

    python -m zoo.experiments.image_scores

trains a small `deep_ae` on normal images of each task, measures how well each fraction of the
pixels' errors separates held-out normal images from anomalies, all of them training rows of their
datasets, and appends a line for each task to `results/tuning.jsonl`.
"""

import dataclasses

import numpy as np

from zoo import datasets
from zoo.anomaly import Detector, measure, one_class
from zoo.datasets.dataset import Dataset, split_by_seed
from zoo.datasets.split import Split
from zoo.experiments import results

FRACTIONS = (1.0, 0.1, 0.05, 0.02, 0.01)
NET = {"widths": (256,), "latent_dim": 16, "epochs": 30}
CLASSES, MOST_ROWS = (0, 1, 2), 2000  # the normal classes, and the rows to learn one from
PIECES, PIECE, PATCH = 1500, 64, 11  # pieces of the photograph; pixels along a side
SEED = 0


@dataclasses.dataclass(frozen=True)
class Case:
    """Normal images, and anomalies among them.

    Attributes:
        normal: `Dataset`. Its training rows are learned from, its test rows are held out.
        anomalies: Float32 array, `(rows, height, width, channels)`.

    Example:

    >>> images = np.zeros((10, 8, 8, 1), "float32")
    >>> len(Case(zoo.datasets.load(images), images).anomalies)
    10
    """

    normal: Dataset
    anomalies: np.ndarray


def other_classes(name: str) -> list[Case]:
    """Returns a case for each of three classes: it is normal, and all others are anomalies.

    Args:
        name: String. Name of a dataset of images with labels.

    Example:

    >>> [len(case.normal.test) for case in other_classes("digits")]
    [26, 27, 26]
    """
    data = datasets.load(name)
    cases = []
    for label in CLASSES:
        normal = one_class(data, label)
        normal = dataclasses.replace(normal, train=normal.train.take(slice(MOST_ROWS)))
        others = data.train.inputs[data.train.labels != label][:MOST_ROWS]
        cases.append(Case(normal, others))
    return cases


def patched(images) -> list[Case]:
    """Returns one case: anomalies are images with a small square of another image.

    Args:
        images: Float32 array, `(rows, height, width, channels)`.

    Example:

    >>> images = np.random.default_rng(0).random((40, 16, 16, 1), "float32")
    >>> (case,) = patched(images)
    >>> np.sum(case.anomalies != case.normal.test.inputs, axis=(1, 2, 3)).max() <= 11 * 11
    np.True_
    """
    normal = split_by_seed("images", Split(images))
    random = np.random.default_rng(SEED)
    held_out = normal.test.inputs
    anomalies, others = held_out.copy(), np.roll(held_out, 1, axis=0)
    corners = random.integers(0, np.array(images.shape[1:3]) - PATCH + 1, (len(held_out), 2))
    for image, other, (top, left) in zip(anomalies, others, corners, strict=True):
        square = slice(top, top + PATCH), slice(left, left + PATCH)
        image[square] = other[square]
    return [Case(normal, anomalies)]


def _faces():
    return patched(datasets.load("olivetti").train.inputs)


def _pieces():
    from sklearn.datasets import load_sample_image

    photo = np.float32(load_sample_image("china.jpg").mean(axis=-1, keepdims=True) / 255)
    random = np.random.default_rng(SEED)
    corners = random.integers(0, np.array(photo.shape[:2]) - PIECE + 1, (PIECES, 2))
    pieces = [photo[top : top + PIECE, left : left + PIECE] for top, left in corners]
    return patched(np.stack(pieces))


TASKS = {
    "other digits, three normal classes of mnist_5k": lambda: other_classes("mnist_5k"),
    "other clothes, three normal classes of Fashion-MNIST": lambda: other_classes("fashion_mnist"),
    f"faces (Olivetti) with a patch of {PATCH} x {PATCH} of another": _faces,
    "pieces of a photograph with such a patch": _pieces,
}


def choose(folder=None) -> list[dict]:
    """Measures each fraction on each task, and records it.

    Args:
        folder: String or `Path`. The folder of `tuning.jsonl`. Defaults to None, the package's.

    Returns:
        The lines of `tuning.jsonl`, one for each task, with the AUROC by fraction as `value`.

    Example:

    >>> choose()  # doctest: +SKIP
    """
    lines = []
    for task, cases_of in TASKS.items():
        reports = [_measured(case) for case in cases_of()]
        value = {
            key: float(np.mean([report[key] for report, _ in reports])) for key in reports[0][0]
        }
        trained_by = reports[0][1]
        line = {"default_of": "images", "task": task, "seed": SEED, **trained_by, "value": value}
        lines.append(results.append("tuning", folder, **line))
    return lines


def image_scores() -> str:
    """Returns the table of the fractions that were tried for images, from the last measurement.

    Returns:
        A string, Markdown; the default fraction is bold.

    Example:

    >>> image_scores().splitlines()[0]
    '| AUROC by `top_fraction` | 1 | 0.1 | **0.05** | 0.02 | 0.01 |'
    """
    from zoo.inputs.kinds import IMAGES

    lines = {line["task"]: line for line in results.read("tuning") if "task" in line}
    heads = [f"**{x:g}**" if x == IMAGES.top_fraction else f"{x:g}" for x in FRACTIONS]
    values = {task: [line["value"][f"{x:g}"] for x in FRACTIONS] for task, line in lines.items()}
    values["mean"] = np.mean(list(values.values()), axis=0)
    return "\n".join(
        [
            f"| AUROC by `top_fraction` | {' | '.join(heads)} |",
            "|---" * (1 + len(FRACTIONS)) + "|",
            *(
                f"| {task} | {' | '.join(f'{x:.3f}' for x in row)} |"
                for task, row in values.items()
            ),
        ]
    )


def _measured(case):
    from zoo.training import in_memory

    model, trained_by = in_memory.train("deep_ae", case.normal.train.inputs, SEED, **NET)
    x = np.concatenate([case.normal.test.inputs, case.anomalies])
    anomalous = np.arange(len(x)) >= len(case.normal.test)
    report = {}
    for fraction in FRACTIONS:
        detector = Detector.fit(model, case.normal, score="reconstruction", top_fraction=fraction)
        report[f"{fraction:g}"] = measure(detector.score(x), anomalous)["auroc"]
    return report, trained_by


if __name__ == "__main__":
    for recorded in choose():
        print(recorded["task"], recorded["value"])
