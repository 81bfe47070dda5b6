"""Numbers that carry where they come from: a value, the range it may lie in, and its source."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

import msgspec

from dfsrt.base.errors import InputError
from dfsrt.base.units import parse_quantity

Node = TypeVar("Node")


def is_assumed(source: str) -> bool:
    """Return whether the text says that there is no source."""
    return source.startswith("assumed")


@dataclass(frozen=True, slots=True)
class Ranged:
    """A number in SI units, its range, and its source.

    A source that begins with ``assumed`` is no source: such a number has a range.
    """

    value: float
    low: float
    high: float
    source: str
    unit: str = ""

    @property
    def assumed(self) -> bool:
        """Whether nobody has measured it."""
        return is_assumed(self.source)


class RangedTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A number as TOML says it."""

    value: str | float
    source: str
    low: str | float | None = None
    high: str | float | None = None


Quantity = str | float | RangedTable
"""A number in a file: alone, or with its range and source."""


def read_ranged(table: Quantity, unit: str, what: str, least: float = 0.0) -> Ranged:
    """Return the number of ``table``; a plain value is the user's own and has no range.

    Raises:
        InputError: another unit, below ``least``, a range that does not hold the value, or an
            assumed number without a range.
    """
    if not isinstance(table, RangedTable):
        value = _number(table, unit, what, least)
        return Ranged(value, value, value, "given in the scenario", unit)
    value = _number(table.value, unit, what, least)
    low, high = (
        value if end is None else _number(end, unit, f"{what}: range", least)
        for end in (table.low, table.high)
    )
    if not low <= value <= high:
        raise InputError(
            f"{what} {table.value} lies outside its range {table.low} to {table.high}; "
            "give a range that holds it"
        )
    number = Ranged(value, low, high, table.source, unit)
    if number.assumed and low == high:
        raise InputError(f"{what} is assumed without a range; add low and high")
    return number


def _number(text: str | float, unit: str, what: str, least: float) -> float:
    value = parse_quantity(text, unit, what)
    if unit == "%" and str(text).strip().endswith("%"):
        value /= 100
    if value < least or not math.isfinite(value):
        raise InputError(f"{what} '{text}' is out of range; give {least:g} {unit} or more")
    return value


def ranged_numbers(node: object, path: str = "") -> Iterator[tuple[str, Ranged]]:
    """Yield all numbers with a range under ``node``, a dataclass, each with its path."""
    for name, child in _children(node):
        where = f"{path}.{name}" if path else name
        if isinstance(child, Ranged):
            yield where, child
        else:
            yield from ranged_numbers(child, where)


def with_values(node: Node, values: Mapping[str, float], path: str = "") -> Node:
    """Return ``node`` with the numbers at the paths of ``values`` set to those."""
    if isinstance(node, Ranged):
        return replace(node, value=values[path]) if path in values else node
    prefix = f"{path}." if path else ""
    if not any(key.startswith(prefix) for key in values):
        return node
    children = {n: with_values(c, values, f"{prefix}{n}") for n, c in _children(node)}
    if isinstance(node, tuple):
        return type(node)(children.values())
    if isinstance(node, Mapping):
        return type(node)(zip(node, children.values(), strict=True))  # type: ignore[call-arg]
    return replace(node, **children) if dataclasses.is_dataclass(node) else node  # type: ignore[type-var]


def _children(node: object) -> Iterator[tuple[str, object]]:
    """Yield what ``node`` holds by name; things in a tuple go by their own name."""
    if dataclasses.is_dataclass(node):
        for field in dataclasses.fields(node):
            yield field.name, getattr(node, field.name)
    elif isinstance(node, Mapping):
        yield from ((str(key), value) for key, value in node.items())
    elif isinstance(node, tuple):
        for index, child in enumerate(node):
            yield str(getattr(child, "name", index)), child
