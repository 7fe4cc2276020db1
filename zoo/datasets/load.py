"""Loads a `Dataset` by name, or from files, folders, tables, arrays or streams."""

from collections.abc import Sequence
from typing import Literal

from zoo.datasets import reading
from zoo.datasets.dataset import Dataset, split_by_seed
from zoo.datasets.options import Options
from zoo.datasets.readers import paths
from zoo.datasets.split import Split
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
    Files that cannot be read, such as `.svg` and `.dcm`, are left out with a
    `zoo.errors.FolderWarning`; more than half of them are an error. So are images of
    different sizes without `image_size`. Images are rotated by their EXIF orientation, and
    transparent pixels become white.

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
              `categories` does; `"FILE?encoding=latin-1"` sets `encoding`.
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
            - a finite stream of images or of (images, labels), without sample weights, which is
              read into memory: a `tf.data.Dataset`, a `PyDataset`, a torch `DataLoader` or a
              generator.
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
        encoding: String. The encoding of text files, and of `.csv` and `.tsv` tables, by its name
            in Python, such as `"latin-1"` or `"shift_jis"`. Defaults to None, for UTF-8; a byte
            order mark is left out.
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
    options = Options(
        label=label,
        text=text,
        image_size=image_size,
        fit=fit,
        color=color,
        encoding=encoding,
        kind=kind,
        id=id,
        time=time,
        window=window,
        stride=stride,
        steps=steps,
        in_memory=in_memory,
        missing=missing,
        categories=categories,
    )
    return reading.read(source, options, split_by_seed)


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
    options = Options(
        label=label,
        text=text,
        image_size=image_size,
        fit=fit,
        color=color,
        encoding=encoding,
        kind=kind,
        id=id,
        time=time,
        window=window,
        stride=stride,
        steps=steps,
        in_memory=in_memory,
        missing=missing,
        categories=categories,
    )
    if isinstance(source, Split):
        paths.require_none(options.of_files, "a Split")
        return source
    result = reading.read(source, options, _undivided)
    return result if isinstance(result, Split) else result.test


def _undivided(name, whole):
    return whole
