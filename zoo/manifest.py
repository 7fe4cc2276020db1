"""What an exported folder says of itself, and whether its files are still the ones it means."""

import dataclasses
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

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
        content = self.content | {"files": file_facts(folder)}
        content = json.loads(json.dumps(content))
        text = json.dumps(content | {"digest": _digest(content)}, indent=2) + "\n"
        (Path(folder) / "manifest.json").write_text(text, encoding="utf-8")

    def verify_files(self, folder) -> None:
        """Raises `CheckFailedError` unless the folder holds what is listed, and no more."""
        there = set(file_facts(folder)) - {"manifest.json"}
        for name in sorted(there - set(self.content["files"])):
            raise CheckFailedError(f"{folder} holds {name}, which its manifest does not list.")
        for name in self.content["files"]:
            self.verified(folder, name)

    def lists(self, name: str) -> bool:
        """Whether there should be a file of that name."""
        return name in self.content["files"]

    def verified(self, folder, name: str) -> bytes:
        """A file's bytes, only if they are the ones whose hash the manifest holds."""
        facts = self.content["files"].get(name)
        path = Path(folder) / name
        if facts is None or not path.resolve().is_relative_to(Path(folder).resolve()):
            raise CheckFailedError(f"{folder} does not list {name}.")
        if not path.is_file():
            raise CheckFailedError(f"{path} is missing.")
        data = path.read_bytes()
        if len(data) != facts["bytes"] or hashlib.sha256(data).hexdigest() != facts["sha256"]:
            raise CheckFailedError(
                f"{path} is not the file that was exported: its sha256 differs. "
                "Copy the folder again, or export it again."
            )
        return data


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
