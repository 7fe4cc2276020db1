"""Files and folders that appear whole or not at all."""

import contextlib
import errno
import os
import shutil
import tempfile
from pathlib import Path

from zoo.errors import UsageError


def replace_file(path, data: bytes) -> Path:
    """Writes `data` beside `path`, to the disk, and only then takes its place."""
    path = Path(path)
    with _told(path):
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(temporary, 0o666 & ~_umask())
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    return path


def make_folder(path) -> Path:
    """Makes a folder and those above it, where they are not there."""
    path = Path(path)
    with _told(path):
        path.mkdir(parents=True, exist_ok=True)
    return path


@contextlib.contextmanager
def new_folder(target, overwrite: bool = False):
    """Gives a temporary folder to fill; at the end it becomes `target`, and on an error vanishes.

    Raises:
        UsageError: if `target` holds anything and `overwrite` is false, or the disk refuses.
    """
    target = Path(target)
    _refuse_occupied(target, overwrite)
    with _told(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
        try:
            yield stage
            os.chmod(stage, 0o777 & ~_umask())
            _refuse_occupied(target, overwrite)
            _take_place(stage, target, overwrite)
        finally:
            shutil.rmtree(stage, ignore_errors=True)


def _take_place(stage, target, overwrite):
    if overwrite and target.exists():
        old = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
        try:
            os.rename(target, old / target.name)
            os.rename(stage, target)
        finally:
            shutil.rmtree(old, ignore_errors=True)
    else:
        os.rename(stage, target)


def _refuse_occupied(target, overwrite):
    if target.is_file() or (target.is_dir() and any(target.iterdir()) and not overwrite):
        raise UsageError(
            f"{target} exists already: name another folder, or pass overwrite=True "
            "(on the command line --overwrite)."
        )


@contextlib.contextmanager
def _told(target):
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOTEMPTY:  # somebody else's folder took the place meanwhile
            _refuse_occupied(target, overwrite=False)
        if error.errno in _REFUSALS or error.filename is not None:
            raise UsageError(f"{target} cannot be written: {error.strerror}.") from error
        raise


_REFUSALS = {errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.ENOTDIR}


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask
