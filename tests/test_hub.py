"""Models on the Hugging Face Hub: the repository's folder, its metadata, and opening an address."""

import base64
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading

import numpy as np
import pytest

import zoo
from zoo.errors import MissingExtraError, UsageError
from zoo.exporting import hub
from zoo.serving.hub import repository

huggingface_hub = pytest.importorskip("huggingface_hub")
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports") / "pca"
    digits = zoo.datasets.load("mnist_5k")
    model = zoo.build("pca", latent_dim=4).adapt(digits)
    data = {"name": "mnist_5k", "fingerprint": "0" * 64, "licence": "none", "train_rows": 4000}
    model.record = {"data": data, "seed": 0, "metrics": zoo.evaluate(model, digits)}
    zoo.export(model, folder)
    return folder


@pytest.fixture(scope="module")
def written(exported):
    return hub.write_repository(exported, "someone/pca")


def test_a_repository_is_the_export_with_a_card_that_the_hub_reads(exported, written):
    assert written == exported.with_name("pca.hub")
    names = {path.name for path in exported.iterdir()}
    assert {path.name for path in written.iterdir()} == names | {"README.md"}
    card = huggingface_hub.ModelCard.load(written / "README.md")
    metrics = zoo.load(exported).manifest["metrics"]
    assert card.data.license == "apache-2.0"
    assert card.data.datasets == ["mnist_5k"]
    found = {result.metric_type: result.metric_value for result in card.data.eval_results}
    assert found["sse"] == metrics["sse"]
    assert 'zoo.load("hf://someone/pca")' in card.text
    assert (exported / "card.md").read_text() in card.text
    assert zoo.verify(written)["files"] == zoo.verify(exported)["files"]


def test_a_model_without_a_record_has_no_metrics(tmp_path):
    zoo.export(zoo.build("pca", input_shape=(4,), latent_dim=2).adapt(np.eye(4)), tmp_path / "a")
    card = huggingface_hub.ModelCard.load(hub.write_repository(tmp_path / "a", "x/y") / "README.md")
    assert card.data.eval_results is None


def test_the_command_writes_the_folder_again(exported):
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-m", "zoo", "push", exported, "someone/pca", "--dry-run"],
            capture_output=True, text=True,
        )  # fmt: skip
        assert (done.returncode, "pca.hub" in done.stdout) == (0, True), done.stderr


@pytest.fixture
def cached(written, tmp_path):
    """A cache of the Hub that was laid out by hand, and the environment to use it offline."""
    folder = tmp_path / "hub" / "models--someone--pca"
    shutil.copytree(written, folder / "snapshots" / COMMIT)
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text(COMMIT)
    (folder / "refs" / "v1").write_text(COMMIT)
    return {**os.environ, "HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1"}


def opened(address, environment):
    code = f"import zoo, numpy; print(zoo.load({address!r}).encode(numpy.zeros((1,28,28,1))).shape)"
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment
    )


@pytest.mark.parametrize("address", ["hf://someone/pca", "hf://someone/pca@v1"])
def test_an_address_is_opened_from_the_cache(address, cached):
    done = opened(address, cached)
    assert done.stdout == "(1, 4)\n", done.stderr


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("hf://someone/pca@v2", "hf://someone/pca@v2 is not in the cache"),
        ("hf://someone/other", "hf://someone/other is not in the cache"),
        ("hf://someone", "must be hf://OWNER/NAME"),
        ("hf://someone/pca@", "must be hf://OWNER/NAME"),
    ],
)
def test_an_address_that_cannot_be_opened_is_told(address, told, cached):
    done = opened(address, cached)
    assert done.returncode == 1
    assert told in done.stderr.splitlines()[-1]
    assert "UsageError" in done.stderr.splitlines()[-1]


class Hub(http.server.BaseHTTPRequestHandler):
    """The few answers of the Hub that are needed here, over real connections."""

    def answer(self, status, content, code=None):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if code:
            self.send_header("X-Error-Code", code)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if "/someone/broken/" not in self.path:
            known = "/someone/pca/" in self.path
            code = "RevisionNotFound" if known else "RepoNotFound"
            self.answer(404, {}, code)
        elif "/tree/" in self.path:
            self.answer(200, [{"type": "file", "path": "card.md", "size": 100, "oid": COMMIT}])
        elif "/api/" in self.path:
            self.answer(200, {"id": "someone/broken", "sha": COMMIT, "siblings": []})
        else:  # for a file, an answer that is no HTTP
            self.wfile.write(b"nothing\r\n\r\n")

    do_HEAD = do_GET

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if "/someone/pca/" not in self.path and "/validate-yaml" not in self.path:
            self.answer(404, {}, "RepoNotFound")
        elif "/preupload/" in self.path:
            files = [file | {"uploadMode": "regular"} for file in json.loads(body)["files"]]
            self.answer(200, {"files": [file | {"shouldIgnore": False} for file in files]})
        elif "/commit/" in self.path:
            self.server.received = [json.loads(line)["value"] for line in body.splitlines()][1:]
            address = f"http://127.0.0.1:{self.server.server_port}/someone/pca/commit/{COMMIT}"
            self.answer(200, {"commitUrl": address, "commitOid": COMMIT})
        else:
            self.answer(200, {"errors": [], "warnings": []})

    def log_message(self, *values):
        """Prints nothing."""


@pytest.fixture
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub) as server:
        threading.Thread(target=server.serve_forever).start()
        yield server
        server.shutdown()


@pytest.fixture
def environment(server, tmp_path):
    """The environment in which that server is the Hub, and nothing is in the cache."""
    address = f"http://127.0.0.1:{server.server_port}"
    return {**os.environ, "HF_ENDPOINT": address, "HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "0"}


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("hf://someone/pca@v2", "someone/pca on the Hub has no revision v2"),
        ("hf://someone/other", "There is no repository someone/other on the Hub, or it is private"),
        ("hf://someone/broken", "hf://someone/broken is not in the cache .* cannot be downloaded"),
    ],
)
def test_what_the_hub_refuses_is_told(address, told, environment):
    done = opened(address, environment)
    assert done.returncode == 1
    assert re.search(f"UsageError: .*({told})", done.stderr.splitlines()[-1]), done.stderr


def push(folder, name, environment):
    return subprocess.run(
        [sys.executable, "-m", "zoo", "push", folder, name, "--json"],
        capture_output=True, text=True, env=environment,
    )  # fmt: skip


def test_what_is_uploaded_is_the_repository(exported, written, server, environment):
    done = push(exported, "someone/pca", environment)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["uploaded"].endswith(f"/someone/pca/commit/{COMMIT}")
    files = {file["path"]: base64.b64decode(file["content"]) for file in server.received}
    whole = [path for path in written.rglob("*") if path.is_file()]
    assert files == {path.relative_to(written).as_posix(): path.read_bytes() for path in whole}
    done = push(exported, "someone/other", environment)
    assert done.returncode == 2
    assert "There is no repository someone/other on the Hub that this account" in done.stderr


def test_a_hub_that_does_not_answer_is_told(exported, server, environment):
    server.shutdown()
    server.server_close()
    done = opened("hf://someone/pca", environment)
    assert re.search("UsageError: .* is not in the cache .* refused", done.stderr.splitlines()[-1])
    done = push(exported, "someone/pca", environment)
    assert done.returncode == 2
    assert re.search("someone/pca cannot be uploaded to the Hub: .* refused", done.stderr)
    assert "Traceback" not in done.stderr


def test_the_extra_is_named_where_it_is_missing(uninstall):
    uninstall("huggingface_hub")
    with pytest.raises(MissingExtraError, match=r"pip install 'autoencoder-zoo\[hub\]'"):
        zoo.load("hf://someone/pca")


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda folder: hub.write_repository(folder, "someone/pca"), "is not an exported model"),
        (lambda folder: hub.write_repository(folder, "pca"), "must be hf://OWNER/NAME"),
        (lambda folder: zoo.load(folder / "nothing"), "There is no folder"),
    ],
)
def test_a_wrong_call_is_told(make, told, tmp_path):
    with pytest.raises(UsageError, match=told):
        make(tmp_path)


def test_an_address_is_split():
    assert repository("hf://a/b.c@refs/pr/1") == ("a/b.c", "refs/pr/1")
