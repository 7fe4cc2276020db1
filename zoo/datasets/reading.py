"""Finds the reader of a source: a name, a file, a folder, a table, an array or a stream."""

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path

from zoo.datasets.by_name import BY_NAME, NAMES
from zoo.datasets.dataset import Dataset
from zoo.datasets.imports import IMPORTS
from zoo.datasets.options import Options
from zoo.datasets.readers import (
    addresses,
    files,
    images,
    memory,
    parquet,
    paths,
    series,
    streams,
    tables,
    texts,
)
from zoo.datasets.sources import tfds
from zoo.datasets.split import Split
from zoo.errors import UsageError, no_such
from zoo.inputs import arrays, containers, documents, numbers, words
from zoo.storage import file_errors

WINDOWS = ("window", "stride", "steps")


def read(source, options: Options, divide: Callable) -> Dataset | Split:
    """Reads a source.

    Args:
        source: Whatever `zoo.datasets.load` accepts.
        options: `Options`.
        divide: Callable. Takes a name and a `Split` of all rows, for a source without a test split,
            and returns the result.

    Returns:
        What `divide` returns, or a `Dataset` for a source with a test split.

    Raises:
        UsageError: If the source cannot be read, or an option is not for this source.
        MissingExtraError: If the source is a table and pandas is not installed.

    Example:

    >>> read(np.zeros((7, 28, 28)), Options(), lambda name, split: split)
    <zoo.datasets.Split of 7 images of (28, 28, 1), no labels>
    """
    if source is None:
        raise UsageError("Data must be a name, a path, an array or a stream. Received: None.")
    address = isinstance(source, (str, Path))
    if address:
        source, in_memory = memory.in_address(source, options.in_memory)
        options = dataclasses.replace(options, in_memory=in_memory)
    may_stay = address and _may_stay(source, options.form)
    if options.in_memory is False and not may_stay:
        raise UsageError(
            "`in_memory=False` is for rows that can stay on disk: an .npy file, a .parquet table "
            "of features, or a folder of images. "
            f"Received: {source if address else type(source).__name__}."
        )
    result = _read_source(source, options, divide)
    if options.in_memory is None or not may_stay or not isinstance(result, Dataset):
        return result
    return dataclasses.replace(result, name=memory.recorded(result.name, options.in_memory))


def _may_stay(source, form):
    path, options = addresses.address(source)
    if path.suffix.lower() == ".parquet":
        return not (form or form.named(options))
    return path.suffix == ".npy" or path.is_dir()


def _read_source(source, options, divide):
    if tables.is_table(source):
        return _of_table(source, options, divide)
    _require_no_column(source, options)
    if isinstance(source, Mapping):
        source, kind = streams.of_tensor(source, options.kind)
        options = dataclasses.replace(options, kind=kind)
    if isinstance(source, list) and not source:
        raise UsageError("A list of texts or images must hold at least two. Received: none.")
    if isinstance(source, (str, Path)):
        return _of_address(str(source), options, divide)
    pair = isinstance(source, tuple) and len(source) == 2
    listed, labels = source if pair else (source, None)
    if isinstance(listed, list) and listed and paths.are_paths(listed):
        split, query = paths.read(listed, options.of_files)
        split = Split(split.inputs, labels, split.names) if pair else split
        return divide(f"files{query}", split)
    paths.require_none(options.of_files, f"a {type(source).__name__}")
    if isinstance(source, Dataset):
        return source
    if containers.is_stream(source):
        of_tensorflow = type(source).__module__.startswith("tensorflow.python.data")
        name = "tf.data.Dataset" if of_tensorflow else type(source).__name__
        split = streams.read(source, name, **options.of_split)
        return divide("tf.data" if of_tensorflow else "stream", split)
    if not pair:
        (inputs,) = numbers.scaled(_rows(source), kind=options.kind)
        return divide("array", Split(inputs, **options.of_split))
    if all(isinstance(part, tuple) and len(part) == 2 for part in source):
        inputs = numbers.scaled(*(_rows(inputs) for inputs, _ in source), kind=options.kind)
        labels = (labels for _, labels in source)
        pairs = zip(inputs, labels, strict=True)
        return Dataset("arrays", *(Split(*each, **options.of_split) for each in pairs))
    (inputs,) = numbers.scaled(_rows(source[0]), kind=options.kind)
    return divide("arrays", Split(inputs, source[1], **options.of_split))


def _of_table(source, options, divide):
    paths.require_none(options.of_images, "a table")
    form, address = options.form, isinstance(source, (str, Path))
    shared = {"divide": divide, "missing": options.missing}
    if form or (address and form.named(addresses.address(source)[1])):
        if options.categories:
            raise UsageError(
                "`categories` names columns of features, not channels of series. Received: "
                f"categories={options.categories!r}."
            )
        return series.load(source, form, options.label, encoding=options.encoding, **shared)
    if options.encoding is None and parquet.stays_on_disk(source, options.in_memory):
        return parquet.load(source, **options.columns, **shared)
    return tables.load(source, **options.columns, encoding=options.encoding, **shared)


def _require_no_column(source, options):
    """Raises an error for options of tables."""
    for name, column in (options.columns | dataclasses.asdict(options.form)).items():
        if column is not None:
            use = "is for" if name in WINDOWS else "names a column of"
            use = "names columns of" if name == "categories" else use
            raise UsageError(
                f"`{name}` {use} a table: .csv, .tsv, .parquet or a DataFrame. "
                f"Received: {name}={column!r} for "
                f"{source if isinstance(source, str) else 'no table'}."
            )


def _rows(inputs):
    """Returns images or features as an array; DataFrames, sparse matrices, texts as they are."""
    if isinstance(inputs, list) and inputs and paths.are_paths(inputs):
        return paths.read(inputs)[0].inputs
    if containers.is_frame(inputs) or documents.is_sparse(inputs):
        return inputs
    if words.as_texts(inputs) is not None:
        return inputs
    return arrays.regular(inputs, "images or features")


def _of_address(name, options, divide):
    path, in_address = addresses.address(name)
    kind = (file_errors.kind(path) or file_errors.kind(name)) if name else None
    if kind == "file" and in_address and set(in_address) <= {"kind", "missing"}:
        options, in_address = dataclasses.replace(options, **in_address), {}
    if kind == "file" and path.suffix.lower() in images.ALL_SUFFIXES | {*texts.SUFFIXES}:
        kind = "folder"  # of one file
    if in_address and (str(path) in BY_NAME or kind == "file"):
        raise UsageError(
            "Only the address of a table or of a folder has options after a question mark. "
            f"Received: {name}."
        )
    if name in BY_NAME:
        paths.require_none(options.of_files, name)
        return BY_NAME[name].read(name, BY_NAME[name].licence)
    if name.startswith("tfds:"):
        paths.require_none(options.of_files, name)
        dataset = tfds.load(name.removeprefix("tfds:"), "see tensorflow-datasets' catalogue")
        return dataclasses.replace(dataset, name=name)
    if kind == "folder":
        return paths.load_folder(path, in_address, options.of_files, divide, options.in_memory)
    if kind == "file":
        paths.require_none(options.of_files, path)
        return files.load_arrays(path, divide, in_memory=options.in_memory, **options.of_split)
    if name in IMPORTS:
        raise UsageError(f"{name} cannot be loaded by its name, but by {IMPORTS[name].reader}.")
    raise no_such("dataset, file or folder", name, [*NAMES, "tfds:NAME"])
