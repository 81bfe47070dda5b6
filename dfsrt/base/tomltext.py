"""TOML out: as much of the language as a device file needs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias, Union

from dfsrt.base.json import quoted

TomlValue: TypeAlias = Union[str, int, float, "Sequence[TomlValue]", "Mapping[str, TomlValue]"]
"""What a key may hold."""

_BESIDE = ("source", "range")
"""Tables that stand beside the numbers of a table and tell of them."""
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


def toml_text(document: Mapping[str, TomlValue]) -> str:
    """Return ``document`` as TOML: its values first, then each mapping as a table.

    Inside a table, ``source`` and ``range`` become dotted lines, a list of mappings one line for
    each, and a mapping that has a ``source``, or holds one that has, a table of its own.
    """
    values = {k: v for k, v in document.items() if not isinstance(v, Mapping)}
    blocks = [_lines(values)]
    for name, table in document.items():
        if isinstance(table, Mapping):
            blocks += _tables(key_text(name), table)
    return "\n".join(blocks)


def _tables(path: str, table: Mapping[str, TomlValue]) -> Iterator[str]:
    """A table's block, then those of the tables in it; one that says nothing itself has none."""
    inner = {k: v for k, v in table.items() if _is_table(v) and k not in _BESIDE}
    own = {k: v for k, v in table.items() if k not in inner}
    if own or not inner:
        yield f"[{path}]\n{_lines(own)}"
    for name, value in inner.items():
        if isinstance(value, Mapping):
            yield from _tables(f"{path}.{key_text(name)}", value)


def _is_table(value: TomlValue) -> bool:
    if not isinstance(value, Mapping):
        return False
    return isinstance(value.get("source"), Mapping) or any(map(_is_table, value.values()))


def _lines(table: Mapping[str, TomlValue]) -> str:
    lines = []
    for key, value in table.items():
        if key in _BESIDE and isinstance(value, Mapping):
            lines += [f"{key}.{key_text(k)} = {_inline(v)}" for k, v in value.items()]
        else:
            lines.append(f"{key_text(key)} = {value_text(value)}")
    return "".join(f"{line}\n" for line in lines)


def value_text(value: TomlValue) -> str:
    """Return ``value`` as TOML, a list of mappings in several lines."""
    if isinstance(value, list) and value and all(isinstance(v, Mapping) for v in value):
        return "[\n" + "".join(f"  {_inline(v)},\n" for v in value) + "]"
    return _inline(value)


def _inline(value: TomlValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"{value:_}"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key_text(k)} = {_inline(v)}" for k, v in value.items()) + " }"
    if isinstance(value, Sequence):
        return "[" + ", ".join(_inline(v) for v in value) + "]"
    return repr(float(value))


def key_text(name: str) -> str:
    """Return ``name`` as a key of TOML, in quotes where it needs them."""
    return name if _BARE_KEY.fullmatch(name) else _quoted(name)


def _quoted(text: str) -> str:
    """JSON's text is TOML's too, but for the delete character and lone surrogates."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return quoted(whole, ascii_only=False).replace("\x7f", "\\u007f")
