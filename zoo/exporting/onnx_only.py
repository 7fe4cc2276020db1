"""Writes the small form of an export: its ONNX files, without the SavedModel and the weights."""

from pathlib import Path

from zoo.exporting import model_card
from zoo.serving import Bundle
from zoo.storage.atomic import new_folder
from zoo.storage.file_errors import printable
from zoo.storage.manifest import Manifest

WEIGHTS = "weights.safetensors"
LEFT_OUT = ("saved_model/", WEIGHTS, "card.md")  # the card is written anew


def write_onnx_only(source: str | Path, folder: str | Path, *, overwrite: bool = False) -> Bundle:
    """Writes a copy of an exported model that onnxruntime alone can run.

    Args:
        source: String or path. The folder that `zoo.export` wrote.
        folder: String or path. The folder to write.
        overwrite: Boolean. Whether to replace an export in the folder. Defaults to False.

    Returns:
        The `Bundle` of the folder. `zoo.verify` replays its test vectors in onnxruntime.

    Raises:
        UsageError: If there is no exported model, or if the folder cannot be written.
        CheckFailedError: If a file is not the one that was exported.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4, 4, 1), latent_dim=2)
    >>> _ = zoo.export(model, "whole")
    >>> _ = write_onnx_only("whole", "small")
    >>> sorted(path.name for path in Path("small").iterdir())[:4]
    ['autoencoder.onnx', 'card.md', 'decoder.onnx', 'encoder.onnx']
    """
    manifest = Manifest.read(source)
    files = [name for name in manifest.content["files"] if not name.startswith(LEFT_OUT)]
    content = {key: value for key, value in manifest.content.items() if key != "files"}
    content["saved_model_signatures"] = {}
    content["parity"] = {"onnxruntime": content["parity"]["onnxruntime"]}
    with new_folder(folder, overwrite) as stage:
        for name in files:
            (stage / name).write_bytes(manifest.verified(source, name))
        small = Manifest(content)
        (stage / "card.md").write_text(printable(model_card.text(small)), encoding="utf-8")
        small.write(stage)
    return Bundle(folder)
