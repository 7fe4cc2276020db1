"""Blocks of the brain that nilearn holds in its package, as volumes."""

from pathlib import Path

import numpy as np

from zoo.datasets.dataset import Dataset
from zoo.datasets.named import Named
from zoo.datasets.split import Split
from zoo.inputs import kinds

FILE = "datasets/data/mni_icbm152_t1_tal_nlin_sym_09a_converted.nii.gz"
SIDE = 16  # voxels of 1 mm
FILLED = 0.1  # the smallest fraction of a block's voxels that are not background


def blocks_of(volume: np.ndarray) -> np.ndarray:
    """Returns the blocks of a volume that are not nearly all background, without overlap.

    Args:
        volume: Array of shape `(depth, height, width)`, 0 in the background.

    Returns:
        Array of shape `(blocks, 16, 16, 16, 1)`, in the order of the axes; remainders at the far
        edges are dropped.

    Example:

    >>> blocks_of(np.ones((33, 16, 16))).shape
    (2, 16, 16, 16, 1)
    """
    counts = [size // SIDE for size in volume.shape]
    cut = volume[tuple(slice(0, count * SIDE) for count in counts)]
    split = [length for count in counts for length in (count, SIDE)]
    cut = cut.reshape(split).transpose(0, 2, 4, 1, 3, 5).reshape(-1, SIDE, SIDE, SIDE, 1)
    return cut[(cut > 0).mean(axis=(1, 2, 3, 4)) >= FILLED]


def _load(name, licence):
    """Returns the blocks of the back of the head to test on, and those of the front to train on."""
    import nibabel
    import nilearn

    volume = np.asarray(nibabel.load(Path(nilearn.__file__).parent / FILE).dataobj)
    volume = volume.astype(np.float32) / np.float32(volume.max())
    middle = volume.shape[1] // 2  # the second axis runs from the back to the front
    parts = (volume[:, middle:], volume[:, :middle])
    train, test = (Split(blocks_of(part), kind=kinds.VOLUMES.name) for part in parts)
    return Dataset(name, train, test, licence)


BY_NAME = {
    "mni152": Named(
        "volumes",
        "in nilearn",
        "none stated by nilearn; © McConnell Brain Imaging Centre, McGill University",
        _load,
        packages=("nilearn",),
    )
}
