"""Reads every `inference-service.yaml` below a folder with KServe's own classes: FOLDER."""

import json
import sys
from pathlib import Path

import yaml
from kserve import ApiClient, V1beta1InferenceServiceSpec


class Response:
    """What the deserialiser of KServe's client reads."""

    def __init__(self, data):
        self.data = json.dumps(data)


for path in sorted(Path(sys.argv[1]).rglob("inference-service.yaml")):
    written = yaml.safe_load(path.read_text())
    client = ApiClient()
    spec = client.deserialize(Response(written["spec"]), V1beta1InferenceServiceSpec)
    kept = client.sanitize_for_serialization(spec)
    kept["predictor"]["model"].pop("name")  # an empty one, which its class adds
    if kept != written["spec"]:
        sys.exit(f"{path} has fields that KServe does not know: {kept} is what it reads")
    print(written["metadata"]["name"])
