"""Reads JSON that may be hostile: bounded, plain, and compared with a schema."""

import json
import math
from pathlib import Path

from zoo.errors import CheckFailedError
from zoo.storage import untrusted

LARGEST = 1 << 26  # bytes of a file
DEEPEST = 64  # levels of brackets


def read(path: str | Path, schema=None):
    """Returns the content of a JSON file.

    Args:
        path: String or path of the file, of at most 2²⁶ bytes.
        schema: Schema of the content; see `require`. Defaults to None, for any content.

    Returns:
        The content.

    Raises:
        UsageError: If there is no such file, or it cannot be read.
        CheckFailedError: If it is too large, is not plain JSON (see `parse`), or does not match the
            schema.

    Example:

    >>> _ = Path("run.json").write_text('{"seed": 3}')
    >>> read("run.json", {"seed": int})
    {'seed': 3}
    """
    return parse(untrusted.read_file(path, LARGEST), path, schema)


def parse(data: bytes, path: str | Path, schema=None):
    """Returns the content of JSON in UTF-8.

    Keys that occur twice, numbers that are not finite or above 64 bits, brackets more than 64 deep,
    and strings that are not Unicode are rejected.

    Args:
        data: Bytes.
        path: String or path of the file, for errors.
        schema: Schema of the content; see `require`. Defaults to None, for any content.

    Returns:
        The content.

    Raises:
        CheckFailedError: If the data are not plain JSON or do not match the schema.

    Example:

    >>> parse(b'{"seed": NaN}', "run.json")
    Traceback (most recent call last):
    ...
    zoo.errors.CheckFailedError: run.json is not plain JSON: ...
    """
    with untrusted.guard(path, "plain JSON"):
        content = json.loads(data.decode(), object_pairs_hook=_unique, parse_constant=_refuse)
        _require_plain(content, DEEPEST)
    if schema is not None:
        require(content, schema, path)
    return content


def require(content, schema, path: str | Path) -> None:
    """Raises an error if the content of JSON does not match a schema.

    Args:
        content: The content of JSON.
        schema: One of:

            - a type; `float` accepts any number.
            - None for null, or `object` for anything.
            - `[SCHEMA]` for a list of items.
            - `{"key": SCHEMA, "other?": SCHEMA}` for a dict with these keys; those with a question
              mark are optional. Other keys are accepted too; their values must match the schema of
              the key `str`, if there is one.
            - `{str: SCHEMA}` for a dict with any keys.
            - a tuple of schemas, one of which must match.
            - a frozenset of values, one of which must be equal.
            - a function that returns whether it accepts a value.
        path: String or path of the file, for the message.

    Raises:
        CheckFailedError: If the content does not match.

    Example:

    >>> require({"seed": "3"}, {"seed": int}, "run.json")
    Traceback (most recent call last):
    ...
    zoo.errors.CheckFailedError: run.json is damaged: `seed` ...
    """
    problem = _problem(content, schema, "its content")
    if problem:
        raise CheckFailedError(f"{path} is damaged: {problem}.")


def _problem(value, schema, where):
    """Returns a description of what is wrong with a value, or None."""
    if isinstance(schema, tuple):
        problems = [_problem(value, option, where) for option in schema]
        return None if None in problems else problems[-1]
    if isinstance(schema, list) and isinstance(value, list):
        return _first(_problem(item, schema[0], f"an item of {where}") for item in value)
    if isinstance(schema, dict) and isinstance(value, dict):
        named = {key: part for key, part in schema.items() if key is not str}
        others = set(value) - set(named) if str in schema else ()
        return _first(_key_problem(value, key, named[key]) for key in named) or _first(
            _problem(value[key], schema[str], f"`{key}`") for key in value if key in others
        )
    return None if _accepts(schema, value) else f"{where} must not be {value!r:.60}"


def _key_problem(value, key, schema):
    name = key.removesuffix("?")
    if name in value:
        return _problem(value[name], schema, f"`{name}`")
    return None if name != key else f"it lacks `{name}`"


def _accepts(schema, value):
    if schema is None:
        return value is None
    if isinstance(schema, type):
        matches = isinstance(value, (int, float)) if schema is float else isinstance(value, schema)
        return matches and (schema in (bool, object) or not isinstance(value, bool))
    if isinstance(schema, frozenset):
        return isinstance(value, (str, int)) and value in schema
    return callable(schema) and schema(value)


def _first(problems):
    return next(filter(None, problems), None)


def _unique(pairs):
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key occurs twice")
    return result


def _refuse(constant):
    raise ValueError(f"it holds {constant}")


def _require_plain(value, depth):
    if isinstance(value, (dict, list)):
        if not depth:
            raise ValueError(f"its brackets are nested more than {DEEPEST} deep")
        for item in value:
            _require_plain(item, depth - 1)
        for item in value.values() if isinstance(value, dict) else ():
            _require_plain(item, depth - 1)
    elif isinstance(value, str):
        value.encode(errors="surrogateescape")  # names of files may not be UTF-8
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("it holds a number that is not finite")
    elif isinstance(value, int) and abs(value) >= 1 << 63:
        raise ValueError("it holds a number of more than 64 bits")
