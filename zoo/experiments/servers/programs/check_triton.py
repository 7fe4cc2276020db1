"""Reads every `config.pbtxt` below a folder with Triton's own messages: FOLDER."""

import sys
from pathlib import Path

from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2

for path in sorted(Path(sys.argv[1]).rglob("config.pbtxt")):
    config = text_format.Parse(path.read_text(), model_config_pb2.ModelConfig())
    if config.name != path.parent.name or not (config.input and config.output):
        sys.exit(f"{path} has no name, inputs or outputs")
    print(config.name)
