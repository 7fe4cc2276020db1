"""The endpoints of an exported model, as the models that a server knows by name."""

import re
from typing import NamedTuple

from zoo.errors import UsageError
from zoo.storage.manifest import ONNX_FILES, Manifest

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class ServedEndpoint(NamedTuple):
    """An endpoint of an exported model.

    Attributes:
        signature: String. Name of the endpoint, such as `"encode"`.
        file: String. Its ONNX file.
        inputs: Dict of its inputs by name, each with `shape` and `dtype`.
        outputs: Dict of its outputs.
    """

    signature: str
    file: str
    inputs: dict
    outputs: dict


def served(manifest: Manifest, name: str | None = None) -> dict[str, ServedEndpoint]:
    """Returns the endpoints of an exported model by the names under which they are served.

    Args:
        manifest: `Manifest` of the export.
        name: String. Name of the model. Defaults to None, for the name of its variant.

    Returns:
        Dict of `ServedEndpoint`s. The first, `reconstruct` or a classifier's `classify`, has the
        name itself.

    Raises:
        UsageError: If the name has other characters than letters, digits, `.`, `_` and `-`.
    """
    name = manifest.content["variant"] if name is None else name
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise UsageError(
            "`name` must have letters, digits, '.', '_' and '-' alone, and begin with a letter or "
            f"a digit. Received: {name!r}."
        )
    signatures = manifest.content["signatures"]
    main = "reconstruct" if "reconstruct" in signatures else next(iter(signatures))
    order = [main, *(signature for signature in signatures if signature != main)]
    return {
        name if signature == main else f"{name}.{signature}": ServedEndpoint(
            signature, ONNX_FILES[signature], **signatures[signature]
        )
        for signature in order
    }


def onnx_file(source, manifest: Manifest, endpoint: ServedEndpoint) -> bytes:
    """Returns the ONNX file of an endpoint, after checking its hash.

    Args:
        source: Path of the exported model.
        manifest: Its `Manifest`.
        endpoint: `ServedEndpoint`.

    Raises:
        UsageError: If the export is the small form without the file of the whole auto-encoder.
        CheckFailedError: If the file is not the one that was exported.
    """
    if not manifest.lists(endpoint.file):
        raise UsageError(
            f"{source} has no {endpoint.file}, which this layout needs: it is the small form of an "
            "export. Pass the folder that zoo.export wrote."
        )
    return manifest.verified(source, endpoint.file)
