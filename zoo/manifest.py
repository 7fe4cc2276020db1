"""What an exported folder says of itself, and whether its files are still the ones it means."""

import dataclasses
import hashlib
import json
from pathlib import Path

from zoo.errors import CheckFailedError, UsageError

FORMAT = 1
ONNX_FILES = {
    "encode": "encoder.onnx",
    "decode": "decoder.onnx",
    "reconstruct": "autoencoder.onnx",
}


@dataclasses.dataclass(frozen=True)
class Manifest:
    """The content of a `manifest.json`: variant, signatures, hashes, versions, metrics."""

    content: dict

    @classmethod
    def read(cls, folder) -> "Manifest":
        """Of an exported folder; raises if there is none, or it cannot be read."""
        path = Path(folder) / "manifest.json"
        if not path.is_file():
            raise UsageError(f"{folder} is not an exported model: it has no manifest.json.")
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            version = content["format"]
            content["files"].items(), content["signatures"].items()
        except (ValueError, KeyError, TypeError, AttributeError):
            raise CheckFailedError(
                f"{path} is damaged: it is not the JSON that zoo.export writes. Export again."
            ) from None
        if version != FORMAT:
            raise UsageError(f"{path} must be of format {FORMAT}. Received: {version!r}.")
        return cls(content)

    def with_files(self, files: dict) -> "Manifest":
        """The same with the facts of the files it stands beside."""
        return Manifest(self.content | {"files": files})

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
