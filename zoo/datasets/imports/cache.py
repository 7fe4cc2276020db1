"""Imported data in a form that is data alone: `.npz` files in scikit-learn's data folder.

scikit-learn's own cache is a pickle, which runs what it holds; nothing here reads or writes one.
"""

import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np

from zoo.atomic import make_folder, replace_file
from zoo.datasets import stored
from zoo.errors import CheckFailedError, UsageError
from zoo.temporaries import scratch_folder

LARGEST = 1 << 25  # bytes of a download; the largest original has 14,464,277


def sha256(data: bytes) -> str:
    """Returns the sum that the libraries register."""
    return hashlib.sha256(data).hexdigest()


def folder(data_home: Path | None = None) -> Path:
    """Returns scikit-learn's data folder, its own unless another is given."""
    from sklearn.datasets import get_data_home

    try:
        return Path(get_data_home(data_home and make_folder(data_home)))
    except OSError as error:
        raise UsageError(f"{error.filename} cannot be written: {error.strerror}.") from error


def write(name: str, data_home: Path | None, **arrays: np.ndarray) -> list[Path]:
    """Writes arrays to the file of a name, and returns its path."""
    packed = io.BytesIO()
    np.savez_compressed(packed, **arrays)
    return [replace_file(folder(data_home) / name, packed.getvalue())]


def read(name: str, shapes: dict[str, tuple]) -> dict[str, np.ndarray] | None:
    """Returns the arrays that `write` wrote, or None if there is no such file.

    Args:
        name: the file's name.
        shapes: for each array its shape; None stands for any size.

    Raises:
        UsageError: if the file is damaged, or holds other arrays.
    """
    path = folder() / name
    if not path.exists():
        return None
    try:
        _, arrays = stored.read(path, lambda _: list(shapes))
    except CheckFailedError:
        arrays = {}
    if not all(key in arrays and _fits(arrays[key].shape, shapes[key]) for key in shapes):
        raise UsageError(f"{path} is damaged: it is not what `zoo data import` wrote. Remove it.")
    return arrays


def download(name: str, url: str, registered: str, write: Callable[[Path], list[Path]]) -> None:
    """Downloads the original file of a data set, verifies its sum, and imports it.

    Raises:
        UsageError: if it cannot be reached; the message says how to import a file instead.
    """
    import requests

    try:
        with requests.get(url, timeout=10, stream=True) as response:
            response.raise_for_status()
            data = b""
            for part in response.iter_content(1 << 20):
                data += part
                if len(data) > LARGEST:
                    break
    except requests.RequestException:
        data = None
    if data is None or sha256(data) != registered:
        reason = "cannot be reached" if data is None else "gives another file"
        raise UsageError(
            f"{name} has not been imported here and its source, {url}, {reason}: run `zoo data "
            f"import {name} DIR` on a folder that holds the original file. (scikit-learn's own "
            "cache, a pickle, is not read.)"
        )
    with scratch_folder() as place:
        path = place / "original"
        path.write_bytes(data)
        write(path)


def _fits(shape, wanted):
    return len(shape) == len(wanted) and all(
        size in (None, came) for size, came in zip(wanted, shape, strict=True)
    )
