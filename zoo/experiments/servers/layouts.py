"""Holds the layouts of exports against the servers that read them, each in its environment.

The command

    python -m zoo.experiments.servers.layouts LAYOUT ENVIRONMENT/bin/python

reads `triton`, `kserve`, `tf-serving` and `openvino` with what the server's makers provide. It
runs `mlserver` (1.7 needs uvloop below 0.22) and compares its answers with `zoo.load`'s. A line is
appended to `results/servers.jsonl`.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from zoo.experiments import results
from zoo.experiments.servers import clients, models, processes

PACKAGES = {
    "triton": "tritonclient",
    "kserve": "kserve",
    "tf-serving": "tensorflow-serving-api",
    "mlserver": "mlserver",
    "openvino": "openvino",
}
PORT = 8080  # of MLServer's HTTP
DATATYPES = {"float32": "FP32", "int32": "INT32", "int64": "INT64"}


def measure(layout: str, python: str, folder=None) -> dict:
    """Writes a layout of every model, has it read or served, and records what was.

    Args:
        layout: String. A key of `PACKAGES`.
        python: String. The Python of the environment with that package.
        folder: String or `Path`. The folder of `servers.jsonl`. Defaults to None, the package's.

    Returns:
        The line of `servers.jsonl`. `value` is the largest difference of an output of `mlserver`,
        or the number of models that were read.

    Raises:
        RuntimeError: If something is not read, or an output has another shape.

    Example:

    >>> measure("triton", "env/bin/python")  # doctest: +SKIP
    """
    from zoo.exporting import write_layout

    with tempfile.TemporaryDirectory() as work:
        work = Path(work)
        exports = models.write(work / "exports")
        for name, export in exports.items():
            write_layout(export, work / "layouts" / name, layout, name=name)
        check = _differences if layout == "mlserver" else _read
        facts = check(layout, python, work / "layouts", exports)
    return results.append(
        "servers", folder, layout=layout, package=PACKAGES[layout],
        package_version=clients.version(python, PACKAGES[layout]), **facts,
    )  # fmt: skip


def _read(layout, python, folder, exports):
    program = clients.PROGRAMS / f"check_{layout.replace('-', '_')}.py"
    done = subprocess.run(
        [python, str(program), str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{layout} is not read: {done.stderr[-2000:]}")
    return {"how": "read", "models": done.stdout.split(), "value": len(done.stdout.split())}


def _differences(layout, python, folder, exports):
    """Returns the largest differences of the answers of MLServer."""
    import requests

    from zoo.exporting.layouts.source import Source
    from zoo.storage.manifest import Manifest

    address, differences = f"http://127.0.0.1:{PORT}", {}
    command = [Path(python).with_name("mlserver"), "start", folder]
    with processes.running(command, f"{address}/v2/health/ready", stdout=subprocess.DEVNULL):
        for name, export in exports.items():
            tensors = models.expected(export)
            for model, endpoint in Source(export, Manifest.read(export), name, 1).endpoints.items():
                inputs = [_tensor(key, tensors[key]) for key in endpoint.inputs]
                answer = requests.post(
                    f"{address}/v2/models/{model}/infer", json={"inputs": inputs}, timeout=60
                )
                answer.raise_for_status()
                outputs = {
                    each["name"]: np.reshape(each["data"], each["shape"])
                    for each in answer.json()["outputs"]
                }
                differences[model] = models.largest_difference(tensors, outputs)
    return {"how": "served", "differences": differences, "value": max(differences.values())}


def _tensor(name, array):
    datatype = DATATYPES[array.dtype.name]
    return {
        "name": name, "datatype": datatype, "shape": list(array.shape), "data": array.tolist()
    }  # fmt: skip


if __name__ == "__main__":
    print(measure(*sys.argv[1:]))
