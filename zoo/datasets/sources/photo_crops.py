"""Square parts of photos that scikit-image holds in its package, as small colour images."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from zoo.datasets.dataset import Dataset
from zoo.datasets.named import Named
from zoo.datasets.readers.images import decoded
from zoo.datasets.readers.preparation import Preparation
from zoo.datasets.split import Split
from zoo.inputs import numbers

SIDE = 64  # pixels of a crop
TO_TRAIN, TO_TEST = 400, 300  # crops of each photo
WEAKEST = 0.5  # factor of a channel of a tinted crop
# The photos that `skimage.data` states to be CC0 or in the public domain, with its reason. Training
# and test photos differ.
TRAIN = {
    "astronaut.png": "public domain, NASA",
    "brick.png": "CC0, CC0Textures",
    "camera.png": "CC0, L. Varshney",
    "clock_motion.png": "public domain, S. van der Walt",
    "coffee.png": "CC0, R. Michetti",
    "grass.png": "CC0, linolafett",
    "gravel.png": "CC0, CC0Textures",
    "hubble_deep_field.jpg": "public domain, NASA",
    "retina.jpg": "CC0, M. Häggström",
}
TEST = {
    "chelsea.png": "CC0, S. van der Walt",
    "rocket.jpg": "public domain, SpaceX",
}
LICENCES = "; ".join(f"{name}: {terms}" for name, terms in (TRAIN | TEST).items())


def crops_of(names: Sequence[str], count: int, seed: int = 0, tinted: bool = False) -> np.ndarray:
    """Returns square crops of photos, at random places and of random sizes, half of them mirrored.

    A crop has a side from 64 pixels to the shorter side of its photo, uniform in its logarithm, and
    is brought to 64 × 64 pixels.

    Args:
        names: Sequence of strings. Files of `skimage.data`; grey ones become three equal channels.
        count: Integer. Number of crops of each photo.
        seed: Integer. Seed of all that is random. Defaults to 0.
        tinted: Boolean. Whether to exchange the channels of each crop at random, and to multiply
            each by a factor from 0.5 to 1, since a few photos show few colours. Defaults to False.

    Returns:
        Array of bytes, `(len(names) * count, 64, 64, 3)`, photo by photo.

    Raises:
        MissingExtraError: If scikit-image is not installed.

    Example:

    >>> crops_of(["coffee.png"], count=2).shape
    (2, 64, 64, 3)
    """
    random, prepared, crops = np.random.default_rng(seed), Preparation(SIDE), []
    for name in names:
        photo = whole(name)
        height, width = photo.shape[:2]
        for _ in range(count):
            largest = np.log(min(height, width) / SIDE)
            side = int(SIDE * np.exp(random.uniform(0, largest)))
            top, left = random.integers(height - side + 1), random.integers(width - side + 1)
            crop = prepared.apply(photo[top : top + side, left : left + side])
            crop = crop[:, ::-1] if random.random() < 0.5 else crop
            if tinted:
                factors = random.uniform(WEAKEST, 1, 3)
                crop = np.round(crop[..., random.permutation(3)] * factors).astype(np.uint8)
            crops.append(crop)
    return np.stack(crops)


def whole(name: str) -> np.ndarray:
    """Returns a photo of scikit-image in colour.

    Args:
        name: String. A file of `skimage.data`; a grey one gets three equal channels.

    Returns:
        Array of bytes, `(height, width, 3)`.

    Raises:
        MissingExtraError: If scikit-image is not installed.

    Example:

    >>> whole("coffee.png").shape
    (400, 600, 3)
    """
    import skimage

    path = Path(skimage.__file__).parent / "data" / name
    return next(decoded([path], Preparation(color="rgb")))


def _load(name, licence):
    parts = crops_of(list(TRAIN), TO_TRAIN, tinted=True), crops_of(list(TEST), TO_TEST, seed=1)
    splits = (Split(images) for images in numbers.scaled(*parts))
    return Dataset(name, *splits, f"{licence}: {LICENCES}")


BY_NAME = {
    "photo_crops": Named(
        "images",
        "in scikit-image",
        "CC0 or public domain, photo by photo",
        _load,
        packages=("scikit-image",),
    )
}
