"""The sets of trained weights that ship: their names, their facts and their files."""

import dataclasses
import fnmatch
import functools
import json
import tomllib
from pathlib import Path

from zoo import registry
from zoo.errors import CheckFailedError, UsageError, no_such

FOLDER = Path(__file__).parent
SUMS = "sha256.json"  # the SHA-256 of every other file, by its path within the folder
SUFFIXES = (".json", ".md", ".png", ".safetensors", ".toml")
CLASSIFIER = "classifier"  # in the place of a variant's name
DETECTOR = "detector"  # likewise


@dataclasses.dataclass(frozen=True)
class WeightsSet:
    """A set of trained weights: three files in `zoo/weights/<variant>`.

    `<name>.toml` says what to train, and is written by hand. `<name>.json` holds what was measured,
    and `<name>.safetensors` the weights; `python -m zoo.experiments.weights <variant>/<name>`
    writes both.

    Args:
        variant: String. Name of a variant, `"classifier"` or `"detector"`.
        name: String. Name of the set, such as `"mnist"`.
        folder: Path of the folder of all sets. Defaults to the package's.
        draft: Boolean. Whether the declaration may differ from the one that was released, as it
            does until it is trained. Defaults to False.

    Example:

    >>> found = WeightsSet("pca", "mnist")
    >>> found.key, found.declaration["data"]
    ('pca/mnist', 'mnist')
    >>> found.facts["arguments"]["latent_dim"]
    30
    """

    variant: str
    name: str
    folder: Path = dataclasses.field(default_factory=lambda: FOLDER)
    draft: bool = False

    @property
    def key(self) -> str:
        """Returns `"variant/name"`."""
        return f"{self.variant}/{self.name}"

    def path(self, suffix: str) -> Path:
        """Returns the path of one of the files.

        Args:
            suffix: String, such as `".toml"`.
        """
        return self.folder / self.variant / f"{self.name}{suffix}"

    @functools.cached_property
    def declaration(self) -> dict:
        """The dict of what to train: `data`, and the arguments and recipe fields that are set."""
        content = self.path(".toml").read_bytes() if self.draft else self.checked(".toml")
        return tomllib.loads(content.decode("utf-8"))

    @functools.cached_property
    def facts(self) -> dict:
        """The dict of what was trained and measured, such as `arguments`, `data` and `metrics`."""
        return json.loads(self.checked(".json"))

    @property
    def sha256(self) -> str:
        """The SHA-256 of the weights' file, in hexadecimal.

        Raises:
            CheckFailedError: If the table of sums does not list the file.
        """
        return _sums(self.folder).get(f"{self.key}.safetensors") or self._damaged(".safetensors")

    def checked(self, suffix: str) -> bytes:
        """Returns the content of a file, after comparing its SHA-256 with the table's.

        Args:
            suffix: String, such as `".json"`.

        Raises:
            CheckFailedError: If the file is missing or not the one that was released.
        """
        import hashlib

        path = self.path(suffix)
        content = path.read_bytes() if path.is_file() else b""
        if hashlib.sha256(content).hexdigest() != _sums(self.folder).get(f"{self.key}{suffix}"):
            self._damaged(suffix)
        return content

    def _damaged(self, suffix):
        raise CheckFailedError(
            f"{self.path(suffix)} is missing, or not the file that was released: install "
            "autoencoder-zoo again."
        )


def of(variant: str, folder: Path | None = None) -> list[str]:
    """Returns the sorted names of the weights that ship for a variant.

    Args:
        variant: String. Name of a variant, `"classifier"` or `"detector"`.
        folder: Path of the folder of all sets. Defaults to None, the package's.

    Example:

    >>> of("pca")
    ['mnist', 'mnist_2d']
    """
    return sorted(path.stem for path in ((folder or FOLDER) / variant).glob("*.safetensors"))


def find(variant: str, name: str, folder: Path | None = None) -> WeightsSet:
    """Returns a set of weights.

    Args:
        variant: String. Name of a variant, `"classifier"` or `"detector"`.
        name: String. Name of the set.
        folder: Path of the folder of all sets. Defaults to None, the package's.

    Raises:
        UsageError: If the variant has no weights, or none of that name.

    Example:

    >>> find("pca", "mnist").key
    'pca/mnist'
    """
    available = of(variant, folder)
    if not available:
        with_weights = ", ".join(sorted({key.variant for key in every(folder)}))
        raise UsageError(
            f"No weights ship for {variant}; there are weights for {with_weights}. "
            f"Received: weights={name!r}."
        )
    if name not in available:
        raise no_such(f"set of weights for {variant} named", name, available)
    return WeightsSet(variant, name, folder or FOLDER)


def every(folder: Path | None = None) -> list[WeightsSet]:
    """Returns all sets of weights that ship, sorted.

    Args:
        folder: Path of the folder of all sets. Defaults to None, the package's.

    Example:

    >>> [found.key for found in every()][:1] != []
    True
    """
    paths = sorted((folder or FOLDER).glob("*/*.safetensors"))
    return [WeightsSet(path.parent.name, path.stem, folder or FOLDER) for path in paths]


def names(pattern: str = "*", weights: str | None = None) -> list[str]:
    """Returns the sorted names of all variants that match, without importing TensorFlow.

    Args:
        pattern: String. Pattern of the names, with the wildcards `*`, `?` and `[...]`. Defaults to
            `"*"`.
        weights: String. Only variants that ship with weights of this name, which may have wildcards
            too. Defaults to None, for all variants.

    Returns:
        A list of strings.

    Raises:
        UsageError: If `pattern` or `weights` is not a string.

    Example:

    >>> zoo.names("*pca")
    ['logistic_pca', 'pca']
    >>> zoo.names("*pca", weights="mnist")
    ['pca']
    """
    matching = registry.names(pattern)
    if weights is None:
        return matching
    if not isinstance(weights, str):
        raise UsageError(f"`weights` must be a string. Received: weights={weights!r}.")
    return [name for name in matching if fnmatch.filter(of(name), weights)]


def _sums(folder):
    path = folder / SUMS
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
