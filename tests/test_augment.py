"""Random changes of training images: what they do, and that a resumed run draws the same ones."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.datasets import load_sample_image
from typer.testing import CliRunner

import zoo
from zoo.cli import app
from zoo.errors import UsageError
from zoo.recipes.recipe import Recipe
from zoo.training import augment, pretrain, resumable_fit


@pytest.fixture(scope="module")
def parts():
    """Parts of a photo, grey, of 12 x 16 pixels."""
    photo = load_sample_image("china.jpg").mean(axis=-1)[::4, ::4]
    random = np.random.default_rng(0)
    places = zip(random.integers(0, 94, 80), random.integers(0, 144, 80), strict=True)
    return np.stack([photo[y : y + 12, x : x + 16, None] for y, x in places]).astype("uint8")


def changed(images, changes, seed=0, epoch=0):
    batches = tf.data.Dataset.from_tensor_slices(images).batch(32)
    keys = tf.data.Dataset.from_tensors(tf.constant([seed, epoch], tf.int64))
    stream = augment.augmented(batches, keys, augment.checked(changes))
    return np.concatenate(list(stream.as_numpy_iterator()))


def moments(images):
    """The centre of the ink of each image, its spread, and the angle that it leans."""
    y, x = (each - 13.5 for each in np.mgrid[:28, :28])
    mass = images[..., 0] / images.sum(axis=(1, 2, 3))[:, None, None]

    def mean(values):
        return (mass * values).sum(axis=(1, 2))

    top, left = mean(y), mean(x)
    spread = mean(y**2) - top**2 + mean(x**2) - left**2
    angle = np.arctan2(2 * (mean(x * y) - top * left), mean(y**2) - top**2 - mean(x**2) + left**2)
    return top, left, np.sqrt(spread), angle / 2


def test_flips_are_exact(digits):
    images = digits.train.images[:100]
    for flip, axes in {
        "horizontal": [2],
        "vertical": [1],
        "horizontal_and_vertical": [1, 2],
    }.items():
        mirrored = np.flip(images, axes)
        seen = changed(images, {"flip": flip})
        same, other = ((seen == each).all(axis=(1, 2, 3)) for each in (images, mirrored))
        if len(axes) == 1:
            assert (same | other).all()
        assert 10 < other.sum() < 90


def test_changes_are_within_their_range_and_fill_it(digits):
    images = digits.train.images[digits.train.labels == 1][:200]
    before = moments(images)
    shifts = [after - was for after, was in zip(moments(changed(images, {"shift": 0.1})), before,
                                               strict=True)]  # fmt: skip
    for shift in shifts[:2]:  # by up to 2.8 pixels
        assert 2.2 < np.abs(shift).max() < 2.85
        assert abs(shift.mean()) < 0.5
    turned = np.degrees(moments(changed(images, {"rotation": 0.05}))[3] - before[3])
    assert 15 < np.abs(turned).max() < 19.5  # by up to 18 degrees
    zoomed = moments(changed(images, {"zoom": 0.2}))[2] / before[2]
    assert 0.78 < zoomed.min() < 0.88
    assert 1.12 < zoomed.max() < 1.28


def test_a_crop_is_a_part_of_the_image(parts):
    """Crops an image whose values are places: each crop spans its part, at a place of its own."""
    y, x = np.mgrid[:20, :30] / np.array([[[19.0]], [[29.0]]])
    images = np.repeat(np.stack([y, x], axis=-1)[None], 64, axis=0).astype("float32")
    seen = changed(images, {"crop": 0.4})
    assert seen.shape == images.shape
    spans = seen.max(axis=(1, 2)) - seen.min(axis=(1, 2))
    np.testing.assert_allclose(spans, [[11 / 19, 17 / 29]] * 64, atol=0.01)  # 12 x 18 pixels
    starts = seen.min(axis=(1, 2))
    for axis, places in enumerate((9, 13)):
        assert len(np.unique(starts[:, axis].round(3))) > places / 2
        assert starts[:, axis].min() < 0.06
        assert starts[:, axis].max() > 0.3


def test_changes_are_a_function_of_seed_epoch_and_batch(parts):
    images = np.tile(parts[:1] / np.float32(255), (64, 1, 1, 1))
    changes = {"shift": 0.2, "zoom": 0.2}
    seen = changed(images, changes)
    assert seen.shape == images.shape
    assert len(np.unique(seen, axis=0)) == 64  # also between batches
    np.testing.assert_array_equal(seen, changed(images, changes))
    for other in ({"seed": 1}, {"epoch": 1}):
        assert (seen != changed(images, changes, **other)).any(axis=(1, 2, 3)).all()


def test_all_changes_at_once_keep_the_range_and_colours(parts):
    images = load_sample_image("flower.jpg")[None, ::20, ::20] / np.float32(255)
    images = np.concatenate([images, np.ones_like(images), np.zeros_like(images)])
    changes = {"flip": "vertical", "crop": 0.3, "shift": 0.5, "rotation": 0.5, "zoom": 0.9}
    seen = changed(images, changes)
    assert seen.shape == images.shape
    assert (seen.min(), seen.max()) == (0, 1)
    np.testing.assert_allclose(seen[1:], images[1:], atol=1e-6)  # the border is a reflection


def test_the_target_is_the_changed_image(digits):
    """A model that returns its input has no loss, unless the target were another image."""
    images = digits.train.images[:64, ::4, ::4]
    x = keras.Input((7, 7, 1), name="image")
    z = keras.layers.Dense(49, kernel_initializer="identity", name="latent")(
        keras.layers.Flatten()(x)
    )
    y = keras.layers.Reshape((7, 7, 1), name="reconstruction")(
        keras.layers.Dense(49, kernel_initializer="identity")(z)
    )
    changes = {"shift": 0.2, "rotation": 0.1}
    history = resumable_fit.fit(
        zoo.AutoEncoder(x, y), Recipe(epochs=1, batch_size=64), images, images, 0, augment=changes
    )
    assert history["loss"] == [0]


CHANGES = {"flip": "horizontal", "crop": 0.2, "shift": 0.1}


class InterruptAt(keras.callbacks.Callback):
    """Ctrl-C, in the middle of an epoch."""

    def __init__(self, epoch):
        super().__init__()
        self.at = epoch

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if self.epoch == self.at:
            raise KeyboardInterrupt


def fitted(images, changes, checkpoint=None, callbacks=()):
    keras.utils.set_random_seed(0)
    model = zoo.build("shallow_ae", input_shape=images.shape[1:], latent_dim=4)
    history = resumable_fit.fit(model, Recipe(epochs=3, batch_size=24), images, images[:0], 0,
                                checkpoint, callbacks=callbacks, augment=changes)  # fmt: skip
    return model.get_weights(), history


def test_stopped_and_called_again_it_learns_from_the_same_changes(parts, tmp_path):
    images, checkpoint = parts / np.float32(255), tmp_path / "checkpoint.safetensors"
    weights, history = fitted(images, CHANGES)
    with pytest.raises(KeyboardInterrupt):
        fitted(images, CHANGES, checkpoint, [InterruptAt(1)])
    resumed, its_history = fitted(images, CHANGES, checkpoint)
    assert its_history == history
    for mine, other in zip(resumed, weights, strict=True):
        np.testing.assert_array_equal(mine, other)


def test_a_run_records_its_changes_and_holds_out_unchanged_images(parts, tmp_path):
    given = {"latent_dim": 4, "epochs": 1, "folder": tmp_path / "run", "augment": CHANGES}
    run = zoo.train("shallow_ae", parts, **given)
    assert run.config["augment"] == CHANGES
    _, held_out = zoo.datasets.load(parts).hold_out(0.1, 0)
    expected = run.model.evaluate(held_out, verbose=0, return_dict=True)["loss"]
    assert run.history["val_loss"] == [pytest.approx(expected, rel=1e-5)]
    for other in (None, CHANGES | {"shift": 0.2}):
        with pytest.raises(UsageError, match=r"holds another run, with augment"):
            zoo.train("shallow_ae", parts, resume=True, **given | {"augment": other})


def test_the_partners_of_pairs_are_changed_too(parts):
    images = parts[:32] / np.float32(255)
    pairs = tf.data.Dataset.from_tensors(((images, images),))
    keys = tf.data.Dataset.from_tensors(tf.constant([0, 0], tf.int64))
    (((rows, partners),),) = augment.augmented(pairs, keys, CHANGES).as_numpy_iterator()
    assert (rows != images).any()
    assert (rows != partners).any(axis=(1, 2, 3)).mean() > 0.9


class FirstLoss(keras.callbacks.Callback):
    """Stops after the first batch, whose loss it keeps."""

    def on_train_batch_end(self, batch, logs=None):
        self.loss = float(logs["loss"])
        raise KeyboardInterrupt


def test_layers_that_are_learned_one_by_one_see_changed_images(parts):
    images, losses = parts / np.float32(255), []
    model = zoo.build("deep_ae", input_shape=images.shape[1:], widths=(8,), latent_dim=2)
    for changes in (None, CHANGES):
        first = FirstLoss()
        with pytest.raises(KeyboardInterrupt):
            pretrain.run_stages(
                model, images, images[:0], "autoencoder", 1, 0, None, [first], changes
            )
        losses.append(first.loss)
    assert losses[0] != losses[1]


WRONG = {
    "flip=horizontall": "There is no `flip` 'horizontall'; did you mean horizontal",
    "shift=0": "`shift` must be a number in (0, 0.5]. Received: shift=0.0.",
    "shift=nan": "`shift` must be a number in (0, 0.5]. Received: shift=nan.",
    "rotation=0.6": "`rotation` must be a number in (0, 0.5]",
    "crop=1": "`crop` must be a number in (0, 0.9]. Received: crop=1.0.",
    "zoom=much": "`zoom` must be a number in (0, 0.9]. Received: zoom='much'.",
    "rotate=0.1": "There is no change of images 'rotate' of `augment`; did you mean rotation",
    "shift": "such as flip=horizontal,shift=0.1. Received: shift",
    "": "such as flip=horizontal,shift=0.1. Received: ",
}


@pytest.mark.parametrize("text", WRONG)
def test_wrong_changes_are_told_in_one_sentence(text):
    done = CliRunner().invoke(app, ["train", "conv_ae", "--augment", text])
    assert done.exit_code == 2
    assert WRONG[text] in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_changes_are_written_as_on_the_command_line():
    expected = {"flip": "horizontal", "shift": 0.1}
    assert augment.parse("shift=0.1,flip=horizontal") == expected
    assert augment.checked({}) is augment.checked(None) is None
    with pytest.raises(UsageError, match="`augment` must be a dict"):
        augment.checked("flip=horizontal")
    with pytest.raises(UsageError, match=r"`augment` changes images. .* for features."):
        zoo.train("deep_ae", "wine", augment=expected)
