"""Loads a `Dataset` by name, or from files, folders, tables, arrays or streams."""

import dataclasses
import reprlib
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Literal

import numpy as np

from zoo.datasets.dataset import Dataset, split_by_seed
from zoo.datasets.imports import IMPORTS
from zoo.datasets.named import Named
from zoo.datasets.readers import (
    addresses,
    files,
    images,
    memory,
    parquet,
    paths,
    series,
    tables,
    texts,
)
from zoo.datasets.sources import curves, mni152, photo_crops, scikit_learn, tfds
from zoo.datasets.sources.texts import BY_NAME as TEXTS
from zoo.datasets.split import Split
from zoo.errors import UsageError, no_such
from zoo.inputs import arrays, batches, containers, documents, kinds, numbers, words
from zoo.storage import file_errors


@file_errors.as_usage_errors()
def load(
    source="mnist_5k",
    *,
    label: str | None = None,
    text: str | None = None,
    image_size: int | tuple[int, int] | None = None,
    fit: str | None = None,
    color: str | None = None,
    encoding: str | None = None,
    kind: str | None = None,
    id: str | None = None,
    time: str | None = None,
    window: int | None = None,
    stride: int | None = None,
    steps: Literal["long", "wide"] | None = None,
    in_memory: bool | None = None,
    missing: Literal["refuse", "mask"] | None = "refuse",
    categories: Sequence[str] = (),
) -> Dataset:
    """Loads a dataset of images, features, texts, sequences or volumes, with labels if it has any.

    In a folder, `train` and `test`, or `train` and `val`, are parts; any other folder is a class
    with all that lies below it, and `data.class_names` holds the names in natural order (1, 2, 10).
    Files of `val` are training rows if there is a `test`, and test rows if there is none. A part
    may hold a folder `unsup`, `unlabeled` or `unlabelled`, which is not a class. If only some
    images have a class, all are read and no row has a label; texts without a class are left out in
    that case. Hidden files and folders are ignored. Rows are in the natural order of their paths.
    Files that cannot be read are left out with a `zoo.errors.FolderWarning`; more than half of them
    are an error. So are images of different sizes without `image_size`. Images are rotated by their
    EXIF orientation, and transparent pixels become white.

    Images of bytes are divided by 255, unless they are masks of 0 and 1; features are never scaled.
    `scaled` in `zoo/inputs/numbers.py` describes the whole rule. If the data have no test split of
    their own, a fifth of the rows, drawn with seed 0, becomes the test split.

    Args:
        source: What to load. Defaults to `"mnist_5k"`. One of:

            - a name that `zoo data list` shows. `"mnist_5k"` (5,000 real digits), `"curves"`
              (generated), and scikit-learn's `"digits"`, `"breast_cancer"` and `"wine"` need no
              network; `"mnist"`, `"fashion_mnist"`, `"cifar10"` and `"olivetti"` are downloaded
              once, or imported.
            - `"tfds:NAME"`, any other image dataset of tensorflow-datasets.
            - a folder of image files, with or without a subfolder for each class, or with `train`,
              `val` and `test` subfolders of that kind (see above).
              `"FOLDER?image_size=64x48&fit=crop&color=rgb"` sets `image_size`, `fit` and `color`.
              A single image file is accepted in the same places.
            - an `.npy` or `.npz` file. The array in an `.npz` file may be named after its kind:
              `images`, `features`, `sequences` or `volumes`. `"FILE.npy?kind=sequences"` names the
              kind as `kind` does.
            - a table as features: a `.csv`, `.tsv` or `.parquet` file, or a DataFrame. Columns of
              texts and of booleans hold categories. `"FILE?text=COLUMN&label=COLUMN"` names a
              file's columns as `text` and `label` do, and `"FILE?categories=COLUMN,COLUMN"` as
              `categories` does.
            - a table of series: with `id`, `time`, `window` or `steps`, the table's rows become
              sequences, as in `"FILE?id=patient&time=when&window=100&stride=50"`.
            - texts: a list of strings; a folder of `.txt` files, of the same layouts, if it holds
              no image file (`"FOLDER?encoding=latin-1"` sets `encoding`); `"20newsgroups"`,
              without headers, footers and quotes; or `"docstrings"`, the docstrings of numpy, scipy
              and other libraries, labelled by their module.
            - a list of the paths of image files or of `.txt` files.
            - an array of shape `(rows, height, width, channels)`, `(rows, height, width)` for grey
              images, or `(rows, columns)`; a pair (inputs, labels); or Keras's two pairs (x_train,
              y_train), (x_test, y_test).
            - a finite stream of images or of (images, labels), which is read into memory: a
              `tf.data.Dataset`, a `PyDataset`, a torch `DataLoader` or a generator.
            - a dictionary of rows under the name of their tensor, such as `"image"`, and of labels
              under `"label"` if there are any; a stream may yield such dictionaries.
            - a `Dataset`, which is returned as it is.
        label: String. The column of a table that holds the classes. Strings become integers in
            sorted order. Defaults to the column named `label`, if there is one.
        text: String. The column of a table that holds texts; all other columns except the label are
            then ignored. Defaults to None.
        image_size: Integer or pair of integers, the height and the width that image files are
            brought to. Defaults to None, for images that have one size.
        fit: String. How images of another aspect ratio are brought to `image_size`: `"crop"` takes
            the largest centred part of that aspect ratio, `"pad"` adds black borders, `"stretch"`
            changes the aspect ratio. Defaults to None, which is `"crop"`.
        color: String. `"rgb"` or `"gray"`: the number of channels of image files, 3 or 1. Defaults
            to None, which is 3 if any image is in colour.
        encoding: String. The encoding of text files by its name in Python, such as `"latin-1"` or
            `"shift_jis"`. Defaults to None, for UTF-8; a byte order mark is left out.
        kind: String, such as `"sequences"`. The kind of an array whose number of axes fits two
            kinds; see `Split`. Defaults to None, for that of the axes. It is not needed for data
            that have a name.
        id: String. The column of a table of series that names the series of each row; every other
            column is then a channel. Defaults to None: with `time` or `window`, all rows are one
            series.
        time: String. The column of a table of series that holds times: numbers, or dates of one
            time zone, evenly spaced. The rows of a series are sorted by it. Defaults to None, for
            rows in order.
        window: Integer. Number of steps of the windows that each series is cut into; a remainder at
            its end is dropped. The test split gets a fifth of the series, and of a single series
            its last fifth, so that no window of it shares a step with a training window. Defaults
            to None, for whole series, which must have one length.
        stride: Integer. Number of steps from a window to the next. Defaults to `window`.
        steps: String. `"wide"` for a table with a row a series and a column a step, `"long"` for
            one with a row a moment. Defaults to None, for `"long"` if `id`, `time` or `window` is
            set.
        missing: String. `"mask"` reads empty cells of a table, and NaN in arrays, as missing cells,
            NaN, for a model that was built with `missing="mask"`. `"refuse"`, or None, refuses
            them. Defaults to `"refuse"`.
        categories: Sequence of strings. The columns of a table that hold categories although they
            hold numbers, or texts that look like numbers or dates, such as postal codes. Defaults
            to `()`.
        in_memory: Boolean. False leaves the rows of an `.npy` file, of a `.parquet` table of
            features or of a folder of images on disk: training, encoding and search then read and
            check them batch by batch, and an evaluation measures a sample. Images and tables are
            decoded once, into a file in the folder `ZOO_CACHE` of the environment, or
            `~/.cache/autoencoder-zoo`. Defaults to None, which does so if the rows would take more
            than a quarter of the machine's memory. Every address may end in `in_memory=false`.

    Returns:
        A `Dataset`, whose name records these options, so that it loads the same rows again.
        Images are float32 in [0, 1] of shape `(rows, height, width, channels)`, features float32
        of shape `(rows, columns)`, sequences of shape `(rows, steps, channels)`, volumes of shape
        `(rows, depth, height, width, channels)`, texts strings of shape `(rows,)`.

    Raises:
        UsageError: If there is no dataset of this name, or the data cannot be used. The message
            says why.
        MissingExtraError: If the source is a table and pandas is not installed.

    Example:

    >>> data = zoo.datasets.load("mnist_5k")
    >>> data
    <zoo.datasets.Dataset mnist_5k: 4000 training and 1000 test images of (28, 28, 1)>
    >>> zoo.datasets.load((np.zeros((10, 28, 28)), np.arange(10)))
    <zoo.datasets.Dataset arrays: 8 training and 2 test images of (28, 28, 1)>
    """
    options = {"image_size": image_size, "fit": fit, "color": color, "encoding": encoding}
    form = series.Form(id, time, window, stride, steps)
    columns = {"label": label, "text": text, "categories": categories or None}
    return _load(source, columns, form, options, kind, split_by_seed, in_memory, missing)


@file_errors.as_usage_errors()
def rows(
    source,
    *,
    label: str | None = None,
    text: str | None = None,
    image_size: int | tuple[int, int] | None = None,
    fit: str | None = None,
    color: str | None = None,
    encoding: str | None = None,
    kind: str | None = None,
    id: str | None = None,
    time: str | None = None,
    window: int | None = None,
    stride: int | None = None,
    steps: Literal["long", "wide"] | None = None,
    in_memory: bool | None = None,
    missing: Literal["refuse", "mask"] | None = "refuse",
    categories: Sequence[str] = (),
) -> Split:
    """Returns all rows of a folder, file, table or array in order, or the test rows of a dataset.

    For a dataset's name, a `Dataset`, and a file that holds `x_train` and `x_test`, the rows of the
    test split are returned.

    Args:
        source: Whatever `zoo.datasets.load` accepts, or a `Split`. One row is enough.
        label: String. As for `zoo.datasets.load`. Defaults to None.
        text: String. As for `zoo.datasets.load`. Defaults to None.
        image_size: As for `zoo.datasets.load`. Defaults to None.
        fit: String. As for `zoo.datasets.load`. Defaults to None.
        color: String. As for `zoo.datasets.load`. Defaults to None.
        encoding: String. As for `zoo.datasets.load`. Defaults to None.
        kind: String. As for `zoo.datasets.load`. Defaults to None.
        id: String. As for `zoo.datasets.load`. Defaults to None.
        time: String. As for `zoo.datasets.load`. Defaults to None.
        window: Integer. As for `zoo.datasets.load`. Defaults to None.
        stride: Integer. As for `zoo.datasets.load`. Defaults to None.
        steps: String. As for `zoo.datasets.load`. Defaults to None.
        in_memory: Boolean. As for `zoo.datasets.load`. Defaults to None.
        missing: String. As for `zoo.datasets.load`. Defaults to `"refuse"`.
        categories: Sequence of strings. As for `zoo.datasets.load`. Defaults to `()`.

    Returns:
        A `Split`. The rows of a folder have the paths of their files as `names`.

    Raises:
        UsageError: If there is no dataset of this name, or the data cannot be used.
        MissingExtraError: If the source is a table and pandas is not installed.

    Example:

    >>> len(zoo.datasets.rows(np.zeros((7, 28, 28, 1), "float32")))
    7
    """
    options = {"image_size": image_size, "fit": fit, "color": color, "encoding": encoding}
    if isinstance(source, Split):
        paths.require_none(options, "a Split")
        return source
    form = series.Form(id, time, window, stride, steps)
    columns = {"label": label, "text": text, "categories": categories or None}
    result = _load(source, columns, form, options, kind, _undivided, in_memory, missing)
    return result if isinstance(result, Split) else result.test


def _undivided(name, whole):
    return whole


def _load(source, columns, form, options, kind, divide, in_memory, missing):
    if source is None:
        raise UsageError("Data must be a name, a path, an array or a stream. Received: None.")
    address = isinstance(source, (str, Path))
    if address:
        source, in_memory = memory.in_address(source, in_memory)
    may_stay = address and _may_stay(source, form)
    if in_memory is False and not may_stay:
        raise UsageError(
            "`in_memory=False` is for rows that can stay on disk: an .npy file, a .parquet table "
            "of features, or a folder of images. "
            f"Received: {source if address else type(source).__name__}."
        )
    result = _read_source(source, columns, form, options, kind, divide, in_memory, missing)
    if in_memory is None or not may_stay or not isinstance(result, Dataset):
        return result
    return dataclasses.replace(result, name=memory.recorded(result.name, in_memory))


def _may_stay(source, form):
    path, options = addresses.address(source)
    if path.suffix.lower() == ".parquet":
        return not (form or form.named(options))
    return path.suffix == ".npy" or path.is_dir()


def _read_source(source, columns, form, options, kind, divide, in_memory, missing):
    if tables.is_table(source):
        paths.require_none(options, "a table")
        if form or (isinstance(source, (str, Path)) and form.named(addresses.address(source)[1])):
            if columns["categories"]:
                raise UsageError(
                    "`categories` names columns of features, not channels of series. Received: "
                    f"categories={columns['categories']!r}."
                )
            return series.load(source, form, columns["label"], divide, missing)
        if parquet.stays_on_disk(source, in_memory):
            return parquet.load(source, **columns, divide=divide, missing=missing)
        return tables.load(source, **columns, divide=divide, missing=missing)
    for name, column in (columns | dataclasses.asdict(form)).items():
        if column is not None:
            use = "is for" if name in ("window", "stride", "steps") else "names a column of"
            use = "names columns of" if name == "categories" else use
            raise UsageError(
                f"`{name}` {use} a table: .csv, .tsv, .parquet or a DataFrame. "
                f"Received: {name}={column!r} for "
                f"{source if isinstance(source, str) else 'no table'}."
            )
    if isinstance(source, Mapping):
        source, kind = _of_tensor(source, kind)
    if isinstance(source, list) and not source:
        raise UsageError("A list of texts or images must hold at least two. Received: none.")
    if isinstance(source, (str, Path)):
        return _named(str(source), options, kind, divide, in_memory, missing)
    if isinstance(source, list) and paths.are_paths(source):
        split, query = paths.read(source, options)
        return divide(f"files{query}", split)
    pair = isinstance(source, tuple) and len(source) == 2
    if pair and isinstance(source[0], list) and source[0] and paths.are_paths(source[0]):
        split, query = paths.read(source[0], options)
        return divide(f"files{query}", Split(split.inputs, source[1], split.names))
    paths.require_none(options, f"a {type(source).__name__}")
    if isinstance(source, Dataset):
        return source
    if containers.is_stream(source):
        of_tensorflow = type(source).__module__.startswith("tensorflow.python.data")
        name = "tf.data.Dataset" if of_tensorflow else type(source).__name__
        split = _read_stream(source, kind, name, missing)
        return divide("tf.data" if of_tensorflow else "stream", split)
    if pair:
        if all(isinstance(part, tuple) and len(part) == 2 for part in source):
            inputs = numbers.scaled(*(_read(inputs) for inputs, _ in source), kind=kind)
            labels = (labels for _, labels in source)
            pairs = zip(inputs, labels, strict=True)
            return Dataset("arrays", *(Split(*pair, kind=kind, missing=missing) for pair in pairs))
        inputs = numbers.scaled(_read(source[0]), kind=kind)
        return divide("arrays", Split(*inputs, source[1], kind=kind, missing=missing))
    (inputs,) = numbers.scaled(_read(source), kind=kind)
    return divide("array", Split(inputs, kind=kind, missing=missing))


def _read(inputs):
    """Returns images or features as an array; DataFrames, sparse matrices, texts as they are."""
    if isinstance(inputs, list) and inputs and paths.are_paths(inputs):
        return paths.read(inputs)[0].inputs
    if containers.is_frame(inputs) or documents.is_sparse(inputs):
        return inputs
    if words.as_texts(inputs) is not None:
        return inputs
    return arrays.regular(inputs, "images or features")


def _named(name, options, array_kind, divide, in_memory, missing):
    path, in_address = addresses.address(name)
    kind = (file_errors.kind(path) or file_errors.kind(name)) if name else None
    if kind == "file" and in_address and set(in_address) <= {"kind", "missing"}:
        array_kind, missing = in_address.get("kind", array_kind), in_address.get("missing", missing)
        in_address = {}
    if kind == "file" and path.suffix.lower() in {*images.SUFFIXES, *texts.SUFFIXES}:
        kind = "folder"  # of one file
    if in_address and (str(path) in BY_NAME or kind == "file"):
        raise UsageError(
            "Only the address of a table or of a folder has options after a question mark. "
            f"Received: {name}."
        )
    if name in BY_NAME:
        paths.require_none(options, name)
        return BY_NAME[name].read(name, BY_NAME[name].licence)
    if name.startswith("tfds:"):
        paths.require_none(options, name)
        dataset = tfds.load(name.removeprefix("tfds:"), "see tensorflow-datasets' catalogue")
        return dataclasses.replace(dataset, name=name)
    if kind == "folder":
        return paths.load_folder(path, in_address, options, divide, in_memory)
    if kind == "file":
        paths.require_none(options, path)
        return files.load_arrays(path, divide, array_kind, in_memory, missing)
    if name in IMPORTS:
        raise UsageError(f"{name} cannot be loaded by its name, but by {IMPORTS[name].reader}.")
    raise no_such("dataset, file or folder", name, [*NAMES, "tfds:NAME"])


def _read_mnist_5k(name, licence):
    packed = resources.files("zoo.datasets") / "embedded" / "mnist_5k.npz"
    with packed.open("rb") as file, np.load(file) as stored:
        whole = Split(*numbers.scaled(stored["images"]), stored["labels"])
    first, rest = np.arange(4000), np.arange(4000, 5000)
    return Dataset(name, whole.take(first), whole.take(rest), licence)


def _read_mnist_5k_rows(name, licence):
    """Returns the digits as sequences of 28 steps, the pixels of a row from top to bottom."""
    digits = _read_mnist_5k(name, licence)
    return digits.map(
        lambda split: Split(split.images[..., 0], split.labels, kind=kinds.SEQUENCES.name)
    )


def _read_stream(stream, kind, name, missing):
    """Returns the rows of a stream of rows or batches, with labels if it yields any."""
    if batches.is_endless(stream):
        raise UsageError(f"A {name} must be finite: x.take(n). Received: an infinite one.")
    elements = []
    for element in stream:
        parts = batches.parts_of(element)
        if isinstance(parts[0], Mapping):
            first, kind = _of_tensor(parts[0], kind)
            parts = (*batches.parts_of(first), *parts[1:])
        elements.append([np.asarray(arrays.regular(part, "rows")) for part in parts[:2]])
    if not elements:
        raise UsageError(f"A {name} must hold at least two images. Received: none.")
    first = elements[0][0]
    axes = kinds.KINDS.get(kind, kinds.IMAGES).axes if first.dtype.kind not in "OSU" else ()
    labels = elements[0][1:]  # one for each row of a batch
    batched = first.ndim > len(axes) or any(
        np.shape(each)[:1] == first.shape[:1] for each in labels
    )
    join = np.concatenate if batched and first.ndim else np.stack
    try:
        inputs, *labels = (join(column) for column in zip(*elements, strict=True))
        return Split(*numbers.scaled(inputs, kind=kind), *labels, kind=kind, missing=missing)
    except UsageError:
        raise
    except ValueError:
        raise UsageError(
            f"Images of a {name} must all have one size, and labels or none. "
            f"Received: {sorted({part[0].shape for part in elements})}."
        ) from None


def _of_tensor(source, kind):
    """Returns the rows of a dictionary, or the pair of rows and labels, and the rows' kind."""
    names = [name for name in source if name != "label"]
    known = kinds.of_tensor(names[0]) if len(names) == 1 else None
    if known is None:
        accepted = ", ".join(each.tensor_name for each in kinds.KINDS.values())
        raise UsageError(
            f"A dictionary must hold rows under one of the keys {accepted}, and labels under "
            f"'label' if there are any. Received: the keys {reprlib.repr(list(source))}."
        )
    rows = source[names[0]]
    kind = known.name if known.axes else kind
    return ((rows, source["label"]) if "label" in source else rows), kind


BY_NAME = {
    "mnist_5k": Named("images", "in the package", tfds.BY_NAME["mnist"].licence, _read_mnist_5k),
    "mnist_5k_rows": Named(
        "sequences",
        "in the package: mnist_5k, row by row",
        tfds.BY_NAME["mnist"].licence,
        _read_mnist_5k_rows,
    ),
    **curves.BY_NAME,
    **tfds.BY_NAME,
    **scikit_learn.BY_NAME,
    **mni152.BY_NAME,
    **photo_crops.BY_NAME,
    **TEXTS,
}
NAMES = tuple(BY_NAME)
