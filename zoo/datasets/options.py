"""The options with which a source of data is read."""

import dataclasses
from collections.abc import Sequence
from typing import Literal

from zoo.datasets.readers import series

OF_IMAGES = ("image_size", "fit", "color")


@dataclasses.dataclass(frozen=True)
class Options:
    """The options of `zoo.datasets.load` and `zoo.datasets.rows`, which describes each of them.

    Attributes:
        label: String, or None.
        text: String, or None.
        image_size: Integer, pair of integers, or None.
        fit: String, or None.
        color: String, or None.
        encoding: String, or None.
        kind: String, or None.
        id: String, or None.
        time: String, or None.
        window: Integer, or None.
        stride: Integer, or None.
        steps: String, or None.
        in_memory: Boolean, or None.
        missing: String, or None.
        categories: Sequence of strings.

    Example:

    >>> options = Options(window=100, fit="crop")
    >>> options.form.window, options.of_images
    (100, {'image_size': None, 'fit': 'crop', 'color': None})
    """

    label: str | None = None
    text: str | None = None
    image_size: int | tuple[int, int] | None = None
    fit: str | None = None
    color: str | None = None
    encoding: str | None = None
    kind: str | None = None
    id: str | None = None
    time: str | None = None
    window: int | None = None
    stride: int | None = None
    steps: Literal["long", "wide"] | None = None
    in_memory: bool | None = None
    missing: Literal["refuse", "mask"] | None = "refuse"
    categories: Sequence[str] = ()

    @property
    def form(self) -> series.Form:
        """Returns the layout of series in a table, and the windows that they are cut into."""
        return series.Form(self.id, self.time, self.window, self.stride, self.steps)

    @property
    def columns(self) -> dict:
        """Returns the options that name columns of a table, by their names."""
        return {"label": self.label, "text": self.text, "categories": self.categories or None}

    @property
    def of_files(self) -> dict:
        """Returns the options of image files and of text files, by their names."""
        return {name: getattr(self, name) for name in (*OF_IMAGES, "encoding")}

    @property
    def of_images(self) -> dict:
        """Returns the options of image files, by their names."""
        return {name: getattr(self, name) for name in OF_IMAGES}

    @property
    def of_split(self) -> dict:
        """Returns the options of every `Split` of numbers, by their names."""
        return {"kind": self.kind, "missing": self.missing}
