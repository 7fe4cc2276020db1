"""Reads images from image files."""

import contextlib
import threading
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from zoo.datasets.readers import folders
from zoo.datasets.readers.preparation import (
    ALL_SUFFIXES,  # noqa: F401, public here
    SUFFIXES,  # noqa: F401, public here
    UNREAD,
    Preparation,
)
from zoo.errors import UsageError
from zoo.inputs import numbers, parallel

ORIENTATION = 0x0112  # EXIF tag; from 5 on, height and width change places
SHOWN = 3  # sizes that a message names
NONE = np.zeros((0, 1, 1, 1), np.float32)  # no images
_opening = threading.Lock()  # warnings are turned into errors for all threads at once


def read_all(
    paths: Sequence[Path], preparation: Preparation | None = None
) -> tuple[np.ndarray, list[int], list[str]]:
    """Reads image files into one array.

    The array is in colour if any image is, unless the preparation names a `color`. The EXIF
    orientation of each image is applied, and transparent pixels become white.

    Args:
        paths: Sequence of paths.
        preparation: `Preparation` of each image. Defaults to None, for images used as they are.

    Returns:
        A tuple of three: the images, float32 in [0, 1] of shape
        `(images, height, width, channels)`; the list of their positions in `paths`; and for each of
        the other files a sentence that says why it cannot be used.

    Raises:
        UsageError: If the images differ in size and the preparation has no `image_size`.

    Example:

    >>> from PIL import Image
    >>> Image.new("L", (4, 3)).save("grey.png")
    >>> Image.new("RGB", (40, 30)).save("colour.png")
    >>> images, kept, reasons = read_all(
    ...     [Path("grey.png"), Path("colour.png")], Preparation(image_size=(3, 4))
    ... )
    >>> images.shape, kept, reasons
    ((2, 3, 4, 3), [0, 1], [])
    """
    preparation = preparation or Preparation()
    require_stored_size(paths, preparation)
    pixels, reasons = {}, []
    for row, image in enumerate(decoded(paths, preparation)):
        if isinstance(image, UsageError):
            reasons.append(str(image))
        else:
            pixels[row] = image
    if not pixels:
        return NONE, [], reasons
    require_one_size(Counter(image.shape[:2] for image in pixels.values()))
    images = numbers.scaled(*pixels.values())
    colour = any(image.shape[-1] == 3 for image in images)
    images = [np.repeat(x, 3, axis=-1) if colour and x.shape[-1] == 1 else x for x in images]
    return np.stack(images), list(pixels), reasons


def decoded(
    paths: Sequence[Path], preparation: Preparation, read: Callable | None = None
) -> Iterator[np.ndarray | UsageError]:
    """Yields the image of each file, or the error that says why it cannot be used.

    Several files are decoded at once, and few images are held at a time.

    Args:
        paths: Sequence of paths.
        preparation: `Preparation` of each image.
        read: Callable of a path and the preparation. Defaults to None, for the numbers as they are
            stored; `read_image` scales them.

    Yields:
        An array of shape `(height, width, channels)`, or a `UsageError`.

    Example:

    >>> from PIL import Image
    >>> Image.new("L", (4, 3)).save("small.png")
    >>> image, error = decoded([Path("small.png"), Path("missing.png")], Preparation())
    >>> image.shape, type(error).__name__
    ((3, 4, 1), 'UsageError')
    """
    read = read or _pixels

    def attempt(path):
        try:
            return read(path, preparation)
        except UsageError as error:
            return error

    return parallel.in_threads(attempt, paths)


def read_image(path: Path, preparation: Preparation | None = None) -> np.ndarray:
    """Returns the image of a file.

    The image's EXIF orientation is applied, and transparent pixels become white. A grey image has 1
    channel. One that holds only 0 and 1 is a mask and is not scaled, as in
    `scaled` in `zoo/inputs/numbers.py`.

    Args:
        path: Path of the file.
        preparation: `Preparation` of the image. Defaults to None, for an image used as it is.

    Returns:
        Float32 array in [0, 1] of shape `(height, width, channels)`.

    Raises:
        UsageError: If Pillow cannot read the file, if it has more pixels than Pillow's limit for
            untrusted files, or if its numbers have 32 bits.

    Example:

    >>> from PIL import Image
    >>> Image.new("L", (4, 3), 51).save("dark.png")
    >>> image = read_image(Path("dark.png"))
    >>> image.shape, round(float(image.max()), 3)
    ((3, 4, 1), 0.2)
    """
    pixels = _pixels(path, preparation or Preparation())
    if pixels.dtype == np.uint8 and pixels.shape[-1] > 1:
        return pixels / np.float32(255)
    return numbers.scaled(pixels)[0]


def require_stored_size(paths: Sequence[Path], preparation: Preparation) -> None:
    """Raises an error if files state different sizes and are not brought to one.

    Args:
        paths: Sequence of paths. Files that cannot be read are left out.
        preparation: `Preparation` of the images.

    Raises:
        UsageError: If the sizes differ and the preparation has no `image_size`.

    Example:

    >>> require_stored_size([], Preparation())
    """
    if preparation.image_size is None:
        require_one_size(Counter(filter(None, parallel.in_threads(stored_size, paths))))


def require_one_size(sizes: Counter) -> None:
    """Raises an error if images differ in size.

    Args:
        sizes: `Counter` of pairs of height and width.

    Raises:
        UsageError: If there is more than one size.

    Example:

    >>> require_one_size(Counter([(64, 64), (64, 64)]))
    """
    if len(sizes) < 2:
        return
    common = ", ".join(
        f"{count} of {height}x{width}" for (height, width), count in sizes.most_common(SHOWN)
    )
    others = f" and {len(sizes) - SHOWN} more sizes" if len(sizes) > SHOWN else ""
    raise UsageError(
        "Images must have one size, or be brought to one by image_size=(64, 64) with fit='crop', "
        "'pad' or 'stretch' and color='rgb' or 'gray' (in an address: "
        "FOLDER?image_size=64x64&fit=crop&color=rgb). Received: images of different height x "
        f"width, {common}{others}."
    )


def stored_size(path: Path) -> tuple[int, int] | None:
    """Returns the height and the width that a file states, or None if it cannot be read.

    Args:
        path: Path of the file.

    Example:

    >>> from PIL import Image
    >>> Image.new("L", (4, 3)).save("wide.png")
    >>> stored_size(Path("wide.png"))
    (3, 4)
    """
    try:
        with _opened(path) as image:
            # Pillow would decode a whole PNG to look for an orientation behind its pixels.
            exif = image.getexif() if image.format != "PNG" or "exif" in image.info else {}
            turned = exif.get(ORIENTATION, 1) >= 5
            return image.size if turned else image.size[::-1]
    except Exception:  # for an arbitrary file Pillow raises nearly any error; `_pixels` names it
        return None


@contextlib.contextmanager
def _opened(path):
    """Opens an image file without reading its pixels, unless there are too many of them."""
    from PIL import Image

    folders.require_file(path)
    with open(path, "rb") as file:
        try:
            with _opening, warnings.catch_warnings():
                warnings.simplefilter("error", Image.DecompressionBombWarning)
                image = Image.open(file)
        except (Image.DecompressionBombWarning, Image.DecompressionBombError):
            raise UsageError(
                f"{path} must have at most {Image.MAX_IMAGE_PIXELS:,} pixels, Pillow's limit for "
                "untrusted files (PIL.Image.MAX_IMAGE_PIXELS). Received: an image of more."
            ) from None
        with image:
            yield image


def _pixels(path, preparation):
    """Returns the numbers of an image file as they are stored, `(height, width, channels)`."""
    from PIL import ImageOps

    if Path(path).suffix.lower() in UNREAD:
        raise UsageError(f"Pillow cannot read {path} as an image: convert it to PNG or JPEG.")
    try:
        with _opened(path) as image:
            grey = image.mode in ("1", "L", "LA", "F") or image.mode.startswith("I")
            # Pillow returns 16-bit PNG and PPM files as 32-bit integers.
            of_16_bits = image.mode == "I" and image.format in ("PNG", "PPM")
            if preparation.image_size is not None:  # a JPEG is decoded at a part of its size
                side = 2 * max(preparation.image_size)
                image.draft(image.mode, (side, side))
            image = _on_white(ImageOps.exif_transpose(image), grey)
            mode = ("L" if image.mode == "1" else image.mode) if grey else "RGB"
            pixels = np.asarray(image.convert(mode))
            pixels = pixels.astype(np.uint16) if of_16_bits else pixels
    except UsageError:
        raise
    except Exception as error:  # for an arbitrary file Pillow raises nearly any error
        raise UsageError(_reason(path, error)) from None
    if pixels.dtype == np.int32:
        raise UsageError(
            f"Images must have 8 or 16 bits, or floats in [0, 1]. Received: {path} of 32 bits."
        )
    return preparation.apply(pixels[..., None] if grey else pixels)


def _on_white(image, grey):
    alpha = image.mode in ("LA", "PA", "RGBA")
    if not alpha and not (image.mode in ("1", "L", "P", "RGB") and "transparency" in image.info):
        return image
    from PIL import Image

    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image.convert("RGBA")).convert("L" if grey else "RGB")


def _reason(path, error):
    if isinstance(error, OSError) and error.errno:
        return f"{path} cannot be read: {error.strerror}."
    plugin = {".heic": "pillow-heif", ".heif": "pillow-heif", ".jxl": "a plug-in"}
    plugin = plugin.get(Path(path).suffix.lower())
    return f"Pillow cannot read {path} as an image" + (f" without {plugin}." if plugin else ".")
