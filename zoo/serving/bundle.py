"""`zoo.load`: opens an exported model, which runs with NumPy and a runtime such as onnxruntime."""

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from zoo.errors import CheckFailedError, UsageError
from zoo.inputs import chunks, kinds
from zoo.inputs.columns import Columns
from zoo.serving import runtimes, sources
from zoo.serving.array_model import ClassifyingModel, require_endpoint
from zoo.serving.codec import ScoringCodec
from zoo.serving.sessions import CPU
from zoo.storage import file_errors, untrusted, vocabulary_file
from zoo.storage.manifest import LITERT_FILES, ONNX_FILES, Manifest, consistently, is_export

if TYPE_CHECKING:
    import onnxruntime  # imported when a session is opened

_SMALLEST, _LARGEST = (getattr(np.finfo(np.float32), name) for name in ("min", "max"))


class TensorFacts(NamedTuple):
    """Name, shape and dtype of a tensor in a signature.

    Attributes:
        name: String. Name of the tensor.
        shape: Tuple. Its shape; the first size, that of the batch, is None.
        dtype: String. Its dtype.

    Example:

    >>> TensorFacts("latent", (None, 30), "float32").shape
    (None, 30)
    """

    name: str
    shape: tuple
    dtype: str


@file_errors.as_usage_errors()
def load(
    folder: str | Path,
    providers: str | Sequence[str] = CPU,
    session_options: "onnxruntime.SessionOptions | None" = None,
    runtime: str | None = None,
) -> "Bundle":
    """Opens an exported model, without importing TensorFlow.

    Args:
        folder: String or path. The folder that `zoo.export` wrote, or the address
            `"hf://owner/name@revision"` of one on the Hugging Face Hub.
        providers: String or sequence of strings. onnxruntime's execution provider, such as
            `"CUDAExecutionProvider"` for a GPU, or several in order of preference. A missing one of
            several gives a warning. Defaults to the CPU.
        session_options: `onnxruntime.SessionOptions`, such as the number of threads. Other runtimes
            take the number of threads, `intra_op_num_threads`, and nothing else of it. Defaults to
            None, for the runtime's own.
        runtime: String. `"onnxruntime"` or `"openvino"`, for the ONNX files, or `"litert"`, for the
            `.tflite` files. Defaults to None: onnxruntime if there are ONNX files, else LiteRT.

    Returns:
        A `Bundle`.

    Raises:
        UsageError: If the folder is not an exported model, a provider is unknown, or none of them
            is installed; if there is no such runtime, or it cannot open the files; or if the Hub
            has no such repository or revision, or cannot be reached.
        MissingExtraError: If the runtime is not installed; or if an address of the Hub is given and
            `huggingface_hub` is not installed.
        CheckFailedError: If a file is not the one that was exported, or keeps tensors in other
            files.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4, 4, 1), latent_dim=2)
    >>> _ = zoo.export(model, "linear")
    >>> zoo.load("linear").encode(np.zeros((3, 4, 4, 1), "float32")).shape
    (3, 2)
    """
    return Bundle(sources.find(folder), providers, session_options, runtime)


class Bundle(ScoringCodec, ClassifyingModel):
    """An exported model that takes and returns NumPy arrays.

    An auto-encoder has the methods `encode`, `decode` and `reconstruct`, and `indices` if its codes
    are quantised; a detector also has `score`; a classifier has `classify` alone.

    Args:
        folder: String or path. The folder that `zoo.export` wrote.
        providers: String or sequence of strings. onnxruntime's execution providers, as for
            `zoo.load`. Defaults to the CPU.
        session_options: `onnxruntime.SessionOptions`, or None, as for `zoo.load`. A copy of the
            bundle has the runtime's own.
        runtime: String or None, as for `zoo.load`.

    Attributes:
        folder: Path of the exported model.
        manifest: Dict. The content of its manifest.json.
        signatures: Dict. For each endpoint a tuple of two lists of `TensorFacts`, of its inputs and
            its outputs.
        value_range: Tuple of the smallest and the largest input value that is accepted, or None.
        vocabulary: `Vocabulary` of a model of texts, else None.
        column_names: The names of the columns of the table that the model learned from, or None.
        code_bits: Size of a latent code in bits, or None for a model without latent codes.
        record: Dict with the data, seed and metrics of the training, as `model.record` of an
            `AutoEncoder` has them; the values are None if nothing is known.
        switch_bits: Size of the switches that belong to a code in bits, or None.
        code_prior: `"normal"` if the loss draws the codes to N(0, 1), else None.
        detection: Dict. A detector's `threshold` and how it was found, else None.
        runtime: `Runtime` that computes the endpoints.

    Raises:
        UsageError: As for `zoo.load`.
        CheckFailedError: As for `zoo.load`.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4, 4, 1), latent_dim=2)
    >>> bundle = zoo.export(model, "exported")
    >>> bundle
    <zoo.Bundle linear_ae in exported>
    >>> bundle.input_shape, bundle.code_names, bundle.code_shapes
    ((None, 4, 4, 1), ['latent'], [(2,)])
    >>> bundle.reconstruct(np.zeros((3, 4, 4, 1), "float32")).shape
    (3, 4, 4, 1)
    """

    def __init__(
        self,
        folder: str | Path,
        providers: str | Sequence[str] = CPU,
        session_options: "onnxruntime.SessionOptions | None" = None,
        runtime: str | None = None,
    ):
        self.folder = Path(folder)
        self._opened = self.folder.absolute(), providers, runtime
        consistently(self.folder, lambda: self._open(providers, session_options, runtime))

    def _open(self, providers, session_options, runtime):
        manifest = Manifest.read(self.folder)
        self.manifest = manifest.content
        self.signatures = {
            name: tuple(_facts(signature[side]) for side in ("inputs", "outputs"))
            for name, signature in self.manifest["signatures"].items()
        }
        chosen = runtimes.chosen(runtime, manifest)
        files = {
            name: manifest.verified(self.folder, chosen.files[name])
            for name in self.signatures
            if name != "reconstruct" or manifest.lists(chosen.files[name])
        }
        self.runtime = runtimes.opened(chosen, files, self.signatures, providers, session_options)
        self.runtime.require_signatures()
        self.value_range = self.manifest["value_range"] and tuple(self.manifest["value_range"])
        self.vocabulary = None
        if manifest.lists(vocabulary_file.NAME):
            self.vocabulary = vocabulary_file.parse(
                manifest.verified(self.folder, vocabulary_file.NAME)
            )
            if (len(self.vocabulary.words),) != self.input_shape[1:]:
                raise CheckFailedError(
                    f"{self.folder / vocabulary_file.NAME} must have a word for each input of "
                    f"the model. Received: {len(self.vocabulary.words)} for {self.input_shape[1:]}."
                )
        self.record = {key: self.manifest[key] for key in ("data", "seed", "metrics")}
        self.switch_bits = self.manifest.get("switch_bits")
        self.code_bits = self.manifest.get("code_bits")
        self.code_prior = self.manifest.get("code_prior")
        self.detection = self.manifest.get("detection")
        self.column_names = self.manifest.get("column_names")
        if self.columns and (len(self.columns),) != self.input_shape[1:]:
            raise CheckFailedError(
                f"{self.folder} is damaged: `columns` must have an entry for each column of the "
                f"input. Received: {len(self.columns)} for {self.input_shape[1:]}."
            )

        self._plain_rows = self._rows_that_need_no_change()

    def _rows_that_need_no_change(self):
        """Returns shape and range of rows that are computed as they are, or None if none are."""
        kind = kinds.of_tensor(self.named_input.name)
        if self.vocabulary or self.columns or kind is kinds.DOCUMENTS:
            return None
        return self.input_shape[1:], *(self.value_range or (_SMALLEST, _LARGEST))

    def computed(self, endpoint: str, x: ArrayLike, batch_size: int) -> list:
        """Returns the outputs of an endpoint for rows or a stream of batches, after checking them.

        Few rows in the form that the model takes are checked by their smallest and largest value
        alone, since all other checks would take as long as a small model.

        Args:
            endpoint: String. Name of the endpoint, such as `"encode"`.
            x: Rows or a stream of batches, as for `ArrayModel.computed`.
            batch_size: Positive integer. Number of rows that are computed at once.

        Returns:
            A list of arrays, one for each output, in the order of the signature.

        Raises:
            UsageError: If the rows are not accepted.
        """
        if type(x) is np.ndarray and x.dtype == np.float32 and self._plain_rows:
            shape, low, high = self._plain_rows
            fits = x.shape[1:] == shape and type(batch_size) is int and 0 < len(x) <= batch_size
            if fits and low <= x.min() and x.max() <= high:  # neither is true of NaN
                require_endpoint(endpoint, self.signatures)
                return self._outputs(endpoint, [x])
        return super().computed(endpoint, x, batch_size)

    def __reduce__(self):
        return _reopened, (*self._opened, self.manifest), {"detection": self.detection}

    def __repr__(self):
        return f"<zoo.Bundle {self.manifest['variant']} in {self.folder}>"

    @property
    def missing(self) -> str | None:
        """Treatment of missing cells, NaN: `"mask"`, `"refuse"` or None."""
        return self.manifest["arguments"].get("missing")

    @property
    def columns(self) -> Columns:
        """Returns how the columns of a table become numbers; empty for numbers as they are."""
        return Columns(self.manifest["arguments"].get("columns") or ())

    @property
    def input_shape(self) -> tuple:
        """Returns the shape of the input, with None for the batch: `(None, *shape of one row)`."""
        return self.named_input.shape

    @property
    def encoder_hash(self) -> str:
        """Returns the SHA-256 of the encoder's file, which tells apart the codes of two encoders.

        It is that of the ONNX file, or of the `.tflite` file where there is no other.

        Raises:
            UsageError: If the export has no encoder.
        """
        self._signature("encode")
        files = self.manifest["files"]
        name = ONNX_FILES["encode"] if ONNX_FILES["encode"] in files else LITERT_FILES["encode"]
        return files[name]["sha256"]

    @property
    def code_names(self) -> list[str]:
        """Returns the names of the decoder's inputs: `latent`, then `switches_1`, `switches_2`, ...

        Raises:
            UsageError: If the export has no decoder.
        """
        return [tensor.name for tensor in self._signature("decode")[0]]

    @property
    def index_names(self) -> list[str]:
        """Returns the names of the indices of a quantised code, an empty list for other codes.

        Raises:
            UsageError: If the export has no encoder.
        """
        return [tensor.name for tensor in self._signature("encode")[1]][len(self.code_names) :]

    @property
    def code_shapes(self) -> list[tuple]:
        """Returns the shape of one row of each of `code_names`.

        Raises:
            UsageError: If the export has no decoder.
        """
        return [tensor.shape[1:] for tensor in self._signature("decode")[0]]

    @property
    def named_input(self) -> TensorFacts:
        """Name, shape and dtype of the input, which is that of the first endpoint."""
        return next(iter(self.signatures.values()))[0][0]

    def _signature(self, endpoint):
        require_endpoint(endpoint, self.signatures)
        return self.signatures[endpoint]

    def run(self, endpoint: str, tensors: list, batch_size: int) -> list:
        """Returns the outputs of an endpoint, computed by the runtime, batch by batch.

        Args:
            endpoint: String. Name of the endpoint, such as `"encode"`.
            tensors: List of arrays, one for each input, with the same number of rows.
            batch_size: Positive integer. Number of rows that are computed at once.

        Returns:
            A list of arrays, one for each output, in the order of the signature.

        Raises:
            UsageError: If the export has no such endpoint.
        """
        require_endpoint(endpoint, self.signatures)
        outputs_of = functools.partial(self._outputs, endpoint)
        return chunks.batched(outputs_of, tensors, batch_size)

    def _outputs(self, endpoint, batch):
        inputs, outputs = self.signatures[endpoint]
        feeds = {tensor.name: rows for tensor, rows in zip(inputs, batch, strict=True)}
        try:
            computed = self.runtime.run(endpoint, feeds)
        except Exception as error:  # the runtime may raise any error
            with untrusted.guard(self.folder / self.runtime.files[endpoint], "a model that runs"):
                raise error
        return [computed[tensor.name] for tensor in outputs]


def _reopened(
    folder: Path, providers: str | Sequence[str], runtime: str | None, manifest: dict
) -> Bundle:
    """Returns a copy of a bundle by opening its folder again, since sessions cannot be copied."""
    if not is_export(folder):
        raise UsageError(
            "A copy of a bundle is read from the folder of the bundle, which must still be there. "
            f"Received: {folder}."
        )
    bundle = Bundle(folder, providers, runtime=runtime)
    if bundle.manifest != manifest:
        raise CheckFailedError(
            f"{folder} must hold the export that the bundle was opened from; it holds another."
        )
    return bundle


def _facts(tensors):
    return [
        TensorFacts(name, tuple(tensor["shape"]), tensor["dtype"])
        for name, tensor in tensors.items()
    ]
