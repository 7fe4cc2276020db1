"""Replaces a folder by another one in one step, so that it is never missing or mixed."""

import ctypes
import os
import shutil
import sys
from pathlib import Path

# Linux and macOS exchange two names atomically. That is preferred to a link to a versioned folder,
# because the target stays a plain folder, which can be copied, moved, archived and mounted. Where
# the system or the disk cannot do it (Windows, some network disks), it takes two steps: for a
# moment there is no target, and if the process is killed in that moment, the next write beside it
# puts the old folder back.

ASIDE = ".zoo-aside"


def replace_folder(stage: Path, target: Path) -> None:
    """Puts the folder `stage` in the place of the folder `target`.

    The old folder is then deleted or lies at `stage`.

    Args:
        stage: Path of the new folder.
        target: Path of the folder to replace.

    Raises:
        OSError: If the system does not allow it.

    Example:

    >>> for name in ("new", "old"):
    ...     Path(name).mkdir()
    ...     _ = Path(name, "name.txt").write_text(name)
    >>> replace_folder(Path("new"), Path("old"))
    >>> Path("old", "name.txt").read_text()
    'new'
    """
    if exchange(stage, target):
        return
    aside = stage.with_suffix(ASIDE)  # .NAME.RANDOM
    os.rename(target, aside)
    try:
        os.rename(stage, target)
    except BaseException:
        if not target.exists():
            os.rename(aside, target)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def put_back(folder: Path) -> None:
    """Restores folders that were left aside when a process was killed during a replacement.

    If the target exists by then, the folder left aside is deleted.

    Args:
        folder: Path of the folder that holds them.

    Example:

    >>> Path(f".model.1a2b{ASIDE}").mkdir()
    >>> put_back(Path())
    >>> Path("model").is_dir()
    True
    """
    for aside in folder.glob(f".*{ASIDE}"):
        target = folder / aside.stem.removeprefix(".").rpartition(".")[0]
        if target.exists():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            os.rename(aside, target)


def exchange(one: Path, other: Path) -> bool:
    """Exchanges two files or folders in one step.

    Args:
        one: Path.
        other: Path.

    Returns:
        Boolean. False if the system or the disk cannot do it.

    Example:

    >>> exchange(Path("one"), Path("other"))  # doctest: +SKIP
    True
    """
    names = os.fsencode(one), os.fsencode(other)
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            return libc.renamex_np(*names, 2) == 0  # RENAME_SWAP
        current = -100  # AT_FDCWD
        return libc.renameat2(current, names[0], current, names[1], 2) == 0  # RENAME_EXCHANGE
    except (AttributeError, TypeError):  # an older C library; Windows
        return False
