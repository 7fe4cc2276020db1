"""The manifest of an exported folder, and the check that its files are the ones it lists."""

import dataclasses
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

from zoo.errors import CheckFailedError, UsageError
from zoo.storage import json_files, manifest_schema, untrusted

FORMAT = 1
LARGEST = 1 << 31  # bytes of a file that is read at once; Protocol Buffers allow no more
PIECE = 1 << 20  # bytes that are copied at a time
SIGNATURE = "model.sig"  # of the other files
# Files that model hubs add, and the signature: no runtime reads them.
UNLISTED = {"README.md", ".gitattributes", SIGNATURE}
ONNX_FILES = {
    "encode": "encoder.onnx",
    "decode": "decoder.onnx",
    "impute": "impute.onnx",
    "reconstruct": "autoencoder.onnx",
    "classify": "classifier.onnx",
    "score": "score.onnx",
}


def is_export(folder) -> bool:
    """Returns whether a folder is an exported model, which has a manifest.json.

    Args:
        folder: String or path.

    Returns:
        Boolean.

    Example:

    >>> is_export("no-such-folder")
    False
    """
    return (Path(folder) / "manifest.json").is_file()


def consistently(folder, read: Callable):
    """Returns the result of `read()`, which reads an exported folder, from a single export.

    If another export replaces the folder meanwhile, what was read of the first does not match the
    manifest of the second. The folder is then read again.

    Args:
        folder: String or path of the exported model.
        read: Callable without arguments. Reads the folder and checks each file by its manifest.

    Returns:
        The result of `read()`.

    Raises:
        CheckFailedError, FileNotFoundError: If `read()` raises it and the export is still the same.

    Example:

    >>> consistently("exported", lambda: Manifest.read("exported"))  # doctest: +SKIP
    """
    while True:
        before = _stamp(folder)
        try:
            return read()
        except (CheckFailedError, FileNotFoundError):
            if _stamp(folder) == before:
                raise


def _stamp(folder):
    """Returns a value that differs between exports in the same place, or None if there is none."""
    try:
        status = os.stat(Path(folder) / "manifest.json")
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_ctime_ns


@dataclasses.dataclass(frozen=True)
class Manifest:
    """The content of a `manifest.json`: variant, signatures, hashes, versions and metrics.

    Attributes:
        content: Dict.

    Example:

    >>> Path("folder").mkdir()
    >>> _ = Path("folder", "weights.bin").write_bytes(b"1234")
    >>> manifest = Manifest({"files": file_facts("folder")})
    >>> manifest.lists("weights.bin"), manifest.verified("folder", "weights.bin")
    (True, b'1234')
    >>> manifest.write("folder")
    >>> Path("copy").mkdir()
    >>> sorted(path.name for path in manifest.copy("folder", "copy").iterdir())
    ['manifest.json', 'weights.bin']
    """

    content: dict

    @classmethod
    def read(cls, folder) -> "Manifest":
        """Returns the manifest of an exported folder.

        Args:
            folder: String or path.

        Returns:
            A `Manifest`.

        Raises:
            UsageError: If the folder is not an exported model, or its manifest is of another
                format.
            CheckFailedError: If the manifest is damaged.
        """
        path = Path(folder) / "manifest.json"
        if not is_export(folder):
            raise UsageError(f"{folder} is not an exported model: it has no manifest.json.")
        try:
            content = json_files.read(path, {"digest": str})
        except CheckFailedError as error:
            raise _damaged(path) from error
        if content.pop("digest") != _digest(content):
            raise _damaged(path)
        if content.get("format") != FORMAT:
            received = content.get("format")
            raise UsageError(f"{path} must be of format {FORMAT}. Received: {received!r}.")
        manifest_schema.require(content, path)
        return cls(content)

    def write(self, folder) -> None:
        """Writes `manifest.json` to a folder, with the hashes of the folder's files and a digest.

        Args:
            folder: String or path of the folder with the files.
        """
        files = file_facts(folder)
        files.pop("manifest.json", None)
        Manifest(self.content | {"files": files}).seal(folder)

    def seal(self, folder) -> None:
        """Writes `manifest.json` to a folder, with the hashes that it has and a digest.

        Args:
            folder: String or path of the folder.
        """
        content = json.loads(json.dumps(self.content))
        text = json.dumps(content | {"digest": _digest(content)}, indent=2) + "\n"
        (Path(folder) / "manifest.json").write_text(text, encoding="utf-8")

    def copy(self, folder, target) -> Path:
        """Writes the manifest and the verified bytes of every listed file to an empty folder.

        What is read from `target` afterwards was verified, whatever happens to `folder`.

        Args:
            folder: String or path of the exported folder.
            target: String or path of an empty folder that no one else writes to.

        Returns:
            Path of `target`.

        Raises:
            CheckFailedError: If a file is missing, changed, or not listed.
        """
        self._require_no_others(folder)
        target = Path(target)
        for name in self.content["files"]:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            with open(target / name, "wb") as copy:
                for piece in self._pieces(folder, name):
                    copy.write(piece)
        self.seal(target)
        return target

    def _require_no_others(self, folder):
        present = {
            path.relative_to(folder).as_posix()
            for path in Path(folder).rglob("*")
            if not path.is_dir()
        }
        for name in sorted(present - {"manifest.json"} - UNLISTED - set(self.content["files"])):
            raise CheckFailedError(f"{folder} holds {name}, which its manifest does not list.")

    def lists(self, name: str) -> bool:
        """Returns whether the manifest lists a file.

        Args:
            name: String. Path of the file within the folder.

        Returns:
            Boolean.
        """
        return name in self.content["files"]

    def verified(self, folder, name: str) -> bytes:
        """Returns the bytes of a file if they have the hash that the manifest lists.

        The size is compared before a byte is read.

        Args:
            folder: String or path of the exported folder.
            name: String. Path of the file within the folder.

        Returns:
            Bytes.

        Raises:
            CheckFailedError: If the file is missing, not listed or changed, or has more than 2³¹
                bytes.
        """
        if self.lists(name) and self.content["files"][name]["bytes"] > LARGEST:
            raise CheckFailedError(f"{Path(folder) / name} must have at most {LARGEST} bytes.")
        return b"".join(self._pieces(folder, name))

    def _pieces(self, folder, name):
        """Yields the bytes of a file in pieces; at the end, raises an error if the hash differs."""
        path = Path(folder) / name
        if not self.lists(name):
            raise CheckFailedError(f"{folder} does not list {name}.")
        if not _is_inside(path, folder):
            raise CheckFailedError(f"{path} must lie within {folder}; it leads out of it.")
        listed, digest = self.content["files"][name], hashlib.sha256()
        try:
            file = untrusted.open_file(path)
        except UsageError as error:
            missing = isinstance(error.__context__, FileNotFoundError)
            raise CheckFailedError(f"{path} is missing." if missing else str(error)) from None
        with file:
            same = untrusted.size_of(file) == listed["bytes"]
            for position in range(0, listed["bytes"] if same else 0, PIECE):
                piece = file.read(min(PIECE, listed["bytes"] - position))
                digest.update(piece)
                yield piece
        if not same or digest.hexdigest() != listed["sha256"]:
            raise CheckFailedError(
                f"{path} is not the file that was exported: its sha256 differs. "
                "Copy the folder again, or export it again."
            )


def _is_inside(path, folder):
    try:
        return path.resolve().is_relative_to(Path(folder).resolve())
    except (OSError, RuntimeError, ValueError):  # links in a circle, or an invalid name
        return False


def _damaged(path):
    return CheckFailedError(f"{path} is damaged: it is not what zoo.export wrote. Copy it again.")


def _digest(content) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def file_facts(folder) -> dict[str, dict]:
    """Returns the SHA-256 and the size in bytes of every file below a folder.

    Args:
        folder: String or path.

    Returns:
        Dict from each file's path within the folder to a dict with `sha256`, in hexadecimal, and
        `bytes`.

    Example:

    >>> Path("data").mkdir()
    >>> _ = Path("data", "empty.bin").write_bytes(b"")
    >>> file_facts("data")
    {'empty.bin': {'sha256': 'e3b0c442...', 'bytes': 0}}
    """
    return {
        str(path.relative_to(folder).as_posix()): {
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "bytes": path.stat().st_size,
        }
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file()
    }
