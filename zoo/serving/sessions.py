"""onnxruntime sessions of files whose hash is known to be right."""

import warnings

import onnxruntime

from zoo import untrusted
from zoo.errors import CheckFailedError, UsageError, no_such
from zoo.manifest import ONNX_FILES
from zoo.serving import external_data

_DTYPES = {"tensor(float)": "float32", "tensor(int32)": "int32", "tensor(int64)": "int64"}
CPU = ("CPUExecutionProvider",)


def open_session(data: bytes, providers=CPU) -> onnxruntime.InferenceSession:
    """Returns a session of one ONNX file's bytes.

    Args:
        data: the file's bytes.
        providers: the name of an onnxruntime provider, or a list of names in order of preference;
            in a list, a pair of a name and a dict of options is accepted too.

    Raises:
        UsageError: for an unknown provider, or if none of them is installed.
        CheckFailedError: if the file keeps numbers in other files, or onnxruntime cannot read it.
    """
    external_data.refuse(data)
    chosen = _installed(providers)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors only
    options.add_session_config_entry("session.load_model_format", "ONNX")
    with untrusted.guard("The ONNX file", "one that onnxruntime can read"):
        session = onnxruntime.InferenceSession(data, options, providers=chosen)
    _warn_of_missing(chosen, session.get_providers())  # such as one whose driver is not there
    return session


def require_signature(session, inputs, outputs, name: str) -> None:
    """Raises `CheckFailedError` if a session's tensors are not those of a manifest's signature.

    Args:
        session: of the file `name`.
        inputs, outputs: for each tensor its `name`, `shape` and `dtype`.
        name: of the file.
    """
    for wanted, found in ((inputs, session.get_inputs()), (outputs, session.get_outputs())):
        told = {tensor.name: (tensor.dtype, tensor.shape) for tensor in wanted}
        held = {tensor.name: (_DTYPES.get(tensor.type), _shape(tensor)) for tensor in found}
        if told != held:
            raise CheckFailedError(
                f"{name} must have the tensors that manifest.json tells of: {told}. "
                f"Received: {held}."
            )


def _shape(tensor):
    """Returns a tensor's shape with None for every size that it leaves open."""
    return tuple(size if isinstance(size, int) else None for size in tensor.shape)


def _installed(providers):
    """Returns the list of those providers that the installed onnxruntime has."""
    providers = [providers] if isinstance(providers, str) else providers
    if not isinstance(providers, (list, tuple)) or not providers:
        raise UsageError(
            "`providers` must be a provider's name or a list of names. "
            f"Received: providers={providers!r}."
        )
    there = onnxruntime.get_available_providers()
    known = sorted({*there, *onnxruntime.get_all_providers()})
    for name in map(_name, providers):
        if name not in known:
            raise no_such("provider", name, known)
    chosen = [provider for provider in providers if _name(provider) in there]
    if not chosen:
        missing = " and ".join(map(_name, providers))
        raise UsageError(
            f"`providers` must be among those of the installed onnxruntime, {', '.join(there)}; "
            f"for others install the package that has them. Received: {missing}."
        )
    _warn_of_missing(providers, there)
    return chosen


def _warn_of_missing(providers, there):
    for name in map(_name, providers):
        if name not in there:
            warnings.warn(
                f"{name} is missing here: onnxruntime runs the model by {', '.join(there)}.",
                stacklevel=2,
            )


def _name(provider):
    return provider[0] if isinstance(provider, tuple) and provider else provider


def runner(folder):
    """A function `run(endpoint, feeds)` over the ONNX files of a folder being written."""
    opened = {
        name: open_session((folder / file).read_bytes())
        for name, file in ONNX_FILES.items()
        if (folder / file).exists()
    }

    def run(name, feeds):
        names = [output.name for output in opened[name].get_outputs()]
        given = {each.name: feeds[each.name] for each in opened[name].get_inputs()}
        return dict(zip(names, opened[name].run(names, given), strict=True))

    return run
