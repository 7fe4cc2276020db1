"""The Open Inference Protocol over gRPC."""

import hmac
import os
import time

os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # read when gRPC is imported; hides native messages

import grpc
from google.protobuf.message import DecodeError

from zoo.server import tensors
from zoo.server.errors import GRPC_CODES, RequestError, as_request_error
from zoo.server.messages import METHODS, SERVICE, message
from zoo.server.service import Input, Service

OPEN = ("ServerLive", "ServerReady")  # methods that need no token
_CONTENTS = {  # by datatype, the field of numbers or strings
    "FP32": "fp32_contents",
    "INT32": "int_contents",
    "INT64": "int64_contents",
    tensors.TEXT: "bytes_contents",
}


def server(service: Service, token: str | None = None) -> "grpc.aio.Server":
    """Returns the gRPC server that answers for a service; it has no port yet.

    Args:
        service: `Service`.
        token: String. The bearer token that requests must bring as metadata, except for the
            server's health. Defaults to None, for none.
    """
    answers = _Answers(service, token)
    handlers = {
        name: grpc.unary_unary_rpc_method_handler(
            answers.guarded(name), response_serializer=lambda answer: answer.SerializeToString()
        )
        for name in METHODS
    }
    largest = service.limits.max_bytes
    result = grpc.aio.server(
        options=[
            ("grpc.max_receive_message_length", largest),
            ("grpc.max_send_message_length", -1),
            ("grpc.so_reuseport", 0),  # a port that is taken is an error
        ]
    )
    result.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(SERVICE, handlers)])
    return result


class _Answers:
    def __init__(self, service, token):
        self._service, self._token = service, token

    def guarded(self, method):
        answer, kind = getattr(self, method), message(f"{method}Request")

        async def guarded(data, context):
            try:
                if method not in OPEN:
                    self._authorise(context)
                try:
                    request = kind.FromString(data)
                except DecodeError:
                    raise RequestError(f"The request must be a {method}Request.") from None
                return await answer(request)
            except Exception as error:  # of any kind, so that the client always has an answer
                error = as_request_error(error)
                code = getattr(grpc.StatusCode, GRPC_CODES[error.status])
                await context.abort(code, str(error))

        return guarded

    def _authorise(self, context):
        if self._token is None:
            return
        given = dict(context.invocation_metadata() or ()).get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode()):
            raise RequestError("The request must bring the server's bearer token.", 401)

    async def ServerLive(self, request):
        return message("ServerLiveResponse")(live=True)

    async def ServerReady(self, request):
        return message("ServerReadyResponse")(ready=self._service.ready)

    async def ModelReady(self, request):
        self._service.facts(request.name, request.version)
        return message("ModelReadyResponse")(ready=self._service.ready)

    async def ServerMetadata(self, request):
        return message("ServerMetadataResponse")(**self._service.server_facts())

    async def ModelMetadata(self, request):
        facts = self._service.facts(request.name, request.version)
        return message("ModelMetadataResponse")(**facts)

    async def ModelInfer(self, request):
        start, status = time.perf_counter(), 500
        try:
            answer = await self._service.infer(
                request.model_name,
                request.model_version,
                list(_inputs(request)),
                [output.name for output in request.outputs],
            )
            status = 200
        except Exception as error:  # of any kind, so that each answer is counted by its status
            error = as_request_error(error)
            status = error.status
            raise error from None
        finally:
            known = request.model_name if request.model_name in self._service.names() else ""
            self._service.metrics.request(known, "grpc", status, time.perf_counter() - start)
        return _response(answer, request)


def _inputs(request):
    """Yields the `Input`s of a request, whose data is raw for all of them or for none."""
    raw = request.raw_input_contents
    if raw and len(raw) != len(request.inputs):
        raise RequestError(
            f"`raw_input_contents` must have an entry for each of the {len(request.inputs)} "
            f"inputs. Received: {len(raw)}."
        )
    for number, given in enumerate(request.inputs):
        if raw and given.HasField("contents"):
            raise RequestError(f"Input {given.name!r} must have raw data or contents, not both.")
        read = _raw_reader(raw[number]) if raw else _contents_reader(given.contents)
        yield Input(given.name, given.datatype, list(given.shape), read, tuple(given.parameters))


def _raw_reader(data):
    return lambda tensor, shape: tensors.from_bytes(tensor, shape, data)


def _contents_reader(contents):
    def read(tensor, shape):
        values = list(getattr(contents, _CONTENTS[tensor.datatype]))
        if tensor.datatype == tensors.TEXT:
            return tensors.of_strings(tensor, shape, values)
        return tensors.from_values(tensor, shape, values)

    return read


def _response(answer, request):
    """Returns the answer, raw if the request was."""
    response = message("ModelInferResponse")(
        model_name=answer.name, model_version=answer.version, id=request.id
    )
    for tensor, array in answer.outputs:
        described = response.outputs.add(
            name=tensor.name, datatype=tensor.datatype, shape=array.shape
        )
        if request.raw_input_contents:
            response.raw_output_contents.append(tensors.to_bytes(array))
        else:
            values = getattr(described.contents, _CONTENTS[tensor.datatype])
            values.extend(array.reshape(-1).tolist())
    return response
