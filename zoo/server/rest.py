"""The Open Inference Protocol over HTTP."""

import hmac
import re
import time
from collections.abc import Callable

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from zoo.server import bodies, openapi, tensors
from zoo.server.errors import RequestError, as_request_error
from zoo.server.service import UNSUPPORTED, Answer, Input, Service

_INFER = re.compile(r"/v2/models/([^/]+)(?:/versions/([^/]+))?/infer/?")
HEADER_LENGTH = "inference-header-content-length"  # bytes of JSON before the binary data
OPEN = ("/v2/health/live", "/v2/health/ready")  # paths that need no token
_BYTES = "application/octet-stream"


def application(service: Service, token: str | None = None) -> Callable:
    """Returns the ASGI application that answers for a service.

    Requests to compute go past Starlette's layers, which take as long as reading a small request.

    Args:
        service: `Service`.
        token: String. The bearer token that requests must bring, except for the server's health.
            Defaults to None, for none.
    """
    own = _Application(service, token)
    others, infer = own.starlette(), own.guarded(own.infer)

    async def app(scope, receive, send):
        called = scope["type"] == "http" and _INFER.fullmatch(scope["path"])
        if not called or scope["method"] != "POST":
            return await others(scope, receive, send)
        scope["path_params"] = {"name": called[1], "version": called[2] or ""}
        answer = await infer(Request(scope, receive))
        await answer(scope, receive, send)

    return app


class _Application:
    def __init__(self, service, token):
        self._service, self._token = service, token

    def starlette(self):
        model = "/v2/models/{name}"
        routes = [
            Route(path + end, self.guarded(answer), methods=[method], name=answer.__name__)
            for path, answer, method in (
                ("/v2", self.server, "GET"),
                ("/v2/health/live", self.live, "GET"),
                ("/v2/health/ready", self.ready, "GET"),
                (model, self.model, "GET"),
                (model + "/ready", self.model_ready, "GET"),
                (model + "/infer", self.infer, "POST"),
                (model + "/versions/{version}", self.model, "GET"),
                (model + "/versions/{version}/ready", self.model_ready, "GET"),
                (model + "/versions/{version}/infer", self.infer, "POST"),
                ("/metrics", self.metrics, "GET"),
                ("/openapi.json", self.openapi, "GET"),
            )
            for end in ("", "/")
        ]
        handlers = {HTTPException: _http_error}
        app = Starlette(routes=routes, exception_handlers=handlers)
        app.router.redirect_slashes = False
        return app

    def guarded(self, answer):
        async def guarded(request: Request):
            try:
                self._authorise(request)
                return await answer(request)
            except Exception as error:  # of any kind, so that the client always has an answer
                return _error(as_request_error(error))

        return guarded

    def _authorise(self, request):
        if self._token is None or request.url.path.rstrip("/") in OPEN:
            return
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode()):
            raise RequestError("The request must bring the server's bearer token.", 401)

    async def server(self, request):
        return _json(self._service.server_facts())

    async def live(self, request):
        return _json({"live": True})

    async def ready(self, request):
        return _json({"ready": self._service.ready}, 200 if self._service.ready else 503)

    async def model(self, request):
        return _json(self._service.facts(*_named(request)))

    async def model_ready(self, request):
        name, version = _named(request)
        self._service.facts(name, version)
        return _json({"name": name, "ready": self._service.ready})

    async def metrics(self, request):
        metrics = self._service.metrics
        return Response(metrics.text(), media_type=metrics.content_type)

    async def openapi(self, request):
        return _json(openapi.document(self._service))

    async def infer(self, request):
        name, version = _named(request)
        start, status = time.perf_counter(), 500
        try:
            limits, headers = self._service.limits, dict(request.headers)
            body = await bodies.read(request, headers, limits.max_bytes, limits.seconds)
            content, binary = _parts(body, headers.get(HEADER_LENGTH))
            outputs = _list(content, "outputs", [])
            answer = await self._service.infer(
                name,
                version,
                list(_inputs(content, binary)),
                [_text(output, "name", "An output") for output in outputs],
            )
            response = _answer(answer, content, outputs, headers.get("accept-encoding", ""))
            status = 200
            return response
        except Exception as error:  # of any kind, so that each answer is counted by its status
            error = as_request_error(error)
            status = error.status
            raise error from None
        finally:
            known = name if name in self._service.names() else ""
            self._service.metrics.request(known, "http", status, time.perf_counter() - start)


def _named(request):
    return request.path_params["name"], request.path_params.get("version", "")


def _parts(body, header_length):
    """Returns the JSON of a request, and the binary data behind it."""
    length = len(body)
    if header_length is not None:
        if not (header_length.isascii() and header_length.isdigit()):
            raise RequestError(
                f"Inference-Header-Content-Length must be a number. Received: {header_length!r}."
            )
        length = int(header_length)
        if length > len(body):
            raise RequestError(
                f"Inference-Header-Content-Length must be at most the size of the body, "
                f"{len(body)} bytes. Received: {length}."
            )
    view = memoryview(body)
    try:
        content = orjson.loads(view[:length])
    except orjson.JSONDecodeError as error:
        raise RequestError(f"The request must be JSON: {error}.") from None
    if not isinstance(content, dict):
        raise RequestError("The request must be a JSON object with `inputs`. Received: another.")
    return content, view[length:]


def _inputs(content, binary):
    """Yields the `Input`s of a request; each takes its own part of the binary data."""
    position = 0
    for entry in _list(content, "inputs"):
        name = _text(entry, "name", "An input")
        datatype = _text(entry, "datatype", f"Input {name!r}")
        shape = _list(entry, "shape")
        parameters = _object(entry, "parameters")
        size = parameters.get("binary_data_size")
        if size is None:
            values = _list(entry, "data") if not parameters.keys() & set(UNSUPPORTED) else []
            read = _reader(tensors.from_values, values)
        else:
            if "data" in entry:
                raise RequestError(f"Input {name!r} must have `data` or binary data, not both.")
            if type(size) is not int or not 0 <= size <= len(binary) - position:
                raise RequestError(
                    f"`binary_data_size` of {name!r} must be at most the {len(binary) - position} "
                    f"bytes that follow. Received: {size}."
                )
            read = _reader(tensors.from_bytes, binary[position : position + size])
            position += size
        yield Input(name, datatype, shape, read, tuple(parameters))
    if position != len(binary):
        raise RequestError(
            f"The inputs must take all binary data: {len(binary)} bytes came, {position} belong to "
            "inputs."
        )


def _reader(read, data):
    return lambda tensor, shape: read(tensor, shape, data)


def _text(entry, key, owner):
    if not isinstance(entry, dict) or not isinstance(entry.get(key), str):
        raise RequestError(f"{owner} must be an object with the string `{key}`. Received: another.")
    return entry[key]


def _list(entry, key, default=None):
    value = entry.get(key, default)
    if not isinstance(value, list):
        raise RequestError(f"`{key}` must be a list. Received: {_brief(value)}.")
    return value


def _object(entry, key):
    value = entry.get(key, {})
    if not isinstance(value, dict):
        raise RequestError(f"`{key}` must be an object. Received: {_brief(value)}.")
    return value


def _brief(value):
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


def _answer(answer: Answer, content, outputs, accepted):
    binary_default = _object(content, "parameters").get("binary_data_output") is True
    binary = {
        output["name"]: _object(output, "parameters").get("binary_data", binary_default) is True
        for output in outputs
    }
    described, pieces = [], []
    for tensor, array in answer.outputs:
        facts = {"name": tensor.name, "shape": array.shape, "datatype": tensor.datatype}
        if binary.get(tensor.name, binary_default):
            pieces.append(tensors.to_bytes(array))
            facts["parameters"] = {"binary_data_size": len(pieces[-1])}
        else:
            facts["data"] = array.reshape(-1)
        described.append(facts)
    head = {"model_name": answer.name, "model_version": answer.version, "outputs": described}
    if isinstance(content.get("id"), str):
        head["id"] = content["id"]
    text = orjson.dumps(head, option=orjson.OPT_SERIALIZE_NUMPY)
    headers = {HEADER_LENGTH: str(len(text))} if pieces else {}
    body, encoding = bodies.compressed(b"".join([text, *pieces]), accepted)
    media_type = _BYTES if pieces else "application/json"
    return Response(body, headers=headers | encoding, media_type=media_type)


def _json(content, status=200):
    return Response(orjson.dumps(content), status, media_type="application/json")


def _error(error: RequestError):
    headers = {"www-authenticate": "Bearer"} if error.status == 401 else {}
    # What remains of a body that is too large or too slow is not read.
    headers |= {"connection": "close"} if error.status in (408, 413) else {}
    return Response(
        orjson.dumps({"error": str(error)}), error.status, headers, media_type="application/json"
    )


async def _http_error(request, error):
    """Returns the answer for a path or method that the server does not have."""
    message = "There is no such path." if error.status_code == 404 else str(error.detail) + "."
    return Response(
        orjson.dumps({"error": message}),
        error.status_code,
        dict(error.headers or {}),
        media_type="application/json",
    )
