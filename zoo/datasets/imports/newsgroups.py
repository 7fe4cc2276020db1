"""Imports 20 Newsgroups, split by date, as scikit-learn's `fetch_20newsgroups` has it."""

import hashlib
import lzma
import tarfile
import zlib
from pathlib import Path, PurePosixPath

import numpy as np

from zoo.datasets.imports import cache
from zoo.errors import UsageError

CACHE = "zoo-20newsgroups.npz"
URL = "https://ndownloader.figshare.com/files/5975967"
# SHA-256 of the archive that scikit-learn downloads.
REGISTERED = "8f1b2514ca22a5ade8fbb9cfa5727df95fa587f4c87b786e15c759fa66d95610"
# `message_sum` of the messages alone: it stays the same if the archive is packed again.
SUMS = {
    "train": "0b4705c7b5ee42b63ad249b182570382be15f41ce9ad79295514f49983ac20fa",
    "test": "179e62386316e76ce987ca96049df3b47e5f6937cc427ad6a0382fe784ef32cf",
}
COUNTS = {"train": 11314, "test": 7532}
GROUPS = (  # the name of label k at position k
    *("alt.atheism", "comp.graphics", "comp.os.ms-windows.misc", "comp.sys.ibm.pc.hardware"),
    *("comp.sys.mac.hardware", "comp.windows.x", "misc.forsale", "rec.autos", "rec.motorcycles"),
    *("rec.sport.baseball", "rec.sport.hockey", "sci.crypt", "sci.electronics", "sci.med"),
    *("sci.space", "soc.religion.christian", "talk.politics.guns", "talk.politics.mideast"),
    *("talk.politics.misc", "talk.religion.misc"),
)
FOLDERS = {f"20news-bydate-{split}": split for split in SUMS}
LONGEST = 1 << 20  # bytes; the longest message has 160,616


def write(source: Path, data_home: Path | None = None) -> list[Path]:
    """Imports the newsgroups from the archive or from its unpacked folders.

    Headers, footers and quotes, which give the group away, are left out, and the order is
    scikit-learn's. Nothing is written unless all messages are the original ones.

    Args:
        source: Path of the archive, or of a folder that holds the archive or its two unpacked
            folders.
        data_home: Path of scikit-learn's data folder. Defaults to its own.

    Returns:
        List with the path of the file written.

    Raises:
        UsageError: If there are no messages, or they are not the 11,314 and 7,532 original ones.

    Example:

    >>> write(Path("downloads"))  # doctest: +SKIP
    """
    if all((source / folder).is_dir() for folder in FOLDERS):
        messages, registered = _read_folders(source), False
    else:
        source = _archive(source)
        messages = _read_archive(source)
        registered = cache.sha256(source.read_bytes()) == REGISTERED
    for split, originals in messages.items():
        if not registered and message_sum(originals) != SUMS[split]:
            raise _not_the_original(
                source, f"{len(originals)} in {split}, of sha256 {message_sum(originals)}"
            )
    arrays = {}
    for split, originals in messages.items():
        texts, arrays[f"{split}_labels"] = _as_scikit_learn_has_them(originals)
        arrays[f"{split}_sizes"] = np.array([len(text) for text in texts], np.int64)
        arrays[f"{split}_texts"] = np.frombuffer("".join(texts).encode("latin1"), np.uint8)
    return cache.write(CACHE, data_home, **arrays)


def read() -> dict[str, tuple[list[str], np.ndarray]]:
    """Returns the texts and labels of both splits, downloaded if they were not imported before.

    Returns:
        A dict with the keys `"train"` and `"test"`. Each value is a tuple of the list of texts and
        the array of integer labels.

    Raises:
        UsageError: If the texts were not imported and cannot be downloaded, or the file is damaged.

    Example:

    >>> texts, labels = read()["train"]  # doctest: +SKIP
    """
    shapes = {}
    for split, count in COUNTS.items():
        shapes |= {f"{split}_labels": (count,), f"{split}_sizes": (count,)}
        shapes[f"{split}_texts"] = (None,)
    arrays = cache.read(CACHE, shapes)
    if arrays is None:
        cache.download("20newsgroups", URL, REGISTERED, write)
        arrays = cache.read(CACHE, shapes)
    splits = {}
    for split in COUNTS:
        whole = arrays[f"{split}_texts"].tobytes().decode("latin1")
        ends = np.cumsum(arrays[f"{split}_sizes"])
        texts = [
            whole[end - size : end]
            for end, size in zip(ends, arrays[f"{split}_sizes"], strict=True)
        ]
        splits[split] = texts, arrays[f"{split}_labels"]
    return splits


def message_sum(messages: dict[str, bytes]) -> str:
    """Returns a SHA-256 hash over messages, in the order of their paths.

    Each message adds its path in UTF-8, a zero byte, and the 32 bytes of its content's SHA-256.

    Args:
        messages: Dict from paths, `GROUP/NUMBER`, to the bytes of the messages.

    Returns:
        String of 64 hexadecimal digits.

    Example:

    >>> message_sum({"sci.space/1": b"Hello"})[:8]
    '18f1c03e'
    """
    digest = hashlib.sha256()
    for path in sorted(messages):
        digest.update(path.encode() + b"\0" + hashlib.sha256(messages[path]).digest())
    return digest.hexdigest()


def _archive(source):
    candidates = sorted(source.glob("20news*bydate.t*")) if source.is_dir() else [source]
    path = next((path for path in candidates if path.is_file()), None)
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
                valid = member.isreg() and len(name) == 2 and ".." not in name
                if split is None or not valid or member.size > LONGEST:
                    raise _not_the_original(path, f"{member.name!r}, of {member.size} bytes")
                messages[split]["/".join(name)] = archive.extractfile(member).read()
                if len(messages[split]) > COUNTS[split]:
                    raise _not_the_original(path, f"more in {split}")
    except UsageError:
        raise
    except (tarfile.TarError, lzma.LZMAError, zlib.error, OSError, EOFError, ValueError):
        raise UsageError(
            f"{path} must be a whole .tar.gz or .tar.xz. Received: a file that cannot be unpacked."
        ) from None
    return messages


def _not_the_original(source, received):
    expected = " and ".join(
        f"{COUNTS[split]} in {split}, of sha256 {SUMS[split]}" for split in SUMS
    )
    return UsageError(
        f"{source} must hold the original messages: {expected}. Received: {received}."
    )


def _as_scikit_learn_has_them(messages):
    """Returns the texts and labels of a split as `fetch_20newsgroups` would, in its order."""
    from sklearn.datasets import _twenty_newsgroups as theirs

    paths = sorted(path.split("/") for path in messages)
    _, labels = np.unique([group for group, _ in paths], return_inverse=True)
    # scikit-learn shuffles twice: when it reads the files and when it returns them.
    order = np.random.RandomState(0).permutation(len(paths))
    order = order[np.random.RandomState(42).permutation(len(paths))]
    texts = []
    for index in order:
        text = messages["/".join(paths[index])].decode("latin1")
        text = theirs.strip_newsgroup_header(text)
        text = theirs.strip_newsgroup_footer(text)
        texts.append(theirs.strip_newsgroup_quoting(text))
    return texts, labels[order]
