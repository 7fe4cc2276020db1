"""Writes the small form of an export: its ONNX files, each weight once, without the SavedModel."""

from pathlib import Path

import numpy as np

from zoo.exporting import model_card
from zoo.serving import Bundle
from zoo.storage.atomic import new_folder
from zoo.storage.file_errors import printable
from zoo.storage.manifest import LITERT_FILES, ONNX_FILES, Manifest

WEIGHTS = "weights.safetensors"
SMALL = 1000  # numbers: fewer are not worth a node of the graph
# The whole auto-encoder is its encoder and decoder once more; the card is written anew.
LEFT_OUT = ("saved_model/", WEIGHTS, *LITERT_FILES.values(), ONNX_FILES["reconstruct"], "card.md")


def write_onnx_only(
    source: str | Path, folder: str | Path, *, overwrite: bool = False, notes: str = ""
) -> Bundle:
    """Writes a copy of an exported model that onnxruntime alone can run.

    Weights that float16 holds exactly are stored in it, and cast to float32 when the model is
    opened, so that no output changes. The file of the whole auto-encoder is left out:
    `reconstruct` runs the encoder, then the decoder.

    Args:
        source: String or path. The folder that `zoo.export` wrote.
        folder: String or path. The folder to write.
        overwrite: Boolean. Whether to replace an export in the folder. Defaults to False.
        notes: String, Markdown. What the card says at its end. Defaults to `""`.

    Returns:
        The `Bundle` of the folder. `zoo.verify` replays its test vectors in onnxruntime.

    Raises:
        UsageError: If there is no exported model, or if the folder cannot be written.
        CheckFailedError: If a file is not the one that was exported.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4, 4, 1), latent_dim=2)
    >>> _ = zoo.export(model, "whole")
    >>> _ = write_onnx_only("whole", "small")
    >>> sorted(path.name for path in Path("small").iterdir())[:3]
    ['card.md', 'decoder.onnx', 'encoder.onnx']
    """
    manifest = Manifest.read(source)
    files = [name for name in manifest.content["files"] if not name.startswith(LEFT_OUT)]
    content = {key: value for key, value in manifest.content.items() if key != "files"}
    content["saved_model_signatures"] = {}
    content["parity"] = {"onnxruntime": content["parity"]["onnxruntime"]}
    with new_folder(folder, overwrite) as stage:
        for name in files:
            data = manifest.verified(source, name)
            (stage / name).write_bytes(_halved(data) if name.endswith(".onnx") else data)
        small = Manifest(content)
        card = model_card.text(small, notes)
        (stage / "card.md").write_text(printable(card), encoding="utf-8")
        small.write(stage)
    return Bundle(folder)


def _halved(data):
    """Returns an ONNX file with those large weights in float16 that it holds exactly."""
    import onnx
    from onnx import helper, numpy_helper

    model = onnx.load_from_string(data)
    graph, casts = model.graph, []
    for weight in graph.initializer:
        values = numpy_helper.to_array(weight)
        if values.dtype != np.float32 or values.size < SMALL:
            continue
        with np.errstate(over="ignore"):
            half = values.astype(np.float16)
        if np.array_equal(half.astype(np.float32), values):
            name = weight.name
            weight.CopyFrom(numpy_helper.from_array(half, f"{name}_float16"))
            casts.append(helper.make_node("Cast", [weight.name], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString()
