"""Reads images from image files."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from zoo.datasets.readers import folders
from zoo.errors import UsageError
from zoo.inputs import numbers

SUFFIXES = frozenset(
    (
        *(".apng", ".avif", ".bmp", ".gif", ".heic", ".heif", ".jfif", ".jp2", ".jpeg", ".jpg"),
        *(".jxl", ".pbm", ".pgm", ".png", ".pnm", ".ppm", ".tga", ".tif", ".tiff", ".webp"),
    )
)


def read_all(paths: Sequence[Path]) -> tuple[np.ndarray, list[int], list[str]]:
    """Reads image files into one array.

    The array has the size of most of the images. It is in colour if any image is. The EXIF
    orientation of each image is applied, and transparent pixels become white.

    Args:
        paths: Sequence of paths.

    Returns:
        A tuple of three: the images, float32 in [0, 1] of shape
        `(images, height, width, channels)`; the list of their positions in `paths`; and for each of
        the other files a sentence that says why it cannot be used.

    Example:

    >>> from PIL import Image
    >>> Image.new("L", (4, 3)).save("grey.png")
    >>> Image.new("RGB", (4, 3)).save("colour.png")
    >>> images, kept, reasons = read_all([Path("grey.png"), Path("colour.png")])
    >>> images.shape, kept, reasons
    ((2, 3, 4, 3), [0, 1], [])
    """
    pixels, reasons = {}, []
    for row, path in enumerate(paths):
        try:
            pixels[row] = _pixels(path)
        except UsageError as error:
            reasons.append(str(error))
    sizes = Counter(image.shape[:2] for image in pixels.values())
    size = sizes.most_common(1)[0][0] if sizes else ()
    for row in [row for row, image in pixels.items() if image.shape[:2] != size]:
        other = pixels.pop(row).shape[:2]
        reasons.append(f"{paths[row]} has the size {other}, but most have {size}.")
    if not pixels:
        return np.zeros((0, 1, 1, 1), np.float32), [], reasons
    images = numbers.scaled(*pixels.values())
    colour = any(image.shape[-1] == 3 for image in images)
    images = [np.repeat(x, 3, axis=-1) if colour and x.shape[-1] == 1 else x for x in images]
    return np.stack(images), list(pixels), reasons


def read_image(path: Path) -> np.ndarray:
    """Returns the image of a file.

    The image's EXIF orientation is applied, and transparent pixels become white. A grey image has 1
    channel. One that holds only 0 and 1 is a mask and is not scaled, as in
    `scaled` in `zoo/inputs/numbers.py`.

    Args:
        path: Path of the file.

    Returns:
        Float32 array in [0, 1] of shape `(height, width, channels)`.

    Raises:
        UsageError: If Pillow cannot read the file, or its numbers have 32 bits.

    Example:

    >>> from PIL import Image
    >>> Image.new("L", (4, 3), 51).save("dark.png")
    >>> image = read_image(Path("dark.png"))
    >>> image.shape, round(float(image.max()), 3)
    ((3, 4, 1), 0.2)
    """
    pixels = _pixels(path)
    if pixels.dtype == np.uint8 and pixels.shape[-1] > 1:
        return pixels / np.float32(255)
    return numbers.scaled(pixels)[0]


def _pixels(path):
    """Returns the numbers of an image file as they are stored, `(height, width, channels)`."""
    from PIL import Image, ImageOps

    try:
        folders.require_file(path)
        with Image.open(path) as image:
            grey = image.mode in ("1", "L", "LA", "F") or image.mode.startswith("I")
            # Pillow returns 16-bit PNG and PPM files as 32-bit integers.
            of_16_bits = image.mode == "I" and image.format in ("PNG", "PPM")
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
    return pixels[..., None] if grey else pixels


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
