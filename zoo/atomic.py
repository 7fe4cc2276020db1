"""Files and folders that appear whole or not at all, and whose leftovers are swept."""

import contextlib
import errno
import os
from pathlib import Path

from zoo import temporaries
from zoo.errors import UsageError
from zoo.exchange import put_back, replace_folder


def replace_file(path, data: bytes) -> Path:
    """Writes `data` beside `path`, to the disk, and only then takes its place."""
    path = Path(path)
    with _told(path), temporaries.file_beside(path) as temporary:
        with open(temporary, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    return path


def make_folder(path) -> Path:
    """Makes a folder and those above it, where they are not there."""
    path = Path(path)
    with _told(path):
        path.mkdir(parents=True, exist_ok=True)
    return path


@contextlib.contextmanager
def new_folder(target, overwrite: bool = False, mark: str = "manifest.json"):
    """Gives a temporary folder to fill; at the end it becomes `target`, and on an error vanishes.

    A folder that is there is replaced in one step: whoever opens `target` meanwhile finds the old
    one or the new one, whole, and so does whoever looks after a kill (see `zoo.exchange`).

    Args:
        target: a folder that is not there, or is empty.
        overwrite: whether `target` may also be a folder that holds a file named `mark`.

    Raises:
        UsageError: if `target` holds anything else, or the disk refuses.
    """
    target = Path(target)
    with _told(target):
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
    """Everything below a folder to the disk itself."""
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
            "before is replaced. Name another one."
        )
    if not overwrite:
        raise UsageError(
            f"{target} exists already: name another folder, or pass overwrite=True "
            "(on the command line --overwrite)."
        )


@contextlib.contextmanager
def _told(target):
    try:
        yield
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror}.") from error


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask
