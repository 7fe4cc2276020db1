"""Runs an ONNX file in MLServer; it is copied beside the file, and does not need `zoo`."""

import os

from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse
from mlserver.utils import get_model_uri

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import onnxruntime


class OnnxModel(MLModel):
    """Model of MLServer that computes every output of an ONNX file on the CPU."""

    async def load(self) -> bool:
        """Opens the file that `parameters.uri` of the settings names."""
        path = await get_model_uri(self.settings)
        options = onnxruntime.SessionOptions()
        extra = self.settings.parameters.extra or {}
        options.intra_op_num_threads = extra.get("threads", 0)  # 0: one for each core
        self._session = onnxruntime.InferenceSession(
            path, options, providers=["CPUExecutionProvider"]
        )
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        """Returns the outputs for the inputs of a request."""
        feeds = {tensor.name: NumpyCodec.decode_input(tensor) for tensor in payload.inputs}
        names = [output.name for output in self._session.get_outputs()]
        values = self._session.run(names, feeds)
        outputs = [NumpyCodec.encode_output(*pair) for pair in zip(names, values, strict=True)]
        for output, value in zip(outputs, values, strict=True):
            output.shape = list(value.shape)  # the codec gives single numbers a second axis
        return InferenceResponse(model_name=self.name, model_version=self.version, outputs=outputs)
