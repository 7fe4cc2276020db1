"""Reads the settings of a training from a file: TOML, or the `config.json` of a run."""

import tomllib
from pathlib import Path

from zoo import datasets
from zoo.autoencoder import provenance
from zoo.errors import CheckFailedError, UsageError, no_such
from zoo.storage import file_errors, json_files, untrusted
from zoo.training import warm_start
from zoo.training.settings import FIELDS, divided, settings

# The keys of a file: the types that they accept, and how these are called.
KEYS = {
    "variant": ((str,), "a string"),
    "data": ((str, dict), "a string, or a table with a `name`"),
    "arguments": ((dict,), "a table of arguments of the variant"),
    "recipe": ((dict,), "a table of fields of the recipe"),
    "seed": ((int,), "an integer"),
    "validation_split": ((int, float), "a number"),
    "augment": ((dict,), "a table of random changes of the images"),
    "from": ((str, dict), "a string, or a table with a `source`"),
    "folder": ((str,), "a string"),
    "tensorboard": ((bool,), "true or false"),
}
RECORDED = ("column_names", "run_id", "versions", "date")  # by a run, and no settings


@file_errors.as_usage_errors()
def read_settings(path: str | Path, **changes) -> dict:
    """Returns the keyword arguments of `zoo.train` that a file holds.

    The file is TOML, or the `config.json` of a run of `zoo.train`, which trains that run again. Its
    keys are `variant`, `data`, `seed`, `validation_split`, `from` (`start_from` of `zoo.train`),
    `folder` and `tensorboard`, and the tables `arguments`, of the variant, `recipe` and `augment`.
    Paths are relative to the current folder.

    Args:
        path: String or `Path` of the file, `.toml` or `.json`.
        **changes: Arguments of `zoo.train`, which take precedence over the file's.

    Returns:
        A dict. Of a run's `config.json`, `data` is the loaded `Dataset`.

    Raises:
        UsageError: If there is no such file, if it names no variant, holds an unknown key or a
            value of a wrong type, or is of another kind of run; or if the data or the weights to
            start from are not those that a run recorded.

    Example:

    >>> _ = Path("run.toml").write_text("variant = 'pca'\\n[arguments]\\nlatent_dim = 5\\n")
    >>> zoo.read_settings("run.toml", seed=3)
    {'variant': 'pca', 'latent_dim': 5, 'seed': 3}
    >>> run = zoo.train(**zoo.read_settings("run.toml"))  # doctest: +SKIP
    """
    path = file_errors.as_path("path", path)
    content = {
        key: value
        for key, value in _content(path).items()
        if key not in RECORDED and value is not None  # such as the `from` of a run
    }
    if "classes" in content:
        raise UsageError(f"{path} is of a run of zoo.finetune; zoo.train takes those of its own.")
    for key, value in content.items():
        _require_known(path, key, value)
    if "variant" not in content | changes:
        raise UsageError(
            f"{path} must have the key `variant`, the name of the variant to train. Received: "
            f"{', '.join(content) or 'no key'}."
        )
    tables = {key: content.pop(key, {}) for key in ("arguments", "recipe")}
    _require_accepted(path, changes.get("variant", content.get("variant")), **tables)
    if "from" in content:
        content["start_from"] = content.pop("from")
    for key, open_recorded in {"data": _recorded_data, "start_from": _recorded_start}.items():
        if isinstance(content.get(key), dict) and key not in changes:
            content[key] = open_recorded(path, content[key])
    return content | tables["arguments"] | tables["recipe"] | changes


def _content(path):
    if path.suffix not in (".toml", ".json"):
        raise UsageError(f"The settings must be a .toml or .json file. Received: {path}.")
    try:
        if path.suffix == ".json":
            content = json_files.read(path)
        else:
            content = tomllib.loads(untrusted.read_file(path, json_files.LARGEST).decode())
    except (CheckFailedError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problem = str(error).removeprefix(f"{path} ").rstrip(".")
        raise UsageError(f"{path} must be a {path.suffix[1:].upper()} file: {problem}.") from None
    if not isinstance(content, dict):
        raise UsageError(f"{path} must hold keys and values. Received: {content!r:.60}.")
    return content


def _require_known(path, key, value):
    if key not in KEYS:
        raise UsageError(f"{path}: {no_such('key', key, list(KEYS))}")
    types, accepted = KEYS[key]
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        raise UsageError(f"{path}: `{key}` must be {accepted}. Received: {key}={value!r}.")


def _require_accepted(path, variant, arguments, recipe):
    """Raises an error that names the file if the variant does not accept what the file holds."""
    for key in recipe:
        if key not in FIELDS:
            raise UsageError(f"{path}: {no_such('field of the recipe', key, FIELDS)}")
    for key in divided(arguments)[1]:
        raise UsageError(
            f"{path}: `{key}` is a field of the recipe: write it in the table `recipe`. Received: "
            "it in the table `arguments`."
        )
    try:
        settings(variant, **arguments, **recipe)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None


def _recorded_data(path, recorded):
    name = _named(path, "data", recorded, "name")
    dataset = datasets.load(name)
    if recorded.get("fingerprint", dataset.fingerprint) != dataset.fingerprint:
        raise UsageError(
            f"{path} is of other data: the training rows of {name} have changed since. To train on "
            "them all the same, name the data on the command line or in `data`."
        )
    return dataset


def _recorded_start(path, recorded):
    source = _named(path, "from", recorded, "source")
    if "fingerprint" in recorded:
        found = provenance.fingerprint(warm_start.opened(source).model)
        if found != recorded["fingerprint"]:
            raise UsageError(
                f"{path} starts from other weights: those of {source} have changed since. To start "
                "from them all the same, name them by --from or `start_from`."
            )
    return source


def _named(path, table, recorded, key):
    if not isinstance(recorded.get(key), str):
        raise UsageError(
            f"{path}: `{table}` must have a `{key}`, a string. Received: {table}={recorded!r}."
        )
    return recorded[key]
