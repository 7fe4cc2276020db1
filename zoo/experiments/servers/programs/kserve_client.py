"""Sends a request by KServe's client: PROTOCOL ADDRESS MODEL INPUTS.npz OUTPUTS.npz."""

import asyncio
import sys

import numpy as np
from kserve import (
    InferenceGRPCClient,
    InferenceRESTClient,
    InferInput,
    InferRequest,
    RESTConfig,
)
from kserve.utils.numpy_codec import from_np_dtype

protocol, address, model, source, target = sys.argv[1:]


async def main():
    tensors = []
    with np.load(source) as arrays:
        for name, array in arrays.items():
            datatype = from_np_dtype(array.dtype)
            tensors.append(InferInput(name, list(array.shape), datatype))
            tensors[-1].set_data_from_numpy(array, binary_data=protocol == "grpc")
    request = InferRequest(model_name=model, infer_inputs=tensors)
    if protocol == "grpc":
        client = InferenceGRPCClient(address)
        answer = await client.infer(request)
    else:
        client = InferenceRESTClient(RESTConfig(protocol="v2"))
        if not await client.is_model_ready(address, model):
            sys.exit(f"{model} is not ready")
        answer = await client.infer(address, request, model_name=model)
    await client.close()
    np.savez(target, **{output.name: output.as_numpy() for output in answer.outputs})


asyncio.run(main())
