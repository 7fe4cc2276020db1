"""20 Newsgroups, split by date: messages become what scikit-learn's `fetch_20newsgroups` reads."""

import codecs
import hashlib
import lzma
import pickle
import tarfile
import zlib
from pathlib import Path, PurePosixPath

from zoo.datasets.imports import cache
from zoo.errors import UsageError
from zoo.temporaries import scratch_folder

CACHE = "20news-bydate_py3.pkz"  # as scikit-learn calls it
# Of the archive that scikit-learn downloads.
REGISTERED = "8f1b2514ca22a5ade8fbb9cfa5727df95fa587f4c87b786e15c759fa66d95610"
# Of the messages alone, by `message_sum`: an archive packed again differs, they do not.
SUMS = {
    "train": "0b4705c7b5ee42b63ad249b182570382be15f41ce9ad79295514f49983ac20fa",
    "test": "179e62386316e76ce987ca96049df3b47e5f6937cc427ad6a0382fe784ef32cf",
}
COUNTS = {"train": 11314, "test": 7532}
FOLDERS = {f"20news-bydate-{split}": split for split in SUMS}
LONGEST = 1 << 20  # bytes; the longest message has 160,616


def write(source: Path, data_home: Path | None = None) -> list[Path]:
    """Fills scikit-learn's cache from the archive, its unpacked folders, or where either lies.

    Nothing of an archive is written to the disk before all of its messages are known.

    Raises:
        UsageError: if there are none, or they are not the 11,314 and 7,532 original messages.
    """
    if all((source / folder).is_dir() for folder in FOLDERS):
        messages, registered = _read_folders(source), False
    else:
        source = _archive(source)
        messages = _read_archive(source)
        registered = cache.sha256(source.read_bytes()) == REGISTERED
    for split, found in messages.items():
        if not registered and message_sum(found) != SUMS[split]:
            raise _not_the_original(
                source, f"{len(found)} in {split}, of sha256 {message_sum(found)}"
            )
    packed = codecs.encode(pickle.dumps(_as_scikit_learn_reads(messages)), "zlib_codec")
    return cache.write(CACHE, packed, data_home)


def message_sum(messages: dict[str, bytes]) -> str:
    """A sha256 over messages by path, `GROUP/NUMBER`, in the order of their paths.

    Of each, the path in UTF-8, a zero byte, and the 32 bytes of its content's sha256.
    """
    digest = hashlib.sha256()
    for path in sorted(messages):
        digest.update(path.encode() + b"\0" + hashlib.sha256(messages[path]).digest())
    return digest.hexdigest()


def _archive(source):
    inside = sorted(source.glob("20news*bydate.t*")) if source.is_dir() else [source]
    path = next((path for path in inside if path.is_file()), None)
    if path is None:
        raise UsageError(
            f"The messages must be in {source}, as 20news-bydate.tar.gz, 20news-bydate.tar.xz or "
            f"the folders {' and '.join(FOLDERS)}; they are not."
        )
    return path


def _read_folders(source):
    messages = {}
    for folder, split in FOLDERS.items():
        files = [path for path in (source / folder).rglob("*") if path.is_file()]
        if len(files) != COUNTS[split]:
            raise _not_the_original(source, f"{len(files)} in {split}")
        large = next((path for path in files if path.stat().st_size > LONGEST), None)
        if large is not None:
            raise _not_the_original(source, f"{large}, of {large.stat().st_size} bytes")
        messages[split] = {
            path.relative_to(source / folder).as_posix(): path.read_bytes() for path in files
        }
    return messages


def _read_archive(path):
    messages = {split: {} for split in SUMS}
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                if member.isdir():
                    continue
                folder, *name = PurePosixPath(member.name).parts
                split = FOLDERS.get(folder)
                fits = member.isreg() and len(name) == 2 and ".." not in name
                if split is None or not fits or member.size > LONGEST:
                    raise _not_the_original(path, f"{member.name!r}, of {member.size} bytes")
                messages[split]["/".join(name)] = archive.extractfile(member).read()
                if len(messages[split]) > COUNTS[split]:
                    raise _not_the_original(path, f"more in {split}")
    except UsageError:
        raise
    except (tarfile.TarError, lzma.LZMAError, zlib.error, OSError, EOFError, ValueError):
        raise UsageError(
            f"{path} must be a whole .tar.gz or .tar.xz. Received: what cannot be unpacked."
        ) from None
    return messages


def _not_the_original(source, came):
    told = " and ".join(f"{COUNTS[split]} in {split}, of sha256 {SUMS[split]}" for split in SUMS)
    return UsageError(f"{source} must hold the original messages: {told}. Received: {came}.")


def _as_scikit_learn_reads(messages):
    """Both splits as scikit-learn's own `load_files` gives them."""
    import numpy as np
    from sklearn.datasets import load_files

    cached = {}
    for folder, split in FOLDERS.items():
        with scratch_folder() as home:
            for path, content in messages[split].items():
                (home / path).parent.mkdir(exist_ok=True)
                (home / path).write_bytes(content)
            found = load_files(home, encoding="latin1")
            # The folder goes; the names stay, as they are in the archive.
            inside = [Path(name).relative_to(home).as_posix() for name in found.filenames]
            found.filenames = np.array([f"{folder}/{name}" for name in inside])
        cached[split] = found
    return cached
