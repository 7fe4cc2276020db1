"""Compares onnxruntime-web with `zoo.load`, endpoint by endpoint.

The command

    python -m zoo.experiments.browser.parity FOLDER

exports each variant in its smallest size, and in each of its modes, to `FOLDER`, unless it is
there, and appends the largest differences to `results/browser.jsonl`.
"""

import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import safetensors.numpy

from zoo.experiments import results
from zoo.experiments.browser import chromium as chromium_
from zoo.experiments.browser.exports import write_exports
from zoo.explore import runtime
from zoo.storage.manifest import ONNX_FILES


def measure(folder: Path, results_folder=None) -> dict:
    """Records the largest differences between onnxruntime-web and `zoo.load`.

    Args:
        folder: Path of the folder for the exports.
        results_folder: String or path. The folder of `browser.jsonl`. Defaults to None, the
            package's.

    Returns:
        The line of `browser.jsonl`.

    Example:

    >>> measure(Path("exports"))  # doctest: +SKIP
    """
    exports = write_exports(folder, small=True)
    with chromium_.browser() as chromium:
        found, version = differences(chromium, exports), chromium.version
    worst = {name: max(each.values()) for name, each in found.items()}
    return results.append(
        "browser", results_folder, what="parity", runtime=f"{runtime.PACKAGE} {runtime.VERSION}",
        chromium=version, differences=found, models=len(found), value=max(worst.values()),
    )  # fmt: skip


def differences(chromium, exports: dict[str, Path]) -> dict[str, dict[str, float]]:
    """Returns how far the outputs in the browser are from those of `zoo.load`, on test vectors.

    Args:
        chromium: The browser, as `browser` yields it.
        exports: Dict of the folders of exported models by name.

    Returns:
        Dict by name of a dict by `endpoint.tensor`: the largest difference of floats, and the
        fraction of integers that differ.

    Example:

    >>> with browser() as chromium:  # doctest: +SKIP
    ...     differences(chromium, {"pca": zoo.load("pca").folder})
    """
    import zoo

    found = {}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        chromium_.write_blank_page(place)
        with chromium_.served(place) as address:
            page = chromium.new_page()
            page.goto(address)
            for name, export in exports.items():
                found[name] = _differences(page, zoo.load(export), place)
            page.close()
    return found


def _differences(page, bundle, place):
    tensors = safetensors.numpy.load((bundle.folder / "test_vectors.safetensors").read_bytes())
    rows = [tensors[bundle.named_input.name]]
    found = {}
    for endpoint, (inputs, outputs) in bundle.signatures.items():
        file = ONNX_FILES[endpoint]
        if not (bundle.folder / file).exists():  # a small export runs the encoder and decoder
            continue
        if endpoint == "decode":
            count = len(bundle.code_names)
            rows_ = bundle.run("encode", rows, 256)[:count]
        else:
            rows_ = rows
        expected = bundle.run(endpoint, rows_, 256)
        shutil.copy(bundle.folder / file, place / file)
        feeds = {tensor.name: row for tensor, row in zip(inputs, rows_, strict=True)}
        computed = chromium_.run(page, file, feeds)
        for tensor, array in zip(outputs, expected, strict=True):
            found[f"{endpoint}.{tensor.name}"] = _difference(array, computed[tensor.name])
    return found


def _difference(expected, computed):
    if expected.shape != computed.shape or expected.dtype != computed.dtype:
        raise RuntimeError(f"The browser returned {computed.dtype} of {computed.shape}.")
    if expected.dtype.kind == "i":
        return float((expected != computed).mean())
    return float(np.abs(expected - computed).max(initial=0.0))


if __name__ == "__main__":
    print(measure(Path(sys.argv[1]))["value"])
