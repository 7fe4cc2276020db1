"""The exported models that a server has open, by name and version."""

import logging
import os
import re
from pathlib import Path

from zoo.errors import UsageError, ZooError
from zoo.server import endpoint
from zoo.serving import Bundle, sources
from zoo.storage.manifest import is_export

_log = logging.getLogger(__name__)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def named(source: str) -> tuple[str, Path]:
    """Returns the name under which a model is served, and its folder.

    Args:
        source: String. `NAME=FOLDER`, or what `zoo.load` opens, or a folder of versions, whose last
            part is the name.

    Raises:
        UsageError: If there is no such folder, or if the name has other characters than letters,
            digits, `.`, `_` and `-`.

    Example:

    >>> Path("digits").mkdir()
    >>> name, folder = named("first=digits")
    >>> name, folder.name
    ('first', 'digits')
    """
    name, equals, folder = str(source).partition("=")
    if not equals or os.path.exists(source):
        name, folder = "", str(source)
    path = sources.find(folder)
    name = name or Path(folder.partition("@")[0].rstrip("/")).name or path.absolute().name
    if not _NAME.fullmatch(name):
        raise UsageError(
            "A model's name must have letters, digits, '.', '_' and '-' alone; give another as "
            f"NAME=FOLDER. Received: {name!r}."
        )
    return name, path


def versions(folder: Path) -> dict[str, Path]:
    """Returns the exported models of a folder by their versions.

    Args:
        folder: Path of an exported model, which is version 1, or of a folder of exported models
            whose names are integers.

    Raises:
        UsageError: If it is neither.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4,), latent_dim=2)
    >>> _ = zoo.export(model, "models/7")
    >>> list(versions(Path("models")))
    ['7']
    """
    if is_export(folder):
        return {"1": folder}
    found = {
        str(int(path.name)): path
        for path in folder.iterdir()
        if path.name.isascii() and path.name.isdigit() and is_export(path)
    }
    if not found:
        raise UsageError(
            f"{folder} must be an exported model, or a folder of exported models whose names are "
            "their versions: 1, 2, ..."
        )
    return dict(sorted(found.items(), key=lambda item: int(item[0])))


class Repository:
    """Opens exported models, and opens new versions of them while the others go on.

    A version is opened, its hashes are verified and its endpoints compute once, before it can be
    found. A folder that cannot be opened is left out with a message, until it changes; the first
    time it is an error.

    Args:
        models: List of strings, each as for `named`.
        open_bundle: Function of a path that returns a `Bundle`. Defaults to `Bundle`.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4,), latent_dim=2)
    >>> _ = zoo.export(model, "linear")
    >>> repository = Repository(["linear"])
    >>> repository.refresh()
    True
    >>> list(repository.models), list(repository.models["linear.encode"])
    (['linear', 'linear.encode', 'linear.decode'], ['1'])
    """

    def __init__(self, models: list[str], open_bundle=Bundle):
        self._open = open_bundle
        self._folders = {}
        for source in models:
            name, folder = named(source)
            if name in self._folders:
                raise UsageError(
                    f"Two models have the name {name!r}: give one another as NAME=FOLDER."
                )
            self._folders[name] = folder
        self._opened = {}  # by name and version: the stamp of the manifest, and the endpoints
        self.models = {}  # by name of an endpoint: dict from version to `Endpoint`

    def refresh(self) -> bool:
        """Opens what is new, drops what is gone, and returns whether anything changed.

        Raises:
            ZooError: If it is the first call and a folder cannot be opened.
        """
        first, before = not self._opened, self._opened
        opened = {}
        for name, folder in self._folders.items():
            try:
                found = versions(folder)
            except (ZooError, OSError) as error:
                if first:
                    raise
                _log.warning("%s is as before: %s", name, error)
                opened |= {key: value for key, value in before.items() if key[0] == name}
                continue
            for version, path in found.items():
                key = name, version
                opened_now = self._one(before.get(key), name, path, first)
                if opened_now is not None:
                    opened[key] = opened_now
        changed = {key: value[1] for key, value in opened.items()} != {
            key: value[1] for key, value in before.items()
        }
        self._opened = opened
        if changed:
            self.models = self._by_name()
        return changed

    def _one(self, before, name, path, first):
        """Returns the stamp and the endpoints of an exported model, the old ones if they hold."""
        stamp = _stamp(path)
        if before is not None and before[0] == stamp:
            return before
        try:
            found = endpoint.endpoints(self._open(path), name)
            for served in found.values():
                served.warm()
        except ZooError as error:
            if first:
                raise
            _log.warning("%s is not served: %s", path, error)
            return (stamp, before[1]) if before else (stamp, {})
        return stamp, found

    def _by_name(self):
        models = {}
        for (_, version), (_, found) in self._opened.items():
            for name, served in found.items():
                if version in models.setdefault(name, {}):
                    raise UsageError(
                        f"Two models are called {name!r}: give one another name as NAME=FOLDER."
                    )
                models[name][version] = served
        return models


def _stamp(path):
    status = os.stat(path / "manifest.json")
    return status.st_dev, status.st_ino, status.st_mtime_ns
