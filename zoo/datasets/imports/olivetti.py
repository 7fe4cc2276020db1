"""Imports the Olivetti faces from a MATLAB file, as scikit-learn has them."""

import hashlib
import io
from pathlib import Path

import numpy as np

from zoo.datasets.imports import cache
from zoo.errors import UsageError

FILE = "olivettifaces.mat"
CACHE = "zoo-olivetti.npz"
URL = "https://ndownloader.figshare.com/files/5976027"
# SHA-256 of the file that scikit-learn downloads.
REGISTERED = "b612fb967f2dc77c9c62d3e1266e0c73d5fca46a4b8906c18e454d41af987794"
# `pixel_sum` of the pixels alone: it stays the same if the file is saved again.
PIXELS = "7964c5cc44c85859441189f37c95bb64ac343e67b4fed0ca51e40c35ef12643b"


def write(source: Path, data_home: Path | None = None) -> list[Path]:
    """Imports the faces from `olivettifaces.mat`.

    Args:
        source: Path of the file, or of the folder that holds it.
        data_home: Path of scikit-learn's data folder. Defaults to its own.

    Returns:
        List with the path of the file written.

    Raises:
        UsageError: If the file is missing, or does not hold the 400 original faces, pixel by pixel.

    Example:

    >>> write(Path("downloads"))  # doctest: +SKIP
    """
    path = source / FILE if source.is_dir() else source
    if not path.is_file():
        raise UsageError(f"The source file {FILE} must be in {path.parent}; it is not.")
    data = path.read_bytes()
    faces = _faces(data)
    if faces is None or not (cache.sha256(data) == REGISTERED or pixel_sum(faces) == PIXELS):
        raise UsageError(
            f"{path} must hold `faces`, the 400 Olivetti faces of 64 x 64 pixels, unchanged: of "
            f"sha256 {PIXELS}. Received: "
            + ("no such array." if faces is None else f"others, of {pixel_sum(faces)}.")
        )
    images = faces.astype(np.uint8).T.reshape(400, 64, 64).transpose(0, 2, 1)
    return cache.write(CACHE, data_home, images=images)


def read() -> tuple[np.ndarray, np.ndarray]:
    """Returns the faces and the number of each person, downloaded if they were not imported.

    Returns:
        A tuple of the faces, float32 in [0, 1] of shape `(400, 64, 64)`, and the numbers of the
        persons, integers of shape `(400,)`, sorted.

    Raises:
        UsageError: If the faces were not imported and cannot be downloaded, or the file is damaged.

    Example:

    >>> faces, people = read()  # doctest: +SKIP
    """
    shapes = {"images": (400, 64, 64)}
    arrays = cache.read(CACHE, shapes)
    if arrays is None:
        cache.download("olivetti", URL, REGISTERED, write)
        arrays = cache.read(CACHE, shapes)
    images = arrays["images"].astype(np.float32)
    images -= images.min()
    images /= images.max()
    return images, np.arange(400) // 10


def pixel_sum(faces: np.ndarray) -> str:
    """Returns the SHA-256 of the faces' pixels as uint8, row by row.

    Args:
        faces: Array of shape `(4096, 400)` of whole numbers from 0 to 255.

    Returns:
        String of 64 hexadecimal digits.

    Example:

    >>> pixel_sum(np.zeros((4096, 400)))[:8]
    '0655c923'
    """
    return hashlib.sha256(np.ascontiguousarray(faces, np.uint8).data).hexdigest()


def _faces(data):
    """Returns the file's array, or None if it is not `(4096, 400)` whole numbers from 0 to 255."""
    from scipy.io import loadmat

    try:
        faces = loadmat(io.BytesIO(data), variable_names=["faces"])["faces"]
        valid = faces.shape == (4096, 400) and np.array_equal(faces, faces.astype(np.uint8))
    except Exception:  # for an arbitrary file scipy raises nearly any error
        return None
    return faces if valid else None
