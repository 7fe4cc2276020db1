"""The folder of MLServer: settings a model, with the code that runs an ONNX file."""

import json
from pathlib import Path

from zoo.exporting.layouts.source import Source

CODE = Path(__file__).with_name("onnx_model.py")
_TYPES = {"float32": "FP32", "int32": "INT32", "int64": "INT64"}
README = """# {name} for MLServer

    pip install mlserver onnxruntime 'uvloop<0.22'
    mlserver start FOLDER

serves {models} over HTTP (port 8080) and gRPC (port 8081).
"""


def write(source: Source, stage: Path) -> str:
    """Writes a folder for each endpoint, and returns the text of the README.

    Args:
        source: `Source`.
        stage: Path of the folder.
    """
    for name, endpoint in source.endpoints.items():
        folder = stage / name
        folder.mkdir(parents=True)
        (folder / "model.onnx").write_bytes(source.onnx_file(endpoint))
        (folder / CODE.name).write_bytes(CODE.read_bytes())
        settings = {
            "name": name,
            "implementation": f"{CODE.stem}.OnnxModel",
            "parameters": {"uri": "./model.onnx", "version": str(source.version)},
            "inputs": _tensors(endpoint.inputs),
            "outputs": _tensors(endpoint.outputs),
        }
        text = json.dumps(settings, indent=2) + "\n"
        (folder / "model-settings.json").write_text(text, encoding="utf-8")
    return README.format(name=source.name, models=", ".join(source.endpoints))


def _tensors(tensors):
    return [
        {"name": name, "datatype": _TYPES[facts["dtype"]], "shape": [-1, *facts["shape"][1:]]}
        for name, facts in tensors.items()
    ]
