"""Checks the content of a `manifest.json`, which may be hostile even if its digest is right."""

import re
from pathlib import Path, PurePosixPath

from zoo.errors import CheckFailedError
from zoo.storage import json_files


def _natural(value):
    return type(value) is int and value >= 0


def _sum(value):
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) is not None


def _interval(value):
    numbers = isinstance(value, list) and [type(number) in (int, float) for number in value]
    return numbers == [True, True] and value[0] < value[1]


_TENSORS = {str: {"shape": [(None, _natural)], "dtype": str}}
_SIGNATURES = {str: {"inputs": _TENSORS, "outputs": _TENSORS}}
RECORDED = {"name": str, "fingerprint?": (None, str), "licence?": (None, str), "train_rows?": int}
MANIFEST = {
    "format": int,
    "variant": str,
    "arguments": {str: object},
    "value_range": (None, _interval),
    "column_names?": (None, [str]),
    "code_bits?": (None, float),
    "switch_bits?": (None, float),
    "code_prior?": (None, str),
    "classes?": _natural,
    "detection?": {
        "score": str,
        "top_fraction?": (None, float),
        "known_rows?": _natural,
        "threshold": float,
        "false_alarms": float,
        "held_out_rows": _natural,
        "unit?": [float],
    },
    "summary": str,
    "paper": str,
    "signatures": _SIGNATURES,
    "saved_model_signatures": _SIGNATURES,
    "opset": int,
    "versions": {str: (None, str)},
    "parity": {str: {str: float}},
    "target?": (None, str),
    "unpooling?": (None, str),
    "reduced?": {
        "precision": str,
        "rows": _natural,
        "measured_on": str,
        "endpoints": {
            str: {"bytes": [_natural], "loss": {str: float}, "speed": {str: float}},
        },
    },
    "data": (None, RECORDED),
    "seed": (None, int),
    "metrics": (None, {str: (None, float)}),
    "files": {str: {"sha256": _sum, "bytes": _natural}},
}
# The endpoints of an auto-encoder and of a classifier; a detector adds `score` to the former, and
# a model that takes missing cells `impute`.
_KINDS = ({"encode", "decode", "reconstruct"}, {"classify"})


def require(content: dict, path: Path) -> None:
    """Raises an error if the content of a manifest is not one that `zoo.export` could write.

    Args:
        content: Dict. The content of a `manifest.json`.
        path: Path of the file, for the message.

    Raises:
        CheckFailedError: If it is not.

    Example:

    >>> require({}, Path("manifest.json"))
    Traceback (most recent call last):
    ...
    zoo.errors.CheckFailedError: manifest.json is damaged: ...
    """
    json_files.require(content, MANIFEST, path)
    problem = (
        _files_problem(content["files"])
        or _signatures_problem(content["signatures"])
        or _kind_problem(content)
        or _form_problem(content)
    )
    if problem:
        raise CheckFailedError(f"{path} is damaged: {problem}.")


def _files_problem(files):
    for name in files:
        parts = PurePosixPath(name).parts
        plain = name.isprintable() and "\\" not in name and PurePosixPath(*parts).as_posix() == name
        if not plain or not parts or parts[0] == "/" or ".." in parts:
            return f"`files` must be below the folder; it lists {name!r:.60}"
    return None


def _signatures_problem(signatures):
    for name, signature in signatures.items():
        for tensors in signature.values():
            shapes = [tensor["shape"] for tensor in tensors.values()]
            if not shapes or any(shape[:1] != [None] or None in shape[1:] for shape in shapes):
                return f"the signature {name} must have tensors whose first size is null"
    if set(signatures) - {"score", "impute"} not in _KINDS:
        return f"`signatures` must be those of an export; there are {sorted(signatures)}"
    first = next(iter(signatures.values()))["inputs"]
    codes = signatures.get("decode", {"inputs": {}})["inputs"]
    others = [signatures[name]["inputs"] for name in signatures if name != "decode"]
    if len(first) != 1 or any(other != first for other in others):
        return "every signature but decode must have the same one input"
    outputs = list(signatures.get("encode", {"outputs": {}})["outputs"].items())
    if outputs[: len(codes)] != list(codes.items()):
        return "decode must take the outputs of encode"
    return None


def _kind_problem(content):
    kinds = {"classify": "classes", "score": "detection"}
    for signature, key in kinds.items():
        if (signature in content["signatures"]) != (key in content):
            return f"`{key}` must be present if the signature {signature} is, and only then"
    return None


def _form_problem(content):
    """A whole export has a SavedModel and weights; an ONNX-only one has neither."""
    files = content["files"]
    parts = {
        any(name.startswith("saved_model/") for name in files),
        "weights.safetensors" in files,
        bool(content["saved_model_signatures"]),
    }
    if len(parts) > 1:
        return "the SavedModel and the weights must both be listed, or neither"
    return None
