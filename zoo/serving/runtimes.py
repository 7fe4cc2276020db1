"""The runtimes that open the files of an export: onnxruntime, OpenVINO and LiteRT."""

import threading

from zoo.errors import CheckFailedError, UsageError, no_such
from zoo.serving import external_data, sessions
from zoo.storage import untrusted
from zoo.storage.manifest import LITERT_FILES, ONNX_FILES


class Runtime:
    """Base class of the runtimes: opens the files of an export and runs their endpoints.

    An export that ships may leave out the file of the whole auto-encoder, which holds the weights
    of the other two once more: the encoder and the decoder run one after the other then.

    Args:
        files: Dict of bytes, the files by their endpoints.
        signatures: Dict from each endpoint to its inputs and outputs, each a list of tensors with a
            `name`, `shape` and `dtype`.
        threads: Integer. Number of threads; 0 for the runtime's own default. Defaults to 0.

    Attributes:
        models: Dict with what the runtime opened for each file.

    Example:

    >>> from pathlib import Path
    >>> files = {"encode": Path("encoder.tflite").read_bytes()}  # doctest: +SKIP
    >>> runtime = LiteRT(files, bundle.signatures)  # doctest: +SKIP
    >>> runtime.run("encode", {"image": np.zeros((3, 28, 28, 1), "float32")})  # doctest: +SKIP
    """

    title = ""
    files = ONNX_FILES

    def __init__(self, files: dict[str, bytes], signatures: dict, threads: int = 0):
        self.signatures = signatures
        self._lock = threading.Lock()  # neither of the runtimes computes in two threads at once
        self.models = {}
        for name, data in files.items():
            with untrusted.guard(self.files[name], f"a file that {self.title} can read"):
                self.models[name] = self.open(data, threads)

    def open(self, data: bytes, threads: int):
        """Returns what the runtime opens for the bytes of a file."""
        raise NotImplementedError

    def tensors(self, name: str) -> tuple[dict, dict]:
        """Returns the shape and dtype of each input and each output of an endpoint's file."""
        raise NotImplementedError

    def compute(self, name: str, feeds: dict) -> dict:
        """Returns the outputs of an endpoint's file, by their names."""
        raise NotImplementedError

    def run(self, name: str, feeds: dict) -> dict:
        """Returns the outputs of an endpoint.

        Args:
            name: String. The endpoint.
            feeds: Dict of arrays by the names of the inputs; others are ignored.

        Returns:
            Dict of arrays by the names of the outputs.
        """
        if name == "reconstruct" and name not in self.models:
            return self.run("decode", self.run("encode", feeds))
        inputs, _ = self.signatures[name]
        with self._lock:
            return self.compute(name, {tensor.name: feeds[tensor.name] for tensor in inputs})

    def require_signatures(self) -> None:
        """Raises an error if the tensors of a file are not those of its signature.

        Raises:
            CheckFailedError: If names, shapes or dtypes differ.
        """
        for name in self.models:
            for tensors, actual in zip(self.signatures[name], self.tensors(name), strict=True):
                expected = {tensor.name: (tensor.shape, tensor.dtype) for tensor in tensors}
                if expected != actual:
                    raise CheckFailedError(
                        f"{self.files[name]} must have the tensors that manifest.json lists: "
                        f"{expected}. Received: {actual}."
                    )


class OpenVINO(Runtime):
    """OpenVINO on the CPU, which computes the ONNX files in float32.

    By itself it would compute in fewer bits where the processor can: values differ visibly then,
    and so do switches.

    Args:
        files, signatures, threads: As for `Runtime`.

    Example:

    >>> zoo.load("exported", runtime="openvino")  # doctest: +SKIP
    """

    title = "OpenVINO"

    def open(self, data, threads):
        import openvino

        external_data.refuse(data)
        core = openvino.Core()
        options = {"INFERENCE_PRECISION_HINT": "f32"}
        if threads:
            options["INFERENCE_NUM_THREADS"] = threads
        return core.compile_model(core.read_model(model=data), "CPU", options)

    def tensors(self, name):
        model = self.models[name]
        return tuple(
            {self._name_of(port, tensors): _facts_of(port) for port in ports}
            for ports, tensors in zip(
                (model.inputs, model.outputs), self.signatures[name], strict=True
            )
        )

    def compute(self, name, feeds):
        _, outputs = self.signatures[name]
        computed = self.models[name](feeds)
        return {self._name_of(port, outputs): computed[port].copy() for port in computed}

    def _name_of(self, port, tensors):
        """Returns that one of a port's names that the signature has, if there is one."""
        names = sorted(port.get_names())
        known = [tensor.name for tensor in tensors if tensor.name in names]
        return (known or names)[0]


def _facts_of(port):
    sizes = tuple(size.get_length() if size.is_static else None for size in port.partial_shape)
    return sizes, _DTYPES.get(port.element_type.get_type_name())


_DTYPES = {"f32": "float32", "i32": "int32", "i64": "int64"}


class LiteRT(Runtime):
    """LiteRT, formerly TensorFlow Lite, which computes the `.tflite` files on the CPU.

    Args:
        files, signatures, threads: As for `Runtime`.

    Example:

    >>> zoo.load("exported", runtime="litert")  # doctest: +SKIP
    """

    title = "LiteRT"
    files = LITERT_FILES

    def open(self, data, threads):
        from ai_edge_litert.interpreter import Interpreter

        interpreter = Interpreter(model_content=data, num_threads=threads or None)
        (signature,) = interpreter.get_signature_list()
        return interpreter, interpreter.get_signature_runner(signature)

    def tensors(self, name):
        _, runner = self.models[name]
        return tuple(
            {
                key: (_sizes(facts["shape_signature"]), facts["dtype"].__name__)
                for key, facts in details.items()
            }
            for details in (runner.get_input_details(), runner.get_output_details())
        )

    def compute(self, name, feeds):
        return self.models[name][1](**feeds)


def _sizes(shape):
    return tuple(None if size == -1 else int(size) for size in shape)


class OnnxRuntime(Runtime):
    """onnxruntime, which computes the ONNX files.

    Args:
        files, signatures: As for `Runtime`.
        providers, session_options: As for `zoo.load`.

    Example:

    >>> zoo.load("exported", runtime="onnxruntime")  # doctest: +SKIP
    """

    title = "onnxruntime"

    def __init__(self, files, signatures, providers=sessions.CPU, session_options=None):
        self.signatures = signatures
        self._endpoints = sessions.Endpoints(files, providers, session_options)
        self.models = self._endpoints.sessions
        self.run = self._endpoints.run

    def require_signatures(self):
        for name, session in self.models.items():
            sessions.require_signature(session, *self.signatures[name], ONNX_FILES[name])


RUNTIMES = {"onnxruntime": OnnxRuntime, "openvino": OpenVINO, "litert": LiteRT}


def chosen(name: str | None, manifest) -> type[Runtime]:
    """Returns the class of a runtime that can open an export.

    Args:
        name: String, a key of `RUNTIMES`; None for onnxruntime, or for LiteRT if the export has no
            ONNX files.
        manifest: `Manifest` of the export.

    Raises:
        UsageError: If there is no such runtime, or the export lacks its files.

    Example:

    >>> from zoo.storage.manifest import Manifest
    >>> chosen(None, Manifest({"files": {"encoder.tflite": {}}, "signatures": {"encode": {}}}))
    <class 'zoo.serving.runtimes.LiteRT'>
    """
    first = next(iter(manifest.content["signatures"]))
    if name is None:
        lacks_onnx = manifest.lists(LITERT_FILES[first]) and not manifest.lists(ONNX_FILES[first])
        return LiteRT if lacks_onnx else OnnxRuntime
    if name not in RUNTIMES:
        raise no_such("runtime", name, list(RUNTIMES))
    runtime = RUNTIMES[name]
    if not manifest.lists(runtime.files[first]):
        suffix = runtime.files[first].rpartition(".")[2]
        raise UsageError(
            f"{runtime.title} opens .{suffix} files, which this export does not have: "
            f"export it with {'litert' if suffix == 'tflite' else 'onnx'} among its formats."
        )
    unpooling = manifest.content.get("unpooling")
    if runtime is OpenVINO and unpooling == "native":
        raise UsageError(
            "OpenVINO has no MaxUnpool, which this export unpools by: export it with "
            "target='openvino'."
        )
    return runtime


def opened(
    runtime: type[Runtime],
    files: dict,
    signatures: dict,
    providers=sessions.CPU,
    session_options=None,
):
    """Returns a runtime with the files of an export opened in it.

    Args:
        runtime: Class of the runtime.
        files, signatures: As for `Runtime`.
        providers, session_options: As for `zoo.load`. Other runtimes than onnxruntime take the
            number of threads from the latter, and no providers.

    Raises:
        UsageError: If providers are given to another runtime than onnxruntime.
        MissingExtraError: If the runtime is not installed.
        CheckFailedError: If a file cannot be read.

    Example:

    >>> opened(LiteRT, {}, {}).models
    {}
    """
    if runtime is OnnxRuntime:
        return runtime(files, signatures, providers, session_options)
    if providers != sessions.CPU:
        raise UsageError(
            f"`providers` are onnxruntime's; {runtime.title} has none. "
            f"Received: providers={providers!r}."
        )
    if session_options is not None:
        sessions.require_options(session_options)
    return runtime(files, signatures, getattr(session_options, "intra_op_num_threads", 0))


def runner(name: str, folder, model):
    """Returns a function that runs the files of a folder in a runtime.

    Args:
        name: String, a key of `RUNTIMES`.
        folder: Path of a folder that is being exported or verified.
        model: Object with the `signatures` of the files.

    Returns:
        A function `run(endpoint, feeds)`, which takes a dict of arrays and returns the dict of the
        outputs' arrays.

    Example:

    >>> from pathlib import Path
    >>> run = runner("onnxruntime", Path("exported"), bundle)  # doctest: +SKIP
    >>> run("encode", {"image": np.zeros((3, 28, 28, 1), "float32")})  # doctest: +SKIP
    """
    runtime = RUNTIMES[name]
    files = {
        endpoint: (folder / file).read_bytes()
        for endpoint, file in runtime.files.items()
        if endpoint in model.signatures and (folder / file).exists()
    }
    return runtime(files, model.signatures).run
