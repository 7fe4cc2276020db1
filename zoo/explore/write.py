"""Writes the page: a folder of static files that needs no network."""

import json
from collections.abc import Sequence
from pathlib import Path

from zoo import datasets
from zoo.errors import UsageError
from zoo.explore import contents, runtime, single
from zoo.server.repository import named
from zoo.serving import Bundle
from zoo.storage import file_errors
from zoo.storage.atomic import new_folder

PAGE = Path(__file__).parent / "page"
MARK = "models.json"  # the file by which a folder is known to hold a page
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; "
    "style-src 'self'; img-src 'self' data: blob:"
)


@file_errors.as_usage_errors()
def write(
    bundles: Sequence[str | Path],
    folder: str | Path,
    *,
    data=None,
    runtime_folder: str | Path | None = None,
    single_folder: bool = False,
    overwrite: bool = False,
) -> list[str]:
    """Writes a static page on which the codes of exported models are explored in the browser.

    Args:
        bundles: Sequence of strings or paths. Exported models, each a folder, the name of one that
            ships, or `"NAME=FOLDER"`.
        folder: String or path. The folder to write.
        data: Anything that `zoo.datasets.load` accepts, of rows that the models take. The codes and
            the neighbours of the page are its training rows, and the examples its test rows.
            Defaults to None: they are the few test vectors of each export.
        runtime_folder: String or path. A folder with onnxruntime-web, as for `runtime.find`.
            Defaults to None, for the cache or npm.
        single_folder: Boolean. Write files that a browser opens from the folder, without a server;
            they are a third larger. Defaults to False.
        overwrite: Boolean. Replace a page that was written to the folder before. Defaults to False.

    Returns:
        List of strings, the names of the models on the page.

    Raises:
        UsageError: If a model has no codes, two have the same name, a model does not accept the
            data, or the folder exists already.
        MissingRuntimeError: If onnxruntime-web is not there and cannot be fetched.
        CheckFailedError: If a file has another hash than it must have.

    Example:

    >>> write(["neighbour_ae"], "page", data="mnist_5k")  # doctest: +SKIP
    ['neighbour_ae']
    """
    sources = [named(str(source)) for source in bundles]
    names = [name for name, _ in sources]
    if len(set(names)) < len(names):
        raise UsageError(
            f"Two models have the same name: give one another as NAME=FOLDER. Received: {names}."
        )
    files = {f"runtime/{name}": value for name, value in runtime.find(runtime_folder).items()}
    loaded = None if data is None else datasets.load(data)
    for name, path in sources:
        files |= _model_files(contents.collect(name, Bundle(path), loaded))
    files[MARK] = _json(names)
    for path in sorted(PAGE.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            files[path.relative_to(PAGE).as_posix()] = path.read_bytes()
    files["index.html"] = files["index.html"].replace(b"{policy}", POLICY.encode())
    if single_folder:
        files = single.packed(files)
    with new_folder(folder, overwrite, MARK) as stage:
        for name, value in files.items():
            (stage / name).parent.mkdir(parents=True, exist_ok=True)
            (stage / name).write_bytes(value)
    return names


def _model_files(found):
    place = f"models/{found.facts['name']}"
    files = {f"{place}/{name}": value for name, value in found.files.items()}
    return files | {
        f"{place}/model.json": _json(found.facts),
        f"{place}/arrays.bin": found.arrays,
    }


def _json(content):
    return json.dumps(content, ensure_ascii=False, allow_nan=False).encode()
