"""One folder takes another's place in one step, so that neither is ever missing or mixed.

Linux and macOS exchange two names atomically. That is preferred to a link to a versioned folder,
since the place stays a plain folder, which can be copied, moved, archived and mounted. Where the
system or the disk cannot (Windows, some network disks), it takes two steps: for a moment the place
is empty, and after a kill in that moment the old folder is put back by the next write beside it.
"""

import ctypes
import os
import shutil
import sys
from pathlib import Path

ASIDE = ".zoo-aside"


def replace_folder(stage: Path, target: Path) -> None:
    """Puts `stage` in the place of the folder `target`; the old one is then gone or in `stage`."""
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
    """Puts what a kill between the two steps left aside in a folder back in its place."""
    for aside in folder.glob(f".*{ASIDE}"):
        target = folder / aside.stem.removeprefix(".").rpartition(".")[0]
        if target.exists():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            os.rename(aside, target)


def exchange(one: Path, other: Path) -> bool:
    """Exchanges what two names mean, in one step; False where that cannot be done."""
    names = os.fsencode(one), os.fsencode(other)
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            return libc.renamex_np(*names, 2) == 0  # RENAME_SWAP
        here = -100  # AT_FDCWD
        return libc.renameat2(here, names[0], here, names[1], 2) == 0  # RENAME_EXCHANGE
    except (AttributeError, TypeError):  # an older C library; Windows
        return False
