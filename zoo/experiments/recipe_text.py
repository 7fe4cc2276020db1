"""The recipe that a set of weights was trained by: in words, and its hash."""

import hashlib
import json


def described(facts: dict) -> str:
    """Returns a sentence with all fields of the recipe that were set.

    Args:
        facts: Dict of the facts of a set of weights.

    Returns:
        A string, Markdown.

    Example:

    >>> from zoo.weights import find
    >>> described(find("pca", "mnist").facts)
    'Recipe (SHA-256 ...): solved in closed form by `adapt`, without epochs.'
    """
    recipe, steps = facts["recipe"], []
    if recipe["pretrain"] != "none":
        epochs = recipe["pretrain_epochs"]
        each = f", {epochs} epochs each" if epochs else ""
        steps.append(f"layers learned one by one by `{recipe['pretrain']}`{each}")
    if recipe["epochs"]:
        steps.append(_fit(recipe))
    if "fine_tuning" in facts:
        steps.append(f"fine-tuned with labels by {_fit(facts['fine_tuning'])}")
    steps = "; then ".join(steps) or "solved in closed form by `adapt`, without epochs"
    return f"Recipe (SHA-256 {facts['recipe_sha256'][:12]}): {steps}."


def sha256(facts: dict) -> str:
    """Returns the SHA-256 of a recipe, and of that of the fine-tuning if there is one.

    Args:
        facts: Dict of the facts of a set of weights.

    Returns:
        String of 64 hexadecimal digits.

    Example:

    >>> from zoo.weights import find
    >>> facts = find("pca", "mnist").facts
    >>> sha256(facts) == facts["recipe_sha256"]
    True
    """
    recipe = {key: value for key, value in facts.items() if key == "fine_tuning"} | facts["recipe"]
    return hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()


def _fit(recipe):
    """Returns the fields of a recipe that `fit` uses."""
    fields = [f"`{recipe['optimizer']}`", f"learning rate {recipe['learning_rate']:g}"]
    if recipe["momentum"] is not None:
        fields.append(f"momentum {recipe['momentum']:g}")
    fields += [
        f"{recipe['schedule']} schedule",
        f"batch size {recipe['batch_size']}",
        f"{recipe['epochs']} epochs",
        f"loss `{recipe['loss']}`",
        f"{recipe['steps_per_execution']} steps per execution",
    ]
    if recipe["metrics"]:
        fields.append(f"metrics `{'`, `'.join(recipe['metrics'])}`")
    return ", ".join(fields)
