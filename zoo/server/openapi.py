"""The OpenAPI document of a server, with the names of the models that it serves."""

import zoo
from zoo.server.service import Service
from zoo.server.tensors import DTYPES, TEXT

_TENSOR = {
    "type": "object",
    "required": ["name", "shape", "datatype"],
    "properties": {
        "name": {"type": "string"},
        "shape": {"type": "array", "items": {"type": "integer", "minimum": 0}},
        "datatype": {"type": "string", "enum": [*DTYPES, TEXT]},
        "parameters": {"type": "object"},
        "data": {"type": "array"},
    },
}
_SCHEMAS = {
    "Error": {
        "type": "object",
        "required": ["error"],
        "properties": {"error": {"type": "string"}},
    },
    "Server": {
        "type": "object",
        "required": ["name", "version", "extensions"],
        "properties": {
            "name": {"type": "string"},
            "version": {"type": "string"},
            "extensions": {"type": "array", "items": {"type": "string"}},
        },
    },
    "Live": {"type": "object", "required": ["live"], "properties": {"live": {"type": "boolean"}}},
    "Ready": {
        "type": "object",
        "required": ["ready"],
        "properties": {"ready": {"type": "boolean"}, "name": {"type": "string"}},
    },
    "TensorMetadata": {
        "type": "object",
        "required": ["name", "shape", "datatype"],
        "properties": {
            "name": {"type": "string"},
            "shape": {"type": "array", "items": {"type": "integer", "minimum": -1}},
            "datatype": {"type": "string"},
        },
    },
    "Model": {
        "type": "object",
        "required": ["name", "versions", "platform", "inputs", "outputs"],
        "properties": {
            "name": {"type": "string"},
            "versions": {"type": "array", "items": {"type": "string"}},
            "platform": {"type": "string"},
            "inputs": {"type": "array", "items": {"$ref": "#/components/schemas/TensorMetadata"}},
            "outputs": {"type": "array", "items": {"$ref": "#/components/schemas/TensorMetadata"}},
        },
    },
    "Tensor": _TENSOR,
    "Request": {
        "type": "object",
        "required": ["inputs"],
        "properties": {
            "id": {"type": "string"},
            "parameters": {"type": "object"},
            "inputs": {"type": "array", "items": {"$ref": "#/components/schemas/Tensor"}},
            "outputs": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["name"],
                    "properties": {"name": {"type": "string"}, "parameters": {"type": "object"}},
                },
            },
        },
    },
    "Answer": {
        "type": "object",
        "required": ["model_name", "model_version", "outputs"],
        "properties": {
            "model_name": {"type": "string"},
            "model_version": {"type": "string"},
            "id": {"type": "string"},
            "outputs": {"type": "array", "items": {"$ref": "#/components/schemas/Tensor"}},
        },
    },
}
_ERRORS = {
    "400": "The request is not one that the model takes.",
    "401": "The bearer token is missing or wrong.",
    "404": "There is no such model or version.",
    "408": "The request came too slowly.",
    "413": "The request is too large.",
    "503": "The server is busy, or ends.",
    "504": "The model took too long.",
}


def document(service: Service) -> dict:
    """Returns the OpenAPI document of a server.

    Args:
        service: `Service`.
    """
    names = {"type": "string", "enum": service.names()}
    version = {"type": "string", "pattern": "^[1-9][0-9]*$"}
    paths = {
        "/v2": _get("Server", "Name and version of the server."),
        "/v2/health/live": _get("Live", "Whether the server runs."),
        "/v2/health/ready": _get("Ready", "Whether the server takes requests."),
    }
    for end, parameters in (
        ("", [_parameter("name", names)]),
        ("/versions/{version}", [_parameter("name", names), _parameter("version", version)]),
    ):
        path = "/v2/models/{name}" + end
        paths |= {
            path: _get("Model", "Inputs and outputs of a model.", parameters),
            f"{path}/ready": _get("Ready", "Whether a model takes requests.", parameters),
            f"{path}/infer": _post(parameters),
        }
    return {
        "openapi": "3.1.0",
        "info": {"title": "autoencoder-zoo", "version": zoo.__version__},
        "paths": paths,
        "components": {"schemas": _SCHEMAS},
    }


def _parameter(name, schema):
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _get(schema, summary, parameters=()):
    return {"get": _operation(schema, summary, parameters)}


def _post(parameters):
    operation = _operation("Answer", "The outputs of a model for some rows.", parameters)
    body = {"required": True, "content": _content("Request")}
    return {"post": operation | {"requestBody": body}}


def _operation(schema, summary, parameters):
    errors = {
        status: {"description": text, "content": _content("Error")}
        for status, text in _ERRORS.items()
    }
    answer = {"description": summary, "content": _content(schema)}
    return {
        "summary": summary,
        "parameters": list(parameters),
        "responses": {"200": answer} | errors,
    }


def _content(schema):
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
