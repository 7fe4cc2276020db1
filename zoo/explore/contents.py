"""Collects what the page needs beside the ONNX files: codes, example rows, and their ranges."""

import dataclasses
import math

import numpy as np
import safetensors.numpy

from zoo.errors import UsageError
from zoo.explore import plane
from zoo.inputs import chunks, documents, kinds, unspaced
from zoo.serving import Bundle
from zoo.storage.manifest import ONNX_FILES, Manifest

EXAMPLES = 20  # rows that the page offers as inputs
LARGEST = 8_000_000  # bytes of the rows and codes of a model
MOST, FEWEST = 2000, 100  # training rows whose codes are shown, if there are as many
EXCERPT, LONGEST = 280, 20_000  # characters of a neighbour, and of an example
ENDPOINTS = ("encode", "decode", "score")


@dataclasses.dataclass
class Contents:
    """What the page reads of one model.

    Attributes:
        facts: Dict for JSON: the model's name, signatures, ranges and labels, and the place of each
            array in `arrays`.
        arrays: Bytes. The arrays one after the other, little-endian.
        files: Dict of bytes: the ONNX files and the vocabulary.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4, 4, 1), latent_dim=2)
    >>> contents = collect("linear", zoo.export(model, "exported"))
    >>> contents.facts["name"], sorted(contents.files)
    ('linear', ['decoder.onnx', 'encoder.onnx'])
    """

    facts: dict
    arrays: bytes = b""
    files: dict[str, bytes] = dataclasses.field(default_factory=dict)

    def add(self, name: str, array: np.ndarray) -> None:
        """Adds an array: of bytes if it is uint8, else of 32-bit floats.

        Args:
            name: String.
            array: Array.
        """
        array = np.ascontiguousarray(array, array.dtype if array.dtype == np.uint8 else "<f4")
        self.arrays += bytes(-len(self.arrays) % 4)  # a float begins at a multiple of its size
        self.facts["arrays"][name] = {
            "offset": len(self.arrays), "shape": array.shape, "type": array.dtype.name,
        }  # fmt: skip
        self.arrays += array.tobytes()


def collect(name: str, bundle: Bundle, data=None) -> Contents:
    """Returns what the page reads of a model.

    Args:
        name: String. Name of the model on the page.
        bundle: `Bundle` that encodes and decodes.
        data: `zoo.datasets.Dataset`. Its training rows are drawn as codes and found as neighbours,
            its test rows are the examples. Defaults to None: the test vectors of the export are
            both.

    Raises:
        UsageError: If the model has no codes, or does not accept the rows.
    """
    if not {"encode", "decode"} <= bundle.signatures.keys():
        raise UsageError(
            f"`zoo explore` needs a model that encodes and decodes. Received: {name}, whose "
            f"endpoints are {', '.join(bundle.signatures)}."
        )
    kind = kinds.of_tensor(bundle.named_input.name)
    contents = Contents(_facts(name, bundle, kind))
    manifest = Manifest.read(bundle.folder)
    for endpoint in contents.facts["endpoints"]:
        file = ONNX_FILES[endpoint]
        contents.files[file] = manifest.verified(bundle.folder, file)
    if bundle.vocabulary is not None:
        contents.facts["vocabulary"] = vocabulary_facts(bundle.vocabulary)
    rows, examples = _splits(bundle, data)
    codes = bundle.encode(bundle.check(rows["inputs"]))
    contents.facts |= plane.facts(codes, bundle.code_prior)
    contents.facts |= {
        "labels": rows["labels"], "exampleLabels": examples["labels"],
        "classNames": rows["classes"], "source": data.name if data else None,
    }  # fmt: skip
    contents.add("codes", codes)
    contents.add("examples", bundle.check(examples["inputs"]))
    if kind.scaled:
        contents.facts["scale"] = _scale(bundle.check(rows["inputs"]))
    if kind is kinds.DOCUMENTS:
        contents.facts["texts"] = _excerpts(rows["inputs"])
        contents.facts["exampleTexts"] = _excerpts(examples["inputs"], LONGEST)
    else:
        contents.add("rows", _small(bundle.check(rows["inputs"]), kind))
    return contents


def _facts(name, bundle, kind):
    return {
        "name": name,
        "variant": bundle.manifest["variant"],
        "summary": bundle.manifest["summary"],
        "kind": kind.name,
        "input": bundle.named_input.name,
        "inputShape": bundle.input_shape[1:],
        "range": bundle.value_range,
        "columns": bundle.column_names,
        "codeNames": bundle.code_names,
        "codeShapes": bundle.code_shapes,
        "detection": bundle.detection,
        "endpoints": {
            endpoint: {
                "file": ONNX_FILES[endpoint],
                "inputs": [tensor.name for tensor in bundle.signatures[endpoint][0]],
            }
            for endpoint in ENDPOINTS
            if endpoint in bundle.signatures
        },
        "arrays": {},
    }


def vocabulary_facts(vocabulary) -> dict:
    """Returns what the page needs of a vocabulary to turn texts into documents.

    Args:
        vocabulary: `Vocabulary`.

    Example:

    >>> from zoo.inputs.vocabulary import Vocabulary
    >>> vocabulary_facts(Vocabulary.learn(["Cats purr."], size=2))["weighting"]
    'tf-idf'
    """
    return {
        "words": vocabulary.words,
        "weights": [float(weight) for weight in vocabulary.weights],
        "weighting": vocabulary.weighting,
        "unspaced": unspaced.character(),
    }


def _splits(bundle, data):
    """Returns the rows whose codes are drawn and the examples, each with its labels."""
    if data is None:
        vectors = safetensors.numpy.load(
            Manifest.read(bundle.folder).verified(bundle.folder, "test_vectors.safetensors")
        )
        rows = {"inputs": vectors[bundle.named_input.name], "labels": None, "classes": None}
        return rows, rows
    size = 4 * math.prod(bundle.code_shapes[0]) + math.prod(bundle.input_shape[1:])
    count = min(max(FEWEST, min(MOST, LARGEST // size)), len(data.train))
    train, test = data.train.take(range(count)), data.test.take(_of_every_class(data.test))
    return _described(bundle, train), _described(bundle, test)


def _described(bundle, split):
    """Returns the rows of a split that the model takes; texts stay texts, to be shown."""
    if split.kind == kinds.DOCUMENTS.name:
        split = split.take(documents.nonempty(bundle.check(split.inputs)))
    else:
        split = bundle.prepared(split)
    labels = None if split.labels is None else [int(label) for label in split.labels]
    classes = None if split.class_names is None else list(split.class_names)
    rows = chunks.take(split.inputs, range(len(split)))
    return {"inputs": rows, "labels": labels, "classes": classes}


def _of_every_class(split):
    """Returns the positions of the examples: the classes take turns, in the order of the rows."""
    if split.labels is None:
        return range(min(EXAMPLES, len(split)))
    labels = np.asarray(split.labels)
    turns = np.zeros(len(labels), int)
    for label in np.unique(labels):
        turns[labels == label] = np.arange((labels == label).sum())
    return np.lexsort((labels, turns))[:EXAMPLES]


def _small(rows, kind):
    """Returns images and volumes as bytes; the page only draws them."""
    rows = np.asarray(rows, np.float32)
    return np.round(rows * 255).astype(np.uint8) if kind.value_range == (0.0, 1.0) else rows


def _scale(rows):
    """Returns mean and standard deviation of each column or channel, in which it is drawn."""
    flat = np.asarray(rows, np.float64).reshape(-1, rows.shape[-1])
    deviation = np.nanstd(flat, axis=0)
    return {
        "mean": np.nan_to_num(np.nanmean(flat, axis=0)).tolist(),
        "deviation": np.where(deviation > 0, deviation, 1.0).tolist(),
    }


def _excerpts(texts, longest=EXCERPT):
    if isinstance(texts, np.ndarray) and texts.dtype.kind == "f":  # test vectors are no texts
        return [f"row {number}" for number in range(len(texts))]
    return [" ".join(str(text).split())[:longest] for text in texts]
