"""All datasets that can be loaded by a name."""

from zoo.datasets.sources import (
    curves,
    mni152,
    mnist_5k,
    photo_crops,
    scikit_learn,
    texts,
    tfds,
)

BY_NAME = {
    **mnist_5k.BY_NAME,
    **curves.BY_NAME,
    **tfds.BY_NAME,
    **scikit_learn.BY_NAME,
    **mni152.BY_NAME,
    **photo_crops.BY_NAME,
    **texts.BY_NAME,
}
NAMES = tuple(BY_NAME)
