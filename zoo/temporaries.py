"""Temporary files and folders that have an owner: what a dead process left, the next one removes.

The owner holds a lock on the file or folder itself for as long as it works on it, and the system
ends the lock with the process, however that ends. So a leftover is told from the work of a living
process, here or on another machine that shares the disk. Where the system has no such locks
(Windows, some network disks), nothing is swept.
"""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

SUFFIX = ".zoo-unfinished"
_unfinished = set()  # this process's own


def file_beside(target):
    """Yields the path of an empty temporary file beside `target`, to fill and to rename."""
    return _temporary(Path(target), _new_file)


def folder_beside(target):
    """Yields the path of an empty temporary folder beside `target`, to fill and to rename."""
    return _temporary(Path(target), tempfile.mkdtemp)


def scratch_folder():
    """Yields an empty folder among the system's temporary files; it is removed at the end."""
    return folder_beside(Path(tempfile.gettempdir()) / "scratch")


def is_temporary(name: str) -> bool:
    """Whether a file or folder of that name is a temporary of this library."""
    return name.startswith(".") and name.endswith(SUFFIX)


def sweep(folder) -> None:
    """Removes the temporaries of dead processes from a folder; those of living ones stay."""
    if fcntl is None:
        return
    for path in Path(folder).glob(f".*{SUFFIX}"):
        with contextlib.suppress(OSError), _locked(path):  # locked: its owner lives
            _remove(path)


def remove_unfinished() -> None:
    """Removes the temporaries of this process, which is about to end."""
    for path in list(_unfinished):
        _remove(path)


@contextlib.contextmanager
def _temporary(target, make):
    sweep(target.parent)
    with contextlib.ExitStack() as held:
        while True:
            path = make(dir=target.parent, prefix=f".{target.name}.", suffix=SUFFIX)
            path = Path(path).absolute()
            _unfinished.add(path)
            if _own(path, held):
                break
            _unfinished.discard(path)
        try:
            yield path
        finally:
            _remove(path)
            _unfinished.discard(path)


def _own(path, held):
    """Locks a temporary; False if it was swept in the moment before."""
    if fcntl is None:
        return True
    try:
        held.enter_context(_locked(path))
    except (BlockingIOError, FileNotFoundError):
        return False
    except OSError:  # a disk without locks, where nothing is swept either
        return True
    return path.exists()


@contextlib.contextmanager
def _locked(path):
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)  # no link, no FIFO's wait
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _new_file(**names):
    handle, path = tempfile.mkstemp(**names)
    os.close(handle)
    return path


def _remove(path):
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
