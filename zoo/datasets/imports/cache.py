"""scikit-learn's cache: where it is, and how a file gets there."""

import hashlib
from pathlib import Path

from zoo.atomic import make_folder, replace_file
from zoo.errors import UsageError


def sha256(data: bytes) -> str:
    """The sum that the libraries register."""
    return hashlib.sha256(data).hexdigest()


def write(name: str, data: bytes, data_home: Path | None) -> list[Path]:
    """Writes a file into scikit-learn's data folder, its own unless another is given."""
    from sklearn.datasets import get_data_home

    try:
        folder = Path(get_data_home(data_home and make_folder(data_home)))
    except OSError as error:
        raise UsageError(f"{error.filename} cannot be written: {error.strerror}.") from error
    return [replace_file(folder / name, data)]
