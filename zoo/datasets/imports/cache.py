"""Keeps imported datasets as `.npz` files in scikit-learn's data folder."""

import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np

from zoo.datasets.readers import npz
from zoo.errors import CheckFailedError, UsageError
from zoo.storage.atomic import make_folder, replace_file
from zoo.storage.temporaries import scratch_folder

# scikit-learn's own cache is a pickle, which runs code when it is read. No pickle is read or
# written here.

LARGEST = 1 << 25  # bytes of a download; the largest original has 14,464,277


def sha256(data: bytes) -> str:
    """Returns the SHA-256 of bytes in hexadecimal.

    Args:
        data: Bytes.

    Returns:
        String of 64 hexadecimal digits.

    Example:

    >>> sha256(b"")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(data).hexdigest()


def folder(data_home: Path | None = None) -> Path:
    """Returns the path of scikit-learn's data folder, which is created if it does not exist.

    Args:
        data_home: Path of another folder to use instead. Defaults to None.

    Returns:
        Path of the folder.

    Raises:
        UsageError: If the folder cannot be created.

    Example:

    >>> folder(Path("data")).name
    'data'
    """
    from sklearn.datasets import get_data_home

    try:
        return Path(get_data_home(data_home and make_folder(data_home)))
    except OSError as error:
        raise UsageError(f"{error.filename} cannot be written: {error.strerror}.") from error


def write(name: str, data_home: Path | None, **arrays: np.ndarray) -> list[Path]:
    """Writes arrays to an `.npz` file in the data folder.

    Args:
        name: String. Name of the file.
        data_home: Path of the data folder, or None for scikit-learn's own.
        **arrays: NumPy arrays by name.

    Returns:
        List with the path of the file.

    Example:

    >>> (path,) = write("example.npz", Path("data"), images=np.zeros((2, 8, 8)))
    >>> path.name
    'example.npz'
    """
    packed = io.BytesIO()
    np.savez_compressed(packed, **arrays)
    return [replace_file(folder(data_home) / name, packed.getvalue())]


def read(name: str, shapes: dict[str, tuple]) -> dict[str, np.ndarray] | None:
    """Returns the arrays that `write` wrote to scikit-learn's data folder.

    Args:
        name: String. Name of the file.
        shapes: Dict with the shape of each array; None in a shape stands for any size.

    Returns:
        Dict of arrays, or None if there is no such file.

    Raises:
        UsageError: If the file is damaged or holds other arrays.

    Example:

    >>> read("zoo-olivetti.npz", {"images": (400, 64, 64)})  # doctest: +SKIP
    """
    path = folder() / name
    if not path.exists():
        return None
    try:
        _, arrays = npz.read(path, lambda _: list(shapes))
    except CheckFailedError:
        arrays = {}
    if not all(key in arrays and _fits(arrays[key].shape, shapes[key]) for key in shapes):
        raise UsageError(f"{path} is damaged: it is not what `zoo data import` wrote. Remove it.")
    return arrays


def download(name: str, url: str, registered: str, write: Callable[[Path], list[Path]]) -> None:
    """Downloads the original file of a dataset, checks its SHA-256, and imports it.

    Args:
        name: String. Name of the dataset, for the message.
        url: String. Where to download the file from.
        registered: String. The file's SHA-256, in hexadecimal.
        write: Callable. Imports the downloaded file; takes its path and returns the paths written.

    Raises:
        UsageError: If the URL cannot be reached or has another file. The message says how to import
            a local file instead.

    Example:

    >>> from zoo.datasets.imports import olivetti
    >>> download(
    ...     "olivetti", olivetti.URL, olivetti.REGISTERED, olivetti.write
    ... )  # doctest: +SKIP
    """
    import requests

    try:
        with requests.get(url, timeout=10, stream=True) as response:
            response.raise_for_status()
            data = b""
            for chunk in response.iter_content(1 << 20):
                data += chunk
                if len(data) > LARGEST:
                    break
    except requests.RequestException:
        data = None
    if data is None or sha256(data) != registered:
        reason = "cannot be reached" if data is None else "has another file"
        raise UsageError(
            f"{name} has not been imported here and its source, {url}, {reason}: run `zoo data "
            f"import {name} DIR` on a folder that holds the original file. (scikit-learn's own "
            "cache, a pickle, is not read.)"
        )
    with scratch_folder() as scratch:
        path = scratch / "original"
        path.write_bytes(data)
        write(path)


def _fits(shape, expected):
    return len(shape) == len(expected) and all(
        wanted in (None, size) for wanted, size in zip(expected, shape, strict=True)
    )
