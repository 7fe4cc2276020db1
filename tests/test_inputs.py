"""Tests which inputs `fit`, `evaluate` and `predict` take, and that every batch is checked."""

import collections
import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

import zoo
from zoo.errors import UsageError

pandas = pytest.importorskip("pandas", reason="the extra `tabular` is not installed")
pyarrow = pytest.importorskip("pyarrow", reason="the extra `tabular` is not installed")
sparse = pytest.importorskip("scipy.sparse")  # which scikit-learn brings

X = np.random.default_rng(0).random((12, 5), dtype="float32")
NAMES = list("abcde")


class OffersArray:
    """What numpy reads by `__array__` alone."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return np.array(self.values, dtype)


class LikeTorch(OffersArray):
    """A tensor that numpy reads only once it is detached and on the CPU, as those of torch."""

    def __init__(self, values, ready=""):
        super().__init__(values)
        self.ready = ready

    def detach(self):
        return LikeTorch(self.values, "detached")

    def cpu(self):
        return LikeTorch(self.values, self.ready + " on the CPU")

    def __array__(self, dtype=None, copy=None):
        if self.ready != "detached on the CPU":
            raise RuntimeError("Can't call numpy() on Tensor that requires grad.")
        return super().__array__(dtype)


class Loader:
    """Batches, anew each time; each in a list, as a torch DataLoader collates them."""

    def __init__(self, values, wrap=lambda rows: [LikeTorch(rows)]):
        self.values, self.wrap = values, wrap

    def __iter__(self):
        return (self.wrap(rows) for rows in np.split(self.values, 3))

    def __len__(self):
        return 3


class Sequence(keras.utils.PyDataset):
    def __init__(self, values, **how):
        super().__init__(**how)
        self.values = values

    def __len__(self):
        return 3

    def __getitem__(self, index):
        return (np.split(self.values, 3)[index],)


def generator(values):
    yield from np.split(values, 3)


def table(values, **types):
    return pandas.DataFrame(values, columns=NAMES).astype(types)


HOLDERS = {
    "ndarray": np.asarray,
    "list": np.ndarray.tolist,
    "tf.Tensor": tf.constant,
    "keras.Variable": keras.Variable,
    "offers __array__": OffersArray,
    "like torch": LikeTorch,
    "masked without a mask": np.ma.array,
    "pandas": table,
    "pandas, counted columns": pandas.DataFrame,
    "pyarrow": lambda x: pyarrow.table(table(x)),
    "scipy.sparse": sparse.csr_matrix,
    "Split": zoo.datasets.Split,
}
STREAMS = {
    "tf.data": lambda x: tf.data.Dataset.from_tensor_slices(x).batch(4),
    "tf.data of unknown shapes": lambda x: tf.data.Dataset.from_generator(
        lambda: np.split(x, 3), output_signature=tf.TensorSpec(None, x.dtype)
    ).apply(tf.data.experimental.assert_cardinality(3)),
    "PyDataset": Sequence,
    "generator": generator,
    "loader of lists": Loader,
    "loader of tuples": lambda x: Loader(x, lambda rows: (rows,)),
    "loader of frames": lambda x: Loader(x, table),
}
WAYS = HOLDERS | STREAMS


def small(**arguments):
    keras.utils.set_random_seed(0)
    return zoo.build("shallow_ae", input_shape=(5,), latent_dim=2, **arguments)


@pytest.fixture(scope="module")
def judged():
    """Of a model that an array trained: weights, loss, codes and reconstructions."""
    judge = small()
    judge.fit(X, batch_size=4, shuffle=False, verbose=0)
    loss = judge.evaluate(X, batch_size=4, verbose=0)
    return judge.get_weights(), loss, judge.encode(X), judge.reconstruct(X)


OUT_OF_DATA = "ignore:Your input ran out of data"  # what Keras warns of any generator's end


@pytest.mark.filterwarnings(OUT_OF_DATA)
@pytest.mark.parametrize("way", WAYS)
def test_the_same_rows_train_the_same_model_whatever_holds_them(way, judged):
    model, (weights, loss, codes, reconstructions) = small(), judged
    size = {"batch_size": 4} if way in HOLDERS else {}
    model.fit(WAYS[way](X), shuffle=False, verbose=0, **size)
    for one, other in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(one, other)
    assert model.evaluate(WAYS[way](X), verbose=0, **size) == pytest.approx(loss, rel=1e-6)
    predicted = model.predict(WAYS[way](X), verbose=0)
    np.testing.assert_allclose(predicted, reconstructions, rtol=1e-5, atol=1e-6)
    if way in HOLDERS and way != "Split":
        np.testing.assert_array_equal(model.encode(WAYS[way](X)), codes)


def with_last(value, dtype="float32"):
    """The rows, the last of which, in the last batch, holds another value."""
    rows = X.astype(dtype)
    rows[-1, -1] = value
    return rows


@pytest.fixture(scope="module")
def model():
    return small()


BAD = {  # beside those of test_containers.py
    "inf": (with_last(np.inf), "must be finite numbers. Received: inf in row"),
    "beyond float32": (with_last(1e300, "float64"), "must be finite numbers. Received: inf in row"),
    "0 to 255": (X * 255, r"must lie within \[0, 1\]"),
}


IN_STREAMS = ("beyond float32",)


@pytest.mark.parametrize(
    ("way", "bad"),
    [*itertools.product(HOLDERS, BAD), *itertools.product(STREAMS, IN_STREAMS)],
)
def test_bad_rows_are_refused_wherever_they_stand(way, bad, model):
    values, message = BAD[bad]
    if way in ("keras.Variable", "Split") or "frame" in way or "pandas" in way or way == "pyarrow":
        values = np.float64(values)
    before = model.get_weights()
    for call in (model.fit, model.evaluate, model.predict)[:: 1 if way in HOLDERS else 2]:
        with pytest.raises(UsageError, match=message):
            call(WAYS[way](values), verbose=0)
    for weight, one in zip(model.get_weights(), before, strict=True):
        assert np.isfinite(weight).all()
        if way in HOLDERS:
            np.testing.assert_array_equal(weight, one)


def test_a_refusal_tells_the_batch():
    with pytest.raises(UsageError, match=r"nan in row 3\. .* This is in batch 3 of the stream\."):
        small().fit(STREAMS["tf.data"](with_last(np.nan)), verbose=0)


REFUSED = {
    "dict": ({"image": X}, r"only key, 'features'\. Received: dict with the keys \['image'\]"),
    "dicts in a stream": (lambda: Loader(X, lambda x: {"x": x}), "Received: dict .*in batch 1"),
    "tf.data of dicts": (
        lambda: tf.data.Dataset.from_tensor_slices({"x": X}).batch(4), "only key, 'features'",
    ),
    "bytes in a stream": (lambda: Loader(np.zeros((12, 5), "S1")), "S1. .*in batch 1"),
    "four parts": (lambda: Loader(X, lambda x: (x,) * 4), "Received: a tuple of 4"),
    "strings": (tf.constant(["a", "b"]), "takes features of numbers. Received: texts"),
    "texts in a stream": (
        lambda: tf.data.Dataset.from_tensor_slices(["a", "b", "c"]).batch(2), "Received: texts",
    ),
    "Series of texts": (pandas.Series(["a", "b"]), "takes features of numbers. Received: texts"),
    "column of texts": (table(X).assign(c="x"), r"Column 'c' must hold numbers. Received: 'x' in"),
    "column of times": (
        table(X).assign(c=pandas.Timestamp(0)), r"Column 'c' must hold numbers. Received: datetime",
    ),
    "column with a gap": (
        table(X).assign(c=pandas.array([1, None] * 6, "Int64")), "nan in row 1|<NA> in row 1",
    ),
    "masked": (np.ma.masked_less(X, 0.01 + X.min()), "must be finite numbers. Received: nan"),
    "symbolic": (keras.KerasTensor((2, 5)), "readable by numpy. Received: KerasTensor"),
    "ragged": (tf.ragged.constant([[1.0], [2.0, 3.0]]), "Received: RaggedTensor"),
    "set": ({1.0, 2.0}, "Received: set"),
    "no batch": (lambda: iter(()), "at least one batch"),
    "no batch, tf.data": (lambda: STREAMS["tf.data"](X).take(0), "at least one batch"),
    "endless tf.data": (lambda: STREAMS["tf.data"](X).repeat(), "endless stream needs"),
    "endless iterator": (lambda: itertools.cycle([X]), "endless stream needs"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
@pytest.mark.parametrize("call", ["fit", "evaluate", "predict"])
def test_what_is_refused_is_told_why(what, call, model):
    value, message = REFUSED[what]
    with pytest.raises(UsageError, match=message) as raised:
        getattr(model, call)(value() if callable(value) else value, verbose=0)
    assert len(str(raised.value).splitlines()) == 1


@pytest.mark.filterwarnings(OUT_OF_DATA)
def test_generators_and_what_goes_with_them():
    model = small()
    model.compile("adam", "mse")  # one step at a time
    model.fit((X for _ in itertools.count()), steps_per_epoch=2, epochs=3, verbose=0)
    assert int(model.optimizer.iterations) == 6
    with pytest.raises(UsageError, match="A generator is used up after one pass"):
        model.fit(generator(X), epochs=2, verbose=0)
    model.fit(Loader(X), epochs=2, validation_data=Loader(X), verbose=0)
    with pytest.raises(UsageError, match=r"`y` is accepted with arrays only.*with a Loader"):
        model.fit(Loader(X), X, verbose=0)
    with pytest.raises(UsageError, match=r"validation_steps.*Received: _RepeatDataset"):
        model.fit(X, validation_data=STREAMS["tf.data"](X).repeat(), verbose=0)
    with pytest.raises(UsageError, match=r"values from 0.* in row"):
        model.fit(X, validation_data=STREAMS["tf.data"](with_last(7)), verbose=0)


def test_a_mistake_in_a_generator_of_the_user_stays_theirs():
    def broken():
        yield X
        raise ZeroDivisionError("mine")

    with pytest.raises(tf.errors.OpError, match="ZeroDivisionError: mine"):
        small().fit(broken(), verbose=0)


@pytest.mark.parametrize("multiprocessing", [False, True])
def test_workers_of_a_pydataset_say_it_too(multiprocessing):
    how = {"workers": 2, "use_multiprocessing": multiprocessing}
    with pytest.raises(UsageError, match=r"nan in row 3\. .*in batch 3"):
        small().fit(Sequence(with_last(np.nan), **how), shuffle=False, verbose=0)


TEXTS = ["red green", "green blue blue", "red", "blue red green"] * 3


def test_texts_in_any_holder():
    def learned(texts):
        keras.utils.set_random_seed(0)
        model = zoo.build("document_ae", input_shape=(3,), widths=(4,), latent_dim=2)
        model.fit(texts, verbose=0)
        return model.encode(TEXTS)

    expected = learned(TEXTS)
    for holder in (pandas.Series, tf.constant, pyarrow.array):
        np.testing.assert_array_equal(learned(holder(TEXTS)), expected)
    model = zoo.build("document_ae", input_shape=(3,), widths=(4,), latent_dim=2)
    stream = tf.data.Dataset.from_tensor_slices(TEXTS).batch(4)
    with pytest.raises(UsageError, match="has no vocabulary yet"):
        model.fit(stream, verbose=0)
    model.adapt(TEXTS).fit(stream, verbose=0)
    assert model.predict(stream, verbose=0).shape == (12, 3)


def test_a_classifier_checks_the_labels_of_a_stream():
    classifier = zoo.classifier(small(), 3)
    labels = np.arange(12) % 3
    stream = tf.data.Dataset.from_tensor_slices((X, labels)).batch(4)
    classifier.fit(stream, verbose=0)
    assert classifier.evaluate(stream, verbose=0) == pytest.approx(
        classifier.evaluate(X, pandas.Series(labels), verbose=0), rel=1e-5
    )
    for wrong in (labels - 1, labels + 1, labels / 2):
        stream = tf.data.Dataset.from_tensor_slices((X, wrong)).batch(4)
        with pytest.raises(UsageError, match=r"labels? must|targets must"):
            classifier.fit(stream, verbose=0)
    assert classifier.predict(stream, verbose=0).shape == (12, 3)


def test_standardisation_is_learned_from_a_stream_that_begins_anew():
    rows = 100 * X - 20
    model = small(standardise=True)
    model.fit(Loader(rows), verbose=0)
    np.testing.assert_allclose(model.standardisation.mean, rows.mean(axis=0), rtol=1e-4)
    with pytest.raises(UsageError, match=r"Reading from a generator would use it up"):
        small(standardise=True).fit(generator(rows), verbose=0)


ARGUMENTS = {
    "class_weight": ({"class_weight": {0: 1.0}}, "`class_weight` is for classifiers"),
    "sample_weight of columns": (
        {"sample_weight": np.ones((12, 2))}, r"one for each row, \(rows,\). Received: float64 of",
    ),
    "sample_weight with NaN": ({"sample_weight": [np.nan] * 12}, "finite numbers.*Received: nan"),
    "sample_weight of texts": ({"sample_weight": ["a"] * 12}, "`sample_weight` must be finite"),
    "too large a split": ({"validation_split": 1.5}, r"must be in \[0, 1\). Received: .*=1.5"),
    "negative split": ({"validation_split": -0.1}, r"must be in \[0, 1\). Received: .*=-0.1"),
    "split of a text": ({"validation_split": "a"}, r"must be in \[0, 1\). Received: .*='a'"),
    "negative epochs": ({"epochs": -1}, "`epochs` must be an integer of at least 0.*epochs=-1"),
    "epochs of a text": ({"epochs": "3"}, "`epochs` must be an integer of at least 0.*epochs='3'"),
    "no first epoch": ({"initial_epoch": 0.5}, "`initial_epoch` must be an integer of at least 0"),
    "no steps": ({"steps_per_epoch": 0}, "`steps_per_epoch` must be an integer of at least 1"),
    "steps of validation": ({"validation_steps": True}, "`validation_steps` must be an integer"),
    "validation of four": ({"validation_data": (X,) * 4}, "Received: a tuple of 4"),
}  # fmt: skip


@pytest.mark.parametrize("what", ARGUMENTS)
def test_arguments_of_fit_are_told_in_one_sentence(what, model):
    given, message = ARGUMENTS[what]
    with pytest.raises(UsageError, match=message):
        model.fit(X, verbose=0, **given)


@pytest.mark.parametrize(
    "class_weight",
    [{0: 1.0}, {0: 1, 1: 1, 5: 1}, [1, 1, 1], {0: 1, 1: 1, 2: -1}, {0: 1, 1: 1, 2: np.nan}],
)
def test_weights_of_classes_are_one_for_each_class(class_weight):
    classifier = zoo.classifier(small(), 3)
    with pytest.raises(UsageError, match=r"`class_weight` must be .* for each class from 0 to 2"):
        classifier.fit(X, np.arange(12) % 3, class_weight=class_weight, verbose=0)


def test_a_class_of_weight_0_is_not_learned():
    classifier = zoo.classifier(small(), 3)
    weights = {0: 0, 1: np.float32(0), 2: 0.0}
    before = [weight.copy() for weight in classifier.get_weights()]
    classifier.fit(X, np.arange(12) % 3, class_weight=weights, verbose=0)
    for old, new in zip(before, classifier.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_arguments_by_position_are_those_by_name():
    one, other = small(), small()
    shown = one.fit(X, None, 4, 2, 0, None, 0.25, None, False).history
    same = other.fit(
        X, batch_size=4, epochs=2, verbose=0, validation_split=0.25, shuffle=False
    ).history
    assert shown == same
    assert set(shown) == {"loss", "val_loss"}


def test_weights_of_rows_are_taken_from_any_holder():
    weights = np.arange(12.0)
    expected = small().evaluate(X, sample_weight=weights, verbose=0)
    for holder in (list, pandas.Series, tf.constant, collections.deque):
        told = small().evaluate(X, sample_weight=holder(weights), verbose=0)
        assert told == pytest.approx(expected, rel=1e-6)


def labelled(*parts):
    return tf.data.Dataset.from_tensor_slices(parts).batch(4)


def test_labels_and_weights_of_classes_are_taken_from_rows_and_streams():
    labels, weights = np.arange(12) % 3, {0: 1.0, 1: 2.0, 2: 0.5}
    trained = []
    for x, y, size in (
        (X, labels, 4),
        (X, labels[:, None], 4),
        ({"features": X}, pandas.Series(labels), 4),
        (labelled(X, labels), None, None),
        (labelled(X, labels[:, None]), None, None),
        (labelled({"features": X}, labels), None, None),
    ):
        keras.utils.set_random_seed(0)
        classifier = zoo.classifier(small(), 3)
        classifier.compile("sgd", "sparse_categorical_crossentropy", run_eagerly=True)
        classifier.fit(x, y, size, class_weight=weights, shuffle=False, verbose=0)
        trained.append(classifier.get_weights())
    for other in trained[1:]:
        for ours, theirs in zip(other, trained[0], strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_weights_of_classes_and_of_rows_are_not_mixed():
    classifier, labels, ones = zoo.classifier(small(), 3), np.arange(12) % 3, np.ones(12)
    how = {"class_weight": {0: 1.0, 1: 2.0, 2: 0.5}, "verbose": 0}
    calls = [
        lambda: classifier.fit(X, labels, sample_weight=ones, **how),
        lambda: classifier.fit(labelled(X, labels, ones), **how),
        lambda: classifier.fit(
            ((X[rows], labels[rows], ones[rows]) for rows in np.split(np.arange(12), 3)), **how
        ),
    ]
    for call in calls:
        with pytest.raises(UsageError, match=r"`class_weight` and sample weights .* together"):
            call()
    classifier.fit(X, labels, validation_data=(X, labels, ones), **how)


def test_a_classifier_needs_labels():
    classifier = zoo.classifier(small(), 3)
    for call in (
        lambda: classifier.fit(STREAMS["tf.data"](X), verbose=0),
        lambda: classifier.fit(Sequence(X), verbose=0),
        lambda: classifier.evaluate(Loader(X), verbose=0),
    ):
        with pytest.raises(UsageError, match=r"A batch must be \(inputs, targets\) or"):
            call()
    with pytest.raises(UsageError, match=r"`validation_data` must be \(inputs, targets\) or"):
        classifier.fit(X, np.arange(12) % 3, validation_data=X, verbose=0)


def test_predict_takes_no_dataset():
    data = zoo.datasets.load(X)
    for one in (small(), zoo.classifier(small(), 3)):
        with pytest.raises(UsageError, match=r"data\.train or data\.test of a dataset"):
            one.predict(data)
        assert len(one.predict(data.test, verbose=0)) == len(data.test)
