"""One changed file, opened: refused, the same numbers, or a fault."""

from pathlib import Path

from zoo.experiments.mutations import changes, formats
from zoo.storage.manifest import Manifest

REHASHED = ("bundle/encoder.onnx", "bundle/decoder.onnx", "texts/vocabulary.json")
TARGETS = (
    *(("bytes", name) for name in formats.FILES),
    *(("sealed", name) for name in formats.SEALED),
    *(("rehashed", name) for name in REHASHED),
    *(("folder", name) for name in formats.FOLDERS),
    *(("archive", name) for name in formats.ARCHIVES),
)
# Whoever writes the hashes anew writes another model; what has no checksum has other content.
MAY_DIFFER = {
    *(target for target in TARGETS if target[0] in ("sealed", "rehashed")),
    *(("bytes", name) for name in formats.FILES if name not in formats.CHECKED),
    ("folder", "run"),
    ("archive", "a.npz"),
}


def change(target: tuple[str, str], good: Path, folder: Path, random) -> tuple[str, str]:
    """Changes one file or folder and opens it.

    Args:
        target: Tuple of strings. One of `TARGETS`: how it is changed, and the name of what is.
        good: Path of the folder that `formats.write` wrote to.
        folder: Path of a folder to work in.
        random: `np.random.Generator`.

    Returns:
        A tuple of the kind of change, and `"refused"`, `"same"` or `"other"`.

    Raises:
        Exception: If opening it raises anything but a `ZooError`.

    Example:

    >>> change(("bytes", "a.npz"), Path("good"), Path("work"), random)  # doctest: +SKIP
    ('flip', 'refused')
    """
    how, name = target
    path, opened = formats.copied(good, folder, name)
    kind = _CHANGES[how](path, name, random)
    found = formats.outcome(opened)
    if found is None:
        return kind, "refused"
    wanted = formats.copied(good, folder, name)[1]()
    return kind, "same" if formats.same(found, wanted) else "other"


def _bytes(path, name, random):
    kind = str(random.choice(changes.BYTES))
    path.write_bytes(changes.damaged(path.read_bytes(), random, kind))
    return kind


def _sealed(path, name, random):
    read, seal = formats.SEALED[name]
    seal(path, changes.changed(read(path), random))
    return "edit"


def _rehashed(path, name, random):
    manifest, kind = Manifest.read(path.parent), _bytes(path, name, random)
    manifest.write(path.parent)
    return f"{kind}, re-hashed"


def _folder(path, name, random):
    kind = str(random.choice(changes.FILES))
    changes.rearranged(path, random, kind)
    return kind


def _archive(path, name, random):
    kind = str(random.choice(changes.MEMBERS))
    changes.repacked(path, random, kind)
    return kind


_CHANGES = {
    "bytes": _bytes, "sealed": _sealed, "rehashed": _rehashed, "folder": _folder,
    "archive": _archive,
}  # fmt: skip
