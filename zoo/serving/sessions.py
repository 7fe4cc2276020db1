"""Opens onnxruntime sessions of ONNX files whose hash was checked before."""

import warnings
from typing import TYPE_CHECKING

from zoo.errors import CheckFailedError, UsageError, no_such
from zoo.serving import external_data
from zoo.storage import untrusted

if TYPE_CHECKING:
    import onnxruntime  # imported when a session is opened, so that training does not need it

_FORMAT = "session.load_model_format"
_DTYPES = {"tensor(float)": "float32", "tensor(int32)": "int32", "tensor(int64)": "int64"}
CPU = ("CPUExecutionProvider",)


def open_session(
    data: bytes, providers=CPU, session_options=None
) -> "onnxruntime.InferenceSession":
    """Returns an onnxruntime session of an ONNX file.

    Args:
        data: Bytes of the file.
        providers: String or sequence of strings. The name of an onnxruntime provider, or several in
            order of preference; in a list, a pair of a name and a dict of options is accepted too.
            Defaults to the CPU.
        session_options: `onnxruntime.SessionOptions`, such as the number of threads. Defaults to
            None, for onnxruntime's own.

    Returns:
        An `onnxruntime.InferenceSession`.

    Raises:
        UsageError: If a provider is unknown, or none of them is installed; or if the options are
            of another type.
        CheckFailedError: If the file keeps tensors in other files, or onnxruntime cannot read it.

    Example:

    >>> from pathlib import Path
    >>> open_session(Path("exported/encoder.onnx").read_bytes())  # doctest: +SKIP
    <onnxruntime.capi.onnxruntime_inference_collection.InferenceSession object at 0x...>
    """
    import onnxruntime

    external_data.refuse(data)
    chosen = _installed(providers)
    options = session_options
    if options is None:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3  # errors only
    require_options(options)
    _read_onnx_only(options)
    with untrusted.guard("The ONNX file", "one that onnxruntime can read"):
        session = onnxruntime.InferenceSession(data, options, providers=chosen)
    _warn_of_missing(chosen, session.get_providers())  # installed, but its driver may be missing
    return session


def require_options(options) -> None:
    """Raises an error unless options are an `onnxruntime.SessionOptions`.

    Args:
        options: Any object.

    Raises:
        UsageError: If they are not.

    Example:

    >>> import onnxruntime
    >>> require_options(onnxruntime.SessionOptions())
    """
    import onnxruntime

    if not isinstance(options, onnxruntime.SessionOptions):
        raise UsageError(
            "`session_options` must be an onnxruntime.SessionOptions. "
            f"Received: {type(options).__name__}."
        )


def _read_onnx_only(options):
    """Sets the one file format that is read, unless these options were used before."""
    try:
        options.get_session_config_entry(_FORMAT)
    except RuntimeError:  # it is not set
        options.add_session_config_entry(_FORMAT, "ONNX")


def require_signature(session, inputs, outputs, name: str) -> None:
    """Raises an error if a session's tensors are not those of a signature in the manifest.

    Args:
        session: `onnxruntime.InferenceSession`.
        inputs, outputs: Sequences of the expected tensors, each with a `name`, `shape` and `dtype`.
        name: String. Name of the ONNX file, for the message.

    Raises:
        CheckFailedError: If names, shapes or dtypes differ.

    Example:

    >>> bundle = zoo.load("exported")  # doctest: +SKIP
    >>> session = open_session((bundle.folder / "encoder.onnx").read_bytes())  # doctest: +SKIP
    >>> require_signature(session, *bundle.signatures["encode"], "encoder.onnx")  # doctest: +SKIP
    """
    for tensors, session_tensors in (
        (inputs, session.get_inputs()),
        (outputs, session.get_outputs()),
    ):
        expected = {tensor.name: (tensor.dtype, tensor.shape) for tensor in tensors}
        actual = {
            tensor.name: (_DTYPES.get(tensor.type), _shape(tensor)) for tensor in session_tensors
        }
        if expected != actual:
            raise CheckFailedError(
                f"{name} must have the tensors that manifest.json lists: {expected}. "
                f"Received: {actual}."
            )


def _shape(tensor):
    """Returns a tensor's shape, with None for every size that is not fixed."""
    return tuple(size if isinstance(size, int) else None for size in tensor.shape)


def _installed(providers):
    """Returns those of the providers that the installed onnxruntime has."""
    import onnxruntime

    providers = [providers] if isinstance(providers, str) else providers
    if not isinstance(providers, (list, tuple)) or not providers:
        raise UsageError(
            "`providers` must be a provider's name or a list of names. "
            f"Received: providers={providers!r}."
        )
    available = onnxruntime.get_available_providers()
    known = sorted({*available, *onnxruntime.get_all_providers()})
    for name in map(_name, providers):
        if name not in known:
            raise no_such("provider", name, known)
    chosen = [provider for provider in providers if _name(provider) in available]
    if not chosen:
        missing = " and ".join(map(_name, providers))
        raise UsageError(
            "`providers` must be among those of the installed onnxruntime, "
            f"{', '.join(available)}; for others install the package that has them. "
            f"Received: {missing}."
        )
    _warn_of_missing(providers, available)
    return chosen


def _warn_of_missing(providers, available):
    for name in map(_name, providers):
        if name not in available:
            warnings.warn(
                f"{name} is not available: onnxruntime runs the model with {', '.join(available)}.",
                stacklevel=2,
            )


def _name(provider):
    return provider[0] if isinstance(provider, tuple) and provider else provider


class Endpoints:
    """The ONNX files of an export, opened in onnxruntime.

    An export that ships may leave out the file of the whole auto-encoder, which holds the weights
    of the other two once more: the encoder and the decoder run one after the other then.

    Args:
        files: Dict of bytes, the ONNX files by their endpoints.
        providers: String or sequence of strings, as for `open_session`. Defaults to the CPU.
        session_options: `onnxruntime.SessionOptions`, or None, as for `open_session`.

    Attributes:
        sessions: Dict with an `onnxruntime.InferenceSession` for each file.

    Example:

    >>> from pathlib import Path
    >>> endpoints = Endpoints({"encode": Path("encoder.onnx").read_bytes()})  # doctest: +SKIP
    >>> endpoints.run("encode", {"image": np.zeros((3, 28, 28, 1), "float32")})  # doctest: +SKIP
    """

    def __init__(self, files: dict[str, bytes], providers=CPU, session_options=None):
        self.sessions = {
            name: open_session(data, providers, session_options) for name, data in files.items()
        }
        self._names = {  # the session would list them anew at every call
            name: tuple(
                [tensor.name for tensor in tensors]
                for tensors in (session.get_inputs(), session.get_outputs())
            )
            for name, session in self.sessions.items()
        }

    def run(self, name: str, feeds: dict) -> dict:
        """Returns the outputs of an endpoint.

        Args:
            name: String. The endpoint.
            feeds: Dict of arrays by the names of the inputs; others are ignored.

        Returns:
            Dict of arrays by the names of the outputs.
        """
        if name == "reconstruct" and name not in self.sessions:
            return self.run("decode", self.run("encode", feeds))
        inputs, outputs = self._names[name]
        values = {key: feeds[key] for key in inputs}
        return dict(zip(outputs, self.sessions[name].run(outputs, values), strict=True))
