"""`zoo.verify`: an exported folder, hashed and replayed."""

from pathlib import Path

import safetensors.numpy

from zoo import registry, weights
from zoo.errors import CheckFailedError
from zoo.exporting import parity
from zoo.manifest import Manifest
from zoo.serving import Bundle


def verify(folder) -> dict:
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
    for name in manifest.content["files"]:
        manifest.verified(folder, name)
    expected = safetensors.numpy.load(manifest.verified(folder, "test_vectors.safetensors"))
    bundle = Bundle(folder)
    report = {"files": len(manifest.content["files"]), "rows": len(expected["reconstruction"])}
    report |= parity.measure(folder, bundle, expected)
    if manifest.content["variant"] in registry.names():
        report["weights"] = _rebuilt(folder, manifest.content, bundle, expected)
    return report


def _rebuilt(folder, content, bundle, expected):
    model = weights.rebuild(
        content["variant"], content["arguments"], folder / "weights.safetensors"
    )
    (image,), _ = bundle.signatures["encode"]
    again = parity.replay(model, expected[image.name])
    worst = {key: float(abs(again[key] - expected[key]).max()) for key in again}
    if max(worst.values()) > parity.TOLERANCE * max(1, abs(expected["latent"]).max()):
        raise CheckFailedError(f"The rebuilt model disagrees with its test vectors: by {worst}.")
    return worst
