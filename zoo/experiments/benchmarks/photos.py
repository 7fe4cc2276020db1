"""Images per second of `fit` on photos that stay on disk, compared with photos in memory."""

import contextlib
import os
import tempfile
import time
from pathlib import Path

import numpy as np

from zoo import datasets, registry
from zoo.datasets.readers import decoded
from zoo.datasets.sources import photo_crops
from zoo.experiments.benchmarks.lines import record
from zoo.experiments.benchmarks.timing import median, median_ratio, seconds, take_turns

SIZES = ((192, 256), (256, 192), (160, 160))  # height and width of the files


def measure(
    folder=None,
    *,
    variant: str = "conv_ae",
    photos: int = 4000,
    image_size: int = 64,
    batch_size: int = 32,
    rounds: int = 5,
    **arguments,
) -> list[dict]:
    """Measures the speed of `fit` on a folder of JPEG files, from disk and from memory in turns.

    The files are parts of scikit-image's photos, of three sizes, written to the system's temporary
    folder. The line also has the speed at which they are decoded, which happens once.

    Args:
        folder: String or `Path`. The folder of `bench.jsonl`. Defaults to None, the package's.
        variant: String. Name of the variant. Defaults to `"conv_ae"`.
        photos: Integer. Number of files. Defaults to 4,000.
        image_size: Integer. Height and width that they are brought to. Defaults to 64.
        batch_size: Integer. Number of images in a batch. Defaults to 32.
        rounds: Integer. Number of epochs of each contender, which take turns, after one to warm up.
            Defaults to 5.
        **arguments: Arguments of the variant.

    Returns:
        A list of the line that was appended to `bench.jsonl`, a dict. Its `value` is the median of
        the rounds' ratios, images a second from disk to those from memory.

    Raises:
        MissingExtraError: If scikit-image is not installed.

    Example:

    >>> measure(folder=".")  # doctest: +SKIP
    """
    with tempfile.TemporaryDirectory() as work:
        write(Path(work) / "photos", photos)
        options = {"image_size": image_size, "color": "rgb"}
        with cache_in(f"{work}/cache"):
            started = time.perf_counter()
            disk = datasets.rows(Path(work) / "photos", in_memory=False, **options)
            decoding = time.perf_counter() - started
            rows = {"disk": disk, "memory": datasets.rows(Path(work) / "photos", **options)}
            contenders = {}
            for name, split in rows.items():
                model = registry.build(variant, input_shape=split.inputs.shape[1:], **arguments)
                contenders[name] = _epoch(model, split, batch_size)
            speeds = take_turns(contenders, rounds, "photos")
    return [record(
        folder, bench="photos", variant=variant, unit="times the images a second in memory",
        value=round(median_ratio(speeds, "disk", "memory"), 2), batch=batch_size, photos=photos,
        image_size=image_size, arguments=arguments, decoded_per_second=round(photos / decoding),
        images_per_second={name: round(median(speeds, name)) for name in contenders},
    )]  # fmt: skip


@contextlib.contextmanager
def cache_in(folder: str):
    """Context manager that keeps decoded rows in a folder.

    Args:
        folder: String. Path of the folder.

    Example:

    >>> with cache_in("cache"):
    ...     decoded.folder().name
    'cache'
    """
    before = os.environ.get(decoded.VARIABLE)
    os.environ[decoded.VARIABLE] = folder
    try:
        yield
    finally:
        del os.environ[decoded.VARIABLE]
        if before is not None:
            os.environ[decoded.VARIABLE] = before


def write(folder: Path, count: int) -> None:
    """Writes JPEG files of three sizes, which are parts of photos.

    Args:
        folder: Path of a folder that does not exist.
        count: Integer. Number of files.

    Raises:
        MissingExtraError: If scikit-image is not installed.

    Example:

    >>> write(Path("parts"), 3)
    >>> len(list(Path("parts").iterdir()))
    3
    """
    from PIL import Image

    random = np.random.default_rng(0)
    photos = [Image.fromarray(photo_crops.whole(name)) for name in ("coffee.png", "rocket.jpg")]
    folder.mkdir()
    for number in range(count):
        photo, (height, width) = photos[number % 2], SIZES[number % 3]
        left = int(random.integers(photo.width - width + 1))
        top = int(random.integers(photo.height - height + 1))
        part = photo.crop((left, top, left + width, top + height))
        part.save(folder / f"{number}.jpg", quality=90)


def _epoch(model, split, batch_size):
    """Returns a function that trains for an epoch and returns the images per second."""

    def fit():
        model.fit(split, batch_size=batch_size, verbose=0)

    return lambda: len(split) / seconds(fit)
