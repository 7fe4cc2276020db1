"""Images that show none of the classes, made from images that do: what a judge must refuse."""

import numpy as np

TILES = (3, 4, 7, 14)  # along a side; of two, one shuffle in 24 would give the image back

BLURS = (0.4, 0.6, 0.8, 1.0)  # pixels


def noise(images, labels, random: np.random.Generator) -> np.ndarray:
    """Returns uniform noise, each image of it brighter or darker by a power drawn for it."""
    powers = 4 * random.random((len(images), 1, 1, 1), np.float32)
    return random.random(images.shape, np.float32) ** powers


def blank(images, labels, random: np.random.Generator) -> np.ndarray:
    """Returns images of one drawn value for each channel, more of them dark than bright."""
    values = random.random((len(images), 1, 1, images.shape[-1]), np.float32) ** 3
    return np.broadcast_to(values, images.shape).copy()


def inverted(images, labels, random: np.random.Generator) -> np.ndarray:
    """Returns the images with dark and light exchanged."""
    return 1 - images


def shuffled_pixels(images, labels, random: np.random.Generator) -> np.ndarray:
    """Returns the images, the pixels of each in an order drawn for it."""
    return _shuffled(images, 1, random)


def shuffled_tiles(images, labels, random: np.random.Generator) -> np.ndarray:
    """Returns the images cut into square tiles, those of each image in an order drawn for it.

    A tile's side is a third, a quarter, a seventh or a fourteenth of the image's shorter side.
    """
    counts = random.choice(TILES, len(images))
    shuffled = images.copy()
    for count in TILES:
        rows = counts == count
        shuffled[rows] = _shuffled(images[rows], max(1, min(images.shape[1:3]) // count), random)
    return shuffled


def halves(images, labels, random: np.random.Generator) -> np.ndarray:
    """Returns images of which the lower or right half comes from an image of another class."""
    others = np.empty(len(images), int)
    for label in np.unique(labels):
        rows = labels == label
        others[rows] = random.choice(np.flatnonzero(~rows), rows.sum())
    mixed, upright = images.copy(), random.random(len(images)) < 0.5
    height, width = (size // 2 for size in images.shape[1:3])
    mixed[upright, height:] = images[others[upright], height:]
    mixed[~upright, :, width:] = images[others[~upright], :, width:]
    return mixed


# For each kind its images for each real one, when a judge learns.
NEGATIVES = {
    noise: 0.25,
    blank: 0.25,
    inverted: 0.25,
    shuffled_pixels: 0.25,
    shuffled_tiles: 0.5,
    halves: 1.0,
}


def negatives(images, labels, random: np.random.Generator) -> np.ndarray:
    """Returns images of every kind of `NEGATIVES`, two and a half for each real one.

    Args:
        images: `(rows, height, width, channels)`, values in [0, 1].
        labels: `(rows,)`, integers of two classes or more.
        random: Draws the images that are changed, and the changes.
    """
    made = []
    for kind, share in NEGATIVES.items():
        drawn = kind(images, labels, random)
        made.append(drawn[random.permutation(len(drawn))[: max(1, round(share * len(drawn)))]])
    return np.concatenate(made)


def blurred(images, deviation: float = 0.7) -> np.ndarray:
    """Returns images under a Gaussian blur, its deviation in pixels; they still show a class."""
    from scipy.ndimage import gaussian_filter

    return gaussian_filter(images, (0, deviation, deviation, 0))


def some_blurred(images, random: np.random.Generator) -> np.ndarray:
    """Returns the images, half of them blurred, by a deviation drawn from `BLURS`."""
    drawn = random.choice((0, *BLURS), len(images), p=(0.5, *(0.5 / len(BLURS) for _ in BLURS)))
    result = images.copy()
    for deviation in BLURS:
        rows = drawn == deviation
        result[rows] = blurred(images[rows], deviation)
    return result


def _shuffled(images, side, random):
    """The whole tiles of that side in a drawn order; what is left at the edges stays."""
    count, height, width, channels = images.shape
    down, across = height // side, width // side
    area = np.s_[:, : down * side, : across * side]
    tiles = images[area].reshape(count, down, side, across, side, channels).swapaxes(2, 3)
    tiles = tiles.reshape(count, down * across, side, side, channels)
    order = random.permuted(np.tile(np.arange(down * across), (count, 1)), axis=1)
    tiles = np.take_along_axis(tiles, order[:, :, None, None, None], axis=1)
    tiles = tiles.reshape(count, down, across, side, side, channels).swapaxes(2, 3)
    shuffled = images.copy()
    shuffled[area] = tiles.reshape(count, down * side, across * side, channels)
    return shuffled
