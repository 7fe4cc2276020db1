"""The model repository of the Triton Inference Server: a folder and a `config.pbtxt` a model."""

from pathlib import Path

from zoo.exporting.layouts.source import Source

MAX_BATCH = 64  # rows that Triton computes at once
_TYPES = {"float32": "TYPE_FP32", "int32": "TYPE_INT32", "int64": "TYPE_INT64"}
README = """# {name} for the Triton Inference Server

    tritonserver --model-repository=FOLDER

serves {models} over HTTP (port 8000) and gRPC (port 8001).{texts}
"""
OF_TEXTS = """

The model takes documents as numbers: `vocabulary.json` holds the words that turn texts into them.
"""


def write(source: Source, stage: Path) -> str:
    """Writes a folder for each endpoint, and returns the text of the README.

    Args:
        source: `Source`.
        stage: Path of the folder.
    """
    for name, endpoint in source.endpoints.items():
        folder = stage / name / str(source.version)
        folder.mkdir(parents=True)
        (folder / "model.onnx").write_bytes(source.onnx_file(endpoint))
        (stage / name / "config.pbtxt").write_text(config(name, endpoint), encoding="utf-8")
    texts = OF_TEXTS if source.manifest.lists("vocabulary.json") else ""
    return README.format(name=source.name, models=", ".join(source.endpoints), texts=texts)


def config(name: str, endpoint) -> str:
    """Returns the text of a `config.pbtxt`.

    Args:
        name: String. Name of the model.
        endpoint: `Endpoint`.
    """
    tensors = [
        *(_tensor("input", key, facts) for key, facts in endpoint.inputs.items()),
        *(_tensor("output", key, facts) for key, facts in endpoint.outputs.items()),
    ]
    head = f'name: "{name}"\nbackend: "onnxruntime"\nmax_batch_size: {MAX_BATCH}\n'
    return head + "".join(tensors) + "dynamic_batching { }\n"


def _tensor(side, name, facts):
    """Returns the lines of a tensor; Triton wants a size even where a row is a single number."""
    sizes = facts["shape"][1:]
    dims = ", ".join(map(str, sizes or [1]))
    single = "" if sizes else "  reshape { shape: [ ] }\n"
    return (
        f'{side} {{\n  name: "{name}"\n  data_type: {_TYPES[facts["dtype"]]}\n'
        f"  dims: [ {dims} ]\n{single}}}\n"
    )
