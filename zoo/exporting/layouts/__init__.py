"""Writes an exported model in the folders that other people's servers read."""

import json
from pathlib import Path

from zoo.errors import UsageError, no_such
from zoo.exporting.layouts import kserve, mlserver, openvino, tf_serving, triton
from zoo.exporting.layouts.source import Source
from zoo.storage.atomic import new_folder
from zoo.storage.manifest import Manifest

# By name: a function of a `Source` and the folder to write, which returns the text of the README.
LAYOUTS = {
    "triton": triton.write,
    "tf-serving": tf_serving.write,
    "kserve": kserve.write,
    "mlserver": mlserver.write,
    "openvino": openvino.write,
}
MARK = "layout.json"  # shows that a folder was written here


def write_layout(
    source: str | Path,
    folder: str | Path,
    layout: str,
    *,
    name: str | None = None,
    version: int = 1,
    overwrite: bool = False,
) -> Path:
    """Writes an exported model in the folders that another server reads.

    Every endpoint of the export becomes a model: `NAME` is `reconstruct`, or a classifier's
    `classify`, and `NAME.encode`, `NAME.decode`, ... are the others. TensorFlow Serving has the
    endpoints as signatures of one model. `layout.json` lists the models, and `README.md` has the
    line that starts the server.

    Args:
        source: String or path. The folder that `zoo.export` wrote.
        folder: String or path. The folder to write.
        layout: String. `"triton"`, `"tf-serving"`, `"kserve"`, `"mlserver"` or `"openvino"`.
        name: String of letters, digits, `.`, `_` and `-`. Name of the model. Defaults to None, for
            the name of its variant.
        version: Positive integer. The version of the model. Defaults to 1.
        overwrite: Boolean. Whether to replace such a folder. Defaults to False.

    Returns:
        Path of the folder.

    Raises:
        UsageError: If the source is no exported model or lacks a file that the layout needs, if an
            argument is not accepted, or if the folder cannot be written.
        CheckFailedError: If a file is not the one that was exported.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4,), latent_dim=2)
    >>> _ = zoo.export(model, "plain")
    >>> written = write_layout("plain", "models", "triton", name="linear")
    >>> sorted(path.name for path in written.iterdir())
    ['README.md', 'layout.json', 'linear', 'linear.decode', 'linear.encode']
    """
    if layout not in LAYOUTS:
        raise no_such("layout", layout, list(LAYOUTS))
    if type(version) is not int or version < 1:
        raise UsageError(f"`version` must be a positive integer. Received: {version!r}.")
    manifest = Manifest.read(source)
    name = manifest.content["variant"] if name is None else name
    exported = Source(Path(source), manifest, name, version)
    with new_folder(folder, overwrite, mark=MARK) as stage:
        readme = LAYOUTS[layout](exported, stage)
        (stage / "README.md").write_text(readme, encoding="utf-8")
        facts = {
            "layout": layout,
            "version": version,
            "models": {model: endpoint.signature for model, endpoint in exported.endpoints.items()},
        }
        (stage / MARK).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    return Path(folder)
