"""A device's data sheet for people: a row for each number, its source beneath."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import Console

from dfsrt.base.units import format_si
from dfsrt.device.facts import DEFAULT, KeyFacts
from dfsrt.device.leaf import Leaf, leaf_text
from dfsrt.device.unit import span_text
from dfsrt.report.device_sheet import DeviceSheet, taken_text
from dfsrt.report.idle_sheet import state_rows
from dfsrt.report.prose import prose_width, wrapped, write_lines
from dfsrt.report.tables import show

_POINTS = ("opp.points", "memory.points")
"""Lists that stand in tables of their own."""
_OWN = "own"
_SHORT = 14
"""Characters of a value that the column is made for at least."""
_LONG = 30
"""Characters of a list of words from which on it stands beneath."""
_OTHERS = {"rail": "rails, as rail=NAME", "bin": "bins, as bin=NAME", "cores": "cores, as cores=N"}

Row = tuple[str, str, str, str]
"""Name, value, range, and who says it."""


def show_sheet(console: Console, sheet: DeviceSheet, keys: Sequence[KeyFacts]) -> None:
    """Print a device: what it is, its operating points, and its numbers table by table."""
    width = prose_width(console)
    write_lines(console, [line for text in _head(sheet) for line in wrapped(text, width)])
    console.print()
    show(console, *_points(sheet))
    if sheet.memory:
        console.print()
        show(console, *_memory_points(sheet))
        write_lines(console, list(_change(sheet)))
    if sheet.idle:
        uv = [point.rail_uv for point in sheet.points]
        console.print()
        show(console, *state_rows(sheet.idle, min(uv), max(uv)))
    blocks = [(key, _rows(key, bool(sheet.taken))) for key in keys]
    sizes = _sizes([row for _, rows in blocks for row in rows])
    for table, group in groupby(blocks, lambda block: block[0].key.rpartition(".")[0]):
        console.print()
        write_lines(console, [f"[{table}]{_unused(table, sheet)}"])
        for key, rows in group:
            write_lines(console, [_line(row, sizes) for row in rows])
            for text in (_long_words(key), _source(key)):
                write_lines(console, wrapped(text, width, " " * 6))


def _head(sheet: DeviceSheet) -> Iterator[str]:
    yield f"{sheet.device}: {sheet.description}"
    if sheet.taken:
        yield f"takes {taken_text(sheet.taken)}"
    count = len(sheet.choices.get("cores", ()))
    used_cores = f", {sheet.cores_used} of {count} cores" if count else ""
    yield f"rail {sheet.rail}" + (f", bin {sheet.bin}" if sheet.bin else "") + used_cores
    if sheet.dram:
        yield f"DRAM {sheet.dram}"
    used = (sheet.rail, sheet.bin, str(sheet.cores_used))
    for option, names in sheet.choices.items():
        if others := [name for name in names if name not in used]:
            yield f"other {_OTHERS[option]}: {', '.join(others)}"


def _points(sheet: DeviceSheet) -> tuple[list[str], list[list[str]]]:
    """Heads and rows of the operating points; the chosen bin's rail comes first, others in mV."""
    bins = [name for name in sheet.choices["bin"] if name != sheet.bin]
    heads = ["level", "clock", f"rail {sheet.bin}".rstrip(), *bins]
    rows = [
        [
            str(point.level),
            format_si(point.freq_hz, "Hz"),
            format_si(point.rail_uv * 1e-6, "V", 4),
            *(f"{point.bins_uv[name] * 1e-3:.1f}" for name in bins),
        ]
        for point in sheet.points
    ]
    return heads, rows


def _memory_points(sheet: DeviceSheet) -> tuple[list[str], list[list[str]]]:
    """Heads and rows of the memory's points; the last is where the device's own numbers hold."""
    heads = ["memory", "bandwidth", "one core", "controller", "PHY", "standby"]
    rows = [
        [
            format_si(point.freq_hz, "Hz", 4),
            format_si(point.bandwidth_bytes_per_s, "B/s"),
            format_si(point.core_bandwidth_bytes_per_s, "B/s"),
            format_si(point.controller_uv * 1e-6, "V", 4),
            format_si(point.phy_uv * 1e-6, "V", 4),
            format_si(point.standby_w, "W"),
        ]
        for point in sheet.memory
    ]
    return heads, rows


def _change(sheet: DeviceSheet) -> Iterator[str]:
    if sheet.memory_change_ns is not None:
        stall, delay = (format_si(ns * 1e-9, "s") for ns in sheet.memory_change_ns)
        yield f"a change takes effect {delay} after it is asked for, and stops all for {stall}"


def _rows(key: KeyFacts, derived: bool) -> list[Row]:
    name, said_by = key.key.rpartition(".")[2], _said_by(key) if derived else ""
    if key.key in _POINTS and key.leaves:
        count = len({_point(leaf) for leaf in key.leaves})
        return [(f"  {name}", f"{count} clocks", "", said_by)]
    if len(key.leaves) == 1 and not key.leaves[0].place:
        return [(f"  {name}", *_cells(key, 0), said_by)]
    if not key.leaves:
        return [(f"  {name}", "none", "", said_by)]
    parts = [
        (f"    {leaf.place.lstrip('.')}", *_cells(key, k), "") for k, leaf in enumerate(key.leaves)
    ]
    return [(f"  {name}", "", "", said_by), *parts]


def _point(leaf: Leaf) -> str:
    return leaf.place.partition("]")[0]


def _cells(key: KeyFacts, place: int) -> tuple[str, str]:
    leaf, span = key.leaves[place], key.spans[place]
    if isinstance(leaf.value, list) and _long_words(key):
        return f"{len(leaf.value)} names", ""
    return leaf_text(leaf), "" if span is None else span_text(*span, leaf.unit)


def _long_words(key: KeyFacts) -> str:
    """Words that would not stand in a column."""
    texts = [leaf_text(leaf) for leaf in key.leaves if isinstance(leaf.value, list)]
    return next((text for text in texts if len(text) > _LONG), "")


def _said_by(key: KeyFacts) -> str:
    return _OWN if key.taken_from is None else key.taken_from


def _source(key: KeyFacts) -> str:
    """The source; a number that no file says has the format's own value."""
    is_number = any(leaf.is_number for leaf in key.leaves)
    silent = is_number and key.taken_from == DEFAULT
    return key.source or "the value where no file gives one" * silent


def _unused(table: str, sheet: DeviceSheet) -> str:
    parent, _, name = table.rpartition(".")
    return "  not in use" if parent == "rail.regulators" and name != sheet.rail else ""


def _sizes(rows: Sequence[Row]) -> tuple[int, int, int]:
    """Return how wide names, values and ranges are; long words may reach into a range's place."""
    name = max(len(row[0]) for row in rows)
    value = max(len(row[1]) for row in rows if row[2] or len(row[1]) <= _SHORT)
    return name, value, max(len(row[2]) for row in rows)


def _line(row: Row, sizes: tuple[int, int, int]) -> str:
    name, value, span, said_by = row
    amount = f"{value:<{sizes[1]}}  {span}"
    return f"{name:<{sizes[0]}}  {amount:<{sizes[1] + 2 + sizes[2]}}  {said_by}".rstrip()
