"""Changed requests to a running server: a 4xx, or the numbers that `zoo.load` computes."""

import concurrent.futures
import gzip
import json
import socket
import struct
from pathlib import Path

import grpc
import numpy as np

import zoo
from zoo.experiments.mutations import changes, formats
from zoo.server.messages import message

LENGTH = "inference-header-content-length"
DTYPES = {"FP32": "<f4", "INT32": "<i4", "INT64": "<i8"}
KINDS = ("body", "head", "json", "grpc")
REFUSALS = {"INVALID_ARGUMENT", "NOT_FOUND", "RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED"}
TOLERANCE = 1e-5
SECONDS = 20  # until a server that does not answer counts as one that hangs
CLIENTS = 8


class Requests:
    """Changed requests to the models `bundle` and `texts` of a server.

    Args:
        http: String. Address of HTTP, `"http://host:port"`.
        channel: `grpc.Channel`.
        folder: Path of the folder that `formats.write` wrote to.

    Example:

    >>> Requests("http://127.0.0.1:8080", channel, Path("good"))  # doctest: +SKIP
    """

    def __init__(self, http: str, channel: grpc.Channel, folder: Path):
        host, _, port = http.removeprefix("http://").partition(":")
        self._address = host, int(port)
        self._infer = channel.unary_unary("/inference.GRPCInferenceService/ModelInfer")
        self._bundles = {name: zoo.load(folder / name) for name in ("bundle", "texts")}
        self._http, self._rpc = _http_requests(), _rpc_requests()

    def run(self, count: int, seed: int, first: int = 0) -> list[dict]:
        """Sends changed requests by some clients at a time.

        Args:
            count: Integer. Number of requests.
            seed: Integer.
            first: Integer. Number of the first one. Defaults to 0.

        Returns:
            A list of dicts: `number`, `target`, `kind`, `outcome`, which is `"refused"`, `"same"`,
            `"closed"` for a connection that ends without an answer to what was no whole request,
            or `"fault"`, with what was `shown`.
        """
        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
            numbers = range(first, first + count)
            return list(pool.map(lambda number: self.one(number, seed), numbers))

    def one(self, number: int, seed: int) -> dict:
        """Sends one changed request, and returns what came of it.

        Args:
            number: Integer.
            seed: Integer.
        """
        random, kind = np.random.default_rng([seed, number]), KINDS[number % len(KINDS)]
        facts = {"number": number, "target": f"request/{kind}", "kind": kind}
        try:
            return facts | (self._grpc(random) if kind == "grpc" else self._over_http(kind, random))
        except Exception as error:  # of any kind: it is what is looked for
            return facts | {"outcome": "fault", "shown": repr(error)}

    def _over_http(self, kind, random):
        model, headers, body = self._http[random.integers(len(self._http))]
        headers = dict(headers)
        if kind == "json":
            size = int(headers.get(LENGTH, len(body)))
            if headers.get("content-encoding"):
                body, size = gzip.decompress(body), None
                del headers["content-encoding"]
            head = json.dumps(changes.changed(json.loads(body[:size]), random)).encode()
            body = head + body[size:] if size is not None else head
            if LENGTH in headers:
                headers[LENGTH] = str(len(head))
        elif kind == "body":
            body = changes.damaged(body, random, str(random.choice(changes.BYTES)))
        headers |= {"host": "a", "connection": "close", "content-length": str(len(body))}
        lines = [
            f"POST /v2/models/{model}/infer HTTP/1.1",
            *(f"{k}: {v}" for k, v in headers.items()),
        ]
        head = ("\r\n".join(lines) + "\r\n\r\n").encode()
        if kind == "head":
            head = changes.damaged(head, random, str(random.choice(changes.BYTES)))
        status, answer = self._exchange(head + body)
        if status is None:
            return {"outcome": "closed" if kind == "head" else "fault", "shown": "no answer"}
        if 400 <= status < 500:
            return {"outcome": "refused" if kind == "head" or "error" in answer else "fault"}
        if status != 200:
            return {"outcome": "fault", "shown": f"{status} {answer}"}
        if kind == "head":  # which model it names, and how its body is read, is then another matter
            return {"outcome": "same" if isinstance(answer, dict) else "fault"}
        encoding = headers.get("content-encoding")
        content = gzip.decompress(body) if encoding else body
        given = _read(content, headers.get(LENGTH))
        return self._compared(model, given, _outputs(answer["outputs"], lambda each: each["data"]))

    def _exchange(self, sent):
        """Returns the status and the JSON of an answer, or None if the connection was closed."""
        with socket.create_connection(self._address, timeout=SECONDS) as connection:
            connection.sendall(sent)
            received = b"".join(iter(lambda: connection.recv(1 << 16), b""))
        if not received:
            return None, None
        head, _, body = received.partition(b"\r\n\r\n")
        try:
            content = json.loads(body)
        except ValueError:  # uvicorn's own words for what is no HTTP
            content = body.decode()
        return int(head.split()[1]), content

    def _grpc(self, random):
        sent = self._rpc[random.integers(len(self._rpc))]
        sent = changes.damaged(sent, random, str(random.choice(changes.BYTES)))
        try:
            answer = self._infer(sent, timeout=SECONDS)
        except grpc.RpcError as error:
            refused = error.code().name in REFUSALS and error.details()
            return {"outcome": "refused" if refused else "fault", "shown": error.details()}
        request = message("ModelInferRequest").FromString(sent)
        answer = message("ModelInferResponse").FromString(answer)
        raw = list(answer.raw_output_contents)
        described = [
            {"name": each.name, "datatype": each.datatype, "shape": list(each.shape), "data": each}
            for each in answer.outputs
        ]
        contents = iter(raw) if raw else None
        outputs = _outputs(
            described,
            lambda each: next(contents) if raw else each["data"].contents.fp32_contents,
        )
        return self._compared(request.model_name, _read_rpc(request), outputs)

    def _compared(self, name, given, outputs):
        """Returns the outcome of an answer with the outputs of a model for an array or texts."""
        name, _, endpoint = name.partition(".")
        bundle = self._bundles[name]
        endpoint = endpoint or "reconstruct"
        inputs = [given] if endpoint == "decode" else [bundle.check(given)]
        names = [each.name for each in bundle.signatures[endpoint][1]]
        wanted = dict(zip(names, bundle.run(endpoint, inputs, 64), strict=True))
        right = bool(outputs) and all(
            array.shape == wanted[key].shape
            and np.allclose(array, wanted[key], rtol=TOLERANCE, atol=TOLERANCE)
            for key, array in outputs.items()
        )
        return {"outcome": "same" if right else "fault", "shown": "" if right else "other numbers"}


def _outputs(described, data):
    found = {}
    for each in described:
        values = data(each)
        dtype = DTYPES[each["datatype"]]
        array = (
            np.frombuffer(values, dtype) if isinstance(values, bytes) else np.array(values, dtype)
        )
        found[each["name"]] = array.reshape(each["shape"])
    return found


def _read(body, json_size):
    """Returns the array or the texts of a request, read without the server's code."""
    size = len(body) if json_size is None else int(json_size)
    (entry,) = json.loads(body[:size])["inputs"]
    binary = body[size:]
    if entry["datatype"] == "BYTES":
        return entry["data"] if "data" in entry else _strings(binary)
    dtype = DTYPES[entry["datatype"]]
    array = np.array(entry["data"], dtype) if "data" in entry else np.frombuffer(binary, dtype)
    return array.reshape(entry["shape"])


def _read_rpc(request):
    (entry,) = request.inputs
    raw = request.raw_input_contents
    if entry.datatype == "BYTES":
        strings = _strings(raw[0]) if raw else entry.contents.bytes_contents
        return [text if isinstance(text, str) else text.decode() for text in strings]
    if raw:
        return np.frombuffer(raw[0], DTYPES[entry.datatype]).reshape(entry.shape)
    return np.array(entry.contents.fp32_contents, np.float32).reshape(entry.shape)


def _strings(data):
    found = []
    while data:
        end = 4 + struct.unpack("<I", data[:4])[0]
        found.append(data[4:end].decode())
        data = data[end:]
    return found


def _facts(array, name="image"):
    return {"name": name, "datatype": "FP32", "shape": list(array.shape)}


def _http_requests():
    """Returns good requests: the model, the headers and the body of each."""
    rows, codes = formats.ROWS[:3], np.arange(6, dtype=np.float32).reshape(3, 2)
    packed = b"".join(
        struct.pack("<I", len(each.encode())) + each.encode() for each in formats.TEXTS
    )
    texts = {"name": "text", "datatype": "BYTES", "shape": [len(formats.TEXTS)]}
    plain = [
        ("bundle", _facts(rows) | {"data": rows.tolist()}),
        ("bundle.encode", _facts(rows) | {"data": rows.reshape(-1).tolist()}),
        ("bundle.decode", _facts(codes, "latent") | {"data": codes.tolist()}),
        ("texts.encode", texts | {"data": formats.TEXTS}),
    ]
    binary = [
        ("bundle.encode", _facts(rows), rows.tobytes()),
        ("texts.encode", texts, packed),
    ]
    found = [(model, {}, json.dumps({"inputs": [entry]}).encode()) for model, entry in plain]
    found += [
        (model, {"content-encoding": "gzip"}, gzip.compress(body, mtime=0))
        for model, _, body in found[:1]
    ]
    for model, entry, data in binary:
        entry = entry | {"parameters": {"binary_data_size": len(data)}}
        head = json.dumps({"id": "7", "inputs": [entry]}).encode()
        found.append((model, {LENGTH: str(len(head))}, head + data))
    return found


def _rpc_requests():
    """Returns good requests over gRPC as bytes."""
    rows = formats.ROWS[:3]
    texts = {"name": "text", "datatype": "BYTES", "shape": [len(formats.TEXTS)]}
    strings = [text.encode() for text in formats.TEXTS]
    fields = [
        {"inputs": [_facts(rows)], "raw_input_contents": [rows.tobytes()]},
        {"inputs": [_facts(rows) | {"contents": {"fp32_contents": rows.reshape(-1)}}]},
        {"inputs": [texts | {"contents": {"bytes_contents": strings}}]},
    ]
    models = ("bundle.encode", "bundle", "texts.encode")
    return [
        message("ModelInferRequest")(model_name=model, **each).SerializeToString()
        for model, each in zip(models, fields, strict=True)
    ]
