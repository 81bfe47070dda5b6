"""The page of a network's memory over sizes of the buffer."""

from __future__ import annotations

from collections.abc import Iterator

from dfsrt.base.units import format_si
from dfsrt.report.look import mark
from dfsrt.report.memory.compare_table import (
    comparison_grids,
    comparison_lines,
    points_of,
    sizes_of,
)
from dfsrt.report.memory.curves import beside, curves_of, stretched
from dfsrt.report.memory.names import NAMES, SHADES, bytes_axis, policy_name
from dfsrt.report.memory.parts import OPERANDS
from dfsrt.report.memory.policies import LAYERWISE
from dfsrt.report.memory.schema import MemoryComparisonReport, MemoryPoint
from dfsrt.report.memory.words import size_text
from dfsrt.report.page.grids import table_of
from dfsrt.report.page.page import Figure, Page, Section, Tile
from dfsrt.report.page.style import PALETTE, axis, line

LINES = (*PALETTE[:6], PALETTE[7])
"""Colours of policies; the text's own is the least's."""


def memory_comparison_page(report: MemoryComparisonReport) -> Page:
    """Return the page of ``report``: bytes over the buffer's size, by operand and by policy."""
    policies, operands = comparison_grids(report)
    return Page(
        title=f"Memory of {report.network} on {report.device}, by the size of the buffer",
        what="; ".join(comparison_lines(report)),
        tiles=list(_tiles(report)),
        sections=[
            Section("By operand", " ".join(operands.lines), [_by_operand(report)],
                    [table_of(operands, "By operand")]),
            Section("Every policy", "", [_by_policy(report)], [table_of(policies, "Policies")]),
        ],
    )  # fmt: skip


def _tiles(report: MemoryComparisonReport) -> Iterator[Tile]:
    for size in sizes_of(report):
        fits = [p for p in report.points if p.buffer == size and p.dram_bytes is not None]
        if fits:
            best = min(fits, key=lambda p: p.dram_bytes or 0)
            name = policy_name(best.mapper, best.schedule)
            yield Tile(size_text(size.bytes), format_si(best.dram_bytes or 0, "B"), name)
    yield Tile("least of any schedule", format_si(report.floor_bytes, "B"))


def _by_operand(report: MemoryComparisonReport) -> Figure:
    chosen = points_of(report, (report.mapper, report.schedule))
    sizes, points = stretched([p for p in chosen if p.bytes])
    data = [
        line(NAMES[name], sizes, moved, SHADES[name], width=0.5, stackgroup="operands",
             fillcolor=SHADES[name], hovertemplate="%{y:.4s}B")
        for name in OPERANDS
        if any(moved := [getattr(p.bytes, name) for p in points])
    ]  # fmt: skip
    data.append(_bound("the least", [p for p in chosen if p.bytes]))
    return _figure("memory-operands", "Bytes by operand", data, report,
                   f"mapper {report.mapper}, schedule {report.schedule}")  # fmt: skip


def _by_policy(report: MemoryComparisonReport) -> Figure:
    data = []
    curves = curves_of(report)
    for number, curve in enumerate(curves):
        dashes = {"dash": "solid" if curve.alone else "dash"}
        data.append(
            line(curve.name, beside(curve.sizes, number, len(curves)), curve.moved,
                 LINES[number % len(LINES)], line=dashes, mode="lines+markers",
                 marker={"symbol": mark(number)[1], "size": 7})
        )  # fmt: skip
    own = [p for p in points_of(report, (report.mapper, LAYERWISE)) if p.bytes]
    data.append(_bound("the least, layer by layer", own))
    sizes, _ = stretched(own or report.points)
    ends, floor = [min(sizes), max(sizes)], [report.floor_bytes] * 2
    data.append(line("the least of any", ends, floor, "@text", line={"dash": "dot"}))
    return _figure("memory-policies", "Bytes by policy", data, report,
                   "mappers layer by layer are solid, schedules dashed, marks beside their size",
                   height=560)  # fmt: skip


def _bound(name: str, some: list[MemoryPoint]) -> dict[str, object]:
    sizes, points = stretched(some)
    return line(name, sizes, [p.bound_bytes for p in points], "@text", width=2.0)


def _figure(
    name: str,
    title: str,
    data: list[dict[str, object]],
    report: MemoryComparisonReport,
    says: str,
    height: int = 440,
) -> Figure:
    sizes = sorted({p.buffer_bytes for p in report.points})
    marks = {"tickvals": sizes, "ticktext": [size_text(size) for size in sizes]}
    return Figure(
        name=name,
        title=title,
        says=f"{report.network} on {report.device}: bytes over the buffer's size; {says}",
        data=data,
        layout={
            "xaxis": axis("size of the buffer (bytes)", type="log", **marks),
            "yaxis": bytes_axis("bytes"),
            "hovermode": "x unified",
        },
        height=height,
    )
