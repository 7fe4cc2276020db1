"""Every mistake a user can make in a call gets one sentence that says what to do."""

import numpy as np
import pytest
import tensorflow as tf

import zoo
from zoo.errors import UsageError

NAMES_AND_ARGUMENTS = [
    ("conv_a", {}, "There is no variant 'conv_a'; did you mean conv_ae"),
    ("zzz", {}, "There is no variant 'zzz'; there are beta_vae, contractive_ae, conv1d_ae, "),
    ("conv_ae", {"latnt_dim": 3}, "no argument 'latnt_dim' of conv_ae; did you mean latent_dim"),
    ("conv_ae", {"latent_dim": 0}, r"must be a positive integer. Received: latent_dim=0\."),
    ("conv_ae", {"latent_dim": -2}, r"must be a positive integer. Received: latent_dim=-2\."),
    ("conv_ae", {"latent_dim": 2.5}, r"must be a positive integer. Received: latent_dim=2\.5\."),
    ("conv_ae", {"latent_dim": True}, "must be a positive integer. Received: latent_dim=True"),
    ("conv_ae", {"latent_dim": "8"}, "must be a positive integer. Received: latent_dim='8'"),
    ("conv_ae", {"filters": ()}, r"one or more positive integers. Received: filters=\(\)"),
    ("conv_ae", {"filters": (8, 0)}, r"one or more positive integers. Received: filters=\(8, 0\)"),
    ("conv_ae", {"filters": 8}, "a sequence of one or more positive integers. Received: filters=8"),
    ("conv_ae", {"unpooling": "max"}, "must be 'fill' or 'argmax'. Received: unpooling='max'"),
    (
        "conv_ae",
        {"input_shape": (3, 8, 1)},
        r"at least \(4, 4, 1\). Received: input_shape=\(3, 8, 1\)",
    ),
    ("conv_ae", {"input_shape": (28, 28)}, r"\(height, width, channels\) of at least"),
    ("conv_ae", {"input_shape": (28, 28, None)}, "one or more positive integers"),
    ("vae", {"architecture": "conv", "input_shape": (2, 2, 1)}, r"at least \(4, 4, 1\)"),
    ("vae", {"beta": -1}, "must be a finite number >= 0. Received: beta=-1"),
    ("vae", {"beta": float("nan")}, "must be a finite number >= 0. Received: beta=nan"),
    (
        "document_ae",
        {"input_shape": (3, 4)},
        r"one positive integer, \(n,\). Received: input_shape=",
    ),
    ("document_ae", {"dropout": 1.5}, r"`dropout` must be in \[0, 1\). Received: dropout=1.5"),
    ("semantic_hashing", {"dropout": 1.0}, r"`dropout` must be in \[0, 1\). Received: dropout=1.0"),
    ("pca", {"latent_dim": 785}, "no more than the 784 numbers of its input. Received: 785"),
]


@pytest.mark.parametrize(("name", "arguments", "told"), NAMES_AND_ARGUMENTS)
def test_build_refuses(name, arguments, told):
    with pytest.raises(UsageError, match=told):
        zoo.build(name, **arguments)


GOOD = np.full((4, 8, 8, 1), 0.5, np.float32)


def with_one(value):
    array = GOOD.copy()
    array[2, 3, 3, 0] = value
    return array


ARRAYS = [
    (GOOD[0, :, 0, 0], "looks like labels"),
    (np.arange(4), "looks like labels"),
    (GOOD[0], r"Received: \(8, 8, 1\). One row alone still needs its first axis: x\[None\]"),
    (GOOD[0, ..., 0], r"Received: \(8, 8\). One row alone .*channel: x\[None, ..., None\]"),
    (GOOD[..., 0], r"Received: \(4, 8, 8\). Grey images need their channel axis"),
    (GOOD[..., None], r"shape \(rows, 8, 8, 1\). Received: \(4, 8, 8, 1, 1\)"),
    (np.zeros((4, 9, 8, 1), "float32"), r"shape \(rows, 8, 8, 1\). Received: \(4, 9, 8, 1\)"),
    (np.zeros((4, 8, 8, 3), "float32"), r"shape \(rows, 8, 8, 1\). Received: \(4, 8, 8, 3\)"),
    ((GOOD * 255).astype("uint8"), r"uint8. Convert them first: x.astype\('float32'\) / 255"),
    (np.ones((4, 8, 8, 1), "int64"), "Received: int64. Convert them first"),
    (np.full((4, 8, 8, 1), "a"), "must be floating-point numbers"),
    (GOOD * 255, r"within \[0, 1\]. Received: values from 127.5 to 127.5 in row 0. Divide them"),
    (with_one(1.5), r"values from 0.5 to 1.5 in row 2. Scale or clip"),
    (with_one(1.001), "to 1.001 in row 2. Scale or clip them"),
    ((GOOD * 255).astype("int64"), r"Received: int64. .*astype\('float32'\) / 255"),
    (with_one(-0.5), r"values from -0.5 to 0.5 in row 2. Scale or clip them"),
    (with_one(np.nan), "must be finite numbers. Received: nan in row 2"),
    (with_one(np.inf), "must be finite numbers. Received: inf in row 2"),
]  # fmt: skip


@pytest.fixture(scope="module")
def model():
    return zoo.build("conv_ae", input_shape=(8, 8, 1), filters=(2,), latent_dim=2)


@pytest.fixture(scope="module")
def bundle(model, tmp_path_factory):
    return zoo.export(model, tmp_path_factory.mktemp("bad_input") / "bundle")


@pytest.mark.parametrize(("array", "told"), ARRAYS, ids=[told[:40] for _, told in ARRAYS])
def test_arrays_are_refused_up_front(model, bundle, array, told):
    calls = [model.fit, model.encode, model.reconstruct, model.adapt, bundle.encode,
             bundle.reconstruct, lambda x: model.fit(GOOD, x),
             lambda x: model.fit(GOOD, validation_data=x),
             lambda x: model.fit(GOOD, validation_data=(GOOD, x))]  # fmt: skip
    for call in calls:
        with pytest.raises(UsageError, match=told):
            call(array)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("kind", [np.asarray, tf.constant, np.ndarray.tolist])
def test_good_arrays_of_any_float_and_kind_are_taken(model, bundle, dtype, kind):
    x = kind(GOOD.astype(dtype))
    np.testing.assert_array_equal(model.encode(x), model.encode(GOOD))
    np.testing.assert_array_equal(bundle.encode(x), bundle.encode(GOOD))
    model.fit(x, verbose=0)


def test_channels_come_last():
    model = zoo.build("conv_ae", input_shape=(8, 12, 3), filters=(2,), latent_dim=2)
    first = np.zeros((4, 3, 8, 12), "float32")
    message = r"channels .*last axis.*numpy\.moveaxis\(x, 1, -1\)"
    for call in (model.fit, model.encode, model.adapt, zoo.datasets.load, zoo.datasets.rows):
        with pytest.raises(UsageError, match=message) as raised:
            call(first)
        assert "(4, 3, 8, 12)" in str(raised.value)
    assert model.encode(np.moveaxis(first, 1, -1)).shape == (4, 2)


def test_one_row_is_enough(model):
    model.fit(GOOD[:1], verbose=0)
    assert model.adapt(GOOD[:1]).encode(GOOD[:1]).shape == (1, 2)
    assert np.isfinite(model.evaluate(GOOD[:1], verbose=0))
    with pytest.raises(UsageError, match="two rows to train on"):
        zoo.train("pca", GOOD[:1])


def test_rows_of_different_lengths():
    model = zoo.build("conv1d_ae", input_shape=(8, 1), filters=(2,), latent_dim=2)
    ragged = [np.zeros((size, 1)) for size in (8, 7)]
    for call in (model.fit, model.encode, model.adapt, zoo.datasets.load):
        with pytest.raises(UsageError, match=r"of one shape\. Received: rows that differ"):
            call(ragged)
    short = np.zeros((3, 7, 1), "float32")
    with pytest.raises(UsageError, match=r"shape \(rows, 8, 1\). Received: \(3, 7, 1\)"):
        model.fit(short)


STREAMS = [
    (GOOD * 255, "Divide them by 255"),
    ((GOOD * 255).astype("uint8"), "Received: uint8"),
    ((GOOD, np.arange(4)), "looks like labels"),
    (GOOD[:, :4], r"Received: \(2, 4, 8, 1\)"),
]


@pytest.mark.parametrize(("data", "told"), STREAMS)
def test_streams_are_refused_by_their_first_batch(model, data, told):
    stream = tf.data.Dataset.from_tensor_slices(data).batch(2)
    with pytest.raises(UsageError, match=told):
        model.fit(stream)


@pytest.mark.parametrize("x", [None, {}, 3, "abc"])
@pytest.mark.parametrize("call", ["fit", "evaluate", "reconstruct"])
def test_what_is_no_array(model, call, x):
    with pytest.raises(UsageError, match=f"Received: ('abc'|{type(x).__name__})"):
        getattr(model, call)(x)


def test_nothing_to_learn_from(model):
    with pytest.raises(UsageError, match=r"at least one row to learn from\. Received: 0"):
        model.fit(GOOD[:0])


CODES = [
    (
        np.zeros((2, 3), "float32"),
        None,
        r"codes must have the shape \(rows, 2\). Received: \(2, 3\)",
    ),
    (np.full((2, 2), np.nan), None, "codes must be finite numbers. Received: nan in row 0"),
    (np.zeros((2, 2), int), None, "codes must be floating-point numbers"),
    (np.zeros((2, 2), "float32"), [np.zeros((2, 4, 4, 2), int)], "decoded without switches"),
]


@pytest.mark.parametrize(("z", "switches", "told"), CODES)
def test_codes_are_refused(model, bundle, z, switches, told):
    for decode in (model.decode, bundle.decode):
        with pytest.raises(UsageError, match=told):
            decode(z, switches)


def test_a_code_alone_cannot_be_unpooled_by_positions(tmp_path):
    model = zoo.build(
        "conv_ae", input_shape=(8, 8, 1), filters=(2,), latent_dim=2, unpooling="argmax"
    )
    bundle = zoo.export(model, tmp_path / "bundle")
    for decode in (model.decode, bundle.decode):
        with pytest.raises(
            UsageError, match=r"only with the switches of the images they came from"
        ):
            decode(np.zeros((3, 2), "float32"))
        with pytest.raises(UsageError, match=r"shapes \(3, 4, 4, 2\). Received: \(2, 4, 4, 2\)"):
            decode(np.zeros((3, 2), "float32"), [np.zeros((2, 4, 4, 2), "int32")])
        with pytest.raises(UsageError, match=r"switches must be integers. Received: float32"):
            decode(np.zeros((3, 2), "float32"), [np.zeros((3, 4, 4, 2), "float32")])
    z, switches = bundle.encode(GOOD, switches=True)
    np.testing.assert_allclose(
        bundle.decode(z, switches), model.decode(*model.encode(GOOD, switches=True)), atol=1e-5
    )


DATA = [
    ("mnits", "no dataset, file or folder 'mnits'; did you mean mnist"),
    ("tfds:nothing_like_it", "There is no dataset 'nothing_like_it'"),
    (GOOD[..., None, None], r"channels\)\. Received: \(4, 8, 8, 1, 1, 1\)"),
    (np.arange(5), r"\(rows, steps, channels\) or .* Received: \(5,\)"),
    (GOOD[..., None, None], "shape"),
    (GOOD[:0], "at least two rows to train on and one to test on. Received: 0 and 0"),
    (GOOD[:1], "Received: 1 and 0"),
    (GOOD[:2], "Received: 1 and 1"),
    ((GOOD, np.arange(3)), "labels must be 4 integers"),
    (zip(), "at least two images. Received: none"),
    ({}, "must hold rows under one of the keys image, .* Received: the keys"),
    ("", "no dataset, file or folder ''"),
    (300 * "x", "^xxx.* cannot be used: File name too long"),
    ("what?" + 300 * "x", "^what.* cannot be used: File name too long"),
    (300 * "x" + ".csv", "^xxx.*csv cannot be used: File name too long"),
    ("tfds:", "There is no dataset ''"),
    ((GOOD * 255).astype("int64"), "Received: int64"),
    (GOOD * 255, "Divide them by 255"),
    (with_one(np.nan), "nan in row 2"),
    ([GOOD, np.arange(4)], "must be one array, of rows of one shape. Received: rows that differ"),
    (tf.data.Dataset.from_tensor_slices(GOOD).repeat(), "must be finite: x.take"),
    (tf.data.Dataset.from_tensor_slices(GOOD).take(0), "at least two images. Received: none"),
]


@pytest.mark.parametrize(("data", "told"), DATA, ids=[told[:40] for _, told in DATA])
@pytest.mark.parametrize("function", [zoo.datasets.load, lambda data: zoo.train("pca", data)])
def test_data_is_refused(data, told, function, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=told):
        function(data)
    assert not list(tmp_path.iterdir())  # no folder for a run that cannot be


TRAINING = [
    ({"epochs": -1}, "`epochs` must be an integer of at least 0. Received: epochs=-1"),
    ({"epochs": 1.5}, "`epochs` must be an integer of at least 0. Received: epochs=1.5"),
    ({"batch_size": 0}, "`batch_size` must be a positive integer. Received: batch_size=0"),
    ({"seed": -1}, "`seed` must be an integer"),
    ({"seed": "a"}, "`seed` must be an integer"),
    (
        {"validation_split": 1.0},
        r"`validation_split` must be in \[0, 1\). Received: validation_split=1",
    ),
    ({"latent_dim": 0}, "`latent_dim` must be a positive integer"),
    ({"nonsense": 1}, "no argument 'nonsense' of pca"),
    ({"input_shape": (9, 9, 1)}, r"shape \(rows, 9, 9, 1\)"),
]


@pytest.mark.parametrize(("arguments", "told"), TRAINING)
def test_train_refuses_before_it_starts(arguments, told, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=told):
        zoo.train("pca", GOOD, **arguments)
    assert not list(tmp_path.iterdir())


def test_evaluate_refuses_images_of_another_size(model, bundle):
    for each in (model, bundle):
        with pytest.raises(UsageError, match=r"of \(8, 8, 1\). Received: images of \(28, 28, 1\)"):
            zoo.evaluate(each, "mnist_5k")


@pytest.mark.parametrize("what", [None, 3, np.zeros(3)])
def test_evaluate_refuses_what_is_no_model(what):
    with pytest.raises(UsageError, match=r"`model` must be an AutoEncoder, a Run, a Bundle"):
        zoo.evaluate(what)


def test_what_does_not_fit_into_memory():
    with pytest.raises(UsageError, match=r"does not fit into this machine's memory"):
        zoo.build("deep_ae", latent_dim=10**12)


@pytest.mark.parametrize("what", ["a string", None, 3])
def test_export_refuses_what_is_no_model(what, tmp_path):
    with pytest.raises(UsageError, match=r"`model` must be an AutoEncoder"):
        zoo.export(what, tmp_path / "bundle")


PATHS = {
    "load": ("folder", lambda model, path: zoo.load(path)),
    "verify": ("folder", lambda model, path: zoo.verify(path)),
    "export": ("folder", zoo.export),
    "a run": ("folder", lambda model, path: zoo.Run.open(path)),
    "a .keras file": ("path", lambda model, path: zoo.load_model(path)),
    "an index": ("path", lambda model, path: zoo.search.Index.load(path, model)),
    "a new index": (
        "path",
        lambda model, path: zoo.search.Index.build(model, GOOD).save(path or 3),
    ),
    "variants": ("folder", lambda model, path: zoo.add_models(path)),
    "a new run": ("folder", lambda model, path: zoo.train("pca", GOOD, folder=path or 3)),
}


@pytest.mark.parametrize("path", [None, 3, ["bundle"]])
@pytest.mark.parametrize("case", PATHS)
def test_what_is_no_path(case, path, model):
    name, call = PATHS[case]
    with pytest.raises(UsageError, match=f"`{name}` must be a string or a Path. Received: {name}="):
        call(model, path)


@pytest.mark.parametrize("arguments", [{"pattern": 3}, {"weights": 3}])
def test_a_pattern_of_names_is_a_string(arguments):
    (name,) = arguments
    with pytest.raises(UsageError, match=f"`{name}` must be a string. Received: {name}=3"):
        zoo.names(**arguments)


def test_the_name_of_a_dataset_is_not_its_rows(model):
    with pytest.raises(UsageError, match=r"Rows must be an array.*load.*Received: 'mnist_5k'"):
        model.fit("mnist_5k")


def test_an_unknown_name_of_the_package():
    with pytest.raises(AttributeError, match=r"has no attribute 'trian'"):
        zoo.trian  # noqa: B018, the access is what is tested
