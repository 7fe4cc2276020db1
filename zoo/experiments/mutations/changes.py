"""The changes that are made to bytes, to the content of JSON, and to folders and archives."""

import functools
import json
import shutil
import warnings
import zipfile
from pathlib import Path

WRONG = [None, True, False, -1, 0, 3, 1 << 40, 10**30, 1.5, 1e308, "", "x", "../x", "a\0b",
         "\ud800", [], {}, [1], [None], [[]], {"x": 1}, ["x"] * 3]  # fmt: skip
BYTES = ("flip", "overwrite", "truncate", "insert", "blank", "swap", "duplicate")
FILES = ("swap files", "rename file", "duplicate file", "remove file", "cut file")
MEMBERS = ("rename member", "duplicate member", "remove member", "swap members")


def damaged(data: bytes, random, kind: str) -> bytes:
    """Returns bytes that differ in a bit, in some bytes, in their length or in their order.

    Args:
        data: Bytes, not empty.
        random: `np.random.Generator`.
        kind: String. One of `BYTES`.

    Example:

    >>> damaged(b"abc", np.random.default_rng(0), "truncate")
    b'ab'
    """
    result, place = bytearray(data), int(random.integers(len(data)))
    size = int(random.integers(1, 200))
    if kind == "flip":
        result[place] ^= 1 << int(random.integers(8))
    elif kind == "overwrite":
        result[place : place + 4] = random.bytes(4)
    elif kind == "truncate":
        del result[place:]
    elif kind == "insert":
        result[place:place] = random.bytes(size)
    elif kind == "blank":
        result[place : place + size] = b"\xff" * size
    elif kind == "duplicate":
        result[place:place] = data[place : place + size]
    else:  # two neighbouring blocks
        middle, end = place + size, place + 2 * size
        result[place:end] = data[middle:end] + data[place:middle]
    return bytes(result)


def changed(content, random):
    """Returns a copy of the content of JSON in which one value is gone, renamed or another.

    Args:
        content: Dict or list, not empty.
        random: `np.random.Generator`.

    Example:

    >>> changed({"rows": 3}, np.random.default_rng(1))
    {'rows': 'x'}
    """
    copy = json.loads(json.dumps(content))
    places = list(_places(copy))
    *above, key = places[random.integers(len(places))]
    part = functools.reduce(lambda value, each: value[each], above, copy)
    choice = random.integers(len(WRONG) + 2)
    if choice == len(WRONG):
        del part[key]
    elif choice == len(WRONG) + 1 and isinstance(part, dict):
        part[f"{key}x"] = part.pop(key)
    else:
        part[key] = WRONG[choice % len(WRONG)]
    return copy


def _places(value, path=()):
    """Yields the place of every value within the content of JSON."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, each in items:
        yield (*path, key)
        if isinstance(each, (dict, list)):
            yield from _places(each, (*path, key))


def rearranged(folder: Path, random, kind: str) -> None:
    """Changes which files a folder holds, and which content has which name.

    Args:
        folder: Path of a folder with two files at least.
        random: `np.random.Generator`.
        kind: String. One of `FILES`.

    Example:

    >>> for name in ("a", "b"):
    ...     _ = Path(name).write_text(name)
    >>> rearranged(Path("."), np.random.default_rng(0), "swap files")
    >>> Path("a").read_text()
    'b'
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    one, other = (files[number] for number in random.permutation(len(files))[:2])
    if kind == "swap files":
        first, second = one.read_bytes(), other.read_bytes()
        one.write_bytes(second)
        other.write_bytes(first)
    elif kind == "rename file":
        one.rename(one.with_name(f"{one.name}x"))
    elif kind == "duplicate file":
        shutil.copy(one, other)
    elif kind == "remove file":
        one.unlink()
    else:
        one.write_bytes(damaged(one.read_bytes() or b"x", random, "truncate"))


def repacked(path: Path, random, kind: str) -> None:
    """Changes which members a zip archive holds, each with a checksum that is right.

    Args:
        path: Path of the archive.
        random: `np.random.Generator`.
        kind: String. One of `MEMBERS`.

    Example:

    >>> np.savez("a.npz", x=np.zeros(2), y=np.ones(2))
    >>> repacked(Path("a.npz"), np.random.default_rng(0), "remove member")
    >>> len(np.load("a.npz").files)
    1
    """
    with zipfile.ZipFile(path) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    number, other = (random.permutation(len(members))[:2].tolist() * 2)[:2]
    name, data = members[number]
    if kind == "rename member":
        members[number] = f"../{name}" if random.integers(2) else f"{name}x", data
    elif kind == "duplicate member":
        members.append((name, damaged(data, random, "flip") if data else b"x"))
    elif kind == "remove member":
        del members[number]
    else:
        members[number], members[other] = (name, members[other][1]), (members[other][0], data)
    with zipfile.ZipFile(path, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of a name that is there twice
        for name, data in members:
            archive.writestr(name, data)
