"""Random changes of training images, drawn anew in each epoch by seed."""

from collections.abc import Callable

from zoo.errors import UsageError, no_such
from zoo.inputs.arguments import check_fraction

FLIPS = ("horizontal", "vertical", "horizontal_and_vertical")
LARGEST = {"crop": 0.9, "shift": 0.5, "rotation": 0.5, "zoom": 0.9}


def checked(augment: dict | None) -> dict | None:
    """Returns the changes of training images, in the order they are applied.

    Args:
        augment: Dict, as for `zoo.train`, or None.

    Returns:
        A new dict, or None if there are no changes.

    Raises:
        UsageError: If there is no such change, or its value is not accepted.

    Example:

    >>> checked({"shift": 0.1, "flip": "horizontal"})
    {'flip': 'horizontal', 'shift': 0.1}
    """
    if augment is not None and not isinstance(augment, dict):
        raise UsageError(
            "`augment` must be a dict, such as {'flip': 'horizontal', 'shift': 0.1}. "
            f"Received: augment={augment!r}."
        )
    changes = ("flip", *LARGEST)
    for name, value in (augment or {}).items():
        if name not in changes:
            raise no_such("change of images", name, list(changes), of="`augment`")
        if name != "flip":
            check_fraction(name, value, LARGEST[name])
        elif value not in FLIPS:
            raise no_such("`flip`", value, list(FLIPS))
    return {name: augment[name] for name in changes if name in augment} if augment else None


def parse(text: str) -> dict:
    """Returns the changes that are written as `name=value,name=value` on a command line.

    Args:
        text: String.

    Returns:
        A dict, as `checked` returns it.

    Raises:
        UsageError: If a part is not `name=value`, or its name or value is not accepted.

    Example:

    >>> parse("flip=horizontal,shift=0.1")
    {'flip': 'horizontal', 'shift': 0.1}
    """
    augment = {}
    for word in text.split(","):
        name, equals, value = word.partition("=")
        if not equals:
            raise UsageError(
                "--augment takes changes written name=value, such as flip=horizontal,shift=0.1. "
                f"Received: {word}"
            )
        try:
            augment[name] = float(value)
        except ValueError:  # such as horizontal
            augment[name] = value
    return checked(augment)


def augmented(batches, keys, augment: dict):
    """Returns a stream of batches of images in which each image is changed at random.

    Keras's layers compute the changes: `RandomFlip`, `RandomCrop` with `Resizing`,
    `RandomTranslation`, `RandomRotation` and `RandomZoom`.

    Args:
        batches: `tf.data.Dataset` of batches, `(rows, height, width, channels)` in [0, 1], or of
            tuples of them, each of which is changed differently.
        keys: `tf.data.Dataset` of one pair of integers, new in each epoch, that together with the
            number of the batch determines the changes.
        augment: Dict, as `checked` returns it.

    Returns:
        A `tf.data.Dataset` of batches of the same structure, shapes and range.

    Example:

    >>> import tensorflow as tf
    >>> images = np.random.default_rng(0).random((4, 8, 8, 1), np.float32)
    >>> batches = tf.data.Dataset.from_tensor_slices(images).batch(2)
    >>> keys = tf.data.Dataset.from_tensors(tf.constant([0, 1]))
    >>> [batch.shape[0] for batch in augmented(batches, keys, {"shift": 0.1})]
    [2, 2]
    """
    import tensorflow as tf

    _, height, width, _ = tf.nest.flatten(batches.element_spec)[0].shape
    change = _change(augment, (height, width))

    def changed(batch, number_and_key):
        number, key = number_and_key
        key = tf.random.experimental.stateless_fold_in(tf.cast(key, tf.int32), number)
        parts = tf.nest.flatten(batch)
        parts = [
            change(images, tf.random.experimental.stateless_fold_in(key, part))
            for part, images in enumerate(parts)
        ]
        return tf.nest.pack_sequence_as(batch, parts)

    # The pair is produced again for each batch, after the epoch has begun.
    numbered = keys.repeat().enumerate()
    return tf.data.Dataset.zip((batches, numbered)).map(changed).prefetch(2)


def _change(augment, size) -> Callable:
    """Returns a function of a batch of images and a key that returns the images changed."""
    import keras
    import tensorflow as tf

    class Drawn(keras.random.SeedGenerator):
        """Seeds that are a function of a key and of their position in the graph alone."""

        def keyed(self, key):
            self.key, self.drawn = key, 0
            return self

        def next(self, ordered=True):
            self.drawn += 1
            return tf.random.experimental.stateless_fold_in(self.key, self.drawn)

    def by(layer):
        def apply(images, drawn):
            transformation = layer.get_random_transformation(images, training=True, seed=drawn)
            return layer.transform_images(images, transformation, training=True)

        return apply

    def crop(value):
        part = [max(1, round((1 - value) * side)) for side in size]
        cut = by(keras.layers.RandomCrop(*part, dtype="float32"))
        back, seed = keras.layers.Resizing(*size, dtype="float32"), Drawn(0)

        def apply(images, drawn):  # one by one, as Keras cuts all images of a batch alike
            keys = tf.random.experimental.stateless_split(drawn.next(), tf.shape(images)[0])
            cropped = tf.map_fn(
                lambda pair: cut(pair[0], seed.keyed(pair[1])),
                (images, keys),
                fn_output_signature=tf.TensorSpec((*part, images.shape[-1]), images.dtype),
            )
            return back(cropped)

        return apply

    options = {"fill_mode": "reflect", "interpolation": "bilinear", "dtype": "float32"}
    make = {
        "flip": lambda value: by(keras.layers.RandomFlip(value, dtype="float32")),
        "crop": crop,
        "shift": lambda value: by(keras.layers.RandomTranslation(value, value, **options)),
        "rotation": lambda value: by(keras.layers.RandomRotation(value, **options)),
        "zoom": lambda value: by(keras.layers.RandomZoom(value, **options)),
    }
    steps, seeds = [make[name](value) for name, value in augment.items()], Drawn(0)

    def change(images, key):
        drawn, shape = seeds.keyed(key), images.shape
        for step in steps:
            images = step(images, drawn)
        return tf.ensure_shape(tf.clip_by_value(images, 0.0, 1.0), shape)  # but for rounding

    return change
