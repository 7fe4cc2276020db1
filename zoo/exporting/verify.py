"""`zoo.verify`: an exported folder, hashed and replayed."""

from pathlib import Path

import safetensors.numpy

from zoo import registry, weights
from zoo.exporting import parity
from zoo.manifest import Manifest, consistently
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
    return consistently(folder, lambda: _verified(folder))


def _verified(folder):
    manifest = Manifest.read(folder)
    manifest.verify_files(folder)
    expected = safetensors.numpy.load(manifest.verified(folder, "test_vectors.safetensors"))
    bundle = Bundle(folder)
    report = {"files": len(manifest.content["files"]), "rows": len(next(iter(expected.values())))}
    report |= parity.measure(folder, bundle, expected)
    if manifest.content["variant"] in registry.names():
        path = folder / "weights.safetensors"
        model = weights.rebuild(manifest.content, path)
        run = parity.model_runner(model)
        report["weights"] = parity.compared("the rebuilt model", run, bundle.signatures, expected)
    return report
