"""The base path of a model for TensorFlow Serving, with requests that warm it up."""

import functools
from pathlib import Path

from google.protobuf import message_factory

from zoo.errors import UsageError
from zoo.exporting.layouts.source import Source
from zoo.serving import protos

PACKAGE = "warmup"
# The part of TensorFlow's and TensorFlow Serving's messages that a request has, with their numbers.
FIELDS = {
    "Dim": "int64 size 1",
    "TensorShape": "repeated Dim dim 2",
    "Tensor": "int32 dtype 1, TensorShape tensor_shape 2, bytes tensor_content 4, "
    "repeated bytes string_val 8",
    "ModelSpec": "string name 1, string signature_name 3",
    "PredictRequest": "ModelSpec model_spec 1, map Tensor inputs 2",
    "PredictLog": "PredictRequest request 1",
    "PredictionLog": "PredictLog predict_log 6",
}
TYPES = {"float32": 1, "int32": 3, "string": 7, "int64": 9}  # of TensorFlow
WARMUP = "assets.extra/tf_serving_warmup_requests"
README = """# {name} for TensorFlow Serving

    tensorflow_model_server --rest_api_port=8501 --model_name={name} --model_base_path=FOLDER/{name}

serves the signatures {signatures}. FOLDER must be an absolute path.
"""


def write(source: Source, stage: Path) -> str:
    """Writes the SavedModel with a request for each signature, and returns the text of the README.

    Args:
        source: `Source`.
        stage: Path of the folder.

    Raises:
        UsageError: If the export has no SavedModel.
    """
    import tensorflow as tf

    name = source.name
    folder = stage / name / str(source.version)
    files = [file for file in source.manifest.content["files"] if file.startswith("saved_model/")]
    if not files:
        raise UsageError(
            f"{source.folder} has no SavedModel, which TensorFlow Serving needs: it is the small "
            "form of an export. Pass the folder that zoo.export wrote."
        )
    for file in files:
        target = folder / file.removeprefix("saved_model/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.manifest.verified(source.folder, file))
    signatures = source.manifest.content["saved_model_signatures"]
    (folder / WARMUP).parent.mkdir(exist_ok=True)
    with tf.io.TFRecordWriter(str(folder / WARMUP)) as records:
        for signature, tensors in signatures.items():
            records.write(request(name, signature, tensors["inputs"]).SerializeToString())
    return README.format(name=name, signatures=", ".join(signatures))


def request(name: str, signature: str, inputs: dict):
    """Returns a `PredictionLog` with a row of zeros, or an empty text.

    Args:
        name: String. Name of the model.
        signature: String. Name of the signature.
        inputs: Dict of the inputs by name, each with `shape` and `dtype`.
    """
    import numpy as np

    log = _message("PredictionLog")()
    called = log.predict_log.request
    called.model_spec.name, called.model_spec.signature_name = name, signature
    for key, facts in inputs.items():
        tensor = called.inputs[key]
        shape = [1, *facts["shape"][1:]]
        tensor.dtype = TYPES[facts["dtype"]]
        tensor.tensor_shape.dim.extend([_message("Dim")(size=size) for size in shape])
        if facts["dtype"] == "string":
            tensor.string_val.append(b"")
        else:
            tensor.tensor_content = np.zeros(shape, facts["dtype"]).tobytes()
    return log


@functools.cache
def _message(name):
    described = _pool().FindMessageTypeByName(f"{PACKAGE}.{name}")
    return message_factory.GetMessageClass(described)


@functools.cache
def _pool():
    return protos.pool(PACKAGE, FIELDS)
