"""`zoo serve` as a process on real sockets: every answer is that of `zoo.load`."""

import concurrent.futures
import contextlib
import gzip
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import zlib
from pathlib import Path

import grpc
import numpy as np
import pytest
import requests

import zoo
from zoo.server.messages import message

DIGITS = zoo.datasets.load("mnist_5k").test.images[:64]
TEXTS = ["a function returns an array", "the file holds names", "an array of numbers", "Ärger"]
LIMITS = {"--max-rows": "100", "--max-bytes": "2000000", "--timeout": "3", "--max-batch": "16"}


class Served:
    """A running `zoo serve`: its process, its addresses, and what it said on stderr."""

    def __init__(self, *arguments, env=None):
        command = [sys.executable, "-m", "zoo", "serve", *map(str, arguments)]
        command += ["--http-port", "0", "--grpc-port", "0"]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=os.environ | (env or {}),
        )  # fmt: skip
        lines = {}
        for line in self.process.stdout:
            key, _, value = line.strip().partition(" ")
            lines[key] = value.strip()
            if key == "models":
                break
        else:
            raise AssertionError(self.process.stderr.read())
        self.http, self.grpc = lines["http"], lines["grpc"]
        self.models = lines["models"].split()
        self.channel = grpc.insecure_channel(self.grpc)

    def get(self, path, **options):
        return requests.get(self.http + path, timeout=20, **options)

    def post(self, name, body, **options):
        path = f"/v2/models/{name}/infer"
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        return requests.post(self.http + path, data=body, timeout=20, **options)

    def call(self, method, metadata=(), **fields):
        """Returns the answer of a gRPC method."""
        answer = self.channel.unary_unary(
            f"/inference.GRPCInferenceService/{method}",
            request_serializer=message(f"{method}Request").SerializeToString,
            response_deserializer=message(f"{method}Response").FromString,
        )
        return answer(message(f"{method}Request")(**fields), metadata=metadata, timeout=20)

    def end(self, number=signal.SIGTERM):
        """Sends a signal, and returns the exit code and what was said on stderr."""
        self.channel.close()
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=30)
        return self.process.returncode, said


@pytest.fixture(scope="module")
def bundles(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bundles")
    conv = zoo.build("conv_ae", filters=(2, 3), latent_dim=4, unpooling="argmax")
    zoo.export(conv, folder / "conv" / "1")
    linear = zoo.build("pca", latent_dim=3).adapt(DIGITS)
    zoo.export(linear, folder / "linear")
    zoo.export(zoo.anomaly.Detector.fit(linear, DIGITS).model, folder / "detector")
    words = zoo.build("document_ae", input_shape=(8,), widths=(4,), latent_dim=2)
    zoo.export(words.adapt(TEXTS * 3), folder / "texts")
    zoo.export(zoo.classifier(linear.encoder, classes=10), folder / "classes")
    return folder


@pytest.fixture(scope="module")
def served(bundles):
    limits = [word for pair in LIMITS.items() for word in pair]
    names = [bundles / name for name in ("conv", "linear", "texts", "classes")]
    running = Served(*names, f"odd={bundles / 'detector'}", *limits)
    yield running
    code, said = running.end()
    assert (code, said) == (0, "")


def tensor(array, name="image", datatype="FP32", **more):
    """Returns an input as JSON has it."""
    return {"name": name, "datatype": datatype, "shape": list(array.shape)} | (
        more or {"data": array.tolist()}
    )


def binary(array):
    """Returns the body and the headers of a request in the binary form."""
    data = array.tobytes()
    entry = tensor(array, parameters={"binary_data_size": len(data)})
    head = {"inputs": [entry], "parameters": {"binary_data_output": True}}
    text = json.dumps(head).encode()
    return text + data, {"Inference-Header-Content-Length": str(len(text))}


def outputs(answer):
    """Returns the outputs of an answer over HTTP, in either form."""
    length = answer.headers.get("Inference-Header-Content-Length")
    head = json.loads(answer.content[: int(length)] if length else answer.content)
    data, found = answer.content[int(length) :] if length else b"", {}
    for output in head["outputs"]:
        dtype = {"FP32": "<f4", "INT32": "<i4"}[output["datatype"]]
        if "data" in output:
            array = np.array(output["data"], dtype)
        else:
            size = output["parameters"]["binary_data_size"]
            array, data = np.frombuffer(data[:size], dtype), data[size:]
        found[output["name"]] = array.reshape(output["shape"])
    assert data == b""
    return found


def rpc_outputs(answer):
    """Returns the outputs of an answer over gRPC, in either form."""
    found = {}
    for number, output in enumerate(answer.outputs):
        dtype = {"FP32": "<f4", "INT32": "<i4"}[output.datatype]
        if answer.raw_output_contents:
            array = np.frombuffer(answer.raw_output_contents[number], dtype)
        else:
            contents = output.contents
            array = np.array(contents.fp32_contents or contents.int_contents, dtype)
        found[output.name] = array.reshape(output.shape)
    return found


def infer_fields(model, array, name="image", raw=True, **more):
    """Returns the fields of a ModelInfer request."""
    given = {"name": name, "datatype": "FP32", "shape": array.shape}
    if not raw:
        given["contents"] = {"fp32_contents": array.reshape(-1)}
    fields = {"model_name": model, "inputs": [given]}
    return fields | ({"raw_input_contents": [array.tobytes()]} if raw else {}) | more


def test_names_are_those_of_the_endpoints(served):
    assert served.models == [
        "conv", "conv.encode", "conv.decode",
        "linear", "linear.encode", "linear.decode",
        "texts", "texts.encode", "texts.decode",
        "classes",
        "odd", "odd.encode", "odd.decode", "odd.score",
    ]  # fmt: skip


@pytest.mark.parametrize("path", ["/v2", "/v2/"])
def test_server_describes_itself(served, path):
    assert served.get(path).json() == {
        "name": "autoencoder-zoo",
        "version": zoo.__version__,
        "extensions": ["binary_tensor_data"],
    }
    assert served.call("ServerMetadata").name == "autoencoder-zoo"


def test_server_is_live_and_ready(served):
    assert served.get("/v2/health/live").json() == {"live": True}
    assert served.get("/v2/health/ready").json() == {"ready": True}
    assert served.get("/v2/models/conv/ready").json() == {"name": "conv", "ready": True}
    assert served.get("/v2/models/conv/versions/1/ready/").status_code == 200
    assert served.call("ServerLive").live
    assert served.call("ServerReady").ready
    assert served.call("ModelReady", name="conv", version="1").ready


def test_models_are_described_by_their_signatures(served):
    facts = served.get("/v2/models/conv.encode").json()
    assert facts["inputs"] == [{"name": "image", "datatype": "FP32", "shape": [-1, 28, 28, 1]}]
    assert [(output["name"], output["datatype"]) for output in facts["outputs"]] == [
        ("latent", "FP32"), ("switches_1", "INT32"), ("switches_2", "INT32")
    ]  # fmt: skip
    same = served.call("ModelMetadata", name="conv.encode")
    assert list(same.versions) == facts["versions"] == ["1"]
    assert [list(output.shape) for output in same.outputs] == [
        output["shape"] for output in facts["outputs"]
    ]
    text = served.get("/v2/models/texts").json()["inputs"]
    assert text == [{"name": "text", "datatype": "BYTES", "shape": [-1]}]


@pytest.mark.parametrize("rows", [0, 1, 16, 64])
@pytest.mark.parametrize(
    ("model", "folder", "method", "output"),
    [
        ("linear", "linear", "reconstruct", "reconstruction"),
        ("linear.encode", "linear", "encode", "latent"),
        ("odd.score", "detector", "score", "score"),
        ("classes", "classes", "classify", None),
    ],
)
def test_answers_are_those_of_the_bundle(served, bundles, model, folder, method, output, rows):
    x = DIGITS[:rows]
    expected = getattr(zoo.load(bundles / folder), method)(x)
    body, headers = binary(x)
    answers = [
        outputs(served.post(model, {"inputs": [tensor(x)]})),
        outputs(served.post(model, {"inputs": [tensor(x, data=x.reshape(-1).tolist())]})),
        outputs(served.post(model, body, headers=headers)),
        rpc_outputs(served.call("ModelInfer", **infer_fields(model, x))),
        rpc_outputs(served.call("ModelInfer", **infer_fields(model, x, raw=False))),
    ]
    for answer in answers:
        values = answer[output] if output else next(iter(answer.values()))
        assert values.shape == expected.shape
        np.testing.assert_allclose(values, expected, rtol=0, atol=1e-6)


def test_codes_with_switches_are_decoded(served, bundles):
    bundle = zoo.load(bundles / "conv" / "1")
    codes = outputs(served.post("conv.encode", {"inputs": [tensor(DIGITS[:3])]}))
    inputs = [
        tensor(array, name, "INT32" if name != "latent" else "FP32")
        for name, array in codes.items()
    ]
    decoded = outputs(served.post("conv.decode", {"inputs": inputs}))
    z, switches = bundle.encode(DIGITS[:3], switches=True)
    np.testing.assert_allclose(codes["latent"], z, atol=1e-6)
    np.testing.assert_allclose(
        decoded["reconstruction"], bundle.decode(z, switches), rtol=0, atol=1e-5
    )


def test_texts_are_raw_strings(served, bundles):
    expected = zoo.load(bundles / "texts").encode(TEXTS)
    strings = [text.encode() for text in TEXTS]
    packed = b"".join(struct.pack("<I", len(text)) + text for text in strings)
    head = {
        "inputs": [
            {"name": "text", "datatype": "BYTES", "shape": [4],
             "parameters": {"binary_data_size": len(packed)}}
        ]
    }  # fmt: skip
    head = json.dumps(head).encode()
    given = {"name": "text", "datatype": "BYTES", "shape": [4]}
    answers = [
        outputs(served.post("texts.encode", {"inputs": [given | {"data": TEXTS}]})),
        outputs(
            served.post(
                "texts.encode", head + packed,
                headers={"Inference-Header-Content-Length": str(len(head))},
            )
        ),
        rpc_outputs(served.call(
            "ModelInfer", model_name="texts.encode", inputs=[given], raw_input_contents=[packed]
        )),
        rpc_outputs(served.call(
            "ModelInfer", model_name="texts.encode",
            inputs=[given | {"contents": {"bytes_contents": strings}}],
        )),
    ]  # fmt: skip
    for answer in answers:
        np.testing.assert_allclose(answer["latent"], expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_bodies_are_compressed_both_ways(served, bundles, encoding):
    compress = {"gzip": gzip.compress, "deflate": zlib.compress}[encoding]
    body = compress(json.dumps({"id": "7", "inputs": [tensor(DIGITS[:2])]}).encode())
    headers = {"Content-Encoding": encoding, "Accept-Encoding": encoding}
    answer = served.post("linear", body, headers=headers)
    assert answer.headers["Content-Encoding"] == encoding
    assert answer.json()["id"] == "7"
    expected = zoo.load(bundles / "linear").reconstruct(DIGITS[:2])
    values = np.array(answer.json()["outputs"][0]["data"]).reshape(expected.shape)
    np.testing.assert_allclose(values, expected, rtol=0, atol=1e-6)


def test_only_the_outputs_that_are_named_come_back(served):
    wanted = [{"name": "switches_2", "parameters": {"binary_data": True}}]
    answer = served.post("conv.encode", {"inputs": [tensor(DIGITS[:2])], "outputs": wanted})
    assert list(outputs(answer)) == ["switches_2"]
    fields = infer_fields("conv.encode", DIGITS[:2], outputs=[{"name": "latent"}])
    assert list(rpc_outputs(served.call("ModelInfer", **fields))) == ["latent"]


ONE = DIGITS[:1]
BAD = {  # the model, the inputs, and the status and words of the answer over both protocols
    "unknown model": ("lineer", [tensor(ONE)], 404, "did you mean linear"),
    "missing input": ("linear", [], 400, "must have the input image"),
    "wrong input": ("linear", [tensor(ONE, "picture")], 400, "no input 'picture'"),
    "input twice": ("linear", [tensor(ONE), tensor(ONE)], 400, "stands twice"),
    "datatype": ("linear", [tensor(ONE, datatype="FP64")], 400, "must be of datatype FP32"),
    "shape": ("linear", [tensor(ONE[:, :14])], 400, r"must have the shape [-1, 28, 28, 1]"),
    "one row alone": ("linear", [tensor(ONE[0])], 400, "must have the shape"),
    "negative size": (
        "linear", [tensor(ONE) | {"shape": [-1, 28, 28, 1]}], 400, "must have the shape"
    ),
    "overflowing size": (
        "linear", [tensor(ONE) | {"shape": [2**62, 28, 28, 1]}], 413, "at most 100 rows"
    ),
    "data of another length": (
        "linear", [tensor(ONE) | {"data": [0.5] * 783}], 400, "must be 784 numbers"
    ),
    "NaN": ("linear", [tensor(ONE) | {"data": [1e300] * 784}], 400, "finite"),
    "out of range": ("linear", [tensor(255 * ONE)], 400, "Divide them by 255"),
    "too many rows": ("linear", [tensor(np.zeros((101, 28, 28, 1)))], 413, "at most 100 rows"),
    "shared memory": (
        "linear", [tensor(ONE, parameters={"shared_memory_region": "a"})], 400, "not supported"
    ),
    "rows that differ": (
        "conv.decode",
        [tensor(np.zeros((2, 4)), "latent"), tensor(np.zeros((1, 14, 14, 2), int), "switches_1",
         "INT32"), tensor(np.zeros((2, 7, 7, 3), int), "switches_2", "INT32")],
        400, "switches must have the shapes",
    ),
}  # fmt: skip
CODES = {400: "INVALID_ARGUMENT", 404: "NOT_FOUND", 413: "RESOURCE_EXHAUSTED"}


@pytest.mark.parametrize("case", BAD)
def test_bad_requests_have_one_sentence_over_http(served, case):
    model, inputs, status, words = BAD[case]
    answer = served.post(model, {"inputs": inputs})
    assert answer.status_code == status
    assert words in answer.json()["error"]
    assert len(answer.json()["error"].splitlines()) == 1


@pytest.mark.parametrize("case", BAD)
def test_bad_requests_have_one_sentence_over_grpc(served, case):
    model, inputs, status, words = BAD[case]
    with pytest.raises(grpc.RpcError) as error:
        served.call("ModelInfer", model_name=model, inputs=list(map(_as_message, inputs)))
    assert error.value.code().name == CODES[status]
    assert words in error.value.details()


def _as_message(given):
    """Returns an input of JSON as gRPC's."""
    fields = {key: given[key] for key in ("name", "datatype", "shape")}
    if "parameters" in given:
        return fields | {
            "parameters": {key: {"string_param": text} for key, text in given["parameters"].items()}
        }
    values = np.ravel(given["data"]).tolist()
    kind = "int_contents" if given["datatype"] == "INT32" else "fp32_contents"
    return fields | {"contents": {kind: values}}


BODIES = {  # a body and its headers, and the status and words of the answer
    "no JSON": (b"rows", {}, 400, "must be JSON"),
    "a list": (b"[]", {}, 400, "a JSON object"),
    "deep": (b"[" * 100_000, {}, 400, "must be JSON"),
    "no name": ({"inputs": [{"shape": [1]}]}, {}, 400, "the string `name`"),
    "NaN in JSON": (b'{"inputs": [NaN]}', {}, 400, "must be JSON"),
    "unknown output": (
        {"inputs": [tensor(ONE)], "outputs": [{"name": "image"}]},
        {},
        400,
        "no output 'image'",
    ),
    "ragged": ({"inputs": [tensor(ONE) | {"data": [[1], [1, 2]]}]}, {}, 400, "784 numbers"),
    "strings": ({"inputs": [tensor(ONE) | {"data": ["1"] * 784}]}, {}, 400, "784 numbers"),
    "header beyond the body": (
        b"{}",
        {"Inference-Header-Content-Length": "9"},
        400,
        "at most the size of the body",
    ),
    "header of letters": (
        b"{}",
        {"Inference-Header-Content-Length": "one"},
        400,
        "must be a number",
    ),
    "binary beyond the body": (
        {"inputs": [tensor(ONE, parameters={"binary_data_size": 9})]},
        {},
        400,
        "0 bytes that",
    ),
    "too large": (b"x" * 2_000_001, {}, 413, "at most 2000000 bytes"),
    "gzip bomb": (
        gzip.compress(bytes(50_000_000)),
        {"Content-Encoding": "gzip"},
        413,
        "at most 2000000",
    ),
    "no gzip": (b"{}", {"Content-Encoding": "gzip"}, 400, "must be gzip"),
    "cut gzip": (gzip.compress(b"{}")[:-4], {"Content-Encoding": "gzip"}, 400, "one whole gzip"),
    "unknown encoding": (b"{}", {"Content-Encoding": "br"}, 400, "Content-Encoding must be"),
}


@pytest.mark.parametrize("case", BODIES)
def test_bad_bodies_have_one_sentence(served, case):
    body, headers, status, words = BODIES[case]
    answer = served.post("linear", body, headers=headers)
    assert answer.status_code == status
    assert words in answer.json()["error"]
    assert served.get("/v2/health/ready").status_code == 200


def test_strings_that_are_cut_are_refused_over_both_protocols(served):
    packed = struct.pack("<I", 9) + b"short"
    given = {"name": "text", "datatype": "BYTES", "shape": [1]}
    with pytest.raises(grpc.RpcError, match="ends within string 0"):
        served.call("ModelInfer", model_name="texts", inputs=[given], raw_input_contents=[packed])
    entry = given | {"parameters": {"binary_data_size": len(packed)}}
    head = json.dumps({"inputs": [entry]}).encode()
    headers = {"Inference-Header-Content-Length": str(len(head))}
    answer = served.post("texts", head + packed, headers=headers)
    assert (answer.status_code, "ends within string 0" in answer.text) == (400, True)


@pytest.mark.parametrize(
    ("path", "status"),
    [("/v2/models/nothing", 404), ("/v2/models/linear/versions/2", 404), ("/v3", 404),
     ("/v2/models/linear/versions/x/ready", 404), ("/v2/models/linear/infer", 405)],
)  # fmt: skip
def test_unknown_paths_and_methods_are_json_too(served, path, status):
    answer = served.get(path)
    assert answer.status_code == status
    assert answer.json()["error"].endswith(".")


def test_unknown_version_and_bytes_that_are_no_message_over_grpc(served):
    with pytest.raises(grpc.RpcError, match="no version '2'"):
        served.call("ModelReady", name="linear", version="2")
    call = served.channel.unary_unary("/inference.GRPCInferenceService/ModelInfer")
    with pytest.raises(grpc.RpcError, match="must be a ModelInferRequest"):
        call(b"\xff\xff", timeout=20)


def test_slow_and_endless_clients_are_refused_and_harm_no_one(served):
    host, port = served.http.removeprefix("http://").split(":")
    head = b"POST /v2/models/linear/infer HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    with socket.create_connection((host, int(port)), timeout=20) as slow:
        slow.sendall(head + b"1\r\n{\r\n")
        assert b" 408 " in slow.recv(4096)
    for sent in (b"", b"GET /v2 HTTP/1.1\r\nHost:", b"GET /v2 HTTP/1.1\r\nHost: a\r\n\r\nGET /"):
        with socket.create_connection((host, int(port)), timeout=20) as silent:
            silent.sendall(sent)
            answer = b"".join(iter(lambda: silent.recv(4096), b""))
            assert b" 408 " in answer
            assert b"The headers took longer than 3 seconds." in answer
            assert (b" 200 " in answer) == (b"GET /" in sent[1:])
    with socket.create_connection((host, int(port)), timeout=20) as endless:
        endless.sendall(head)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for _ in range(100):
                endless.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
        with contextlib.suppress(ConnectionResetError):
            assert b" 413 " in endless.recv(4096)
    with socket.create_connection((host, int(port)), timeout=20) as gone:
        gone.sendall(head + b"1\r\n{")
    assert served.post("linear", {"inputs": [tensor(ONE)]}).status_code == 200


def test_many_clients_with_different_rows_each_have_their_own_answer(served, bundles):
    bundle = zoo.load(bundles / "linear")
    expected = bundle.encode(DIGITS)
    bad = {"inputs": [tensor(255 * ONE)]}

    def ask(number):
        session = requests.Session()
        for turn in range(20):
            first = (number * 20 + turn) % 60
            rows = slice(first, first + 1 + turn % 4)
            if turn % 5 == 4:
                answer = session.post(
                    f"{served.http}/v2/models/linear.encode/infer", json=bad, timeout=20
                )
                assert answer.status_code == 400
                continue
            body, headers = binary(DIGITS[rows])
            answer = session.post(
                f"{served.http}/v2/models/linear.encode/infer", data=body, headers=headers,
                timeout=20,
            )  # fmt: skip
            np.testing.assert_allclose(outputs(answer)["latent"], expected[rows], rtol=0, atol=1e-5)
            fields = infer_fields("linear.encode", DIGITS[rows])
            found = rpc_outputs(served.call("ModelInfer", **fields))
            np.testing.assert_allclose(found["latent"], expected[rows], rtol=0, atol=1e-5)

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        list(pool.map(ask, range(16)))


def test_metrics_count_requests_by_status(served):
    served.post("odd", {"inputs": [tensor(ONE)]})
    served.post("odd", {"inputs": []})
    served.post("none of that name", {"inputs": []})
    text = served.get("/metrics").text
    assert 'zoo_requests_total{model="odd",protocol="http",status="200"} 1.0' in text
    assert 'zoo_requests_total{model="odd",protocol="http",status="400"} 1.0' in text
    assert 'zoo_requests_total{model="",protocol="http",status="404"}' in text
    assert 'zoo_batch_rows_count{model="odd"} 1.0' in text


def test_token_is_asked_for_over_both_protocols(bundles, tmp_path):
    (tmp_path / "token").write_text("s3cret\n")
    running = Served(bundles / "linear", "--token-file", tmp_path / "token")
    try:
        assert running.get("/v2/health/ready").status_code == 200
        assert running.call("ServerReady").ready
        assert running.get("/v2/models/linear").status_code == 401
        assert running.get("/metrics", headers={"Authorization": "Bearer no"}).status_code == 401
        right = {"Authorization": "Bearer s3cret"}
        assert running.get("/v2/models/linear", headers=right).status_code == 200
        with pytest.raises(grpc.RpcError, match="bearer token"):
            running.call("ModelReady", name="linear")
        metadata = [("authorization", "Bearer s3cret")]
        assert running.call("ModelReady", metadata, name="linear").ready
    finally:
        assert running.end(signal.SIGINT) == (0, "")


def test_new_version_takes_over_while_requests_are_answered(bundles, tmp_path):
    first = zoo.build("pca", latent_dim=3).adapt(DIGITS)
    second = zoo.build("pca", latent_dim=5).adapt(DIGITS)
    zoo.export(first, tmp_path / "model" / "1")
    running = Served(tmp_path / "model", "--reload")
    codes, failures, stop = set(), [], threading.Event()

    def ask():
        while not stop.is_set():
            answer = running.post("model.encode", {"inputs": [tensor(ONE)]})
            if answer.status_code == 200:
                codes.add(outputs(answer)["latent"].shape[1])
            else:
                failures.append(answer.text)

    try:
        asking = threading.Thread(target=ask)
        asking.start()
        (tmp_path / "model" / "3").mkdir()
        (tmp_path / "model" / "3" / "manifest.json").write_text("{")  # a version that is damaged
        zoo.export(second, tmp_path / "model" / "2")
        deadline = time.monotonic() + 20
        while 5 not in codes and time.monotonic() < deadline:
            time.sleep(0.05)
        stop.set()
        asking.join()
        assert (codes, failures) == ({3, 5}, [])
        assert running.get("/v2/models/model").json()["versions"] == ["1", "2"]
        assert running.get("/v2/models/model/versions/1").status_code == 200
    finally:
        stop.set()
        code, said = running.end()
    assert code == 0
    assert "3 is not served" in said


def test_requests_are_answered_after_the_signal_to_end(bundles):
    running = Served(bundles / "linear", "--max-delay-ms", "1500")
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        over_http = pool.submit(running.post, "linear", {"inputs": [tensor(ONE)]})
        fields = infer_fields("linear", ONE)
        over_grpc = pool.submit(running.call, "ModelInfer", **fields)
        time.sleep(0.5)
        ending = pool.submit(running.process.communicate)
        running.process.send_signal(signal.SIGTERM)
        assert over_http.result().status_code == 200
        assert over_grpc.result().outputs[0].name == "reconstruction"
        assert ending.result()[1] == ""
    running.channel.close()
    assert running.process.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing"], "There is no folder nothing"),
        (["{folder}"], "must be an exported model, or a folder of exported models"),
        (["a={linear}", "a={linear}"], "Two models have the name 'a'"),
        (["a b={linear}"], "letters, digits"),
        (["{linear}", "--http-port", "{taken}"], "cannot listen"),
        (["{linear}", "--grpc-port", "{taken}", "--http-port", "0"], "cannot listen"),
    ],
)
def test_start_is_refused_in_one_sentence(bundles, tmp_path, arguments, words):
    with socket.create_server(("127.0.0.1", 0)) as other:
        facts = {
            "folder": tmp_path,
            "linear": bundles / "linear",
            "taken": other.getsockname()[1],
        }
        command = [sys.executable, "-m", "zoo", "serve"]
        command += [argument.format(**facts) for argument in arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


# The size of `data` follows from `shape`, which no schema can say: requests that hold a schema may
# be refused there.
PARTS = {"infer": ["--exclude-checks", "positive_data_acceptance"], "others": []}


@pytest.mark.parametrize("part", PARTS)
def test_answers_are_those_that_the_openapi_document_describes(bundles, tmp_path, part):
    running = Served(bundles / "linear", bundles / "texts", f"odd={bundles / 'detector'}")
    program = [Path(sys.executable).with_name("schemathesis"), "run"]
    options = ["--checks", "all", "--max-examples", "10", "--seed", "0", "--no-color"]
    paths = ["--include-path-regex" if part == "infer" else "--exclude-path-regex", "infer$"]
    command = [*program, f"{running.http}/openapi.json", *options, *paths, *PARTS[part]]
    done = subprocess.run(
        [*map(str, command)], cwd=tmp_path, capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode == 0, done.stdout
    assert int(re.search(r"(\d+) generated", done.stdout)[1]) > 100
    code, said = running.end()
    assert code == 0
    assert set(said.splitlines()) <= {"Invalid HTTP request received."}  # by uvicorn


def test_server_needs_no_tensorflow(bundles):
    code = (
        "import sys\n"
        "import zoo.server.serve, zoo.cli.serve\n"
        "assert not {'tensorflow', 'keras', 'torch'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
