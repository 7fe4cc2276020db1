"""Builds variants and classifiers with the trained weights that ship."""

from typing import TYPE_CHECKING

from zoo import registry
from zoo.errors import UsageError
from zoo.weights import sets

if TYPE_CHECKING:
    from zoo.autoencoder import AutoEncoder
    from zoo.autoencoder.classifier import Classifier
    from zoo.autoencoder.scorer import Scorer


def build(name: str, *, weights: str | None = None, **arguments) -> "AutoEncoder":
    """Builds a variant, compiled by its recipe, with random or with trained weights.

    Args:
        name: String. One of `zoo.names()`.
        weights: String. Name of the trained weights, such as `"mnist"`; `zoo list --weights` shows
            all. The arguments then default to those that the weights were trained with, and what
            the model learned of its data, such as PCA's mean or a vocabulary, is kept in `fit`.
            Defaults to None, for random weights.
        **arguments: Arguments of the variant; `zoo.entry(name).arguments()` returns all of them
            with their defaults.

    Returns:
        An `AutoEncoder` that is ready to `fit`.

    Raises:
        UsageError: If the name, an argument or a value is not accepted, if there are no such
            weights, or if an argument differs from the one that they were trained with.
        CheckFailedError: If a file of the weights is missing or damaged.

    Example:

    >>> model = zoo.build("conv_ae", input_shape=(32, 32, 3), latent_dim=16)
    >>> model.encode(np.zeros((2, 32, 32, 3), "float32")).shape
    (2, 16)
    >>> zoo.build("pca", weights="mnist").encode(np.zeros((1, 28, 28, 1), "float32")).shape
    (1, 30)
    """
    if weights is None:
        return registry.build(name, **arguments)
    registry.require(name)
    found = sets.find(name, weights)
    _require_trained(found, arguments)
    return _with_weights(registry.build(name, **found.facts["arguments"]), found)


def classifier(
    encoder=None, classes: int | None = None, *, freeze: bool = False, weights: str | None = None
) -> "Classifier":
    """Returns a classifier: an encoder, and a softmax layer over the classes.

    `fit(x, labels)` fine-tunes it.

    Args:
        encoder: `AutoEncoder`, or the `encoder` of one. Its layers are copied, so that training one
            model does not change the other. Left out with `weights`.
        classes: Integer, at least 2. Number of classes; labels are integers from 0 to
            `classes - 1`. Left out with `weights`.
        freeze: Boolean. Keep the weights of the copied encoder, and train the softmax layer alone.
            Defaults to False.
        weights: String. Name of the weights of a trained classifier, such as `"mnist"`. Defaults to
            None.

    Returns:
        A compiled `Classifier`, from `(rows, *input_shape)` to probabilities, float32
        `(rows, classes)`.

    Raises:
        UsageError: If there are fewer than two classes, if `encoder` is neither, if there are no
            such weights, or if there is an `encoder` beside `weights`.
        CheckFailedError: If a file of the weights is missing or damaged.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(8,), latent_dim=2)
    >>> zoo.classifier(model, classes=3).classify(np.zeros((5, 8))).shape
    (5, 3)
    """
    from zoo.autoencoder import classifier as classifiers  # which imports TensorFlow

    if weights is None:
        if encoder is None or classes is None:
            raise UsageError("`encoder` and `classes` are required without `weights`.")
        return classifiers.classifier(encoder, classes, freeze=freeze)
    if encoder is not None or classes is not None:
        raise UsageError(
            "`encoder` and `classes` are those of the trained classifier if there are `weights`: "
            f"leave them out. Received: weights={weights!r} and another encoder or classes."
        )
    found = sets.find(sets.CLASSIFIER, weights)
    source = registry.build(found.facts["variant"], **found.facts["arguments"])
    model = classifiers.classifier(source, found.facts["classes"], freeze=freeze)
    return _with_weights(model, found)


def scorer(weights: str) -> "Scorer":
    """Returns the Keras model behind a detector that ships, to export it or to look into it.

    `zoo.anomaly.Detector.load` opens the exported form of it, without TensorFlow.

    Args:
        weights: String. Name of the weights of a trained detector, such as `"mnist"`.

    Returns:
        A `Scorer`.

    Raises:
        UsageError: If there are no such weights.
        CheckFailedError: If a file of the weights is missing or damaged.

    Example:

    >>> scorer("mnist").score(np.zeros((5, 28, 28, 1))).shape
    (5,)
    """
    from zoo.autoencoder.scorer import build_scorer  # which imports TensorFlow

    found = sets.find(sets.DETECTOR, weights)
    autoencoder = registry.build(found.facts["variant"], **found.facts["arguments"])
    model = build_scorer(autoencoder, **found.facts["detection"])
    return _with_weights(model, found)


def trained(found: sets.WeightsSet):
    """Returns the Keras model of a set of weights, whatever it is.

    Args:
        found: `WeightsSet`.

    Returns:
        An `AutoEncoder`, a `Classifier` or a `Scorer`.

    Example:

    >>> trained(sets.find("pca", "mnist")).variant
    'pca'
    """
    if found.variant == sets.CLASSIFIER:
        return classifier(weights=found.name)
    if found.variant == sets.DETECTOR:
        return scorer(found.name)
    return build(found.variant, weights=found.name)


def _require_trained(found, changes):
    """Raises an error for an argument that differs from the one that weights were trained with."""
    entry, trained = registry.entry(found.variant), found.facts["arguments"]
    before, after = entry.arguments(trained), entry.arguments(trained | changes)
    for key, value in after.items():
        if value != before[key]:
            every = {name: sets.find(found.variant, name).facts for name in sets.of(found.variant)}
            shipped = ", ".join(
                f"{name} ({key}={entry.arguments(facts['arguments'])[key]!r})"
                for name, facts in every.items()
            )
            raise UsageError(
                f"The weights {found.name!r} of {found.variant} were trained with "
                f"{key}={before[key]!r}; there are {shipped}. Received: {key}={value!r}."
            )


def _with_weights(model, found):
    from zoo.storage import tensors  # which imports NumPy

    tensors.load(found.path(".safetensors"), model.weights, found.sha256)
    facts = found.facts
    model.column_names = facts["column_names"] and tuple(facts["column_names"])
    model.refresh_endpoints()
    model.record = {"data": facts["data"], "seed": facts["seeds"][0], "metrics": facts["metrics"]}
    return model
