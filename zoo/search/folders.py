"""Codes of the images in a folder, a batch at a time, so that they need not fit into memory."""

from pathlib import Path

import numpy as np

from zoo.datasets import folder_data, folders
from zoo.datasets.images import SUFFIXES, read_image
from zoo.errors import UsageError

BATCH = 256


def codes_of_folder(model, folder: str | Path) -> tuple[np.ndarray, list[str], list[str]]:
    """Encodes every image file below a folder, in the order of their paths.

    Args:
        model: a `Bundle`, or an `AutoEncoder`, that takes images.
        folder: of image files, and of folders of them; grey ones also do for three channels.

    Returns:
        The codes, `(rows, ...)`; their files' paths; and why each other file, or folder, was left
        out: it cannot be read, or the image has another size than the model takes.

    Raises:
        UsageError: if there are no images, or more than half of them are left out.
    """
    files = folders.find(Path(folder), SUFFIXES)
    codes, kept, skipped, batch = [], [], files.unread, []
    total = len(files.paths) + len(skipped)
    for path in files.paths:
        try:
            image = fitted(read_image(path), model.input_shape[1:], path)
        except UsageError as error:
            skipped.append(str(error))
            continue
        batch.append(image)
        kept.append(str(path))
        if len(batch) == BATCH:
            codes.append(model.encode(np.stack(batch)))
            batch = []
    folder_data.require_half(Path(folder), total, skipped)
    if not kept:
        raise UsageError(
            f"A folder must hold image files ({', '.join(sorted(SUFFIXES))}). Received: {folder}, "
            "without any."
        )
    if batch:
        codes.append(model.encode(np.stack(batch)))
    return np.concatenate(codes), kept, skipped


def fitted(image: np.ndarray, shape: tuple, path) -> np.ndarray:
    """An image in the shape a model takes: grey in three channels where it asks for them."""
    if image.shape[-1] == 1 and shape[-1] == 3:
        image = np.repeat(image, 3, axis=-1)
    if image.shape != tuple(shape):
        raise UsageError(
            f"images must have the shape {tuple(shape)}, as this model's. "
            f"Received: {image.shape} in {path}."
        )
    return image
