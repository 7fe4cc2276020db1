"""Finds the exported model that `zoo.load` opens: in a folder, in the package or on the Hub."""

import logging
from pathlib import Path

from zoo.errors import UsageError
from zoo.serving import hub
from zoo.storage.file_errors import as_path

_log = logging.getLogger(__name__)
BUNDLES = Path(__file__).parent / "bundles"


def shipped() -> list[str]:
    """Returns the sorted names of the exported models that ship with the package.

    Example:

    >>> shipped() == sorted(shipped())
    True
    """
    return sorted(path.parent.name for path in BUNDLES.glob("*/manifest.json"))


def find(source: str | Path, kind: str | None = None) -> Path:
    """Returns the folder of an exported model.

    Args:
        source: String or path. A folder, the name of an exported model that ships, or
            `"hf://owner/name@revision"`, in this order.
        kind: String. With `"detector"`, `"mnist"` stands for the model `"mnist_detector"` too.
            Defaults to None, for whole names only.

    Returns:
        `Path`.

    Raises:
        UsageError: If there is none of the three, or if it is no string or path.
        MissingExtraError: If an address needs `huggingface_hub`, which is not installed.

    Example:

    >>> Path("exported").mkdir()
    >>> find("exported").name
    'exported'
    """
    path = as_path("folder", source)
    name = str(source)
    names = [name, f"{name}_{kind}"]
    found = next((each for each in names if each in shipped()), None)
    if path.exists():
        if found:
            _log.warning("The folder %s is opened; the model of that name that ships is not.", name)
        return path
    if found:
        return BUNDLES / found
    if name.startswith(hub.SCHEME):
        return hub.download(name)
    known = f", and no model of that name ships: there are {', '.join(shipped())}."
    raise UsageError(f"There is no folder {source}{known if shipped() else '.'}")
