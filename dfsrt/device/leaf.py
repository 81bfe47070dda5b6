"""Leaves of a device file: its single values, with the path and the unit of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeGuard

from dfsrt.device.provenance import BESIDE, is_table, tables
from dfsrt.device.unit import PLAIN, Unit, quantity_text, unit_of

Value = bool | int | float | str | list[str]
"""A number, a word, or a list of words."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value below ``key``, which is a path like ``silicon.leakage``.

    ``place`` goes on from there, ``[0].power_w``; ``entry`` is its name among the key's others.
    """

    key: str
    place: str
    entry: str
    value: Value
    unit: Unit

    @property
    def is_number(self) -> bool:
        """Whether it is a number."""
        return isinstance(self.value, int | float) and not isinstance(self.value, bool)


def leaves_by_key(raw: Mapping[str, object]) -> Iterator[tuple[str, list[Leaf]]]:
    """Yield the leaves of each key of a whole device file, table by table, as plain values.

    A key that may be left out and is has none.
    """
    for path, table in tables(raw, ""):
        for key, value in table.items():
            if key not in BESIDE and value is not None and not is_table(value, path, key):
                yield f"{path}{key}", list(_leaves(f"{path}{key}", value, "", key, key))


def leaf_text(leaf: Leaf) -> str:
    """Return a leaf's value as people read it."""
    value = leaf.value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return quantity_text(value, leaf.unit)
    return (", ".join(value) if isinstance(value, list) else value) or "none"


def _leaves(key: str, value: object, place: str, entry: str, name: str) -> Iterator[Leaf]:
    if isinstance(value, Mapping):
        inside = not place  # by precision, by bin: the key's own numbers by name
        for inner, one in value.items():
            word = name if inside or name == "bins" else inner
            yield from _leaves(key, one, f"{place}.{inner}", inner, word)
    elif _has_parts(value):
        for index, one in enumerate(value):
            yield from _leaves(key, one, f"{place}[{index}]", entry, name)
    elif isinstance(value, bool | int | float | str | list):
        yield Leaf(key, place, entry, value, unit_of(name) or PLAIN)


def _has_parts(value: object) -> TypeGuard[list[object]]:
    """Tell whether a list has places of its own: numbers or tables, not words."""
    return isinstance(value, list) and any(not isinstance(one, str) for one in value)
