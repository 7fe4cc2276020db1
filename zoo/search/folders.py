"""Encodes the images of a folder batch by batch, so that they need not fit into memory."""

from pathlib import Path

import numpy as np

from zoo.datasets.readers import folder_data, folders
from zoo.datasets.readers.images import SUFFIXES, read_image
from zoo.errors import UsageError

BATCH = 256


def codes_of_folder(model, folder: str | Path) -> tuple[np.ndarray, list[str], list[str]]:
    """Encodes every image file below a folder, in the order of the paths.

    Args:
        model: `Bundle` or `AutoEncoder` of a model that takes images.
        folder: String or path. Holds image files and folders of them. Grey images are also accepted
            by a model that takes three channels.

    Returns:
        A tuple of three: the latent codes, `(rows, ...)`; the list of the paths of their files; and
        a list with a sentence for each file or folder that was left out, because it cannot be read
        or the image has another size than the model takes.

    Raises:
        UsageError: If there are no images, or more than half of them are left out.

    Example:

    >>> from PIL import Image
    >>> Path("pictures").mkdir()
    >>> Image.new("L", (4, 4)).save("pictures/black.png")
    >>> model = zoo.build("linear_ae", input_shape=(4, 4, 1), latent_dim=2)
    >>> codes, paths, skipped = codes_of_folder(model, "pictures")
    >>> codes.shape, len(paths), skipped
    ((1, 2), 1, [])
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
    """Returns an image in the shape that a model takes.

    A grey image is repeated three times for a model that takes three channels.

    Args:
        image: Array of shape `(height, width, channels)`.
        shape: Tuple. The shape of one image that the model takes.
        path: String or path of the image, for the message.

    Returns:
        Array of shape `shape`.

    Raises:
        UsageError: If the image has another shape.

    Example:

    >>> fitted(np.zeros((4, 4, 1)), (4, 4, 3), "grey.png").shape
    (4, 4, 3)
    """
    if image.shape[-1] == 1 and shape[-1] == 3:
        image = np.repeat(image, 3, axis=-1)
    if image.shape != tuple(shape):
        raise UsageError(
            f"images must have the shape {tuple(shape)}, as this model's. "
            f"Received: {image.shape} in {path}."
        )
    return image
