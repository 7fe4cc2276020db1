"""Compiles every model of each `config.json` below a folder with OpenVINO itself: FOLDER."""

import json
import sys
from pathlib import Path

import openvino

for path in sorted(Path(sys.argv[1]).rglob("config.json")):
    for entry in json.loads(path.read_text())["model_config_list"]:
        config = entry["config"]
        (file,) = (path.parent / config["base_path"]).glob("*/*.onnx")
        model = openvino.Core().compile_model(file, "CPU", config["plugin_config"])
        if not (model.inputs and model.outputs):
            sys.exit(f"{file} has no inputs or outputs")
        print(config["name"])
