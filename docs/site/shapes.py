"""A file's or a report's shape as Markdown: each table with its keys, units and defaults."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from msgspec import inspect as mi

from docs.site.kinds import TABLES, default_of, inner, words_of
from docs.site.markdown import anchor, code, plain, promise, table
from docs.site.units import unit_of

HEADS = ("key", "holds", "unit", "default")
FIGURES = ("key", "holds", "unit")
MUST = "must be given"


@dataclass
class Shape:
    """All tables that a root holds, with the paths at which each may stand."""

    root: type
    top: str = "the file itself"
    tables: dict[type, mi.StructType | mi.DataclassType] = field(default_factory=dict)
    paths: dict[type, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        kind = mi.type_info(self.root)
        if not isinstance(kind, TABLES):
            raise TypeError(f"{self.root} has no keys")
        self._add("", kind)

    def _add(self, path: str, kind: mi.StructType | mi.DataclassType) -> None:
        new = kind.cls not in self.tables
        self.tables[kind.cls] = kind
        self.paths.setdefault(kind.cls, []).append(path)
        if new:
            for key in kind.fields:
                for below, held in inner(key.type, _joined(path, key.encode_name)):
                    self._add(below, held)

    def heading(self, cls: type) -> str:
        """Return the heading of a table: its path, or its name where it stands in many places."""
        paths = self.paths[cls]
        if paths == [""]:
            return self.top
        return paths[0].removeprefix(".") if len(paths) == 1 else cls.__name__

    def link(self, cls: type) -> str:
        """Return a table's name as a link to it."""
        return f"[{plain(self.heading(cls))}](#{self.place(cls)})"

    def place(self, cls: type) -> str:
        """Return a table's anchor, which no other heading of the page has."""
        return f"at-{anchor(self.heading(cls))}"


def _joined(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def shape_text(root: type, top: str, *, defaults: bool, level: int = 2) -> str:
    """Return a section for each table of a shape, the root first."""
    shape = Shape(root, top)
    return "\n".join(_section(shape, cls, defaults, level) for cls in shape.tables)


def _section(shape: Shape, cls: type, defaults: bool, level: int) -> str:
    paths = [path for path in shape.paths[cls] if path]
    also = f"Stands at {', '.join(code(path) for path in paths)}.\n\n" if len(paths) > 1 else ""
    about = "".join(f"{promise(each)}\n\n" for each in cls.__mro__ if _says_something(each))
    heads = HEADS if defaults else FIGURES
    rows = list(_rows(shape, shape.tables[cls], defaults))
    keys = table(heads, rows) if rows else ""
    heading = f"{'#' * level} {plain(shape.heading(cls))} {{ #{shape.place(cls)} }}"
    return f"{heading}\n\n{about}{also}{keys}"


def _says_something(cls: type) -> bool:
    """Whether a table, or one that it takes keys from, has a docstring of use to readers."""
    return bool(vars(cls).get("__annotations__")) and cls.__doc__ not in (None, *_EMPTY)


_EMPTY = ("A whole device file.", "The whole file.", "A table that takes no unknown keys.")
"""Docstrings that say no more than the heading does."""


def _rows(
    shape: Shape, kind: mi.StructType | mi.DataclassType, defaults: bool
) -> Iterator[list[str]]:
    for key in kind.fields:
        name = key.encode_name
        row = [code(name), _holds(shape, key, defaults), unit_of(name)]
        yield [*row, _default(key)] if defaults else row


def _holds(shape: Shape, key: mi.Field, defaults: bool) -> str:
    said = words_of(key.type, shape.link)
    may_be_null = isinstance(key.type, mi.UnionType) and mi.NoneType() in key.type.types
    return f"{said}, or null" if may_be_null and not defaults else said


def _default(key: mi.Field) -> str:
    if key.required:
        return MUST
    value = default_of(key)
    if value is None:
        return "not given"
    text = json.dumps(value, ensure_ascii=False)
    return "its own defaults" if isinstance(value, dict) and value else code(text)
