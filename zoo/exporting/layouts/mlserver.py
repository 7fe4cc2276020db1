"""The folder of MLServer: settings a model, with the code that runs an ONNX file."""

import json
from pathlib import Path

from zoo.exporting.layouts.endpoint import onnx_file

CODE = Path(__file__).with_name("onnx_model.py")
_TYPES = {"float32": "FP32", "int32": "INT32", "int64": "INT64"}
README = """# {name} for MLServer

    pip install mlserver onnxruntime
    mlserver start FOLDER

serves {models} over HTTP (port 8080) and gRPC (port 8081).
"""


def write(source, manifest, endpoints, version, stage) -> str:
    """Writes a folder for each endpoint, and returns the text of the README.

    Args:
        source: Path of the exported model.
        manifest: Its `Manifest`.
        endpoints: Dict of `ServedEndpoint`s by name.
        version: Integer.
        stage: Path of the folder to write.
    """
    for name, endpoint in endpoints.items():
        folder = stage / name
        folder.mkdir(parents=True)
        (folder / "model.onnx").write_bytes(onnx_file(source, manifest, endpoint))
        (folder / CODE.name).write_bytes(CODE.read_bytes())
        settings = {
            "name": name,
            "implementation": f"{CODE.stem}.OnnxModel",
            "parameters": {"uri": "./model.onnx", "version": str(version)},
            "inputs": _tensors(endpoint.inputs),
            "outputs": _tensors(endpoint.outputs),
        }
        text = json.dumps(settings, indent=2) + "\n"
        (folder / "model-settings.json").write_text(text, encoding="utf-8")
    return README.format(name=next(iter(endpoints)), models=", ".join(endpoints))


def _tensors(tensors):
    return [
        {"name": name, "datatype": _TYPES[facts["dtype"]], "shape": [-1, *facts["shape"][1:]]}
        for name, facts in tensors.items()
    ]
