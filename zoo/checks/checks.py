"""The checks that every auto-encoder of the zoo must pass, each a function of a `Subject`."""

import functools
import inspect

import keras
import numpy as np

from zoo import dependencies, evaluation, exporting
from zoo.anomaly import Detector
from zoo.autoencoder.autoencoder import Adaptable
from zoo.checks.subject import Subject  # noqa: F401, the argument of the checks
from zoo.evaluation import learning
from zoo.exporting import litert_files, parity
from zoo.exporting.verify import MODULES
from zoo.registry.entry import LEARNT
from zoo.search import Index
from zoo.training import in_memory, train

CHECKS = []


def check(function):
    """Registers a function as a check that every variant must pass.

    The checks are in `CHECKS`, in their order.

    Args:
        function: Function of a `Subject` that raises an AssertionError if the variant fails.

    Returns:
        The function itself.

    Example:

    >>> for check in zoo.checks.CHECKS:  # doctest: +SKIP
    ...     check(zoo.checks.Subject("my_variant", "an_empty_folder"))
    """
    CHECKS.append(function)
    return function


@check
def learns_real_data(subject):
    """Checks that it learns real data in a few epochs, at its default size and by its recipe.

    Without pre-training, its error on test rows must fall below 0.9 of the error of the mean row
    within `Entry.learns_in` epochs.

    Args:
        subject: `Subject` of the variant.

    Example:

    >>> learns_real_data(Subject("pca", "learns_real_data"))  # doctest: +SKIP
    """
    entry, data = subject.entry, subject.real_data
    arguments = subject.mode | entry.arguments_for(data)
    complete = entry.arguments(arguments)
    # Where the recipe has no epochs, `adapt` alone solves the problem.
    epochs = entry.learns_in(complete) if entry.recipe_for(complete).epochs else 0
    remaining, prepared = [], functools.cache(lambda model: learning.prepared(model, data))

    def measure_error(model):
        documents = model.vocabulary is not None
        remaining.append(learning.remaining_error(model, prepared(model), documents))
        return remaining[-1]

    def stop_when_learnt(epoch, logs):
        callback.model.stop_training = measure_error(callback.model) < LEARNT

    callback = keras.callbacks.LambdaCallback(on_epoch_end=stop_when_learnt)
    model, _ = in_memory.train(
        entry.name, data.train.inputs, 0, epochs=epochs, pretrain="none", callbacks=[callback],
        **arguments,
    )  # fmt: skip
    assert measure_error(model) < LEARNT, (
        f"errors {remaining}, relative to the mean row's, on {data.name}"
    )


@check
def documented(subject):
    """Checks that it has a summary and a paper, and that its docstring names every argument.

    Args:
        subject: `Subject` of the variant.

    Example:

    >>> documented(Subject("pca", "."))
    """
    entry = subject.entry
    assert entry.summary.endswith("."), "the file's docstring must begin with a sentence"
    assert entry.paper, "the entry must name its paper"
    docstring = inspect.getdoc(entry.builder)
    for argument in entry.arguments():
        assert f"{argument}:" in docstring or f"{argument}, " in docstring, (
            f"{argument} is not documented"
        )


@check
def builds_by_default(subject):
    """Checks that its name alone builds a compiled model that records its arguments.

    Args:
        subject: `Subject` of the variant.

    Example:

    >>> builds_by_default(Subject("linear_ae", "checks"))
    """
    model = subject.entry.build()
    assert model.compiled
    assert model.variant == subject.entry.name
    assert model.arguments == subject.entry.arguments()
    assert not model.inputs[0].name.startswith("keras_tensor"), "name the input, such as image"


@check
def parts_compose(subject):
    """Checks that decoding an encoded row gives its reconstruction.

    Args:
        subject: `Subject` of the variant.

    Example:

    >>> parts_compose(Subject("pca", "."))
    """
    model, x = subject.model, subject.images[:7]
    z, switches = model.encode(x, switches=True)
    np.testing.assert_allclose(model.decode(z, switches), model.reconstruct(x), atol=1e-6)
    assert model.reconstruct(x).shape == x.shape


@check
def inference_is_deterministic(subject):
    """Checks that the same input gives the same code and reconstruction.

    Args:
        subject: `Subject` of the variant.

    Example:

    >>> inference_is_deterministic(Subject("pca", "."))
    """
    model, x = subject.model, subject.images[:7]
    np.testing.assert_array_equal(model.encode(x), model.encode(x))
    np.testing.assert_array_equal(model.reconstruct(x), model.reconstruct(x))


@check
def rows_are_independent(subject):
    """Checks that a row's code does not depend on the rows beside it.

    Args:
        subject: `Subject` of the variant.

    Example:

    >>> rows_are_independent(Subject("pca", "."))
    """
    model, x = subject.model, subject.images[:7]
    np.testing.assert_allclose(model.encode(x)[3:4], model.encode(x[3:4]), atol=1e-5)


@check
def no_rows_are_allowed(subject):
    """Checks that zero rows give zero codes and reconstructions.

    Args:
        subject: `Subject` of the variant.

    Example:

    >>> no_rows_are_allowed(Subject("pca", "."))
    """
    model, none = subject.model, subject.images[:0]
    z, switches = model.encode(none, switches=True)
    assert len(z) == 0
    assert model.decode(z, switches).shape == none.shape
    assert model.reconstruct(none).shape == none.shape


@check
def every_weight_moves(subject):
    """Checks that training changes every trainable weight.

    Args:
        subject: `Subject` of the variant.

    Example:

    >>> every_weight_moves(Subject("pca", "."))
    """
    keras.utils.set_random_seed(0)
    fresh = subject.entry.build(**subject.arguments).trainable_weights
    for before, after in zip(fresh, subject.model.trainable_weights, strict=True):
        assert np.any(np.asarray(before) != np.asarray(after)), f"{after.path} did not move"


@check
def monitor_falls(subject):
    """Checks that the metric that its entry names as `monitor` falls while it learns.

    Args:
        subject: `Subject` of the variant.

    Example:

    >>> monitor_falls(Subject("pca", "monitor_falls"))  # doctest: +SKIP
    """
    model, before = subject.trained
    after = subject.monitor(model)
    assert after < before, f"{subject.entry.monitor} went from {before} to {after}"


@check
def same_seed_same_weights(subject):
    """Checks that training again from the same seed gives the same weights.

    Args:
        subject: `Subject` of the variant.

    Example:

    >>> same_seed_same_weights(Subject("pca", "."))
    """
    again, _ = subject.train()
    for first, second in zip(subject.model.weights, again.weights, strict=True):
        np.testing.assert_array_equal(np.asarray(first), np.asarray(second))


@check
def keras_file_round_trip(subject):
    """Checks that a `.keras` file keeps the whole model, so that training can go on.

    The file must keep the class, the arguments, the weights, the loss and the optimizer.

    Args:
        subject: `Subject` of the variant.

    Example:

    >>> keras_file_round_trip(Subject("pca", "."))
    """
    model, x = subject.model, subject.images
    path = subject.folder / "model.keras"
    model.save(path)
    loaded = keras.models.load_model(path)
    assert type(loaded) is type(model)
    assert (loaded.variant, loaded.value_range) == (model.variant, model.value_range)
    assert subject.entry.arguments(dict(loaded.arguments)) == subject.arguments
    assert loaded.loss == model.loss
    for first, second in zip(loaded.optimizer.variables, model.optimizer.variables, strict=True):
        np.testing.assert_array_equal(np.asarray(first), np.asarray(second))
    np.testing.assert_array_equal(loaded.encode(x), model.encode(x))
    np.testing.assert_array_equal(loaded.reconstruct(x), model.reconstruct(x))
    assert int(loaded.optimizer.iterations) == int(model.optimizer.iterations) > 0
    loaded.fit(x, batch_size=16, verbose=0)
    assert subject.monitor(loaded) < subject.trained[1]
    pairs = zip(loaded.trainable_weights, model.trainable_weights, strict=True)
    assert any(np.any(np.asarray(first) != np.asarray(second)) for first, second in pairs)
    assert int(loaded.optimizer.iterations) > int(model.optimizer.iterations)


@check
def exported_forms_agree(subject):
    """Checks that SavedModel and ONNX return the model's numbers, for 0, 1 and 7 rows.

    Args:
        subject: `Subject` of the variant.

    Example:

    >>> exported_forms_agree(Subject("pca", "exported_forms_agree"))  # doctest: +SKIP
    """
    bundle = subject.bundle
    assert {"tensorflow", "onnxruntime"} <= set(exporting.verify(bundle.folder))
    run = parity.saved_model_runner(bundle.folder)
    (image,), _ = bundle.signatures["encode"]
    vectors = parity.vectors(subject.model, 7)
    for rows in (0, 1, 7):
        expected = {key: value[:rows] for key, value in vectors.items()}
        x = expected[image.name]
        z, switches = bundle.encode(x, switches=True)
        served = run("encode", expected)
        for result in (z, served["latent"]):
            np.testing.assert_allclose(result, expected["latent"], atol=1e-5, rtol=1e-5)
        for result in (
            bundle.decode(z, switches),
            bundle.reconstruct(x),
            run("decode", served)["reconstruction"],
            run("reconstruct", expected)["reconstruction"],
        ):
            np.testing.assert_allclose(result, expected["reconstruction"], atol=1e-5, rtol=1e-5)


@check
def other_runtimes_agree(subject):
    """Checks that LiteRT and OpenVINO return the model's numbers.

    Args:
        subject: `Subject` of the variant.

    Raises:
        MissingExtraError: If one of them is not installed, after the check of the other.

    Example:

    >>> other_runtimes_agree(Subject("pca", "other_runtimes_agree"))  # doctest: +SKIP
    """
    vectors = parity.vectors(subject.model, 7)
    missing = [module for module in MODULES.values() if not dependencies.installed(module)]
    folder = subject.bundle.folder
    if MODULES["litert"] not in missing:
        litert = subject.folder / "litert"
        litert.mkdir()
        litert_files.write(subject.model, litert)
        parity.measure(litert, subject.model, vectors, ["litert"])
    if MODULES["openvino"] not in missing:
        parity.measure(folder, subject.model, vectors, ["openvino"])
    for module in missing:
        raise dependencies.missing(module)


@check
def another_shape(subject):
    """Checks that it builds for odd sizes and other channels, with outputs of the input's shape.

    Args:
        subject: `Subject` of the variant.

    Example:

    >>> another_shape(Subject("pca", "."))
    """
    shape = subject.arguments["input_shape"]
    sizes = shape[:-1] or shape
    other = [size + (1 if axis else 3) for axis, size in enumerate(sizes)]
    other = (*other, *[3] * (len(shape) - len(sizes)))
    model = subject.entry.build(**subject.arguments | {"input_shape": other})
    x = np.full((2, *other), 0.5, np.float32)
    for layer in model.layers:
        if isinstance(layer, Adaptable):
            layer.adapt(np.random.default_rng(0).random((8, *layer.input.shape[1:])))
    assert model.predict(x, verbose=0).shape == x.shape


@check
def jobs_take_its_data(subject):
    """Checks that training, evaluation, search and anomaly detection work on its kind of data.

    Args:
        subject: `Subject` of the variant.

    Example:

    >>> jobs_take_its_data(Subject("pca", "jobs_take_its_data"))  # doctest: +SKIP
    """
    data, folder = subject.data, subject.folder / "run"
    arguments = {key: value for key, value in subject.arguments.items() if key != "input_shape"}
    run = train.train(subject.entry.name, data, epochs=1, folder=folder, **arguments)
    for metrics in (run.metrics, evaluation.evaluate(run.model, data)):
        assert np.isfinite([metrics["mse"], metrics["pca_mse"]]).all()
    inputs = data.train.inputs
    index = Index.build(subject.bundle, inputs)
    _, distances = index.query(inputs[:3], k=2)
    np.testing.assert_allclose(distances[:, 0], 0, atol=1e-3)  # each row is nearest to itself
    detector = Detector.fit(run.model, data, score="reconstruction")
    assert np.isfinite(detector.score(data.test.inputs)).all()
