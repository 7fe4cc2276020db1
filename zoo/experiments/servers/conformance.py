"""Holds `zoo serve` against the protocol's own OpenAPI document, by schemathesis.

The command

    python -m zoo.experiments.servers.conformance open_inference_rest.yaml

takes the document of https://github.com/kserve/open-inference-protocol, which is not part of this
repository, and appends the failures to `results/servers.jsonl`. The names of models and versions
are pinned, and every operation may answer 404, as the text of the protocol says. What its schema
accepts and no model can, such as no inputs at all, may be refused by `infer`
(`positive_data_acceptance`).
"""

import hashlib
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

import yaml

from zoo.experiments import results
from zoo.experiments.servers import models, processes

PARTS = {  # of the operations: options of schemathesis
    "infer": ["--include-path-regex", "infer$", "--exclude-checks", "positive_data_acceptance"],
    "others": ["--exclude-path-regex", "infer$"],
}
EXAMPLES = 100  # requests of a kind


def measure(document: str, folder=None, examples: int = EXAMPLES) -> dict:
    """Sends requests that follow the document, and others, and records which answers do not.

    Args:
        document: String. Path of `open_inference_rest.yaml`.
        folder: String or `Path`. The folder of `servers.jsonl`. Defaults to None, the package's.
        examples: Integer. Number of requests of a kind. Defaults to 100.

    Returns:
        The line of `servers.jsonl`, with the `failures`, their number as `value`, and the number of
        `requests`.

    Example:

    >>> measure("open_inference_rest.yaml")  # doctest: +SKIP
    """
    source = Path(document).read_bytes()
    failures, requests = [], 0
    with tempfile.TemporaryDirectory() as work:
        work = Path(work)
        exports = models.write(work / "exports")
        with processes.zoo_serve(exports) as (http, _):
            path = work / "document.yaml"
            path.write_text(yaml.safe_dump(pinned(yaml.safe_load(source), [*exports])))
            for options in PARTS.values():
                count, found = _run(path, http, work, options, examples)
                requests += count
                failures += found
    return results.append(
        "servers", folder, document="open_inference_rest.yaml",
        sha256=hashlib.sha256(source).hexdigest(), server="zoo serve", requests=requests,
        failures=failures, value=len(failures),
    )  # fmt: skip


def pinned(document: dict, names: list[str]) -> dict:
    """Returns the document with the names of models and versions that there are, and with 404.

    Args:
        document: Dict. The content of `open_inference_rest.yaml`.
        names: List of strings. The names of the models.

    Example:

    >>> get = {"responses": {"200": {"description": "OK"}}}
    >>> parameter = {"name": "MODEL_NAME", "in": "path", "required": True}
    >>> path = {"/v2/models/${MODEL_NAME}": {"parameters": [parameter], "get": get}}
    >>> list(pinned({"paths": path}, ["conv"])["paths"])
    ['/v2/models/{MODEL_NAME}']
    """
    values, paths = {"MODEL_NAME": names, "MODEL_VERSION": ["1"]}, {}
    for path, item in document["paths"].items():
        for parameter in item.get("parameters", []):
            parameter["schema"] = {"type": "string", "enum": values[parameter["name"]]}
        for method in ("get", "post"):
            if method in item:
                item[method]["responses"]["404"] = {"description": "There is no such model."}
        paths[path.replace("${", "{")] = item
    return document | {"paths": paths}


def _run(path, http, work, options, examples):
    """Returns the number of requests, and a sentence for each failure."""
    report = work / "report.xml"
    program = Path(sys.executable).with_name("schemathesis")
    command = [program, "run", path, "--url", http, "--checks", "all", "--seed", "0", "--no-color"]
    command += ["--max-examples", examples, "--report-junit-path", report, *options]
    done = subprocess.run(
        [*map(str, command)], cwd=work, capture_output=True, text=True, check=False
    )
    if not report.exists():
        raise RuntimeError(f"schemathesis did not run: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    found = [
        f"{case.get('name')}: {failure.get('message', failure.text)}"
        for case in ElementTree.parse(report).iter("testcase")
        for kind in ("failure", "error")
        for failure in case.iter(kind)
    ]
    if bool(done.returncode) != bool(found):
        raise RuntimeError(f"schemathesis ended with {done.returncode}: {done.stdout[-3000:]}")
    return int(re.search(r"(\d+) generated", done.stdout)[1]), found


if __name__ == "__main__":
    print(measure(*sys.argv[1:]))
