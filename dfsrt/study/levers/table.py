"""Tables of levers: the ladder, and each lever alone and left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dfsrt.base.units import format_short, format_si
from dfsrt.report.battery_table import lasted
from dfsrt.report.counted import counted
from dfsrt.report.tables import Grid
from dfsrt.study.levers.schema import LeversReport, Rung
from dfsrt.study.levers.words import NOTHING, joules_of


@dataclass(frozen=True, slots=True)
class Column:
    """A head, and a cell of each rung; it stands where any rung has it."""

    head: str
    cell: Callable[[Rung], str]


def _joules(value: float | None) -> str:
    return "" if value is None else format_si(value, "J")


def _domain(name: str) -> Callable[[Rung], str]:
    return lambda r: _joules(
        None if r.energy_per_frame_j is None else getattr(r.energy_per_frame_j, name)
    )


def _life(rung: Rung) -> str:
    return "" if rung.life_s is None else lasted(rung.life_s, rung.end_cause)


def change_text(share: float | None) -> str:
    """Return a change as per cent; none where it is nothing."""
    if share is None:
        return ""
    return "=" if abs(share) < NOTHING else f"{share:+.1%}"


COLUMNS = (
    Column("FPS", lambda r: format_short(r.fps)),
    Column("", lambda r: change_text(r.fps_change)),
    Column("J/frame", lambda r: _joules(joules_of(r)[0])),
    Column("", lambda r: change_text(r.energy_change)),
    Column("NPU", _domain("npu")),
    Column("DRAM", _domain("dram")),
    Column("uncore", _domain("uncore")),
    Column("FPS/W", lambda r: "" if r.fps_per_w is None else format_short(r.fps_per_w)),
    Column("TOPS/W", lambda r: "" if r.tops_per_w is None else f"{r.tops_per_w:.2f}"),
    Column("life", _life),
    Column("skin", lambda r: "" if r.skin_max_c is None else f"{r.skin_max_c:.1f} C"),
    Column("<held by", lambda r: r.held_by or ""),
    Column("<answers", lambda r: r.fidelity),
)


def levers_grids(report: LeversReport) -> list[Grid]:
    """Return the ladder, each lever alone and left out, and what was not picked."""
    grids = [
        Grid(*_rows("<lever, in order", report.rungs), head_lines(report)),
        _pairs(report),
    ]
    if report.beyond:
        grids.append(Grid(*_rows("<on top of all", report.beyond)))
    return [*grids, Grid([], [], tail_lines(report))]


def head_lines(report: LeversReport) -> list[str]:
    """Return what was run, and from where."""
    around = "" if report.scenario is None else f", surroundings of scenario {report.scenario}"
    joules = "out of the battery" if report.joules == "battery" else "of all domains"
    return [
        f"{report.load} on {report.device}, {report.cap}{around}",
        f"baseline: {report.baseline}",
        f"J/frame, FPS/W: {joules}; TOPS/W: of the capped domain alone{_coarse(report)}",
    ]


COARSE = 5e-3
"""The share of a frame in all of a run's from which on it is said that figures are no finer."""


def _coarse(report: LeversReport) -> str:
    """Say how fine figures of a frame are where a run ended within one, after a few."""
    rungs = (*report.rungs, *report.alone, *report.without, *report.beyond)
    cut = [rung for rung in rungs if rung.end_cause in ("empty", "brown_out", "time")]
    few = min(cut, key=lambda rung: rung.frames, default=None)
    if few is None or few.frames * COARSE > 1 or not few.frames:
        return ""
    frames = counted(few.frames, "frame")
    return f"; to {1 / few.frames:.1%}, for {few.lever} ended within a frame, after {frames}"


def tail_lines(report: LeversReport) -> list[str]:
    """Return what limits, what comes next, what was left out, and what the last run notes."""
    return [*(f"limits now: {line}" for line in report.limits), *report.next, *behind(report)]


def behind(report: LeversReport) -> list[str]:
    """Return what was left out, and what the run with all levers on notes."""
    return [
        *(f"left out: {one.lever}: {one.why}" for one in report.left_out),
        *(f"note: all on: {note}" for note in report.notes),
    ]


def _rows(first: str, rungs: Sequence[Rung]) -> tuple[list[str], list[list[str]]]:
    cells = {place: [column.cell(rung) for rung in rungs] for place, column in enumerate(COLUMNS)}
    shown = [place for place, texts in cells.items() if any(texts)]
    heads = [first, *(COLUMNS[place].head for place in shown)]
    return heads, [[r.lever, *(cells[p][k] for p in shown)] for k, r in enumerate(rungs)]


def _pairs(report: LeversReport) -> Grid:
    heads = ["<lever", "alone FPS", "", "J/frame", "", "all but it FPS", "", "J/frame", "", "<what"]
    rows = [
        [a.lever, *_four(a), *_four(w), a.what]
        for a, w in zip(report.alone, report.without, strict=True)
    ]
    return Grid(heads, rows)


def _four(rung: Rung) -> list[str]:
    return [
        format_short(rung.fps), change_text(rung.fps_change),
        _joules(joules_of(rung)[0]), change_text(rung.energy_change),
    ]  # fmt: skip
