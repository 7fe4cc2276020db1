"""`zoo.verify`: an exported folder, hashed and replayed."""

from pathlib import Path

import safetensors.numpy

from zoo import registry, weights
from zoo.exporting import parity
from zoo.manifest import Manifest
from zoo.serving import Bundle


def verify(folder: str | Path) -> dict:
    """Checks every file's hash, then replays the test vectors in both runtimes.

    Args:
        folder: what `zoo.export` wrote.

    Returns:
        `files`, how many were hashed; `rows` of the test vectors; and for `tensorflow`,
        `onnxruntime` and, where the variant is known here, `weights`, the largest difference of
        each output.

    Raises:
        CheckFailedError: if a file is missing or changed, before anything reads it, or if a
            runtime gives other numbers.
    """
    folder = Path(folder)
    manifest = Manifest.read(folder)
    manifest.verify_files(folder)
    expected = safetensors.numpy.load(manifest.verified(folder, "test_vectors.safetensors"))
    bundle = Bundle(folder)
    report = {"files": len(manifest.content["files"]), "rows": len(expected["reconstruction"])}
    report |= parity.measure(folder, bundle, expected)
    if manifest.content["variant"] in registry.names():
        report["weights"] = _rebuilt(folder, manifest.content, bundle, expected)
    return report


def _rebuilt(folder, content, bundle, expected):
    path = folder / "weights.safetensors"
    model = weights.rebuild(content["variant"], content["arguments"], path)
    (image,), _ = bundle.signatures["encode"]
    again = parity.replay(model, expected[image.name])
    outputs = {key: value for key, value in again.items() if key != image.name}
    return {
        key: parity.difference(f"the rebuilt model's {key}", value, expected[key])
        for key, value in outputs.items()
    }
