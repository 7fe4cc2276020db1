"""`zoo.verify`: an exported folder, hashed and replayed."""

from pathlib import Path

from zoo import registry, tensor_files, untrusted, weights
from zoo.errors import CheckFailedError
from zoo.exporting import parity
from zoo.manifest import Manifest, consistently
from zoo.serving import Bundle
from zoo.temporaries import scratch_folder


def verify(folder: str | Path) -> dict:
    """Checks every file's hash and what the SavedModel may do, then replays the test vectors.

    A hash shows that a file is the one that was exported, not that whoever exported it meant well.
    So the operations of the SavedModel are read as data first: it may only compute. TensorFlow and
    onnxruntime then load a private copy of the bytes that were checked.

    Args:
        folder: what `zoo.export` wrote.

    Returns:
        `files`, how many were hashed; `rows` of the test vectors; and for `tensorflow`,
        `onnxruntime` and, where the variant is known here, `weights`, the largest difference of
        each output.

    Raises:
        CheckFailedError: if a file is missing or changed, or the SavedModel has an operation that
            does more than compute, before anything loads it; or if a runtime gives other numbers.
    """
    folder = Path(folder)
    return consistently(folder, lambda: _verified(folder))


def _verified(folder):
    manifest = Manifest.read(folder)
    with scratch_folder() as place:
        try:
            copy = manifest.copy(folder, place)
            with untrusted.guard(folder, "an exported model that runs"):
                return _replayed(copy)
        except CheckFailedError as error:
            raise CheckFailedError(str(error).replace(str(place), str(folder))) from None


def _replayed(folder):
    bundle = Bundle(folder)
    path = folder / "test_vectors.safetensors"
    with untrusted.open_file(path) as file:
        tensor_files.header(file, path)
        expected = tensor_files.tensors(file.read(), path)
    facts = bundle.manifest
    report = {"files": len(facts["files"]), "rows": len(next(iter(expected.values())))}
    report |= parity.measure(folder, bundle, expected)
    if facts["variant"] in registry.names():
        path = folder / "weights.safetensors"
        model = weights.rebuild(facts, path)
        bad = weights.not_finite(model.weights)
        if bad:
            raise CheckFailedError(
                f"{path} must hold finite weights. Received NaN or inf in: {bad}."
            )
        run = parity.model_runner(model)
        report["weights"] = parity.compared("the rebuilt model", run, bundle.signatures, expected)
    return report
