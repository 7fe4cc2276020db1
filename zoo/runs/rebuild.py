"""Builds a model again from its facts and the file of its weights."""

from zoo import registry
from zoo.autoencoder.classifier import classifier
from zoo.autoencoder.scorer import build_scorer
from zoo.errors import CheckFailedError
from zoo.storage import budget, tensors, untrusted


def rebuild(facts: dict, path):
    """Builds a model with its variant's code, and loads its weights from a file.

    Args:
        facts: Dict with the model's `variant` and `arguments`, and the `column_names` of the table
            that it learned from, if any. A classifier also needs its `classes`, a detector its
            `detection`. A run needs its `run_id`, which must be the file's.
        path: String or path of the file.

    Returns:
        The model.

    Raises:
        UsageError: If there is no such file.
        CheckFailedError: If the file is damaged, holds the weights of another model or belongs to
            another run, or if the model would be far larger than the file or cannot be built.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4, 4, 1), latent_dim=2)
    >>> same = rebuild(model.identity, tensors.save("linear.safetensors", model.weights))
    >>> same.encoder_hash == model.encoder_hash
    True
    """
    with untrusted.open_file(path) as file:
        stored = tensors.header(file, path)
    with untrusted.guard(path, "the weights of a model that can be built"):
        with budget.limited(path, stored.bytes, len(stored.shapes)):
            model = _built(facts)
        notes = tensors.load(path, model.weights)
        if notes.get("run_id") != facts.get("run_id"):
            raise CheckFailedError(
                f"{path} must belong to the run of the config.json beside it; it is another run's."
            )
        return model.refresh_endpoints()


def _built(facts):
    model = registry.build(facts["variant"], **facts["arguments"])
    names = facts.get("column_names")  # runs of older versions lack them
    model.column_names = names and tuple(names)
    if "classes" in facts:
        model = classifier(model, facts["classes"])
    if "detection" in facts:
        detection = facts["detection"]
        fraction, known_rows = detection.get("top_fraction"), detection.get("known_rows")
        model = build_scorer(model, detection["score"], fraction, known_rows)
    return model
