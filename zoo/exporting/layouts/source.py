"""An exported model as servers know it: endpoints by name, each with its file and its tensors."""

import dataclasses
import re
from pathlib import Path
from typing import NamedTuple

from zoo.errors import UsageError
from zoo.storage.manifest import ONNX_FILES, Manifest

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class Endpoint(NamedTuple):
    """An endpoint of an exported model.

    Attributes:
        signature: String. Its name in the export, such as `"encode"`.
        file: String. Its ONNX file.
        inputs: Dict of its inputs by name, each with `shape` and `dtype`.
        outputs: Dict of its outputs.
    """

    signature: str
    file: str
    inputs: dict
    outputs: dict


@dataclasses.dataclass(frozen=True)
class Source:
    """An exported model that a layout is written from.

    Attributes:
        folder: Path of the exported model.
        manifest: Its `Manifest`.
        name: String. The name under which it is served.
        version: Integer.
        endpoints: Dict of `Endpoint`s by the names under which they are served; the first, which
            is `reconstruct` or a classifier's `classify`, has the name itself.

    Raises:
        UsageError: If the name has other characters than letters, digits, `.`, `_` and `-`.
    """

    folder: Path
    manifest: Manifest
    name: str
    version: int
    endpoints: dict[str, Endpoint] = dataclasses.field(init=False)

    def __post_init__(self):
        if not isinstance(self.name, str) or not _NAME.fullmatch(self.name):
            raise UsageError(
                "`name` must have letters, digits, '.', '_' and '-' alone, and begin with a letter "
                f"or a digit. Received: {self.name!r}."
            )
        signatures = self.manifest.content["signatures"]
        main = "reconstruct" if "reconstruct" in signatures else next(iter(signatures))
        order = [main, *(signature for signature in signatures if signature != main)]
        endpoints = {
            self.name if signature == main else f"{self.name}.{signature}": Endpoint(
                signature, ONNX_FILES[signature], **signatures[signature]
            )
            for signature in order
        }
        object.__setattr__(self, "endpoints", endpoints)

    def onnx_file(self, endpoint: Endpoint) -> bytes:
        """Returns the ONNX file of an endpoint, after checking its hash.

        Args:
            endpoint: `Endpoint`.

        Raises:
            UsageError: If the export is the small form without the file of the whole auto-encoder.
            CheckFailedError: If the file is not the one that was exported.
        """
        if not self.manifest.lists(endpoint.file):
            raise UsageError(
                f"{self.folder} has no {endpoint.file}, which this layout needs: it is the small "
                "form of an export. Pass the folder that zoo.export wrote."
            )
        return self.manifest.verified(self.folder, endpoint.file)
