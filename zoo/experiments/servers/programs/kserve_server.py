"""Serves an ONNX file by KServe's SDK: NAME MODEL.onnx HTTP_PORT GRPC_PORT THREADS."""

import sys

import onnxruntime
from kserve import InferOutput, InferResponse, Model, ModelServer
from kserve.utils.numpy_codec import from_np_dtype

name, path, http_port, grpc_port, threads = sys.argv[1:]


class OnnxModel(Model):
    """Computes every output of an ONNX file."""

    def load(self):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = int(threads)
        self._session = onnxruntime.InferenceSession(
            path, options, providers=["CPUExecutionProvider"]
        )
        self._names = [output.name for output in self._session.get_outputs()]
        self.ready = True

    def predict(self, payload, headers=None, response_headers=None):
        feeds = {tensor.name: tensor.as_numpy() for tensor in payload.inputs}
        outputs = []
        for output, value in zip(self._names, self._session.run(self._names, feeds), strict=True):
            outputs.append(InferOutput(output, list(value.shape), from_np_dtype(value.dtype)))
            outputs[-1].set_data_from_numpy(value, binary_data=bool(payload.from_grpc))
        return InferResponse(response_id="", model_name=self.name, infer_outputs=outputs)


model = OnnxModel(name)
model.load()
ports = {"http_port": int(http_port), "grpc_port": int(grpc_port)}
ModelServer(**ports, workers=1, access_log_format=None).start([model])
