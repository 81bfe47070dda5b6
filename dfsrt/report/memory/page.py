"""The page of a network's memory: bytes over layers, lives of maps, and every policy."""

from __future__ import annotations

from collections.abc import Iterator

from dfsrt.base.units import format_si
from dfsrt.report.memory.lives_figure import ACROSS, lives
from dfsrt.report.memory.names import NAMES, SHADES, bytes_axis, policy_name
from dfsrt.report.memory.parts import OPERANDS
from dfsrt.report.memory.policies import LAYERWISE
from dfsrt.report.memory.schema import MemoryReport
from dfsrt.report.memory.table import memory_grids
from dfsrt.report.memory.words import LEGEND, head_lines, summary
from dfsrt.report.page.bars import bars
from dfsrt.report.page.page import Figure, Page, Section, Table, Tile
from dfsrt.report.page.style import line, si_axis


def memory_page(report: MemoryReport) -> Page:
    """Return the page of ``report``."""
    grid = memory_grids(report)[0]
    layers = Table(grid.heads, grid.rows, f"Layers; {LEGEND}")
    sections = [
        Section("Bytes over layers", summary(report), [_bytes(report, layers)]),
        *([Section("Lives of maps", "", [lives(report)])] if report.maps else []),
        *_policies(report),
    ]
    return Page(
        title=f"Memory of {report.network} on {report.device}",
        subject=head_lines(report)[0],
        what="; ".join([*head_lines(report), *report.notes]),
        tiles=list(_tiles(report)),
        sections=sections,
    )


def _tiles(report: MemoryReport) -> Iterator[Tile]:
    t = report.totals
    read, written = format_si(t.dram_read_bytes, "B"), format_si(t.dram_write_bytes, "B")
    ways = f"{read} read, {written} written"
    yield Tile("crosses to DRAM and back", format_si(t.dram_bytes, "B"), ways)
    if t.times_bound is not None:
        of = "layer by layer" if report.schedule == LAYERWISE else "of any schedule"
        yield Tile("times the least", f"{t.times_bound:.2f}", of)
    yield Tile("least of any schedule", format_si(t.floor_bytes, "B"))
    each = "" if t.pj_per_byte is None else f"{t.pj_per_byte:.3g} pJ a byte"
    yield Tile("DRAM energy", format_si(t.dram_j, "J"), each)
    hits = "" if t.row_hit_rate is None else f"{t.row_hit_rate:.1%} row hits"
    yield Tile("DRAM time", format_si(t.dram_s, "s"), hits)


def _bytes(report: MemoryReport, layers: Table) -> Figure:
    names = [layer.name for layer in report.layers]
    places = list(range(len(names)))
    data: list[dict[str, object]] = []
    for operand in OPERANDS:
        moved = [getattr(layer.bytes, operand) for layer in report.layers]
        if any(moved):
            data.append(
                {
                    "type": "bar",
                    "name": NAMES[operand],
                    "x": places,
                    "y": moved,
                    "marker": {"color": SHADES[operand]},
                    "text": names,
                    "textposition": "none",
                    "hovertemplate": "%{text}<br>%{y:.4s}B",
                }
            )
    bound = [layer.bound_bytes for layer in report.layers]
    steps = {"shape": "hvh", "width": 1.2}
    data.append(line("the least", places, bound, "@text", line=steps, hoverinfo="skip"))
    total, least = report.totals.dram_bytes, report.totals.bound_bytes
    return Figure(
        name="memory-bytes",
        title="What crosses to DRAM and back",
        says=f"{len(names)} layers move {format_si(total, 'B')}; the least is "
        f"{format_si(least, 'B')}, the line",
        data=data,
        layout={"barmode": "stack", "yaxis": bytes_axis("bytes"), **ACROSS},
        height=420,
        table=layers,
    )


def _policies(report: MemoryReport) -> Iterator[Section]:
    known = [p for p in report.policies if p.dram_bytes is not None]
    if not known:
        return
    moved = {policy_name(p.mapper, p.schedule): p.dram_bytes or 0 for p in known}
    least = min(moved, key=lambda name: moved[name])
    left = [p for p in report.policies if p.dram_bytes is None]
    text = "".join(f" {p.mapper}, {p.schedule}: {p.why}." for p in left)
    says = f"{least} moves the least, {format_si(moved[least], 'B')}"
    amounts = {name: float(size) for name, size in moved.items()}
    figure = bars("memory-policies", "What every policy would move", says, si_axis("bytes", "B"),
                  amounts)  # fmt: skip
    yield Section("Every policy", f"Mappers layer by layer, then schedules.{text}", [figure])
