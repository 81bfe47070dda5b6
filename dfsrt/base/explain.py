"""What is wrong with the shape of a TOML file, in one line that a user can act on."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec
from msgspec import inspect

from dfsrt.base.names import unknown_name

_MESSAGE = re.compile(r"(?P<what>.*?)(?: - at `\$\.?(?P<path>.*)`)?")
_MOST = 2000
"""Characters of an error that are looked at: a file's key may have any length."""
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<key>.*)`")
_MISSING = re.compile(r"Object missing required field `(?P<key>.*)`")
_TYPE = re.compile(r"Expected `(?P<want>.*)`, got `(?P<got>.*)`")
_IN_TOML = {
    "int": "a whole number",
    "float": "a number",
    "str": "text in quotes",
    "bool": "true or false",
    "object": "a table",
    "array": "a list",
    "null": "nothing",
}


def explain(error: msgspec.ValidationError, shape: type, table: object = None) -> str:
    """Return ``error`` in the words of a TOML file: where, what was given, what is allowed.

    ``shape`` is the Struct that the file was read as, ``table`` what was read: with it all keys
    that are missing in one place are named, and not the first alone.
    """
    said = " ".join(str(error)[:_MOST].splitlines())
    match = _MESSAGE.fullmatch(said)
    what, path = (match["what"], match["path"] or "") if match else (said, "")
    if unknown := _UNKNOWN.fullmatch(what):
        return unknown_name(f"key{_in_table(path)}", unknown["key"], _keys_at(path, shape))
    if missing := _MISSING.fullmatch(what):
        keys = _missing(path, shape, table) or [missing["key"]]
        if len(keys) > 1:
            named = ", ".join(f"'{key}'" for key in keys)
            return f"keys {named}{_in_table(path)} are missing; add them"
        return f"key '{missing['key']}'{_in_table(path)} is missing; add it"
    if kind := _TYPE.fullmatch(what):
        return f"'{path}' is {_named(kind['got'])}; give {_named(kind['want'])}"
    return f"'{path}': {what[:1].lower()}{what[1:].replace('`', chr(39))}; correct that key"


def _in_table(path: str) -> str:
    return f" of {path}" if path else ""


def _named(kinds: str) -> str:
    return " or ".join(_IN_TOML.get(kind.strip(), kind.strip()) for kind in kinds.split("|"))


def _keys_at(path: str, shape: type) -> Iterable[str]:
    """Return the keys that the table at msgspec's ``path`` may have."""
    return (field.encode_name for field in _fields_at(path, shape))


def _fields_at(path: str, shape: type) -> tuple[inspect.Field, ...]:
    kind = inspect.type_info(shape)
    for step in _steps(path):
        kind = _item(kind) if step.startswith("[") else _value(kind, step)
    return _fields(kind)


def _steps(path: str) -> list[str]:
    return path.replace("[...]", "[0]").replace("[", ".[").split(".") if path else []


def _missing(path: str, shape: type, table: object) -> list[str]:
    """Return the keys that the table at ``path`` is to have and has not; none where it is lost."""
    for step in _steps(path):
        if isinstance(table, dict) and step in table:
            table = table[step]
        elif isinstance(table, list) and step.startswith("["):
            table = table[int(step[1:-1])]
        else:
            return []
    if not isinstance(table, dict):
        return []
    needed = [field.encode_name for field in _fields_at(path, shape) if field.required]
    return [key for key in needed if key not in table]


def _value(kind: inspect.Type, key: str) -> inspect.Type:
    return next(field.type for field in _fields(kind) if field.encode_name == key)


def _item(kind: inspect.Type) -> inspect.Type:
    for one in _alternatives(kind):
        if isinstance(one, inspect.CollectionType):
            return one.item_type
        if isinstance(one, inspect.DictType):
            return one.value_type
    return kind


def _fields(kind: inspect.Type) -> tuple[inspect.Field, ...]:
    tables = (one for one in _alternatives(kind) if isinstance(one, inspect.StructType))
    return next((table.fields for table in tables), ())


def _alternatives(kind: inspect.Type) -> tuple[inspect.Type, ...]:
    return kind.types if isinstance(kind, inspect.UnionType) else (kind,)
