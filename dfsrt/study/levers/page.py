"""The page of levers: the waterfall, each lever alone and left out, all figures as tables."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dfsrt.base.units import format_short, format_si
from dfsrt.report.battery_table import lasted
from dfsrt.report.look import GREEN, RED
from dfsrt.report.page import Figure, Page, Section, Table, Tile
from dfsrt.report.page.grids import table_of
from dfsrt.report.page.style import axis, bar, si_axis
from dfsrt.study.levers.bars import KINDS, Bar, bars_of
from dfsrt.study.levers.figure import SHADES
from dfsrt.study.levers.schema import LeversReport, Rung
from dfsrt.study.levers.table import behind, head_lines, levers_grids
from dfsrt.study.levers.words import joules_of

DOWN = {"type": "category", "autorange": "reversed", "automargin": True}
"""An axis of names, the first on top."""


def levers_page(report: LeversReport) -> Page:
    """Return the page of a ladder whose runs are done."""
    ladder, pairs, *more = levers_grids(report)
    tables = [table_of(grid, "On top of all") for grid in more if grid.rows]
    return Page(
        title=f"Which lever pays: {report.load} on {report.device}",
        subject=head_lines(report)[0],
        what="; ".join(head_lines(report)),
        tiles=_tiles(report.rungs[0], report.rungs[-1]),
        sections=[
            Section("In order", _in_words(report), [_waterfall(report)],
                    [table_of(ladder, "The ladder")]),
            Section("Alone, and left out", "", [_effects(report)],
                    [table_of(pairs, "Each lever alone, and all but it"), *tables]),
            Section("Behind the numbers", "", tables=[_behind(report)]),
        ],
    )  # fmt: skip


def _in_words(report: LeversReport) -> str:
    """What limits, said once of all that does, and what comes next."""
    limits = "; ".join(report.limits)
    return "; ".join([*([f"limits now: {limits}"] if limits else []), *report.next])


def _tiles(base: Rung, last: Rung) -> list[Tile]:
    def from_base(value: float | None) -> str:
        return "" if value is None else f"from {format_si(value, 'J')} of the baseline"

    tiles = [
        Tile("energy of a frame", format_si(joules_of(last)[0] or 0.0, "J"),
             from_base(joules_of(base)[0])),
        Tile("speed", f"{format_short(last.fps, 3)} FPS", f"from {format_short(base.fps, 3)}"),
    ]  # fmt: skip
    if last.life_s is not None and base.life_s is not None:
        before = lasted(base.life_s, base.end_cause)
        tiles.append(Tile("battery lasts", lasted(last.life_s, last.end_cause), f"from {before}"))
    return tiles


def _waterfall(report: LeversReport) -> Figure:
    bars = bars_of(report)
    says = f"from {bars[0].text} to {bars[-1].text}" if bars else "no run had a frame"
    return Figure(
        name="levers",
        title="Joules of a frame, lever by lever",
        says=says,
        data=[_hanging(kind, [each for each in bars if each.kind == kind]) for kind in KINDS],
        layout={"barmode": "overlay", "xaxis": _joules_axis(bars),
                "yaxis": axis("", categoryarray=[each.lever for each in bars],
                              categoryorder="array", **DOWN)},
        height=150 + 28 * len(bars),
    )  # fmt: skip


def _hanging(kind: str, bars: Sequence[Bar]) -> dict[str, object]:
    """Bars from their low end to their high end; one without a length is a thin line."""
    shade = SHADES[kind]
    lengths = [each.high_j - each.low_j for each in bars]
    return bar(
        kind, [each.lever for each in bars], lengths, shade,
        base=[each.low_j for each in bars], text=[each.text for each in bars],
        textposition="none", hovertemplate="%{y}: %{text}<extra></extra>", showlegend=bool(bars),
        marker={"color": shade, "line": {"color": shade, "width": 1.5}},
    )  # fmt: skip


def _joules_axis(bars: Sequence[Bar]) -> dict[str, object]:
    foot = bars[0].low_j if bars else 0.0
    if not foot:
        return si_axis("energy of a frame", "J", rangemode="tozero")
    ends = [foot, 1.1 * max(each.high_j for each in bars)]
    reach = [math.log10(joules) for joules in ends]
    return si_axis("energy of a frame, logarithmic", "J", type="log", range=reach, dtick=1)


def _effects(report: LeversReport) -> Figure:
    names = [rung.lever for rung in report.alone]
    alone = [rung.energy_change or 0.0 for rung in report.alone]
    without = [rung.energy_change or 0.0 for rung in report.without]
    return Figure(
        name="levers-alone",
        title="Joules of a frame: each lever alone, and all but it",
        says="alone against the baseline, left out against all levers on",
        data=[bar("alone", names, alone, GREEN), bar("all but it", names, without, RED)],
        layout={"yaxis": axis("", **DOWN),
                "xaxis": axis("change of joules a frame (%)", tickformat="+.0%"),
                "barmode": "group"},
        height=150 + 45 * len(names),
    )  # fmt: skip


def _behind(report: LeversReport) -> Table:
    return Table(("<said",), [(line,) for line in behind(report)], "Left out, and noted")
