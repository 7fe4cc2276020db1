"""JSON that anyone may have written: bounded, plain, and held against a schema."""

import json
import math
from pathlib import Path

from zoo import untrusted
from zoo.errors import CheckFailedError

LARGEST = 1 << 26  # bytes of a file
DEEPEST = 64  # brackets within brackets


def read(path: str | Path, schema=None):
    """Returns the content of a JSON file.

    Args:
        path: of the file.
        schema: what the content must be like; see `require`. Defaults to None, for anything.

    Raises:
        UsageError: if there is no such file, or it cannot be read.
        CheckFailedError: if it is too large, no plain JSON, or not like the schema.
    """
    return parse(untrusted.read_file(path, LARGEST), path, schema)


def parse(data: bytes, path: str | Path, schema=None):
    """Returns what JSON in UTF-8 holds; `path` names it in errors. See `read`.

    Keys that occur twice, numbers that are not finite or above 64 bits, brackets more than 64
    deep, and strings that are no Unicode are refused.
    """
    with untrusted.guard(path, "plain JSON"):
        content = json.loads(data.decode(), object_pairs_hook=_unique, parse_constant=_refuse)
        _require_plain(content, DEEPEST)
    if schema is not None:
        require(content, schema, path)
    return content


def require(content, schema, path: str | Path) -> None:
    """Raises `CheckFailedError` if JSON's content is not like a schema.

    Args:
        content: what JSON holds.
        schema: a type, `float` for any number; None for null; `object` for anything; `[SCHEMA]`
            for a list; `{str: SCHEMA}` for a dict of any keys; `{"key": SCHEMA, "other?": SCHEMA}`
            for a dict that has these keys, those with a question mark perhaps, and others
            perhaps, of the schema of `str` if it is there; a tuple of schemas for one of them; a
            frozenset of values for one of them; or a function that returns whether it accepts a
            value.
        path: of the file, for the message.
    """
    problem = _problem(content, schema, "its content")
    if problem:
        raise CheckFailedError(f"{path} is damaged: {problem}.")


def _problem(value, schema, where):
    """Returns what is wrong with a value in words, or None."""
    if isinstance(schema, tuple):
        problems = [_problem(value, option, where) for option in schema]
        return None if None in problems else problems[-1]
    if isinstance(schema, list) and isinstance(value, list):
        return _first(_problem(each, schema[0], f"an item of {where}") for each in value)
    if isinstance(schema, dict) and isinstance(value, dict):
        named = {key: part for key, part in schema.items() if key is not str}
        others = set(value) - set(named) if str in schema else ()
        return _first(_of_key(value, key, named[key]) for key in named) or _first(
            _problem(value[key], schema[str], f"`{key}`") for key in value if key in others
        )
    return None if _accepts(schema, value) else f"{where} must not be {value!r:.60}"


def _of_key(value, key, schema):
    name = key.removesuffix("?")
    if name in value:
        return _problem(value[name], schema, f"`{name}`")
    return None if name != key else f"it lacks `{name}`"


def _accepts(schema, value):
    if schema is None:
        return value is None
    if isinstance(schema, type):
        number = isinstance(value, (int, float)) if schema is float else isinstance(value, schema)
        return number and (schema in (bool, object) or not isinstance(value, bool))
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
            raise ValueError(f"its brackets are more than {DEEPEST} deep")
        for each in value:
            _require_plain(each, depth - 1)
        for each in value.values() if isinstance(value, dict) else ():
            _require_plain(each, depth - 1)
    elif isinstance(value, str):
        value.encode(errors="surrogateescape")  # as Python spells file names that are no UTF-8
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("it holds a number that is not finite")
    elif isinstance(value, int) and abs(value) >= 1 << 63:
        raise ValueError("it holds a number of more than 64 bits")
