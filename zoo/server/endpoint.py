"""One endpoint of an exported model, as the protocol serves it: a model with named tensors."""

import numpy as np

from zoo.inputs import arrays, bounds, kinds
from zoo.server import tensors
from zoo.server.errors import RequestError
from zoo.server.tensors import TEXT, Tensor
from zoo.serving import Bundle

PLATFORM = "onnxruntime_onnx"  # the protocol's name of what computes


class Endpoint:
    """An endpoint of a bundle, which takes and returns the tensors of its signature.

    A model of texts takes `text`, raw strings, in place of its documents.

    Args:
        bundle: `Bundle`.
        name: String. Name of the endpoint, such as `"encode"`.

    Attributes:
        inputs: List of `Tensor`.
        outputs: List of `Tensor`.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4,), latent_dim=2)
    >>> endpoint = Endpoint(zoo.export(model, "one"), "encode")
    >>> endpoint.outputs
    [Tensor(name='latent', datatype='FP32', shape=(-1, 2))]
    >>> endpoint.run(endpoint.checked({"features": np.zeros((3, 4), np.float32)}))[0].shape
    (3, 2)
    """

    def __init__(self, bundle: Bundle, name: str):
        self._bundle, self._name = bundle, name
        self._facts, outputs = bundle.signatures[name]
        self.inputs = [tensors.of_facts(facts) for facts in self._facts]
        self.outputs = [tensors.of_facts(facts) for facts in outputs]
        self.takes_texts = name != "decode" and bundle.vocabulary is not None
        if self.takes_texts:
            self.inputs = [Tensor("text", TEXT, (-1,))]
        # Whether rows of the right shape and datatype need no more than a look at their values.
        kind = kinds.of_tensor(self.inputs[0].name)
        self._plain = kind is not kinds.DOCUMENTS and not bundle.columns

    def checked(self, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        """Returns the tensors that the model computes on, after checking the values of a request.

        Args:
            inputs: Dict of arrays in the shapes and datatypes of `inputs`, by name.

        Raises:
            UsageError: If a value is not finite or out of range, or the inputs differ in their
                number of rows.
            RequestError: If a text is not UTF-8.
        """
        if self.takes_texts:
            return [self._bundle.check(_texts(inputs["text"]))]
        if self._name == "decode":
            code, *switches = (inputs[tensor.name] for tensor in self.inputs)
            return arrays.check_code(code, switches or None, self._bundle.code_shapes)
        name, bundle = self.inputs[0].name, self._bundle
        x = inputs[name]
        if not (self._plain and x.size):
            return [bundle.check(x)]
        bounds.check_values(x, bundle.value_range, arrays.plural(name), missing=bundle.missing)
        return [x]

    def run(self, tensors_: list[np.ndarray], batch_size: int = 256) -> list[np.ndarray]:
        """Returns the outputs, in the order of `outputs`.

        Args:
            tensors_: List of arrays, as `checked` returns it.
            batch_size: Integer. Number of rows that are computed at once. Defaults to 256.
        """
        return self._bundle.run(self._name, tensors_, batch_size)

    def warm(self) -> None:
        """Computes one row of zeros, so that the first request does not wait for the runtime."""
        self.run([np.zeros((1, *facts.shape[1:]), facts.dtype) for facts in self._facts])


def _texts(strings):
    try:
        return [text.decode("utf-8") for text in strings]
    except UnicodeDecodeError:
        raise RequestError("Texts must be UTF-8. Received: other bytes.") from None


def endpoints(bundle: Bundle, name: str) -> dict[str, Endpoint]:
    """Returns the endpoints of a bundle by the names under which they are served.

    The name itself stands for `reconstruct`, or for the first endpoint of a model without it.

    Args:
        bundle: `Bundle`.
        name: String. Name of the model.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4,), latent_dim=2)
    >>> list(endpoints(zoo.export(model, "another"), "linear"))
    ['linear', 'linear.encode', 'linear.decode']
    """
    main = "reconstruct" if "reconstruct" in bundle.signatures else next(iter(bundle.signatures))
    others = [endpoint for endpoint in bundle.signatures if endpoint != main]
    return {name: Endpoint(bundle, main)} | {
        f"{name}.{endpoint}": Endpoint(bundle, endpoint) for endpoint in others
    }
