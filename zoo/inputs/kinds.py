"""The kinds of data, with the shape, the range, the figures and the metrics of each."""

import dataclasses

from zoo.errors import no_such


@dataclasses.dataclass(frozen=True)
class Kind:
    """A kind of data.

    Attributes:
        name: String. Name of the kind, in the plural: `"images"`.
        tensor_name: String. Name of the input of its models, in every format: `"image"`.
        axes: Tuple of strings. Names of the axes after the rows.
        value_range: Pair of floats, the smallest and the largest value, or None for any finite
            value.
        rows: String. What its rows are called in messages. Defaults to `"rows"`.
        place: String. What one place of a row is called, which is one number or, with channels, one
            of each channel. Defaults to `"number"`.
        integers: Boolean. Accept integers as the numbers that they are. Defaults to False.
        scaled: Boolean. Whether each number of the last axis, a column or a channel, has a unit of
            its own: errors are then measured in the standard deviations of these columns or
            channels. Defaults to False.
        metrics: Tuple of strings. The metrics that `zoo.evaluate` computes in addition to those
            of every kind of data. Defaults to `()`.
        figures: Tuple of strings. The figures that `zoo.train` draws in addition to those of
            every kind of data. Defaults to `()`.
        anomaly_score: String. The default score of anomalies. Defaults to `"reconstruction"`.
        top_fraction: Float in (0, 1]. Default of the fraction of a row's largest squared errors
            whose mean is its reconstruction error. Defaults to 1.0.
        example: String. Name of a real dataset of this kind that needs no download. Defaults to
            `""`.

    Example:

    >>> IMAGES.tensor_name, IMAGES.value_range
    ('image', (0.0, 1.0))
    """

    name: str
    tensor_name: str
    axes: tuple[str, ...]
    value_range: tuple[float, float] | None = None
    rows: str = "rows"
    place: str = "number"
    integers: bool = False
    scaled: bool = False
    metrics: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    anomaly_score: str = "reconstruction"
    top_fraction: float = 1.0
    example: str = ""


# The default scores of anomalies were chosen by measurement.
# Images: `zoo.experiments.image_scores`, whose table docs/anomalies.md shows.
# Features: `both` is the best in row `anomaly` among the scores that keep no rows. `neighbours` is
# better (`zoo.experiments.table_scores`), but a detector then holds training rows.
# Sequences and volumes: `zoo.experiments.signal_scores`, whose tables docs/signals.md shows.

IMAGES = Kind(
    "images",
    "image",
    ("height", "width", "channels"),
    value_range=(0.0, 1.0),
    rows="images",
    place="pixel",
    metrics=("psnr", "ssim", "denoising_gain", "shift_distance", "noise_distance"),
    figures=("reconstructions", "restorations", "filters", "switches"),
    top_fraction=0.05,
    example="mnist_5k",
)
FEATURES = Kind(
    "features",
    "features",
    ("columns",),
    place="column",
    integers=True,
    scaled=True,
    anomaly_score="both",
    example="breast_cancer",
)
DOCUMENTS = Kind(  # texts, or the weights of their words
    "documents",
    "document",
    ("words",),
    rows="documents",
    integers=True,
    place="word",
    example="docstrings",
)
SEQUENCES = Kind(  # signals and other series of numbers
    "sequences",
    "sequence",
    ("steps", "channels"),
    rows="sequences",
    place="step",
    integers=True,
    scaled=True,
    figures=("sequences",),
    example="mnist_5k_rows",
)
VOLUMES = Kind(
    "volumes",
    "volume",
    ("depth", "height", "width", "channels"),
    value_range=(0.0, 1.0),
    rows="volumes",
    place="voxel",
    metrics=("psnr",),
    figures=("slices",),
    top_fraction=0.01,
    example="mni152",
)

KINDS = {kind.name: kind for kind in (IMAGES, FEATURES, DOCUMENTS, SEQUENCES, VOLUMES)}
OF_NUMBERS = tuple(kind.name for kind in KINDS.values() if kind is not DOCUMENTS)


def of_shape(shape: tuple[int, ...]) -> Kind | None:
    """Returns the kind of data whose rows have the axes of a shape, or None if there is none.

    The first of `KINDS` is returned: one axis is that of features.

    Args:
        shape: Tuple. Shape of one row.

    Example:

    >>> of_shape((28, 28, 1)).name
    'images'
    """
    return next((kind for kind in KINDS.values() if len(kind.axes) == len(shape)), None)


def of_tensor(name: str) -> Kind | None:
    """Returns the kind of data of a model whose input has a certain name, or None.

    Args:
        name: String. Name of the input.

    Example:

    >>> of_tensor("document").name
    'documents'
    """
    return next((kind for kind in KINDS.values() if kind.tensor_name == name), None)


def of_array(axes: int, name: str | None = None) -> Kind | None:
    """Returns the kind of data that an array of rows holds, or None if there is none.

    The number of axes decides: it is that of the kind with the axis of the rows, or one less for
    rows of one channel that leave out its axis. Where it fits several kinds, the name decides, or
    without one the order of `KINDS`: three axes are then grey images.

    Args:
        axes: Integer. Number of axes of the array.
        name: String. Name of the kind. Defaults to None, for any.

    Raises:
        UsageError: If there is no kind of that name.

    Example:

    >>> of_array(3).name, of_array(3, "sequences").name, of_array(2, "volumes")
    ('images', 'sequences', None)
    """
    if name is not None and name not in KINDS:
        raise no_such("kind of data", name, list(KINDS))
    for kind in KINDS.values():
        whole, channels = len(kind.axes) + 1, kind.axes[-1:] == ("channels",)
        if name in (None, kind.name) and whole - channels <= axes <= whole:
            return kind
    return None


def to_name(kind: Kind | None) -> str | None:
    """Returns the name that an array of a kind must be loaded by, or None if its axes suffice.

    Args:
        kind: `Kind`, or None.

    Example:

    >>> to_name(IMAGES), to_name(SEQUENCES), to_name(DOCUMENTS)
    (None, 'sequences', 'documents')
    """
    if kind is None or of_array(len(kind.axes) + 1) is kind:
        return None
    return kind.name
