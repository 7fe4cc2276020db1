"""`zoo.export`: writes a model as SavedModel and ONNX, with all that serving needs."""

from pathlib import Path

import safetensors.numpy

from zoo import registry
from zoo.errors import UsageError
from zoo.exporting import model_card, parity
from zoo.serving import Bundle
from zoo.storage import tensors, vocabulary_file
from zoo.storage.atomic import new_folder
from zoo.storage.file_errors import printable
from zoo.storage.manifest import FORMAT, Manifest
from zoo.storage.versions import versions

ROWS = 7  # number of test vectors


def export(model, folder: str | Path, *, overwrite: bool = False) -> Bundle:
    """Exports a model to a folder that can be served without `zoo`, and verifies it.

    The folder holds `saved_model/` with the signatures encode, decode, reconstruct and
    serving_default; `encoder.onnx`, `decoder.onnx` and `autoencoder.onnx`; `weights.safetensors`,
    to build the model again with its variant's code; `test_vectors.safetensors`; `manifest.json`
    with the hash of every file; and `card.md`. A classifier has the one signature `classify`, and
    `classifier.onnx`. A detector also has `score`, which is its serving_default, and `score.onnx`.
    A model that takes missing cells, NaN, also has `impute`, and `impute.onnx`.
    For a model of texts the SavedModel takes strings, `text`, the ONNX files take documents, and
    `vocabulary.json` holds the words and weights that turn strings into documents.

    Args:
        model: `AutoEncoder` from `zoo.build`, classifier from `zoo.classifier`,
            `zoo.anomaly.Detector`, or `Run`. The record of its data and metrics is written to the
            manifest and the card, unless the model was trained further since.
        folder: String or path. The folder to write. It appears only after all of it is written and
            verified.
        overwrite: Boolean. Whether to replace an export in the folder. Defaults to False.

    Returns:
        The `Bundle` that `zoo.load` returns for the folder.

    Raises:
        UsageError: If `model` is not such a model, does not compute in float32 or has weights that
            are not finite, or if the folder exists, is not empty and is not to be overwritten, or
            cannot be written.
        CheckFailedError: If an operation has no ONNX form or does more than compute, such as write
            a file, or if the runtimes do not agree. Nothing is left behind.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4, 4, 1), latent_dim=2)
    >>> bundle = zoo.export(model, "exported")
    >>> bundle.encode(np.zeros((3, 4, 4, 1), "float32")).shape
    (3, 2)
    """
    # These import TensorFlow, which `verify` in the same room does without.
    from zoo.autoencoder import AutoEncoder, Classifier, Scorer, divergence
    from zoo.exporting import onnx_files, saved_model

    models = AutoEncoder, Classifier, Scorer
    if not isinstance(model, models):  # a `Run` or a `Detector` holds one
        model = getattr(model, "model", model)
    if not isinstance(model, models) or not model.variant:
        raise UsageError(
            "`model` must be an AutoEncoder from zoo.build, a classifier, a fitted detector, or a "
            f"Run. Received: {model!r}."
        )
    if printable(str(folder)) != str(folder):  # TensorFlow cannot write to a folder of this name
        raise UsageError(
            f"The name of an export's folder must be UTF-8. Received: {printable(str(folder))}."
        )
    policies = {layer.dtype_policy.compute_dtype for layer in model.layers}
    if policies != {"float32"}:
        raise UsageError(
            "`model` must compute in float32 to be exported: build it in float32, and copy the "
            "weights with set_weights(model.get_weights()). "
            f"Received: {', '.join(sorted(policies))}."
        )
    divergence.require_finite_weights(model)
    with new_folder(folder, overwrite) as stage:
        saved_model.write(model, stage / "saved_model")
        onnx_files.write(model, stage, _properties(model))
        if model.vocabulary is not None:
            data = vocabulary_file.dump(model.vocabulary)
            (stage / vocabulary_file.NAME).write_bytes(data)
        tensors.save(stage / "weights.safetensors", model.weights)
        vectors = parity.vectors(model, ROWS)
        (stage / "test_vectors.safetensors").write_bytes(safetensors.numpy.save(vectors))
        manifest = _manifest(model, parity.measure(stage, model, vectors))
        (stage / "card.md").write_text(printable(model_card.text(manifest)), encoding="utf-8")
        manifest.write(stage)
    return Bundle(folder)


def _properties(model):
    data = model.record["data"] if model.record else {"name": "none", "licence": "none"}
    return {
        "name": model.variant,
        "version": versions()["autoencoder-zoo"],
        "dataset": data["name"],
        "licence": data["licence"],
    }


def _manifest(model, differences):
    from zoo.exporting import onnx_files, saved_model

    entry = registry.entry(model.variant)
    return Manifest(
        {
            "format": FORMAT,
            **model.facts,
            "summary": entry.summary,
            "paper": entry.paper,
            "signatures": _signatures(model.signatures),
            "saved_model_signatures": _signatures(saved_model.signatures(model)),
            "opset": onnx_files.OPSET,
            "versions": versions(),
            "parity": differences,
            **(model.record or {"data": None, "seed": None, "metrics": None}),
        }
    )


def _signatures(signatures):
    return {
        name: {"inputs": _described(inputs), "outputs": _described(outputs)}
        for name, (inputs, outputs) in signatures.items()
    }


def _described(specs):
    return {
        spec.name: {"shape": [None, *spec.shape[1:]], "dtype": spec.dtype.name} for spec in specs
    }
