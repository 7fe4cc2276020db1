"""What an exported folder says of itself, and whether its files are still the ones it means."""

import dataclasses
import hashlib
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from zoo.errors import CheckFailedError, UsageError

FORMAT = 1
ONNX_FILES = {
    "encode": "encoder.onnx",
    "decode": "decoder.onnx",
    "reconstruct": "autoencoder.onnx",
    "classify": "classifier.onnx",
    "score": "score.onnx",
}


def is_export(folder) -> bool:
    """Whether a folder says that it is an exported model."""
    return (Path(folder) / "manifest.json").is_file()


def consistently(folder, read: Callable):
    """Returns `read()`, which reads an exported folder; all that it reads is of one export.

    Where another export takes the folder's place meanwhile, what was read of the one does not
    fit the other's manifest: it is then read again.

    Args:
        folder: of the exported model.
        read: a function without arguments, which checks each file by its manifest.
    """
    while True:
        before = _stamp(folder)
        try:
            return read()
        except (CheckFailedError, FileNotFoundError):
            if _stamp(folder) == before:
                raise


def _stamp(folder):
    """Tells one export from the next in the same place, or None if there is none."""
    try:
        facts = os.stat(Path(folder) / "manifest.json")
    except OSError:
        return None
    return facts.st_dev, facts.st_ino, facts.st_ctime_ns


@dataclasses.dataclass(frozen=True)
class Manifest:
    """The content of a `manifest.json`: variant, signatures, hashes, versions, metrics."""

    content: dict

    @classmethod
    def read(cls, folder) -> "Manifest":
        """Of an exported folder; raises if there is none, or it cannot be read."""
        path = Path(folder) / "manifest.json"
        if not is_export(folder):
            raise UsageError(f"{folder} is not an exported model: it has no manifest.json.")
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            digest = content.pop("digest")
        except (ValueError, KeyError, TypeError, AttributeError):
            digest, content = None, {}
        if digest != _digest(content):
            raise CheckFailedError(
                f"{path} is damaged: it is not what zoo.export wrote. Copy it again."
            )
        if content["format"] != FORMAT:
            came = content["format"]
            raise UsageError(f"{path} must be of format {FORMAT}. Received: {came!r}.")
        return cls(content)

    def write(self, folder) -> None:
        """Writes `manifest.json` beside the files it is about, with their facts and its digest."""
        files = file_facts(folder)
        files.pop("manifest.json", None)
        Manifest(self.content | {"files": files})._write(folder)

    def _write(self, folder):
        content = json.loads(json.dumps(self.content))
        text = json.dumps(content | {"digest": _digest(content)}, indent=2) + "\n"
        (Path(folder) / "manifest.json").write_text(text, encoding="utf-8")

    def copy(self, folder, target) -> Path:
        """Writes the manifest and the verified bytes of every listed file to an empty folder.

        What is read from `target` afterwards is what was verified, whatever becomes of `folder`.

        Args:
            folder: the exported folder.
            target: an empty folder that no one else writes to.

        Returns:
            `target` as a path.

        Raises:
            CheckFailedError: if a file is missing, changed, or not listed.
        """
        self._require_no_others(folder)
        target = Path(target)
        for name in self.content["files"]:
            data = self.verified(folder, name)
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes(data)
        self._write(target)
        return target

    def _require_no_others(self, folder):
        there = {
            path.relative_to(folder).as_posix()
            for path in Path(folder).rglob("*")
            if not path.is_dir()
        }
        for name in sorted(there - {"manifest.json"} - set(self.content["files"])):
            raise CheckFailedError(f"{folder} holds {name}, which its manifest does not list.")

    def lists(self, name: str) -> bool:
        """Whether there should be a file of that name."""
        return name in self.content["files"]

    def verified(self, folder, name: str) -> bytes:
        """Returns a file's bytes, only if they are the ones whose hash the manifest holds.

        The size is compared before a byte is read.
        """
        facts = self.content["files"].get(name)
        path = Path(folder) / name
        inside = ".." not in PurePosixPath(name).parts and path.resolve().is_relative_to(
            Path(folder).resolve()
        )
        if facts is None or not inside:
            raise CheckFailedError(f"{folder} does not list {name}.")
        data = _bytes_of(path, facts["bytes"])
        if data is None or hashlib.sha256(data).hexdigest() != facts["sha256"]:
            raise CheckFailedError(
                f"{path} is not the file that was exported: its sha256 differs. "
                "Copy the folder again, or export it again."
            )
        return data


def _bytes_of(path, size):
    """Returns the bytes of a regular file of that size; None for anything else."""
    try:
        # Not blocking: opened otherwise, a named pipe would wait for a writer.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        raise CheckFailedError(f"{path} is missing.") from None
    except OSError as error:
        raise CheckFailedError(f"{path} cannot be read: {error.strerror}.") from None
    facts = os.fstat(handle)
    if not stat.S_ISREG(facts.st_mode) or facts.st_size != size:
        os.close(handle)
        return None
    with open(handle, "rb") as file:
        return file.read(size)


def _digest(content) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def file_facts(folder) -> dict[str, dict]:
    """The sha256 and the size in bytes of every file below a folder."""
    return {
        str(path.relative_to(folder).as_posix()): {
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "bytes": path.stat().st_size,
        }
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file()
    }
