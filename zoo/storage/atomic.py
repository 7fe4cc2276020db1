"""Writes files and folders that appear whole or not at all."""

import contextlib
import errno
import os
from pathlib import Path

from zoo.errors import UsageError
from zoo.storage import temporaries
from zoo.storage.exchange import put_back, replace_folder
from zoo.storage.file_errors import as_path


def replace_file(path, data: bytes) -> Path:
    """Writes a file, whole or not at all.

    The data are written beside `path` and flushed to the disk, and only then take its place.

    Args:
        path: String or path of the file.
        data: Bytes.

    Returns:
        Path of the file.

    Raises:
        UsageError: If the file cannot be written.

    Example:

    >>> replace_file("notes.txt", b"Some words.").read_bytes()
    b'Some words.'
    """
    path = as_path("path", path)
    with _as_usage_error(path), temporaries.file_beside(path) as temporary:
        with open(temporary, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    return path


def make_folder(path) -> Path:
    """Makes a folder and those above it, if they do not exist.

    Args:
        path: String or path of the folder.

    Returns:
        Path of the folder.

    Raises:
        UsageError: If the folder cannot be made.

    Example:

    >>> make_folder("runs/first").is_dir()
    True
    """
    path = Path(path)
    with _as_usage_error(path):
        path.mkdir(parents=True, exist_ok=True)
    return path


@contextlib.contextmanager
def new_folder(target, overwrite: bool = False, mark: str = "manifest.json"):
    """Yields a temporary folder to fill; it becomes `target` at the end, or is removed on an error.

    An existing folder is replaced in one step: another process that opens `target` meanwhile, or
    after this one was killed, finds either the old folder or the new one, whole (see
    `zoo/storage/exchange.py`).

    Args:
        target: String or path of a folder that does not exist or is empty.
        overwrite: Boolean. Whether `target` may also be a folder that holds a file named `mark`.
            Defaults to False.
        mark: String. The file that shows that the folder may be overwritten. Defaults to
            `"manifest.json"`.

    Yields:
        Path of the temporary folder.

    Raises:
        UsageError: If `target` is a file or holds anything else, or cannot be written.

    Example:

    >>> with new_folder("model") as folder:
    ...     _ = (folder / "card.md").write_text("A model.")
    >>> Path("model", "card.md").read_text()
    'A model.'
    """
    target = as_path("folder", target)
    with _as_usage_error(target):
        put_back(target.parent)
        _refuse_occupied(target, overwrite, mark)
        target.parent.mkdir(parents=True, exist_ok=True)
        with temporaries.folder_beside(target) as stage:
            yield stage
            os.chmod(stage, 0o777 & ~_umask())
            _flush(stage)
            _refuse_occupied(target, overwrite, mark)
            if target.exists() and any(target.iterdir()):
                replace_folder(stage, target)
            else:
                _take_place(stage, target)


def _take_place(stage, target):
    try:
        os.rename(stage, target)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            raise UsageError(f"{target} exists already: another process wrote it.") from error
        raise


def _flush(folder):
    """Flushes every file below a folder to the disk."""
    for path in folder.rglob("*"):
        if path.is_file():
            with open(path, "rb") as file:
                os.fsync(file.fileno())


def _refuse_occupied(target, overwrite, mark):
    if target.is_file():
        raise UsageError(f"{target} exists already, as a file: name a folder.")
    if not (target.is_dir() and any(target.iterdir())):
        return
    if overwrite and not (target / mark).is_file():
        raise UsageError(
            f"{target} exists already and holds no {mark}: only a folder that was written here "
            "before is replaced. Name another folder."
        )
    if not overwrite:
        raise UsageError(
            f"{target} exists already: name another folder, or pass overwrite=True "
            "(on the command line --overwrite)."
        )


@contextlib.contextmanager
def _as_usage_error(target):
    try:
        yield
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror}.") from error


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask
