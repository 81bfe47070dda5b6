"""Ranges of a device's numbers: what each may be, from its ``range`` table or its source's text."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import msgspec

from dfsrt.base.errors import DeviceError
from dfsrt.base.names import unknown_name
from dfsrt.device.leaf import Leaf, leaves_by_key
from dfsrt.device.provenance import beside
from dfsrt.device.schema import DeviceFile
from dfsrt.device.unit import range_in

Span = tuple[float, float]

SUMMED = {"silicon.leakage": "power_w"}
"""Lists of tables whose one range is of the sum of what so many terms have: they go together."""


def check_ranges(device: DeviceFile) -> None:
    """Check that each range has two ends in order and holds its number.

    Raises:
        DeviceError: the first that does not, or that is of an entry which is not there.
    """
    raw = msgspec.to_builtins(device)
    told = beside(raw, "range")
    for key, leaves in leaves_by_key(raw) if told else ():
        if key in told:
            _check_range(f"device '{device.name}': ", key, told[key], leaves)


def spans_of(leaves: Sequence[Leaf], told: object, source: str) -> list[Span | None]:
    """Return the range of each of a key's ``leaves``, None where nobody tells one.

    ``told`` is what the ``range`` table says of the key; without it the text of its source counts,
    as in ``range 10 ns to 1 us``, where it holds every number of that name.
    """
    if told is not None:
        ends = [_ends_of(leaf, told) for leaf in leaves]
        return _shared(leaves, ends) if isinstance(told, list) else ends
    found = [range_in(source, leaf.unit) if leaf.is_number else None for leaf in leaves]
    names = [_name(leaf) for leaf in leaves]
    broken = {
        name
        for name, leaf, span in zip(names, leaves, found, strict=True)
        if span is None or not _holds(span, leaf)
    }
    return [None if name in broken else span for name, span in zip(names, found, strict=True)]


def _shared(leaves: Sequence[Leaf], ends: Sequence[Span | None]) -> list[Span | None]:
    """The range of a sum, of which each term has its share; others as they are."""
    summed = [SUMMED.get(leaf.key) == leaf.entry for leaf in leaves]
    if not any(leaf.key in SUMMED for leaf in leaves):
        return list(ends)
    values = [leaf.value if isinstance(leaf.value, int | float) else 0.0 for leaf in leaves]
    total = sum(value for value, is_term in zip(values, summed, strict=True) if is_term)
    return [
        (span[0] * value / total, span[1] * value / total) if is_term and span and total else None
        for value, span, is_term in zip(values, ends, summed, strict=True)
    ]


def _name(leaf: Leaf) -> str:
    """What numbers of one kind share: those of a list of tables go by their own keys."""
    return leaf.entry if leaf.place.startswith("[") else leaf.key


def _ends_of(leaf: Leaf, told: object) -> Span | None:
    ends = told.get(leaf.entry) if isinstance(told, Mapping) else told
    if not isinstance(ends, list) or len(ends) != 2:
        return None
    return float(ends[0]), float(ends[1])


def _holds(span: Span, leaf: Leaf) -> bool:
    return isinstance(leaf.value, int | float) and span[0] <= leaf.value <= span[1]


def _check_range(where: str, key: str, told: object, leaves: Sequence[Leaf]) -> None:
    table, _, name = key.rpartition(".")
    path = f"{where}{table}.range.{name}"
    entries = {leaf.entry for leaf in leaves}
    for entry, ends in told.items() if isinstance(told, Mapping) else [("", told)]:
        if entry and entry not in entries:
            raise DeviceError(f"{path}: {unknown_name('entry', entry, entries)}")
        _check_ends(f"{path}.{entry}".rstrip("."), ends)
    for leaf, span in zip(leaves, spans_of(leaves, told, ""), strict=True):
        if span is not None and not _holds(span, leaf):
            raise DeviceError(
                f"{where}{key}{leaf.place} {leaf.value} lies outside its range {span[0]:g} to "
                f"{span[1]:g}; give a range that holds it"
            )


def _check_ends(path: str, ends: object) -> None:
    if isinstance(ends, list) and len(ends) == 2:
        low, high = ends
        numbers = isinstance(low, int | float) and isinstance(high, int | float)
        if numbers and -math.inf < low < high < math.inf:
            return
    raise DeviceError(f"{path} is {ends}; give [LOW, HIGH], the low end first")
