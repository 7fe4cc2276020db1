"""`zoo.verify`: checks the hashes of an export and runs its test vectors again."""

from pathlib import Path

from zoo import dependencies, registry
from zoo.errors import CheckFailedError
from zoo.exporting import parity, precision
from zoo.exporting.signature import require_signature
from zoo.serving import Bundle
from zoo.storage import tensors, untrusted
from zoo.storage.file_errors import as_path
from zoo.storage.manifest import Manifest, consistently
from zoo.storage.temporaries import scratch_folder

MODULES = {"litert": "ai_edge_litert", "openvino": "openvino"}  # of runtimes of extras


def verify(folder: str | Path, key: str | Path | None = None) -> dict:
    """Verifies an exported folder: its hashes, what its SavedModel may do, and its test vectors.

    A hash shows that a file is the one that was exported, not that it is harmless. So the
    operations of the SavedModel are first read as data: it may only compute. TensorFlow and
    onnxruntime then load a private copy of the bytes that were checked.

    Where a runtime is not installed, the report names what was not checked: without TensorFlow the
    SavedModel and the weights. A bundle that ships with the package has neither.

    Args:
        folder: String or path. The folder that `zoo.export` wrote.
        key: String or path. A PEM file with the public key of whoever must have signed the folder
            by `zoo.exporting.sign`. Defaults to None: a signature is not looked at.

    Returns:
        Dict with `signature`, `"valid"`, if a key is given; `files`, the number of files whose hash
        was checked; `rows`, the number of test vectors; and the largest difference of each output
        for each runtime in which the export was verified: `tensorflow`, which runs the SavedModel,
        `onnxruntime`, `litert`, `openvino`; and, if the variant is known here, for `weights`.
        `not_checked`, a dict with the reason for each, takes the place of those that are not
        installed.

    Raises:
        UsageError: If the folder is not an exported model, or the key cannot be used.
        CheckFailedError: If a file is missing or changed; if a key is given and the folder is not
            signed by its owner; or the SavedModel has an operation that
            does more than compute, which is found before anything is loaded; or if a runtime
            computes other outputs.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4, 4, 1), latent_dim=2)
    >>> _ = zoo.export(model, "exported")
    >>> report = zoo.verify("exported")
    >>> report["rows"], sorted(report)
    (7, ['files', 'onnxruntime', 'rows', 'tensorflow', 'weights'])
    """
    folder = as_path("folder", folder)
    return consistently(folder, lambda: _verified(folder, key))


def _verified(folder, key):
    manifest = Manifest.read(folder)
    with scratch_folder() as scratch:
        try:
            copy = manifest.copy(folder, scratch)
            signed = {}
            if key is not None:
                require_signature(copy, folder, key)
                signed = {"signature": "valid"}
            with untrusted.guard(folder, "an exported model that runs"):
                return signed | _replayed(copy)
        except CheckFailedError as error:
            raise CheckFailedError(str(error).replace(str(scratch), str(folder))) from None


def _replayed(folder):
    bundle = Bundle(folder)
    path = folder / "test_vectors.safetensors"
    with untrusted.open_file(path) as file:
        tensors.header(file, path)
        expected = tensors.parse(file.read(), path)
    content = bundle.manifest
    report = {"files": len(content["files"]), "rows": len(next(iter(expected.values())))}
    whole = "weights.safetensors" in content["files"]  # else it has no SavedModel either
    modules = {name: MODULES.get(name, name) for name in content["parity"]}
    absent = {
        name: str(dependencies.missing(module))
        for name, module in modules.items()
        if not dependencies.installed(module)
    }
    replayed = [name for name in modules if name not in absent]
    accepted = precision.limits(content.get("reduced"), content["parity"])
    report |= parity.measure(folder, bundle, expected, replayed, accepted)
    if "tensorflow" in absent:
        absent["weights"] = absent["tensorflow"]
    if absent:
        report["not_checked"] = absent
    if whole and "weights" not in absent and content["variant"] in registry.names():
        from zoo.runs import rebuild  # which imports TensorFlow

        path = folder / "weights.safetensors"
        model = rebuild.rebuild(content, path)
        bad = tensors.not_finite(model.weights)
        if bad:
            raise CheckFailedError(
                f"{path} must hold finite weights. Received NaN or inf in: {bad}."
            )
        run = parity.model_runner(model)
        report["weights"] = parity.compared("the rebuilt model", run, bundle.signatures, expected)
    return report
