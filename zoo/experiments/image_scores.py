"""Tries the scores of a detector of images, by which its defaults are chosen, on training rows.

The command

    python -m zoo.experiments.image_scores

trains a small `deep_ae` on normal images of each task, measures how well each score separates
held-out normal images from anomalies, all of them from the training rows of their datasets, and
appends a line for each task to `results/tuning.jsonl`.
"""

import dataclasses
import sys

import numpy as np

from zoo import datasets
from zoo.anomaly import Detector, measure, one_class
from zoo.datasets.dataset import Dataset, split_by_seed
from zoo.datasets.split import Split
from zoo.experiments import results
from zoo.inputs import kinds

FRACTIONS = (1.0, 0.1, 0.05, 0.02, 0.01)
SETTINGS = {f"{x:g}": {"score": "reconstruction", "top_fraction": x} for x in FRACTIONS}
SETTINGS |= {"latent": {"score": "latent"}, "both": {"score": "both", "top_fraction": 0.05}}
NET = {"widths": (256,), "latent_dim": 16, "epochs": 30}
CLASSES, MOST_ROWS = (0, 1, 2), 2000  # the normal classes, and the rows to learn one from
PIECES, PIECE, PATCH = 1500, 64, 11  # pieces of the photograph; pixels along a side
SEED = 0


@dataclasses.dataclass(frozen=True)
class Case:
    """Normal images, and anomalies to tell from them.

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
        name: String. Name of a dataset of images with labels; its test rows are not used.

    Returns:
        A list of three `Case` objects.

    Example:

    >>> [len(case.normal.train) for case in other_classes("mnist_5k")]
    [320, 320, 320]
    """
    data, cases = datasets.load(name), []
    for label in CLASSES:
        normal = one_class(data, label)
        normal = dataclasses.replace(normal, train=normal.train.take(slice(MOST_ROWS)))
        others = data.train.inputs[data.train.labels != label][:MOST_ROWS]
        cases.append(Case(normal, others))
    return cases


def patched(images: np.ndarray) -> list[Case]:
    """Returns one case: anomalies are images with a small square of another image.

    Args:
        images: Float32 array, `(rows, height, width, channels)`. A fifth is held out, and each
            held-out image is also an anomaly, with a square of the one before it.

    Returns:
        A list of one `Case`.

    Example:

    >>> images = np.random.default_rng(0).random((40, 16, 16, 1), "float32")
    >>> (case,) = patched(images)
    >>> int(np.sum(case.anomalies != case.normal.test.inputs, axis=(1, 2, 3)).max())
    121
    """
    normal = split_by_seed("images", Split(images))
    held_out = normal.test.inputs
    anomalies, others = held_out.copy(), np.roll(held_out, 1, axis=0)
    for image, other, (top, left) in zip(
        anomalies, others, _corners(held_out.shape[1:3], PATCH, len(held_out)), strict=True
    ):
        square = slice(top, top + PATCH), slice(left, left + PATCH)
        image[square] = other[square]
    return [Case(normal, anomalies)]


def pieces_of_a_photograph() -> np.ndarray:
    """Returns square pieces of scikit-learn's photograph of a temple, in shades of grey.

    Returns:
        Float32 array, `(1500, 64, 64, 1)`.

    Example:

    >>> pieces_of_a_photograph().shape
    (1500, 64, 64, 1)
    """
    from sklearn.datasets import load_sample_image

    photo = np.float32(load_sample_image("china.jpg").mean(axis=-1, keepdims=True) / 255)
    corners = _corners(photo.shape[:2], PIECE, PIECES)
    return np.stack([photo[top : top + PIECE, left : left + PIECE] for top, left in corners])


TASKS = {
    "other digits, three normal classes of mnist_5k": lambda: other_classes("mnist_5k"),
    "other clothes, three normal classes of Fashion-MNIST": lambda: other_classes("fashion_mnist"),
    f"faces (Olivetti) with a patch of {PATCH} x {PATCH} of another": lambda: patched(
        datasets.load("olivetti").train.inputs
    ),
    "pieces of a photograph with such a patch": lambda: patched(pieces_of_a_photograph()),
}


def choose(folder=None, tasks=TASKS) -> list[dict]:
    """Measures the AUROC of each score on each task, and records it.

    Args:
        folder: String or `Path`. The folder of `tuning.jsonl`. Defaults to None, the package's.
        tasks: Dict of functions that return a list of `Case`, by the task's name. Defaults to
            `TASKS`.

    Returns:
        The lines of `tuning.jsonl`, one for each task; `value` is the AUROC by score, mean over the
        cases of the task.

    Example:

    >>> choose()  # doctest: +SKIP
    """
    lines = []
    for task, cases in tasks.items():
        reports = [_measured(case) for case in cases()]
        value = {name: float(np.mean([x[name] for x, _ in reports])) for name in SETTINGS}
        facts = {"default_of": kinds.IMAGES.name, "task": task, "seed": SEED, **reports[0][1]}
        lines.append(results.append("tuning", folder, **facts, value=value))
    return lines


def image_scores(folder=None) -> str:
    """Returns the table of the scores that were tried for images, from each task's last line.

    Args:
        folder: String or `Path`. The folder of `tuning.jsonl`. Defaults to None, the package's.

    Returns:
        A string, Markdown; the default is bold.

    Example:

    >>> image_scores().splitlines()[0]
    '| AUROC | 1 | 0.1 | **0.05** | 0.02 | 0.01 | `latent` | `both` |'
    """
    tried = results.read("tuning", folder)
    lines = {x["task"]: x for x in tried if x.get("default_of") == kinds.IMAGES.name}
    if not lines:
        return "The scores of images have not been measured."
    values = {task: [line["value"][name] for name in SETTINGS] for task, line in lines.items()}
    values["mean"] = np.mean(list(values.values()), axis=0)
    rows = [" | ".join([task, *(f"{x:.3f}" for x in row)]) for task, row in values.items()]
    head = " | ".join(["AUROC", *(_title(*setting) for setting in SETTINGS.items())])
    ruler = "|---" * (1 + len(SETTINGS)) + "|"
    return "\n".join([f"| {head} |", ruler, *(f"| {row} |" for row in rows)])


def _title(name, options):
    default = {"score": kinds.IMAGES.anomaly_score, "top_fraction": kinds.IMAGES.top_fraction}
    title = f"{options['top_fraction']:g}" if options["score"] == "reconstruction" else f"`{name}`"
    return f"**{title}**" if options.items() <= default.items() else title


def _corners(shape, side, number):
    return np.random.default_rng(SEED).integers(0, np.array(shape) - side + 1, (number, 2))


def _measured(case):
    from zoo.training import in_memory

    model, facts = in_memory.train("deep_ae", case.normal.train.inputs, SEED, **NET)
    x = np.concatenate([case.normal.test.inputs, case.anomalies])
    anomalous = np.arange(len(x)) >= len(case.normal.test)
    report = {}
    for name, options in SETTINGS.items():
        scores = Detector.fit(model, case.normal, **options).score(x)
        report[name] = measure(scores, anomalous)["auroc"]
    return report, facts


if __name__ == "__main__":
    for recorded in choose(*sys.argv[1:]):
        print(recorded["task"], recorded["value"])
