"""`zoo.export`: SavedModel, ONNX, weights, test vectors, manifest and card, all or nothing."""

import json

import numpy as np
import safetensors.numpy

from zoo import registry, weights
from zoo.atomic import new_folder
from zoo.autoencoder import AutoEncoder
from zoo.errors import UsageError
from zoo.exporting import card, onnx_files, parity, saved_model
from zoo.manifest import Manifest, file_facts
from zoo.runs import Run
from zoo.serving import Bundle
from zoo.versions import versions

ROWS = 7  # of the test vectors


def export(model, folder, *, overwrite: bool = False) -> Bundle:
    """Writes everything needed to serve a model where there is no `zoo`, and proves it equal.

    The folder holds `saved_model/` with the signatures encode, decode, reconstruct and
    serving_default; `encoder.onnx`, `decoder.onnx` and `autoencoder.onnx`; `weights.safetensors`,
    to build the model again by its variant's code; `test_vectors.safetensors`; `manifest.json`
    with the hash of every file; and `card.md`.

    Args:
        model: an `AutoEncoder` that `zoo.build` made, or a `Run` of `zoo.train`, whose data and
            metrics then stand in manifest and card.
        folder: where to; it appears only when all of it is written and verified.
        overwrite: replace the folder if it is there.

    Returns:
        The `Bundle` that `zoo.load` gives for the folder.

    Raises:
        UsageError: for a folder that is there or cannot be written.
        CheckFailedError: if an operation has no ONNX form, or the runtimes do not agree; nothing
            is left behind.
    """
    run, model = (model, model.model) if isinstance(model, Run) else (None, model)
    if not isinstance(model, AutoEncoder) or not model.variant:
        raise UsageError(
            f"`model` must be an AutoEncoder that zoo.build made, or a Run. Received: {model!r}."
        )
    with new_folder(folder, overwrite) as stage:
        saved_model.write(model, stage / "saved_model")
        onnx_files.write(model, stage, _properties(model, run))
        weights.save(stage / "weights.safetensors", model.weights)
        vectors = parity.vectors(model, ROWS)
        (stage / "test_vectors.safetensors").write_bytes(safetensors.numpy.save(vectors))
        manifest = _manifest(model, run, parity.measure(stage, model, vectors))
        (stage / "card.md").write_text(card.text(manifest), encoding="utf-8")
        manifest = manifest.with_files(file_facts(stage))
        (stage / "manifest.json").write_text(json.dumps(manifest.content, indent=2) + "\n")
    return Bundle(folder)


def _properties(model, run):
    return {
        "name": model.variant,
        "version": versions()["autoencoder-zoo"],
        "dataset": run.config["data"]["name"] if run else "none",
        "licence": run.config["data"]["licence"] if run else "none",
    }


def _manifest(model, run, measured):
    entry = registry.entry(model.variant)
    signatures = {
        name: {"inputs": _described(inputs), "outputs": _described(outputs)}
        for name, (inputs, outputs) in model.signatures.items()
    }
    return Manifest(
        {
            "format": 1,
            "variant": model.variant,
            "arguments": dict(model.arguments),
            "summary": entry.summary,
            "paper": entry.paper,
            "value_range": model.value_range,
            "switch_bits": model.switch_bits,
            "signatures": signatures,
            "opset": onnx_files.OPSET,
            "versions": versions(),
            "data": run.config["data"] if run else None,
            "seed": run.config["seed"] if run else None,
            "metrics": run.metrics if run else None,
            "parity": measured,
        }
    )


def _described(specs):
    return {
        spec.name: {"shape": [None, *spec.shape[1:]], "dtype": np.dtype(spec.dtype.name).name}
        for spec in specs
    }
