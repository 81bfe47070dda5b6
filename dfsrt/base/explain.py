"""What is wrong with the shape of a TOML file, in one line that a user can act on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from dfsrt.base.names import unknown_name

_MESSAGE = re.compile(r"(?P<what>.*?)(?: - at `\$\.?(?P<path>.*)`)?")
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


def explain(error: msgspec.ValidationError, document: Any) -> str:
    """Return ``error`` in the words of a TOML file: where, what was given, what is allowed.

    ``document`` is the Struct that the file was read as.
    """
    match = _MESSAGE.fullmatch(str(error))
    what, path = (match["what"], match["path"] or "") if match else (str(error), "")
    if found := _UNKNOWN.fullmatch(what):
        return unknown_name(f"key{_in_table(path)}", found["key"], _keys_at(path, document))
    if found := _MISSING.fullmatch(what):
        return f"key '{found['key']}'{_in_table(path)} is missing; add it"
    if found := _TYPE.fullmatch(what):
        return f"'{path}' is {_named(found['got'])}; give {_named(found['want'])}"
    return f"'{path}': {what[:1].lower()}{what[1:].replace('`', chr(39))}; correct that key"


def _in_table(path: str) -> str:
    return f" of {path}" if path else ""


def _named(kinds: str) -> str:
    return " or ".join(_IN_TOML.get(kind.strip(), kind.strip()) for kind in kinds.split("|"))


def _keys_at(path: str, document: Any) -> Iterable[str]:
    """Return the keys that the table at msgspec's ``path`` may have."""
    info: Any = msgspec.inspect.type_info(document)
    for step in path.replace("[...]", "[0]").replace("[", ".[").split(".") if path else ():
        table = _table(info)
        if step.startswith("["):
            parts = getattr(info, "types", (info,))
            held = (getattr(p, "item_type", None) or getattr(p, "value_type", None) for p in parts)
            info = next(kind for kind in held if kind is not None)
        else:
            info = next(f.type for f in table.fields if f.encode_name == step)
    return (field.encode_name for field in _table(info).fields)


def _table(info: Any) -> Any:
    """Return the one table among the kinds of value that a key may have."""
    return next((kind for kind in getattr(info, "types", (info,)) if hasattr(kind, "fields")), info)
