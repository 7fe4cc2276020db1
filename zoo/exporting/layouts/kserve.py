"""The folder and the `InferenceService` by which KServe serves a model with Triton."""

import re
from pathlib import Path

from zoo.exporting.layouts import triton
from zoo.exporting.layouts.source import Source

SERVICE = """apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: {service}
spec:
  predictor:
    model:
      modelFormat:
        name: triton
      protocolVersion: v2
      storageUri: pvc://models/{service}
"""
README = """# {name} for KServe

Copy `repository` to the storage that `storageUri` in `inference-service.yaml` names (here the
volume claim `models`, folder `{service}`), then

    kubectl apply -f inference-service.yaml

serves {models} by the Open Inference Protocol.
"""


def write(source: Source, stage: Path) -> str:
    """Writes Triton's repository and an `InferenceService`, and returns the text of the README.

    Args:
        source: `Source`.
        stage: Path of the folder.
    """
    triton.write(source, stage / "repository")
    name = source.name
    service = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")  # a name that Kubernetes takes
    text = SERVICE.format(service=service)
    (stage / "inference-service.yaml").write_text(text, encoding="utf-8")
    return README.format(name=name, service=service, models=", ".join(source.endpoints))
