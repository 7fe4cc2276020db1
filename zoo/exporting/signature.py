"""Signs an exported folder with a private key, and checks the signature with the public key."""

import shutil
from pathlib import Path

from zoo.errors import CheckFailedError, UsageError
from zoo.storage import atomic, untrusted
from zoo.storage.file_errors import as_path, as_usage_errors
from zoo.storage.manifest import SIGNATURE, Manifest
from zoo.storage.temporaries import scratch_folder


@as_usage_errors()
def sign(folder: str | Path, key: str | Path, password: str | None = None) -> Path:
    """Signs an exported folder, so that others can check who exported it.

    The signature, `model.sig` in the folder, covers the manifest and every file that it lists, in
    the form of OpenSSF Model Signing: `model_signing verify key` checks it too. Nothing is sent.

    Args:
        folder: String or path. The folder that `zoo.export` wrote.
        key: String or path. A PEM file with an elliptic private key.
        password: String. The password of the key. Defaults to None, for a key without one.

    Returns:
        Path of the signature.

    Raises:
        UsageError: If the folder is not an exported model, or the key cannot be used.
        CheckFailedError: If a file is missing or changed.
        MissingExtraError: If `model-signing` is not installed.

    Example:

    >>> sign("exports/conv_ae", "private.pem")  # doctest: +SKIP
    PosixPath('exports/conv_ae/model.sig')
    """
    from model_signing import signing

    folder, key = as_path("folder", folder), as_path("key", key)
    manifest = Manifest.read(folder)
    with untrusted.guard(key, "a private key", UsageError):
        signer = signing.Config().use_elliptic_key_signer(
            private_key=_readable(key), password=password and password.encode()
        )
    with scratch_folder() as scratch:
        copy = manifest.copy(folder, _new(scratch / "copy"))
        signer.sign(copy, scratch / SIGNATURE)
        return atomic.replace_file(folder / SIGNATURE, (scratch / SIGNATURE).read_bytes())


@as_usage_errors()
def require_signature(copy: Path, folder: Path, key: str | Path) -> None:
    """Raises an error unless a folder was signed by the owner of a key.

    Args:
        copy: Path of a copy of the exported folder that no one else writes to.
        folder: Path of the exported folder, with the signature.
        key: String or path. A PEM file with the public key.

    Raises:
        UsageError: If the key cannot be used.
        CheckFailedError: If there is no signature, or it is not of these files by this key.
        MissingExtraError: If `model-signing` is not installed.

    Example:

    >>> require_signature(Path("copy"), Path("exports/conv_ae"), "public.pem")  # doctest: +SKIP
    """
    from model_signing import verifying

    key, path = as_path("key", key), folder / SIGNATURE
    with untrusted.guard(key, "a public key", UsageError):
        verifier = verifying.Config().use_elliptic_key_verifier(public_key=_readable(key))
    if not path.exists():
        raise CheckFailedError(f"{folder} is not signed: it has no {SIGNATURE}.")
    with scratch_folder() as scratch:
        with untrusted.open_file(path) as file, open(scratch / SIGNATURE, "wb") as own:
            shutil.copyfileobj(file, own)
        with untrusted.guard(path, f"a signature of these files by the key {key}"):
            verifier.verify(copy, scratch / SIGNATURE)


def _readable(key):
    with untrusted.open_file(key):  # a FIFO or a missing file is refused here
        return key


def _new(folder):
    folder.mkdir()
    return folder
