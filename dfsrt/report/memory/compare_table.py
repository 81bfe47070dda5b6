"""A network's memory over sizes of the buffer, for people."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from dfsrt.base.units import format_si
from dfsrt.report.memory.parts import MemoryBuffer
from dfsrt.report.memory.policies import LAYERWISE
from dfsrt.report.memory.schema import MemoryComparisonReport, MemoryPoint
from dfsrt.report.memory.words import how_text, size_text
from dfsrt.report.prose import PIPED, wrapped
from dfsrt.report.tables import Grid, show_grids

Policy = tuple[str, str]
"""Mapper and schedule."""


def comparison_table(console: Console, report: MemoryComparisonReport) -> None:
    """Print the bytes of every policy in each buffer, and those of the chosen one by operand."""
    show_grids(console, comparison_grids(report))


def comparison_grids(report: MemoryComparisonReport) -> list[Grid]:
    """Return the table of policies over buffers, and the chosen one's by operand."""
    lines = [p for line in comparison_lines(report) for p in wrapped(line, PIPED, rest="  ")]
    return [_policies_grid(report, lines), _operands_grid(report)]


def comparison_lines(report: MemoryComparisonReport) -> list[str]:
    """Return what is compared and the least of any schedule, one line each, and notes."""
    pad = f", channels padded to {report.channel_pad}" if report.channel_pad > 1 else ""
    how = f"{how_text(report.double_buffer, report.line_buffer)}{pad}".lstrip(", ")
    return [
        f"{report.network} on {report.device} in {report.precision}, by the size of the buffer"
        + (f": {how}" if how else ""),
        f"{format_si(report.floor_bytes, 'B')} is the least of any schedule",
        *(f"note: {note}" for note in report.notes),
    ]


def _policies_grid(report: MemoryComparisonReport, lines: Sequence[str]) -> Grid:
    sizes = sizes_of(report)
    heads = ("<mapper", "<schedule", *(size_name(size) for size in sizes))
    rows = [
        (*policy, *(moved_text(point_at(report, policy, size)) for size in sizes))
        for policy in policies_of(report)
    ]
    least = [point_at(report, (report.mapper, LAYERWISE), size) for size in sizes]
    bounds = ("" if p is None else format_si(p.bound_bytes, "B") for p in least)
    return Grid(heads, [*rows, ("the least", LAYERWISE, *bounds)], lines)


def _operands_grid(report: MemoryComparisonReport) -> Grid:
    chosen = report.mapper, report.schedule
    heads = ("buffer", "inputs", "weights", "results", "residuals", "constants", "bytes", "x least")
    rows = [_operands(point_at(report, chosen, size), size) for size in sizes_of(report)]
    return Grid(heads, rows, [f"mapper {chosen[0]}, schedule {chosen[1]}, by operand"])


def _operands(point: MemoryPoint | None, size: MemoryBuffer) -> tuple[str, ...]:
    if point is None or point.bytes is None or point.dram_bytes is None:
        return (size_name(size), *[""] * 5, moved_text(point), "")
    b = point.bytes
    each = (b.input, b.weight, b.output, b.residual, b.constants, point.dram_bytes)
    times = f"{point.dram_bytes / point.bound_bytes:.2f}" if point.bound_bytes else ""
    return (size_name(size), *(format_si(n, "B") for n in each), times)


def size_name(size: MemoryBuffer) -> str:
    """Return a buffer's size as a head of a column, without spaces."""
    parts = size.split
    each = (size.bytes,) if parts is None else (parts.input, parts.weight, parts.output)
    return "+".join(size_text(n) for n in each)


def moved_text(point: MemoryPoint | None) -> str:
    """Return the bytes of a point, and where no tile fits that."""
    if point is None:
        return ""
    return "no fit" if point.dram_bytes is None else format_si(point.dram_bytes, "B")


def sizes_of(report: MemoryComparisonReport) -> list[MemoryBuffer]:
    """Return the buffers in order."""
    return list(dict.fromkeys(p.buffer for p in report.points))


def policies_of(report: MemoryComparisonReport) -> list[Policy]:
    """Return mappers layer by layer, then schedules."""
    return list(dict.fromkeys((p.mapper, p.schedule) for p in report.points))


def point_at(
    report: MemoryComparisonReport, policy: Policy, size: MemoryBuffer
) -> MemoryPoint | None:
    """Return what a policy moves in a buffer; None where it was not tried."""
    return next((p for p in points_of(report, policy) if p.buffer == size), None)


def points_of(report: MemoryComparisonReport, policy: Policy) -> list[MemoryPoint]:
    """Return the points of a policy by the size of the buffer."""
    own = (p for p in report.points if (p.mapper, p.schedule) == policy)
    return sorted(own, key=lambda p: p.buffer_bytes)
