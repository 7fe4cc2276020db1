"""`zoo.load`: an exported model, encoding and decoding by onnxruntime and numpy alone."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from zoo import arrays, codec, file_errors, untrusted
from zoo.errors import CheckFailedError, UsageError
from zoo.manifest import ONNX_FILES, Manifest, consistently, is_export
from zoo.serving import sessions
from zoo.serving.sessions import CPU
from zoo.vocabulary import Vocabulary


class TensorFacts(NamedTuple):
    """A named tensor of a signature; the first size of `shape`, the batch, is None."""

    name: str
    shape: tuple
    dtype: str


@file_errors.told()
def load(folder: str | Path, providers: str | Sequence[str] = CPU) -> "Bundle":
    """Opens what `zoo.export` wrote; imports no TensorFlow.

    Args:
        folder: of the exported model.
        providers: onnxruntime's provider, such as `"CUDAExecutionProvider"` for a GPU, or a list
            of them in order of preference. One of a list that is missing is warned of.

    Raises:
        UsageError: if the folder is no exported model, a provider is unknown, or none is there.
        CheckFailedError: if a file is not the one that was exported, or keeps numbers elsewhere.
    """
    return Bundle(folder, providers)


class Bundle:
    """An exported model: `encode`, `decode` and `reconstruct`, `score` too, or `classify`; numpy.

    Attributes:
        folder: where it lies.
        manifest: what its manifest.json says.
        vocabulary: of a model of texts its words; else None.
        signatures: for each endpoint, its inputs' and its outputs' `TensorFacts`.
        column_names: of the table that the model learned from, or None.
        detection: of a detector: its `threshold`, and what it was found by; else None.
    """

    def __init__(self, folder: str | Path, providers: str | Sequence[str] = CPU):
        self.folder = Path(folder)
        self._opened = self.folder.absolute(), providers
        consistently(self.folder, lambda: self._open(providers))

    def _open(self, providers):
        manifest = Manifest.read(self.folder)
        self.manifest = manifest.content
        self.signatures = {
            name: tuple(_facts(signature[side]) for side in ("inputs", "outputs"))
            for name, signature in self.manifest["signatures"].items()
        }
        files = {name: manifest.verified(self.folder, ONNX_FILES[name]) for name in self.signatures}
        self._sessions = {
            name: sessions.open_session(data, providers) for name, data in files.items()
        }
        for name, session in self._sessions.items():
            sessions.require_signature(session, *self.signatures[name], ONNX_FILES[name])
        self.value_range = self.manifest["value_range"] and tuple(self.manifest["value_range"])
        self.vocabulary = None
        if manifest.lists("vocabulary.json"):
            self.vocabulary = Vocabulary.read(manifest.verified(self.folder, "vocabulary.json"))
            if (len(self.vocabulary.words),) != self.input_shape[1:]:
                raise CheckFailedError(
                    f"{self.folder / 'vocabulary.json'} must have a word for each of the model's "
                    f"inputs. Received: {len(self.vocabulary.words)} for {self.input_shape[1:]}."
                )
        self.switch_bits = self.manifest.get("switch_bits")
        self.code_bits = self.manifest.get("code_bits")
        self.code_prior = self.manifest.get("code_prior")
        self.detection = self.manifest.get("detection")
        self.column_names = self.manifest.get("column_names")

    def __reduce__(self):
        return _reopened, (*self._opened, self.manifest)

    def __repr__(self):
        return f"<zoo.Bundle {self.manifest['variant']} in {self.folder}>"

    @property
    def input_shape(self) -> tuple:
        """`(None, *shape of one row)`."""
        return self._given.shape

    @property
    def encoder_hash(self) -> str:
        """The sha256 of its encoder's file, which tells its codes from another's."""
        self._signature("encode")
        return self.manifest["files"][ONNX_FILES["encode"]]["sha256"]

    @property
    def code_names(self) -> list[str]:
        """`latent`, then `switches_1`, `switches_2`, ..."""
        return [tensor.name for tensor in self._signature("decode")[0]]

    @property
    def index_names(self) -> list[str]:
        """What the encoder also gives of a quantised code: `indices`, or nothing."""
        return [tensor.name for tensor in self._signature("encode")[1]][len(self.code_names) :]

    @property
    def code_shapes(self) -> list[tuple]:
        """One row's shape of each of `code_names`."""
        return [tensor.shape[1:] for tensor in self._signature("decode")[0]]

    encode, decode = codec.encode, codec.decode
    reconstruct, indices = codec.reconstruct, codec.indices
    classify, score, _checked = codec.classify, codec.score, codec.checked
    prepared = codec.prepared

    @property
    def _given(self):
        """The input: every model's first endpoint takes it."""
        return next(iter(self.signatures.values()))[0][0]

    def _signature(self, endpoint):
        if endpoint not in self.signatures:
            there = ", ".join(self.signatures)
            raise UsageError(
                f"This export cannot {endpoint}: it is of another kind. It can: {there}."
            )
        return self.signatures[endpoint]

    def _run(self, endpoint, tensors, batch_size):
        inputs, outputs = self._signature(endpoint)
        session, names = self._sessions[endpoint], [tensor.name for tensor in outputs]

        def run(batch):
            feeds = {tensor.name: each for tensor, each in zip(inputs, batch, strict=True)}
            with untrusted.guard(self.folder / ONNX_FILES[endpoint], "a model that runs"):
                return session.run(names, feeds)

        return arrays.batched(run, tensors, batch_size)


def _reopened(folder: Path, providers: str | Sequence[str], manifest: dict) -> Bundle:
    """Returns the copy of a bundle: sessions cannot be copied, so its folder is opened again."""
    if not is_export(folder):
        raise UsageError(
            "A copy of a bundle is read from the folder of the bundle, which must still be there. "
            f"Received: {folder}."
        )
    bundle = Bundle(folder, providers)
    if bundle.manifest != manifest:
        raise CheckFailedError(
            f"{folder} must hold the export that the bundle was opened from; it holds another."
        )
    return bundle


def _facts(tensors):
    return [TensorFacts(name, tuple(t["shape"]), t["dtype"]) for name, t in tensors.items()]
