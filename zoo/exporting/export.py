"""`zoo.export`: writes a model as SavedModel, ONNX and LiteRT, with all that serving needs."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import safetensors.numpy

from zoo import registry
from zoo.errors import UsageError
from zoo.exporting import model_card, parity, targets
from zoo.exporting import precision as precisions
from zoo.inputs import chunks
from zoo.serving import Bundle
from zoo.storage import tensors, vocabulary_file
from zoo.storage.atomic import new_folder
from zoo.storage.file_errors import printable
from zoo.storage.manifest import FORMAT, Manifest
from zoo.storage.versions import versions

ROWS = 7  # number of test vectors
CALIBRATION = 256  # number of calibration rows that are used at most
RUNTIMES = {"saved_model": "tensorflow", "onnx": "onnxruntime", "litert": "litert"}


def export(
    model,
    folder: str | Path,
    *,
    target: str | None = None,
    formats: str | Sequence[str] | None = None,
    precision: str = "float32",
    calibration=None,
    overwrite: bool = False,
) -> Bundle:
    """Exports a model to a folder that can be served without `zoo`, and verifies it.

    Unless `formats` names others, the folder holds `saved_model/` with the signatures encode,
    decode, reconstruct and serving_default; `encoder.onnx`, `decoder.onnx` and `autoencoder.onnx`;
    `weights.safetensors`, to build the model again with its variant's code;
    `test_vectors.safetensors`; `manifest.json` with the hash of every file; and `card.md`. With the
    format `"litert"` it holds `encoder.tflite`, ... too. A classifier has the one signature
    `classify`, and
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
        target: String. What the export is for: `"cpu"`, `"gpu"`, `"openvino"`, `"browser"` or
            `"litert"`. It chooses the form in which the ONNX files unpool by switches, which the
            manifest and the card name: ONNX's MaxUnpool for a CPU or a browser, a scatter for
            OpenVINO, and one-hot products, which every runtime computes, for the others. OpenVINO's
            export is verified in it too. Defaults to None, for one-hot products.
        formats: List of strings, or a string of names that are separated by commas:
            `"saved_model"`, with the weights; `"onnx"`; and `"litert"`, a `.tflite` file for each
            endpoint. Defaults to None: SavedModel and ONNX, for the target `"litert"` all three.
        precision: String. The precision of the ONNX files: `"float32"`, `"float16"`, `"int8"`
            (dynamic) or `"int8-static"`. The loss and the speed are measured, and written to the
            manifest and the card; files that are slower than in float32 give a warning. Defaults to
            `"float32"`.
        calibration: Rows like those that the model will get, or a dataset or its name, whose
            training rows are taken: 256 of them at most. By them `"int8-static"` finds the scales
            of values, and the loss and the speed are measured. Defaults to None: these are measured
            on the test vectors.
        overwrite: Boolean. Whether to replace an export in the folder. Defaults to False.

    Returns:
        The `Bundle` that `zoo.load` returns for the folder.

    Raises:
        UsageError: If `model` is not such a model, does not compute in float32 or has weights that
            are not finite, if an argument is not accepted, or if the folder exists, is not empty
            and is not to be overwritten, or cannot be written.
        MissingExtraError: If the runtime of a format or of the target is not installed.
        CheckFailedError: If an operation has no ONNX or LiteRT form or does more than compute, such
            as write a file, or if the runtimes do not agree. Nothing is left behind.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4, 4, 1), latent_dim=2)
    >>> bundle = zoo.export(model, "exported")
    >>> bundle.encode(np.zeros((3, 4, 4, 1), "float32")).shape
    (3, 2)
    """
    # These import TensorFlow, which `verify` in the same room does without.
    from zoo.autoencoder import AutoEncoder, Classifier, Scorer, divergence
    from zoo.exporting import litert_files, onnx_files, saved_model, unpooling

    aim = targets.target(target)
    formats = targets.formats(aim.formats if formats is None else formats)
    precisions.require(precision, calibration, formats)
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
    rows = None if calibration is None else _calibration_rows(model, calibration)
    facts = {"unpooling": unpooling.form(model, aim.unpooling), "target": target}
    with new_folder(folder, overwrite) as stage:
        if "saved_model" in formats:
            saved_model.write(model, stage / "saved_model")
            tensors.save(stage / "weights.safetensors", model.weights)
        if "onnx" in formats:
            onnx_files.write(model, stage, _properties(model), aim.unpooling)
        if "litert" in formats:
            litert_files.write(model, stage)
        if model.vocabulary is not None:
            data = vocabulary_file.dump(model.vocabulary)
            (stage / vocabulary_file.NAME).write_bytes(data)
        vectors = parity.vectors(model, ROWS)
        (stage / "test_vectors.safetensors").write_bytes(safetensors.numpy.save(vectors))
        if precision != "float32":
            feeds = vectors if rows is None else parity.with_outputs(model, rows)
            facts["reduced"] = precisions.reduce(stage, precision, feeds, model)
            drawn = "test vectors" if rows is None else "calibration rows"
            facts["reduced"]["measured_on"] = drawn
        runtimes = [RUNTIMES[name] for name in formats]
        if aim.runtime and "onnx" in formats:
            runtimes.append(aim.runtime)
        accepted = precisions.limits(facts.get("reduced"), {})
        differences = parity.measure(stage, model, vectors, runtimes, accepted)
        manifest = _manifest(model, differences, formats, facts)
        (stage / "card.md").write_text(printable(model_card.text(manifest)), encoding="utf-8")
        manifest.write(stage)
    if "reduced" in facts:
        precisions.warn(facts["reduced"])
    return Bundle(folder)


def _calibration_rows(model, calibration):
    """Returns the first training rows of data, as the model takes them, by the input's name."""
    from zoo import datasets

    data = datasets.load(calibration, kind=model.kind_of_arrays, missing=model.missing)
    rows = chunks.take(data.train.inputs, slice(CALIBRATION))
    return {model.named_input.name: np.asarray(model.check(rows, "calibration rows"))}


def _properties(model):
    data = model.record["data"] if model.record else {"name": "none", "licence": "none"}
    return {
        "name": model.variant,
        "version": versions()["autoencoder-zoo"],
        "dataset": data["name"],
        "licence": data["licence"],
    }


def _manifest(model, differences, formats, facts):
    from zoo.exporting import onnx_files, saved_model

    entry = registry.entry(model.variant)
    return Manifest(
        {
            "format": FORMAT,
            **model.facts,
            "summary": entry.summary,
            "paper": entry.paper,
            "signatures": _signatures(model.signatures),
            "saved_model_signatures": _signatures(
                saved_model.signatures(model) if "saved_model" in formats else {}
            ),
            "opset": onnx_files.OPSET,
            "versions": versions(),
            "parity": differences,
            **facts,
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
