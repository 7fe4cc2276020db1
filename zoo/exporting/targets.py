"""What an export is written for: the form of unpooling, and the formats."""

from collections.abc import Iterable
from typing import NamedTuple

from zoo import dependencies
from zoo.errors import UsageError, no_such

FORMATS = {"saved_model": "tensorflow", "onnx": "onnxruntime", "litert": "ai_edge_litert"}
ALWAYS = "saved_model", "onnx"


class Target(NamedTuple):
    """What an export is written for.

    Attributes:
        unpooling: String. The form of unpooling by switches in the ONNX files.
        formats: Tuple of strings. The formats that are written unless others are named.
        runtime: String, or None. The runtime that the export is verified in too.

    Example:

    >>> TARGETS["cpu"].unpooling
    'native'
    """

    unpooling: str
    formats: tuple[str, ...] = ALWAYS
    runtime: str | None = None


# MaxUnpool is in onnxruntime for the CPU and in onnxruntime-web alone; not in its provider for
# CUDA, in TensorRT, in OpenVINO or in LiteRT. LiteRT cannot run a scatter.
TARGETS = {
    "cpu": Target("native"),
    "browser": Target("native"),
    "gpu": Target("one-hot"),
    "openvino": Target("scatter", runtime="openvino"),
    "litert": Target("one-hot", (*ALWAYS, "litert")),
}
ANY = Target("one-hot")  # what every runtime computes


def target(name: str | None) -> Target:
    """Returns the target of a name, or one for every runtime for None.

    Args:
        name: String, a key of `TARGETS`, or None.

    Raises:
        UsageError: If there is no such target.
        MissingExtraError: If its runtime is not installed.

    Example:

    >>> target("browser").unpooling, target(None).unpooling
    ('native', 'one-hot')
    """
    if name is None:
        return ANY
    if name not in TARGETS:
        raise no_such("target", name, list(TARGETS))
    found = TARGETS[name]
    if found.runtime and not dependencies.installed(found.runtime):
        raise dependencies.missing(found.runtime)
    return found


def formats(names: str | Iterable[str]) -> tuple[str, ...]:
    """Returns the formats of an export, in the order of `FORMATS`.

    Args:
        names: Iterable of strings, or a string of names that are separated by commas.

    Raises:
        UsageError: If a name is no format, or if `zoo.load` could open none of the formats.
        MissingExtraError: If a format needs a package that is not installed.

    Example:

    >>> formats("onnx,saved_model")
    ('saved_model', 'onnx')
    """
    names = names.split(",") if isinstance(names, str) else names
    if not isinstance(names, (list, tuple)):
        raise UsageError(f"`formats` must be a list of {', '.join(FORMATS)}. Received: {names!r}.")
    for name in names:
        if name not in FORMATS:
            raise no_such("format", name, list(FORMATS))
    chosen = tuple(name for name in FORMATS if name in names)
    if not set(chosen) - {"saved_model"}:
        raise UsageError(
            "`formats` must include onnx or litert, which zoo.load opens. "
            f"Received: {', '.join(chosen) or 'none'}."
        )
    for name in chosen:
        if not dependencies.installed(FORMATS[name]):
            raise dependencies.missing(FORMATS[name])
    return chosen
