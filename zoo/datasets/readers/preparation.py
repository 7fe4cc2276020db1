"""Brings images of any size to one size and one number of channels."""

import dataclasses
import os.path
import re
from pathlib import Path

import numpy as np

from zoo.datasets.readers import addresses
from zoo.errors import UsageError, no_such

SUFFIXES = frozenset(
    (
        *(".apng", ".avif", ".bmp", ".gif", ".heic", ".heif", ".jfif", ".jp2", ".jpeg", ".jpg"),
        *(".jxl", ".pbm", ".pgm", ".png", ".pnm", ".ppm", ".tga", ".tif", ".tiff", ".webp"),
    )
)
UNREAD = frozenset(  # of images that Pillow does not read
    (".cr2", ".cr3", ".dcm", ".dicom", ".dng", ".exr", ".nef", ".nii", ".svg", ".svgz", ".xcf")
)
ALL_SUFFIXES = SUFFIXES | UNREAD
FITS = ("crop", "pad", "stretch")
COLORS = ("rgb", "gray")
OPTIONS = ("image_size", "fit", "color")
LONGEST = 8192  # pixels of a side
# How `Preparation.query` ends the name of a dataset, or the part before the name of a class.
RECORDED = re.compile(r"\?(?:image_size=(\d{1,4})x(\d{1,4})&fit=([a-z]+)&)?color=([a-z]+)")


@dataclasses.dataclass(frozen=True)
class Preparation:
    """The size and the number of channels that images are brought to, and how.

    Attributes:
        image_size: Pair of integers, the height and the width in pixels; one integer for both; or a
            string such as `"64x48"`. It is kept as a pair. Defaults to None, for images that have
            one size already.
        fit: String. How an image of another aspect ratio is fitted: `"crop"` takes the largest
            centred part of the aspect ratio of `image_size`, `"pad"` fits the whole image and pads
            it with zeros (black), and `"stretch"` changes the aspect ratio. Defaults to None, which
            is `"crop"` if there is an `image_size`.
        color: String. `"rgb"` for three channels or `"gray"` for one. Defaults to None, which is
            `"rgb"` if any of the images is in colour.

    Raises:
        UsageError: If a value is not accepted, or if there is a `fit` without `image_size`.

    Example:

    >>> preparation = Preparation("64x48", color="gray")
    >>> preparation
    Preparation(image_size=(64, 48), fit='crop', color='gray')
    >>> preparation.apply(np.zeros((480, 640, 3), "uint8")).shape
    (64, 48, 1)
    """

    image_size: tuple[int, int] | None = None
    fit: str | None = None
    color: str | None = None

    def __post_init__(self):
        if self.image_size is not None:
            object.__setattr__(self, "image_size", _size(self.image_size))
        for option, accepted in {"fit": FITS, "color": COLORS}.items():
            value = getattr(self, option)
            if value is not None and value not in accepted:
                raise no_such(f"`{option}`", value, list(accepted))
        if self.fit is not None and self.image_size is None:
            raise UsageError(
                f"`fit` needs an `image_size` to fit images into. Received: fit={self.fit!r} alone."
            )
        if self.image_size is not None and self.fit is None:
            object.__setattr__(self, "fit", "crop")

    def __bool__(self):
        return self != Preparation()

    def apply(self, pixels: np.ndarray) -> np.ndarray:
        """Returns an image in the size and the number of channels.

        Images are resampled with Pillow's Lanczos filter, which takes the mean over the pixels that
        become one.

        Args:
            pixels: Array of shape `(height, width, channels)`: uint8 with 1 or 3 channels, or
                uint16 or float32 with 1.

        Returns:
            Array of the same type, of shape `(*image_size, channels)`.
        """
        from PIL import Image

        if self.color == "gray" and pixels.shape[-1] == 3:
            pixels = np.asarray(Image.fromarray(pixels).convert("L"))[..., None]
        if self.image_size not in (None, pixels.shape[:2]):
            pixels = self._resized(pixels)
        if self.color == "rgb" and pixels.shape[-1] == 1:
            pixels = np.repeat(pixels, 3, axis=-1)
        return pixels

    def _resized(self, pixels):
        from PIL import Image, ImageOps

        image = pixels[..., 0] if pixels.shape[-1] == 1 else pixels
        # Pillow resamples bytes and floats; the filter overshoots at edges.
        image = image if image.dtype == np.uint8 else image.astype(np.float32)
        image, size = Image.fromarray(image), self.image_size[::-1]
        if self.fit == "crop":
            image = ImageOps.fit(image, size, Image.Resampling.LANCZOS)
        else:
            image = image.resize(self._inner(size, image.size), Image.Resampling.LANCZOS)
        resized = np.asarray(image)
        if pixels.dtype != np.uint8:
            if pixels.dtype.kind == "u":
                resized = resized.clip(0, np.iinfo(pixels.dtype).max).round()
            else:  # numbers outside of [0, 1] stay so, and are refused with those of other sources
                resized = resized.clip(min(0, pixels.min()), max(1, pixels.max()))
        resized = resized.astype(pixels.dtype).reshape(*resized.shape[:2], pixels.shape[-1])
        left, top = ((side - inner) // 2 for side, inner in zip(size, image.size, strict=True))
        result = np.zeros((*self.image_size, pixels.shape[-1]), pixels.dtype)
        result[top : top + image.height, left : left + image.width] = resized
        return result

    def _inner(self, size, stored):
        """Returns the size of the image between its borders, of at least one pixel."""
        if self.fit == "stretch":
            return size
        scale = min(side / length for side, length in zip(size, stored, strict=True))
        return tuple(max(1, round(length * scale)) for length in stored)

    def query(self, channels: int) -> str:
        """Returns the end of an address by which images are prepared in the same way again.

        Args:
            channels: Integer. The number of channels that the images have, which the address names
                as their `color`.

        Returns:
            String, empty for images that are used as they are.

        Example:

        >>> Preparation((64, 48)).query(channels=3)
        '?image_size=64x48&fit=crop&color=rgb'
        """
        if not self:
            return ""
        size = ""
        if self.image_size is not None:
            size = f"image_size={self.image_size[0]}x{self.image_size[1]}&fit={self.fit}&"
        return f"?{size}color={'gray' if channels == 1 else 'rgb'}"


def given(options: dict[str, str], **arguments) -> Preparation:
    """Returns the preparation that an address and arguments describe.

    Args:
        options: Dict of the options of an address.
        **arguments: Values of `image_size`, `fit` and `color` that come before those of the
            address, unless they are None.

    Returns:
        A `Preparation`.

    Raises:
        UsageError: If there is no such option, or a value is not accepted.

    Example:

    >>> given({"image_size": "64x64"}, fit="pad", color=None).fit
    'pad'
    """
    for option in options:
        if option not in OPTIONS:
            raise no_such("option", option, list(OPTIONS), of="a folder of images")
    arguments = {name: value for name, value in arguments.items() if value is not None}
    return Preparation(**(options | arguments))


def recorded(source, owner) -> dict:
    """Returns the options by which a model's own data were prepared, for images to give it now.

    Args:
        source: Anything that `zoo.datasets.load` accepts.
        owner: Model with a `record`, or the config of a run: a dict with the record of the data at
            the key `"data"`.

    Returns:
        A dict of `image_size`, `fit` and `color` to load `source` with. It is empty unless `source`
        is a folder or an image file without such options of its own, or a list of paths.

    Example:

    >>> config = {"data": {"name": "photos?image_size=64x64&fit=crop&color=rgb"}}
    >>> recorded(".", config)
    {'image_size': (64, 64), 'fit': 'crop', 'color': 'rgb'}
    >>> recorded("mnist_5k", config)
    {}
    """
    if isinstance(source, (str, Path)):
        path, options = addresses.address(source)
        if not options.keys().isdisjoint(OPTIONS) or not is_of_images(path):
            return {}
    elif not (isinstance(source, list) and source and isinstance(source[0], (str, Path))):
        return {}
    return dataclasses.asdict(of_record(owner))


def is_of_images(path: Path) -> bool:
    """Returns whether a path is a folder or an image file.

    Args:
        path: Path.

    Example:

    >>> is_of_images(Path(".")), is_of_images(Path("missing.png"))
    (True, False)
    """
    return os.path.isdir(path) or (path.suffix.lower() in SUFFIXES and os.path.isfile(path))


def of_record(owner) -> Preparation:
    """Returns the preparation of the data that a model was trained on.

    Args:
        owner: As for `recorded`.

    Returns:
        A `Preparation`, of images used as they are if the record names none.

    Example:

    >>> of_record({"data": {"name": "photos?color=gray"}})
    Preparation(image_size=None, fit=None, color='gray')
    """
    record = owner if isinstance(owner, dict) else owner.record
    match = RECORDED.search(((record or {}).get("data") or {}).get("name") or "")
    if match is None:
        return Preparation()
    height, width, fit, color = match.groups()
    try:
        return Preparation(height and (int(height), int(width)), fit, color)
    except UsageError:  # a folder whose name looks like options
        return Preparation()


def _size(value):
    """Returns a height and a width."""
    sides = value
    if isinstance(value, str):
        match = re.fullmatch("([0-9]{1,4})(?:x([0-9]{1,4}))?", value)
        sides = match and tuple(int(side or match[1]) for side in match.groups())
    elif _is_side(value):
        sides = (value, value)
    if (
        not isinstance(sides, (tuple, list))
        or len(sides) != 2
        or not all(_is_side(side) and 1 <= side <= LONGEST for side in sides)
    ):
        raise UsageError(
            f"`image_size` must be a height and a width from 1 to {LONGEST} pixels, such as "
            f"(64, 48) or, in an address, 64x48. Received: image_size={value!r}."
        )
    return tuple(int(side) for side in sides)


def _is_side(value):
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)
