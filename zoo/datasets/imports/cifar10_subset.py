"""Imports 3,000 images of CIFAR-10 from batches of PNG files to a folder of images by class."""

import json
from pathlib import Path

import numpy as np

from zoo.datasets.imports import cache
from zoo.errors import UsageError
from zoo.storage.atomic import new_folder

LABELS = "cifar10_labels.js"
BATCH = 1000  # images of a batch; each row of its PNG file is an image of 32 x 32 pixels
# The numbers of each split's batches; the labels of batch n start at n * BATCH in their file.
BATCHES = {"train": (0, 1), "test": (50,)}
SUMS = {
    "cifar10_batch_0.png": "0614720d69293a033786d5fe2924c4e9a9b48874f19ca4627c4662a864ee9f2d",
    "cifar10_batch_1.png": "2927e26ea68602e34a7424826b76b7336ce36b8f6bcc2e9fce0c05568ff6b4c1",
    "cifar10_batch_50.png": "5cea9e8fb7933540a2236a4bb25c1ed3a8447f345c55ae659143a95a5d8dac5e",
    LABELS: "f8e4cced3cb4ac08bc842380ad30f904622d1faea630a0c7e1a18bf29e39d845",
}
CLASSES = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip


def write(source: Path, to: Path | None = None) -> list[Path]:
    """Writes `to/train/CLASS/NNNN.png` and `to/test/CLASS/NNNN.png`, 2,000 and 1,000 images.

    NNNN is the image's position in CIFAR-10's own order of its split. The pixels are not changed.

    Args:
        source: Path of the folder that holds the batches and the labels, ConvNetJS's files.
        to: Path of a folder that does not exist or is empty. Required, although it defaults to
            None.

    Returns:
        List with the path of the folder written.

    Raises:
        UsageError: If a file is missing or changed, or `to` is missing or not empty. Nothing is
            written then.

    Example:

    >>> write(Path("downloads"), Path("cifar10_subset"))  # doctest: +SKIP
    """
    from PIL import Image

    if to is None:
        raise UsageError(
            "cifar10_subset becomes a folder of images: name a new one, with --to FOLDER or "
            "to=FOLDER. Received: none."
        )
    if to.exists() and not (to.is_dir() and not any(to.iterdir())):
        raise UsageError(f"{to} exists already: name another folder.")
    for name, expected in SUMS.items():
        _verify(source / name, expected)
    text = (source / LABELS).read_text(encoding="ascii")
    labels = json.loads(text[text.index("[") : text.index("]") + 1])
    with new_folder(to) as stage:
        for split, batches in BATCHES.items():
            for name in CLASSES:
                (stage / split / name).mkdir(parents=True)
            for position, batch in enumerate(batches):
                with Image.open(source / f"cifar10_batch_{batch}.png") as image:
                    pixels = np.asarray(image).reshape(BATCH, 32, 32, 3)
                for number in range(BATCH):
                    name = CLASSES[labels[BATCH * batch + number]]
                    path = stage / split / name / f"{BATCH * position + number:04}.png"
                    Image.fromarray(pixels[number]).save(path)
    return [to]


def _verify(path, expected):
    if not path.is_file():
        raise UsageError(f"The source file {path.name} must be in {path.parent}; it is not.")
    received = cache.sha256(path.read_bytes())
    if received != expected:
        raise UsageError(
            f"{path} must be the original file, of sha256 {expected}. Received: {received}."
        )
