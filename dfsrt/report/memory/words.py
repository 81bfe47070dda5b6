"""The memory of a network in words: what it is, and what every policy would move."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from dfsrt.base.units import format_si
from dfsrt.report.memory.advice import advice
from dfsrt.report.memory.names import where
from dfsrt.report.memory.overlap import overlap_text
from dfsrt.report.memory.parts import MemoryBuffer, MemoryPolicy
from dfsrt.report.memory.policies import HALF_BUFFER, LAYERWISE
from dfsrt.report.memory.schema import MemoryLayer, MemoryReport
from dfsrt.report.prose import PIPED, wrapped


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


def ratio_text(ratio: float | None) -> str:
    """Return bytes over the least; nothing where there is no least."""
    return "" if ratio is None else f"{ratio:.2f}"


LEGEND = (
    "tile: channels, kernels, rows, columns; order: loops from outer to inner; stays: what crosses "
    "once of inputs, weights and results; x least: bytes over the least; held by: why more or less "
    "crosses than every operand once (fits: neither)"
)
"""What the columns of the table of layers are."""


def policy_lines(report: MemoryReport, width: int = PIPED) -> list[str]:
    """Return what holds the layers, what the least is, and what every policy would move."""
    lines = [LEGEND, summary(report), *_places_text(report), *_every_policy(report)]
    return [part for line in lines for part in wrapped(line, width, rest="  ")]


def summary(report: MemoryReport) -> str:
    """Return how many bytes cross, how far that is from the least, and what holds the layers."""
    moved = format_si(report.totals.dram_bytes, "B")
    return "; ".join([f"{moved} cross, {_least_text(report)}", *_held_text(report.layers)])


def _least_text(report: MemoryReport) -> str:
    t = report.totals
    if t.times_bound is None:
        return "and nothing has to"
    times = f"{ratio_text(t.times_bound)} times the least"
    if t.bound_bytes == t.floor_bytes:
        return f"{times} of any schedule"
    return f"{times} layer by layer; {format_si(t.floor_bytes, 'B')} is the least of any schedule"


def _held_text(layers: Sequence[MemoryLayer]) -> Iterator[str]:
    held = Counter(layer.held_by for layer in layers if layer.held_by)
    if held:
        each = ", ".join(f"{what} {count}" for what, count in held.most_common())
        yield f"layers held by {each}"


def _places_text(report: MemoryReport) -> Iterator[str]:
    for p in report.places:
        of = "" if p.size_bytes is None else f" of {format_si(p.size_bytes, 'B')}"
        peak = f"{format_si(p.peak_bytes, 'B')}{of} at most"
        yield f"{p.maps} map{'s' * (p.maps != 1)} {where(p.place)}, {peak}"


def _every_policy(report: MemoryReport) -> Iterator[str]:
    policies = report.policies
    alone = [p for p in policies if p.schedule == LAYERWISE]
    over = [p for p in policies if p.schedule != LAYERWISE]
    if alone:
        yield "layer by layer: " + ", ".join(f"{p.mapper} {_moved(p)}" for p in alone)
    if _is_below(policies):
        yield "half-buffer counts no halos and no room for results: so few may not be possible"
    if over:
        yield f"with {over[0].mapper}: " + ", ".join(f"{p.schedule} {_moved(p)}" for p in over)
    if report.overlap is not None:
        yield overlap_text(report.overlap)
    yield from advice(report)


def _is_below(policies: Sequence[MemoryPolicy]) -> bool:
    """Whether the half-buffer rule counts fewer bytes than all others layer by layer."""
    alone = [p for p in policies if p.schedule == LAYERWISE and p.dram_bytes is not None]
    least = min(alone, key=lambda p: p.dram_bytes or 0, default=None)
    return least is not None and least.mapper == HALF_BUFFER


def _moved(policy: MemoryPolicy) -> str:
    return "does not fit" if policy.dram_bytes is None else format_si(policy.dram_bytes, "B")
