"""Tries the scores of a detector of images, by which its defaults are chosen, on training rows.

The command

    python -m zoo.experiments.image_scores

trains a small `deep_ae` on normal images of each task, measures how well each score separates
held-out normal images from anomalies, all of them from the training rows of their datasets, and
appends a line for each task to `results/tuning.jsonl`. The default stays as it is unless another
score is better on average by more than the standard deviation over the seeds.
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
SEEDS = (0, 1, 2)  # of the training


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
            held-out image is also an anomaly, with a square of another one, half of the held-out
            rows away: rows next to each other may show the same thing.

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
    anomalies, others = held_out.copy(), np.roll(held_out, len(held_out) // 2, axis=0)
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
        The lines of `tuning.jsonl`, one for each task; `value` has the AUROC of each score, mean
        over the cases of the task, for each of `SEEDS`.

    Example:

    >>> choose()  # doctest: +SKIP
    """
    lines = []
    for task, cases_of in tasks.items():
        cases = cases_of()
        reports = [[_measured(case, seed) for case in cases] for seed in SEEDS]
        value = {
            name: [float(np.mean([report[name] for report, _ in of_seed])) for of_seed in reports]
            for name in SETTINGS
        }
        facts = {"default_of": kinds.IMAGES.name, "task": task, "seeds": SEEDS, **reports[0][0][1]}
        lines.append(results.append("tuning", folder, **facts, value=value))
    return lines


def means(folder=None) -> dict[str, dict[str, np.ndarray]]:
    """Returns the AUROC of each score on each task and over all, from each task's last line.

    Args:
        folder: String or `Path`. The folder of `tuning.jsonl`. Defaults to None, the package's.

    Returns:
        A dict by task, the last of which is `"mean"`, of dicts from the score to an array with the
        AUROC of each seed; empty if nothing was measured.

    Example:

    >>> list(means())[-1]
    'mean'
    """
    lines = [line for line in results.read("tuning", folder) if "seeds" in line]
    lines = [line for line in lines if line.get("default_of") == kinds.IMAGES.name]
    found = {
        line["task"]: {name: np.array(line["value"][name]) for name in SETTINGS} for line in lines
    }
    if not found:
        return {}
    over_all = {name: np.mean([x[name] for x in found.values()], axis=0) for name in SETTINGS}
    return found | {"mean": over_all}


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
    values = means(folder)
    if not values:
        return "The scores of images have not been measured."
    rows = [
        " | ".join([task, *(f"{seeds.mean():.3f}" for seeds in of_scores.values())])
        for task, of_scores in values.items()
    ]
    spread = (f"{seeds.std(ddof=1):.3f}" for seeds in values["mean"].values())
    rows.append(" | ".join(["its standard deviation over seeds", *spread]))
    head = " | ".join(["AUROC", *(_title(*setting) for setting in SETTINGS.items())])
    ruler = "|---" * (1 + len(SETTINGS)) + "|"
    return "\n".join([f"| {head} |", ruler, *(f"| {row} |" for row in rows)])


def _title(name, options):
    default = {"score": kinds.IMAGES.anomaly_score, "top_fraction": kinds.IMAGES.top_fraction}
    title = f"{options['top_fraction']:g}" if options["score"] == "reconstruction" else f"`{name}`"
    return f"**{title}**" if options.items() <= default.items() else title


def _corners(shape, side, number):
    return np.random.default_rng(0).integers(0, np.array(shape) - side + 1, (number, 2))


def _measured(case, seed):
    from zoo.training import in_memory

    model, facts = in_memory.train("deep_ae", case.normal.train.inputs, seed, **NET)
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
