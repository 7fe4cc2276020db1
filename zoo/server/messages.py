"""The messages of the Open Inference Protocol over gRPC, from a table of their fields."""

import functools

from google.protobuf import message_factory

from zoo.serving import protos

PACKAGE = "inference"
SERVICE = f"{PACKAGE}.GRPCInferenceService"
_PARAMETERS = "map InferParameter parameters"
# By message: fields as "[map|repeated] type name number". A type with a capital is a message.
FIELDS = {
    "ServerLiveRequest": "",
    "ServerLiveResponse": "bool live 1",
    "ServerReadyRequest": "",
    "ServerReadyResponse": "bool ready 1",
    "ModelReadyRequest": "string name 1, string version 2",
    "ModelReadyResponse": "bool ready 1",
    "ServerMetadataRequest": "",
    "ServerMetadataResponse": "string name 1, string version 2, repeated string extensions 3",
    "ModelMetadataRequest": "string name 1, string version 2",
    "TensorMetadata": "string name 1, string datatype 2, repeated int64 shape 3",
    "ModelMetadataResponse": "string name 1, repeated string versions 2, string platform 3, "
    "repeated TensorMetadata inputs 4, repeated TensorMetadata outputs 5",
    "InferParameter": "bool bool_param 1, int64 int64_param 2, string string_param 3, "
    "double double_param 4, uint64 uint64_param 5",
    "InferTensorContents": "repeated bool bool_contents 1, repeated int32 int_contents 2, "
    "repeated int64 int64_contents 3, repeated uint32 uint_contents 4, "
    "repeated uint64 uint64_contents 5, repeated float fp32_contents 6, "
    "repeated double fp64_contents 7, repeated bytes bytes_contents 8",
    "InferTensor": "string name 1, string datatype 2, repeated int64 shape 3, "
    f"{_PARAMETERS} 4, InferTensorContents contents 5",
    "InferRequestedOutputTensor": f"string name 1, {_PARAMETERS} 2",
    "ModelInferRequest": f"string model_name 1, string model_version 2, string id 3, "
    f"{_PARAMETERS} 4, repeated InferTensor inputs 5, "
    "repeated InferRequestedOutputTensor outputs 6, repeated bytes raw_input_contents 7",
    "ModelInferResponse": f"string model_name 1, string model_version 2, string id 3, "
    f"{_PARAMETERS} 4, repeated InferTensor outputs 5, repeated bytes raw_output_contents 6",
}
ONE_OF = {"InferParameter": "parameter_choice"}  # messages of which one field is set
METHODS = (
    "ServerLive", "ServerReady", "ModelReady", "ServerMetadata", "ModelMetadata", "ModelInfer"
)  # fmt: skip


@functools.cache
def message(name: str) -> type:
    """Returns the class of a message of the protocol.

    Args:
        name: String. A key of `FIELDS`.

    Example:

    >>> message("ModelReadyRequest")(name="pca").SerializeToString()
    b'\\n\\x03pca'
    """
    return message_factory.GetMessageClass(_pool().FindMessageTypeByName(f"{PACKAGE}.{name}"))


@functools.cache
def _pool():
    return protos.pool(PACKAGE, FIELDS, ONE_OF)
