"""Runs headless Chromium, and ONNX files by onnxruntime-web in it."""

import base64
import contextlib
import shutil
import threading
from pathlib import Path

import numpy as np

from zoo.errors import UsageError
from zoo.explore import runtime
from zoo.explore.server import HOST, server
from zoo.explore.write import POLICY

_BLANK = f'<!doctype html><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
_RUN = """
async ([file, feeds]) => {
  const address = (name) => new URL(`runtime/${name}`, location).href;
  const ort = await import(address("ort.wasm.min.mjs"));
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = { mjs: address("ort-wasm-simd-threaded.mjs"),
                             wasm: address("ort-wasm-simd-threaded.wasm") };
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const types = { float32: Float32Array, int32: Int32Array };
  const answer = await fetch(file, { cache: "no-store" }); // models have files of the same names
  const model = new Uint8Array(await answer.arrayBuffer());
  const session = await ort.InferenceSession.create(model, { logSeverityLevel: 3 });
  const tensors = Object.fromEntries(Object.entries(feeds).map(([name, { type, shape, data }]) =>
    [name, new ort.Tensor(type, new types[type](bytes(data).buffer), shape)]));
  const found = await session.run(tensors);
  await session.release();
  const text = (array) => Array.from(new Uint8Array(array.buffer, array.byteOffset,
    array.byteLength), (byte) => String.fromCharCode(byte)).join("");
  return Object.fromEntries(Object.entries(found).map(([name, tensor]) =>
    [name, { type: tensor.type, shape: [...tensor.dims], data: btoa(text(tensor.data)) }]));
}
"""


@contextlib.contextmanager
def browser():
    """Runs headless Chromium until the block ends.

    Yields:
        The browser, of Playwright.

    Raises:
        UsageError: If Chromium is not installed.
        MissingExtraError: If Playwright is not installed.

    Example:

    >>> with browser() as chromium:  # doctest: +SKIP
    ...     page = chromium.new_page()
    """
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise UsageError("Chromium must be installed, as `chromium` on the path. Received: none.")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        with contextlib.closing(chromium):
            yield chromium


@contextlib.contextmanager
def served(folder):
    """Serves a folder until the block ends.

    Args:
        folder: String or path.

    Yields:
        String, the address of the folder, with a slash at its end.

    Example:

    >>> with served(".") as address:
    ...     address.startswith("http://127.0.0.1:")
    True
    """
    with server(folder) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://{HOST}:{running.server_port}/"
        running.shutdown()


def write_blank_page(folder: Path) -> None:
    """Writes an empty page under the policy of `zoo explore`, beside onnxruntime-web.

    Args:
        folder: Path of an empty folder.

    Example:

    >>> write_blank_page(Path("page"))  # doctest: +SKIP
    """
    (folder / "index.html").write_text(_BLANK, encoding="utf-8")
    (folder / "runtime").mkdir()
    for name, data in runtime.find().items():
        (folder / "runtime" / name).write_bytes(data)


def run(page, file: str, feeds: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Returns the outputs of an ONNX file, computed by onnxruntime-web in a page.

    Args:
        page: Page of Playwright, served from a folder with onnxruntime-web in `runtime`.
        file: String. The path of the ONNX file in that folder.
        feeds: Dict of arrays, float32 or int32, by the names of the inputs.

    Example:

    >>> run(page, "encoder.onnx", {"image": images})  # doctest: +SKIP
    """
    found = page.evaluate(_RUN, [file, {name: _as_text(array) for name, array in feeds.items()}])
    return {
        name: np.frombuffer(base64.b64decode(each["data"]), each["type"]).reshape(each["shape"])
        for name, each in found.items()
    }


def _as_text(array):
    data = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
    return {"type": array.dtype.name, "shape": array.shape, "data": data}
