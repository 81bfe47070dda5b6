"""The memory of a network for people: a table of layers, and a line for each kind of policy."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from dfsrt.base.units import format_si
from dfsrt.report.memory.schema import MemoryLayer, MemoryReport, MemoryTotals
from dfsrt.report.memory.words import head_lines, policy_lines, ratio_text
from dfsrt.report.prose import PIPED, prose_width, wrapped
from dfsrt.report.tables import Grid, say, show_grids

LEAST_NAME = 9
"""Characters of a layer's name that the table keeps; the middle of longer ones is left out."""
APART = ("system sram",)
"""Places of results that the table names."""
GAP = 3
"""Spaces between columns, on a terminal."""
LONGEST_OP = 13
"""Characters of an operator's name in the column of tiles."""
MOST_DIGITS = 999
"""From here on a number has no decimals."""
_HEADS = ("<layer", "<tile c,k,p,q", "<order", "<stays", "read", "write", "x least", "mJ")
_OF_PART = ("hits", "pJ/B")


def memory_table(console: Console, report: MemoryReport) -> None:
    """Print layers, totals, and what every policy would move."""
    show_grids(console, memory_grids(report))
    say(console, *policy_lines(report, prose_width(console)))


def memory_grids(report: MemoryReport) -> list[Grid]:
    """Return the table of layers under lines that say what memory it is."""
    own = _OF_PART if report.dram is not None else ()
    heads = (*_HEADS[:-1], *own, *_HEADS[-1:], "<held by")
    rows = [_row(layer, bool(own)) for layer in report.layers if layer.dram_bytes or layer.held_by]
    said = (*head_lines(report), *(f"note: {note}" for note in report.notes))
    lines = [part for line in said for part in wrapped(line, PIPED, rest="  ")]
    rows.append(_total(report.totals, bool(own)))
    return [Grid(heads, _narrowed(rows, heads), lines)]


def _narrowed(rows: list[tuple[str, ...]], heads: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the rows with names short enough for lines of ``PIPED`` characters."""
    columns = zip(heads[1:], *(row[1:] for row in rows), strict=True)
    rest = sum(GAP + max(len(cell.lstrip("<")) for cell in column) for column in columns)
    return [(short_name(row[0], max(PIPED - rest, LEAST_NAME)), *row[1:]) for row in rows]


def _row(layer: MemoryLayer, has_part: bool) -> tuple[str, ...]:
    t = layer.tile
    place = f" ({layer.place})" if layer.place in APART else ""
    return (
        layer.name,
        short_name(layer.op, LONGEST_OP) if t is None else f"{t.c}x{t.k}x{t.p}x{t.q}",
        layer.order or "",
        stays_text(layer),
        format_si(layer.dram_read_bytes, "B"),
        format_si(layer.dram_write_bytes, "B"),
        ratio_text(layer.times_bound),
        *(_of_part(layer.row_hit_rate, layer.pj_per_byte) if has_part else ()),
        f"{layer.dram_j * 1e3:.3f}",
        f"{layer.held_by or ''}{place}",
    )


def _total(t: MemoryTotals, has_part: bool) -> tuple[str, ...]:
    return (
        *("total", "", "", ""),
        format_si(t.dram_read_bytes, "B"),
        format_si(t.dram_write_bytes, "B"),
        ratio_text(t.times_bound),
        *(_of_part(t.row_hit_rate, t.pj_per_byte) if has_part else ()),
        f"{t.dram_j * 1e3:.3f}",
        "",
    )


def _of_part(row_hit_rate: float | None, pj_per_byte: float | None) -> tuple[str, str]:
    hits = "" if row_hit_rate is None else f"{row_hit_rate:.1%}"
    if pj_per_byte is None:
        return hits, ""
    return hits, f"{pj_per_byte:.3g}" if pj_per_byte < MOST_DIGITS else f"{pj_per_byte:,.0f}"


def short_name(name: str, longest: int) -> str:
    """Return a name of at most so many characters, the middle of a long one left out."""
    if len(name) <= longest:
        return name
    half = (longest - 1) // 2
    return f"{name[: longest - 1 - half]}…{name[-half:]}"


def stays_text(layer: MemoryLayer) -> str:
    """Return which operands cross once, by their first letters: inputs, weights, results."""
    if layer.stays is None or layer.tile is None:
        return ""
    named = "inputs+weights+results" if layer.stays == "all" else layer.stays
    return "-" if named == "none" else "".join(part[0] for part in named.split("+"))
