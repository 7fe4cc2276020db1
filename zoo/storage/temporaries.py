"""Temporary files and folders, which the next process removes if their owner has died."""

import contextlib
import os
import secrets
import shutil
import tempfile
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

# The owner locks the file or folder itself while it works on it, and the system ends the lock with
# the process, however that ends. So a leftover can be distinguished from the work of a living
# process, on this computer or on another one that shares the disk. Where the system has no such
# locks (Windows, some network disks), nothing is swept.

SUFFIX = ".zoo-unfinished"
_unfinished = set()  # paths of this process's temporaries


def file_beside(target):
    """Yields the path of an empty temporary file beside `target`, to fill and to rename.

    Args:
        target: String or path of the file that it will become.

    Yields:
        Path of the file, which is removed at the end if it still has that name.

    Example:

    >>> with file_beside("notes.txt") as path:
    ...     path.name.startswith(".notes.txt."), is_temporary(path.name)
    (True, True)
    """
    return _temporary(Path(target), _new_file)


def folder_beside(target):
    """Yields the path of an empty temporary folder beside `target`, to fill and to rename.

    Args:
        target: String or path of the folder that it will become.

    Yields:
        Path of the folder, which is removed at the end if it still has that name.

    Example:

    >>> with folder_beside("model") as path:
    ...     path.is_dir()
    True
    """
    return _temporary(Path(target), _new_folder)


def scratch_folder():
    """Yields an empty folder among the system's temporary files, which is removed at the end.

    Yields:
        Path of the folder.

    Example:

    >>> with scratch_folder() as path:
    ...     path.is_dir()
    True
    """
    return folder_beside(Path(tempfile.gettempdir()) / "scratch")


def is_temporary(name: str) -> bool:
    """Returns whether a name is one of this library's temporary files or folders.

    Args:
        name: String. Name of a file or folder.

    Returns:
        Boolean.

    Example:

    >>> is_temporary("model"), is_temporary(".model.1a2b.zoo-unfinished")
    (False, True)
    """
    return name.startswith(".") and name.endswith(SUFFIX)


def sweep(folder) -> None:
    """Removes the temporaries of dead processes from a folder; those of living ones stay.

    Args:
        folder: String or path.

    Example:

    >>> _ = Path(".notes.txt.1a2b.zoo-unfinished").write_text("Half of it.")
    >>> sweep(".")
    """
    if fcntl is None:
        return
    for path in Path(folder).glob(f".*{SUFFIX}"):
        with contextlib.suppress(OSError), _locked(path):  # fails while its owner lives
            _remove(path)


def remove_unfinished() -> None:
    """Removes the temporaries of this process, which is about to end.

    Example:

    >>> remove_unfinished()
    """
    for path in list(_unfinished):
        _remove(path)


@contextlib.contextmanager
def _temporary(target, make):
    sweep(target.parent)
    with contextlib.ExitStack() as locks:
        while True:
            name = f".{target.name}.{secrets.token_hex(4)}{SUFFIX}"
            path = Path(target.parent, name).absolute()
            _unfinished.add(path)  # before it exists, since a signal may come in between
            try:
                make(path)
                owned = _own(path, locks)
            except FileExistsError:  # another process has this name
                owned = False
            except BaseException:  # a KeyboardInterrupt may come when it was made; it goes on
                with contextlib.suppress(OSError):  # it was not made: its folder is no folder
                    _remove(path)
                _unfinished.discard(path)
                raise
            if owned:
                break
            _unfinished.discard(path)
        try:
            yield path
        finally:
            _remove(path)
            _unfinished.discard(path)


def _own(path, locks):
    """Locks a temporary; returns False if it was swept just before."""
    if fcntl is None:
        return True
    try:
        locks.enter_context(_locked(path))
    except (BlockingIOError, FileNotFoundError):
        return False
    except OSError:  # a disk without locks, where nothing is swept either
        return True
    return path.exists()


@contextlib.contextmanager
def _locked(path):
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)  # no link, no waiting FIFO
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _new_file(path):
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _new_folder(path):
    os.mkdir(path, 0o700)


def _remove(path):
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
