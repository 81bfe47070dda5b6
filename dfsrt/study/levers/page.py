"""The page of levers: the waterfall, each lever alone and left out, all figures as tables."""

from __future__ import annotations

from dfsrt.base.units import format_si
from dfsrt.report.battery_table import hours
from dfsrt.report.page import Figure, Page, Section, Table, Tile
from dfsrt.report.page.grids import table_of
from dfsrt.report.page.style import BLUE, GREEN, RED, axis, bar, si_axis
from dfsrt.study.levers.schema import LeversReport, Rung
from dfsrt.study.levers.table import behind, head_lines, levers_grids, limits
from dfsrt.study.levers.words import joules_of

DOWN = {"type": "category", "autorange": "reversed", "automargin": True}
"""An axis of names, the first on top."""


def levers_page(report: LeversReport) -> Page:
    """Return the page of a ladder whose runs are done."""
    ladder, pairs, *more = levers_grids(report)
    tables = [table_of(grid, "On top of all") for grid in more if grid.rows]
    return Page(
        title=f"Which lever pays: {report.load.split(':')[0]} on {report.device}",
        what="; ".join(head_lines(report)),
        tiles=_tiles(report.rungs[0], report.rungs[-1]),
        sections=[
            Section("In order", "; ".join([*limits(report), *report.next]), [_waterfall(report)],
                    [table_of(ladder, "The ladder")]),
            Section("Alone, and left out", "", [_effects(report)],
                    [table_of(pairs, "Each lever alone, and all but it"), *tables]),
            Section("Behind the numbers", "", tables=[_behind(report)]),
        ],
    )  # fmt: skip


def _tiles(base: Rung, last: Rung) -> list[Tile]:
    def from_base(value: float | None) -> str:
        return "" if value is None else f"from {format_si(value, 'J')} of the baseline"

    tiles = [
        Tile("energy of a frame", format_si(joules_of(last)[0] or 0.0, "J"),
             from_base(joules_of(base)[0])),
        Tile("speed", f"{last.fps:.3g} FPS", f"from {base.fps:.3g}"),
    ]  # fmt: skip
    if last.life_s is not None and base.life_s is not None:
        tiles.append(Tile("battery lasts", hours(last.life_s), f"from {hours(base.life_s)}"))
    return tiles


def _waterfall(report: LeversReport) -> Figure:
    rungs = report.rungs
    joules = [joules_of(rung)[0] or 0.0 for rung in rungs]
    return Figure(
        name="levers",
        title="Joules of a frame, lever by lever",
        says=f"from {format_si(joules[0], 'J')} to {format_si(joules[-1], 'J')} a frame, on a "
        "logarithmic axis",
        data=[bar("joules a frame", [rung.lever for rung in rungs], joules, BLUE)],
        layout={"yaxis": axis("levers, each with all before it", **DOWN),
                "xaxis": si_axis("energy of a frame", "J", type="log")},
        height=420,
    )  # fmt: skip


def _effects(report: LeversReport) -> Figure:
    names = [rung.lever for rung in report.alone]
    alone = [rung.energy_change or 0.0 for rung in report.alone]
    without = [rung.energy_change or 0.0 for rung in report.without]
    return Figure(
        name="levers-alone",
        title="Joules of a frame: each lever alone, and all but it",
        says="alone against the baseline, left out against all levers on",
        data=[bar("alone", names, alone, GREEN), bar("all but it", names, without, RED)],
        layout={"yaxis": axis("lever", **DOWN),
                "xaxis": axis("change of joules a frame", tickformat="+.0%"), "barmode": "group"},
        height=420,
    )  # fmt: skip


def _behind(report: LeversReport) -> Table:
    return Table(("<said",), [(line,) for line in behind(report)], "Left out, and noted")
