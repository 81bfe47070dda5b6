"""The memory of a network for people: a table of layers, and a line for each kind of policy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import Console

from dfsrt.base.units import format_si
from dfsrt.report.memory.parts import MemoryBuffer, MemoryPolicy
from dfsrt.report.memory.policies import LAYERWISE
from dfsrt.report.memory.schema import MemoryLayer, MemoryReport, MemoryTotals
from dfsrt.report.prose import PIPED, prose_width, wrapped
from dfsrt.report.tables import Grid, say, show_grids

LEAST_NAME = 9
"""Characters of a layer's name that the table keeps; the middle of longer ones is left out."""
APART = ("system sram",)
"""Places of results that the table names."""
_HEADS = ("<layer", "<tile c,k,p,q", "<order", "<stays", "read", "write", "times", "mJ")
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
    lines = (*head_lines(report), *(f"note: {note}" for note in report.notes))
    rows.append(_total(report.totals, bool(own)))
    return [Grid(heads, _narrowed(rows, heads), lines)]


def _narrowed(rows: list[tuple[str, ...]], heads: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the rows with names short enough for lines of ``PIPED`` characters."""
    columns = zip(heads[1:], *(row[1:] for row in rows), strict=True)
    rest = sum(2 + max(len(cell.lstrip("<")) for cell in column) for column in columns)
    return [(short_name(row[0], max(PIPED - rest, LEAST_NAME)), *row[1:]) for row in rows]


def head_lines(report: MemoryReport) -> list[str]:
    """Return what was said of the memory, one line each: network, buffer, DRAM."""
    pad = f", channels padded to {report.channel_pad}" if report.channel_pad > 1 else ""
    return [
        f"{report.network} on {report.device} in {report.precision}: mapper {report.mapper}, "
        f"schedule {report.schedule}",
        f"buffer {buffer_text(report.buffer)}{how_text(report.double_buffer, report.line_buffer)}"
        f"{pad}",
        dram_text(report),
    ]


def buffer_text(buffer: MemoryBuffer) -> str:
    """Return a buffer's size, shared or in parts."""
    if buffer.split is None:
        return f"{size_text(buffer.bytes)}, shared"
    parts = (buffer.split.input, buffer.split.weight, buffer.split.output)
    return f"{'+'.join(size_text(part) for part in parts)} for inputs, weights and results"


def how_text(double: bool, lines: bool) -> str:
    """Return how tiles come, as the end of a sentence on the buffer."""
    return ", double-buffered" * double + ", lines read once" * lines


def dram_text(report: MemoryReport) -> str:
    """Return the DRAM: its part, or the flat numbers."""
    d, pace = report.dram, report.bandwidth_bytes_per_s
    if d is not None:
        channels = f"{d.channels} channel{'s' * (d.channels != 1)}"
        peak = format_si(d.peak_bytes_per_s, "B/s")
        return f"DRAM {d.part}, {channels}, {peak} at most, map {d.map}, {d.layout}"
    speed = "no limit" if pace is None else format_si(pace, "B/s")
    each = report.totals.pj_per_byte
    return f"DRAM flat: {speed}" + ("" if each is None else f", {each:.3g} pJ a byte")


def size_text(size: int) -> str:
    """Return a size in the largest of KiB and MiB that divides it, else in bytes."""
    for unit, name in ((1 << 20, "MiB"), (1 << 10, "KiB")):
        if size and size % unit == 0:
            return f"{size // unit:,} {name}"
    return f"{size:,} B"


def _row(layer: MemoryLayer, has_part: bool) -> tuple[str, ...]:
    t = layer.tile
    place = f" ({layer.place})" if layer.place in APART else ""
    return (
        layer.name,
        layer.op if t is None else f"{t.c}x{t.k}x{t.p}x{t.q}",
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
    return hits, "" if pj_per_byte is None else f"{pj_per_byte:.3g}"


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


def ratio_text(ratio: float | None) -> str:
    """Return bytes over the least; nothing where there is no least."""
    return "" if ratio is None else f"{ratio:.2f}"


def policy_lines(report: MemoryReport, width: int = PIPED) -> list[str]:
    """Return what holds the layers, what the least is, and what every policy would move."""
    t = report.totals
    lines = [
        "tile: channels, kernels, rows, columns; order: loops from outer to inner; stays: of "
        "inputs, weights and results what crosses once; times: bytes over the least",
        f"{format_si(t.dram_bytes, 'B')} cross, {_least_text(report)}; {_held_text(report.layers)}",
        *_places_text(report),
        *_every_policy(report.policies),
    ]
    return [part for line in lines for part in wrapped(line, width, rest="  ")]


def _least_text(report: MemoryReport) -> str:
    t, floor = report.totals, ""
    times = ratio_text(t.times_bound) or "no"
    if report.schedule.split(":")[0] == LAYERWISE:
        floor = f"; {format_si(t.floor_bytes, 'B')} is the least of any schedule"
        return f"{times} times the least layer by layer{floor}"
    return f"{times} times the least of any schedule"


def _held_text(layers: Sequence[MemoryLayer]) -> str:
    held = Counter(layer.held_by for layer in layers if layer.held_by)
    return "held by " + ", ".join(f"{what} {count}" for what, count in held.most_common())


def _places_text(report: MemoryReport) -> Iterator[str]:
    for p in report.places:
        of = "" if p.size_bytes is None else f" of {format_si(p.size_bytes, 'B')}"
        peak = f"{format_si(p.peak_bytes, 'B')}{of} at most"
        yield f"{p.maps} map{'s' * (p.maps != 1)} in {p.place}, {peak}"


def _every_policy(policies: Sequence[MemoryPolicy]) -> Iterator[str]:
    alone = [p for p in policies if p.schedule == LAYERWISE]
    over = [p for p in policies if p.schedule != LAYERWISE]
    if alone:
        yield "layer by layer: " + ", ".join(f"{p.mapper} {_moved(p)}" for p in alone)
    if over:
        yield f"with {over[0].mapper}: " + ", ".join(f"{p.schedule} {_moved(p)}" for p in over)


def _moved(policy: MemoryPolicy) -> str:
    return "does not fit" if policy.dram_bytes is None else format_si(policy.dram_bytes, "B")
