"""Sends a request by tritonclient: PROTOCOL ADDRESS MODEL INPUTS.npz OUTPUTS.npz."""

import importlib
import sys

import numpy as np
from tritonclient.utils import np_to_triton_dtype

protocol, address, model, source, target = sys.argv[1:]
triton = importlib.import_module(f"tritonclient.{protocol}")
with triton.InferenceServerClient(address) as server, np.load(source) as arrays:
    if not (server.is_server_live() and server.is_server_ready() and server.is_model_ready(model)):
        sys.exit(f"{model} is not ready")
    inputs = []
    for name, array in arrays.items():
        tensor = triton.InferInput(name, array.shape, np_to_triton_dtype(array.dtype))
        tensor.set_data_from_numpy(array)
        inputs.append(tensor)
    metadata = server.get_model_metadata(model)
    outputs = metadata["outputs"] if protocol == "http" else metadata.outputs
    names = [each["name"] if protocol == "http" else each.name for each in outputs]
    answer = server.infer(model, inputs)
    np.savez(target, **{name: answer.as_numpy(name) for name in names})
