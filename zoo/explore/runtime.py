"""Finds the files of onnxruntime-web, which computes in the browser, and checks their hashes."""

import base64
import hashlib
import importlib.util
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from zoo.datasets.readers import decoded
from zoo.errors import CheckFailedError, MissingExtraError, UsageError
from zoo.storage.atomic import make_folder, replace_file

PACKAGE, VERSION = "onnxruntime-web", "1.30.0"
ARCHIVE = f"{PACKAGE}-{VERSION}.tgz"
INTEGRITY = (  # as npm has it: SHA-512 in Base64
    "q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+CaRJmg8pZClzcV7svNc4rKY3jL02Vb7QmRMDs1SigqR4CXAfKYQ=="
)
FILES = {  # with SHA-256
    "ort.wasm.min.mjs": "219e6a1fc8a9938268d18efca3c91d310bd2f4a59bbd13744df5b2b7fc6cee3b",
    "ort-wasm-simd-threaded.mjs": (
        "e13f7f94fc51b4ca72b12faeb1ee95f4ace6dfbc8939bc718aabdc0a27c4299b"
    ),
    "ort-wasm-simd-threaded.wasm": (
        "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2"
    ),
}
TERMS = ("LICENSE", "ThirdPartyNotices.txt")  # which the package of npm lacks
PATIENCE = 300  # seconds that a download may take


class MissingRuntimeError(MissingExtraError):
    """onnxruntime-web is not there, and npm cannot fetch it.

    Args:
        reason: String. Why it could not be fetched.

    Example:

    >>> print(MissingRuntimeError("there is no npm."))
    onnxruntime-web cannot be fetched: there is no npm. Where npm is, run
    npm pack onnxruntime-web@1.30.0
    and pass the folder of the file that it writes: --runtime FOLDER
    """

    def __init__(self, reason):
        ModuleNotFoundError.__init__(
            self,
            f"{PACKAGE} cannot be fetched: {reason} Where npm is, run\n"
            f"npm pack {PACKAGE}@{VERSION}\n"
            "and pass the folder of the file that it writes: --runtime FOLDER",
        )


def find(folder: str | Path | None = None) -> dict[str, bytes]:
    """Returns the files of onnxruntime-web and their terms.

    Args:
        folder: String or path. A folder that holds the three files, the file that `npm pack`
            writes, or an unpacked package. Defaults to None: the files are read from the cache,
            the folder `ZOO_CACHE` of the environment or ~/.cache/autoencoder-zoo, or else fetched
            by `npm pack` and kept there.

    Returns:
        Dict of bytes by the names of the files.

    Raises:
        UsageError: If the folder does not hold the files.
        CheckFailedError: If a file is not the one of this version.
        MissingRuntimeError: If there is no npm, or if it cannot fetch the package.

    Example:

    >>> sorted(find())[0]  # doctest: +SKIP
    'LICENSE'
    """
    if folder is not None:
        files = _read(Path(folder))
        if files is None:
            raise UsageError(
                f"{folder} must hold {', '.join(FILES)}, or {ARCHIVE}, which "
                f"`npm pack {PACKAGE}@{VERSION}` writes."
            )
        return files | _terms()
    cache = decoded.folder() / f"{PACKAGE}-{VERSION}"
    return (_read(cache) or _fetched(cache)) | _terms()


def _read(folder):
    """Returns the three files of a folder, or None if one is not there."""
    if (folder / ARCHIVE).is_file():
        return _unpacked((folder / ARCHIVE).read_bytes(), folder / ARCHIVE)
    for place in (folder, folder / "dist", folder / "package" / "dist"):
        if all((place / name).is_file() for name in FILES):
            return {name: _checked((place / name).read_bytes(), place / name) for name in FILES}
    return None


def _checked(data, path):
    if hashlib.sha256(data).hexdigest() != FILES[path.name]:
        raise CheckFailedError(f"{path} is not the file of {PACKAGE} {VERSION}: its hash differs.")
    return data


def _unpacked(archive, path):
    found = base64.b64encode(hashlib.sha512(archive).digest()).decode()
    if found != INTEGRITY:
        raise CheckFailedError(
            f"{path} is not the package {PACKAGE} {VERSION}: its SHA-512 must be {INTEGRITY}. "
            f"Received: {found}."
        )
    with tarfile.open(path) as package:
        return {name: package.extractfile(f"package/dist/{name}").read() for name in FILES}


def _fetched(cache):
    """Returns the three files, which npm downloads, and writes them to the cache."""
    npm = shutil.which("npm")
    if npm is None:
        raise MissingRuntimeError("there is no npm.")
    with tempfile.TemporaryDirectory() as folder:
        command = [npm, "pack", f"{PACKAGE}@{VERSION}", "--silent"]
        try:
            done = subprocess.run(
                command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False
            )
        except subprocess.TimeoutExpired:
            raise MissingRuntimeError(f"npm did not end within {PATIENCE} seconds.") from None
        files = _read(Path(folder))
    if files is None:
        reason = (done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"])[0]
        raise MissingRuntimeError(f"npm failed: {reason.rstrip('.')}.")
    make_folder(cache)
    for name, data in files.items():
        replace_file(cache / name, data)
    return files


def _terms():
    """Returns the licence and the notices of onnxruntime, from its Python package."""
    home = Path(importlib.util.find_spec("onnxruntime").origin).parent
    return {name: (home / name).read_bytes() for name in TERMS}
