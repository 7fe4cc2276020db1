"""The folder of OpenVINO Model Server: a folder and a version a model, and a `config.json`."""

import json
from pathlib import Path

from zoo.exporting.layouts.source import Source

CONFIG = {"INFERENCE_PRECISION_HINT": "f32"}  # else OpenVINO may compute with fewer digits
README = """# {name} for OpenVINO Model Server

    ovms --config_path FOLDER/config.json --port 9000 --rest_port 8000

serves {models} over gRPC (port 9000) and HTTP (port 8000).
"""


def write(source: Source, stage: Path) -> str:
    """Writes a folder for each endpoint and the list of them, and returns the text of the README.

    Args:
        source: `Source`.
        stage: Path of the folder.
    """
    for name, endpoint in source.endpoints.items():
        folder = stage / name / str(source.version)
        folder.mkdir(parents=True)
        (folder / "model.onnx").write_bytes(source.onnx_file(endpoint))
    models = [
        {"config": {"name": name, "base_path": name, "plugin_config": CONFIG}}
        for name in source.endpoints
    ]
    text = json.dumps({"model_config_list": models}, indent=2) + "\n"
    (stage / "config.json").write_text(text, encoding="utf-8")
    return README.format(name=source.name, models=", ".join(source.endpoints))
