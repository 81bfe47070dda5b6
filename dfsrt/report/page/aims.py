"""Figures by which runs are compared: as bars, and as a tile for who is best."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dfsrt.base.units import format_si
from dfsrt.report.battery_table import hours
from dfsrt.report.page.bars import bars
from dfsrt.report.page.page import Figure, Tile
from dfsrt.report.page.style import axis, si_axis
from dfsrt.report.page.time_unit import time_unit
from dfsrt.report.schema import Report

Named = Sequence[tuple[str, Report]]


@dataclass(frozen=True, slots=True)
class Aim:
    """A figure of a report, shown ``along`` an axis; along none it is a time, in a fitting unit.

    ``best`` is what its best run is; ``sign`` is 1 where more is better, else -1. ``value`` is
    None for reports without it.
    """

    name: str
    title: str
    best: str
    value: Callable[[Report], float | None]
    text: Callable[[float], str]
    along: Mapping[str, object] | None
    sign: int = 1

    def of(self, runs: Named) -> dict[str, float]:
        """Return the figure of each run that has it."""
        values = ((name, self.value(report)) for name, report in runs)
        return {name: value for name, value in values if value is not None}

    def winner(self, amounts: Mapping[str, float]) -> str | None:
        """Return the best run's name; None where all are alike."""
        if len(amounts) > 1 and math.isclose(max(amounts.values()), min(amounts.values())):
            return None
        return max(amounts, key=lambda name: self.sign * amounts[name])


def _life_s(r: Report) -> float | None:
    return None if r.battery is None else r.battery.life_s


def _frames(r: Report) -> float | None:
    return None if r.battery is None else float(r.frames)


def _fps(r: Report) -> float | None:
    return r.fps if r.battery is None and r.queue is None else None


def _tail_s(r: Report) -> float | None:
    return None if r.queue is None or r.latency_s is None else r.latency_s.p99


def _joules(r: Report) -> float | None:
    return r.energy_per_inference_j


def _cell_j(r: Report) -> float | None:
    return None if r.battery is None else r.battery.energy_per_frame_j


def _broken(r: Report) -> str:
    """How the best run broke the cap, if it did: nobody shall take it for the best under it."""
    if not r.cap.layers_over:
        return ""
    return f"; {100 * r.cap.layers_over / r.cap.layer_runs:.3g}% of its layers over the cap"


def _j(joules: float) -> str:
    return f"{format_si(joules, 'J')} per frame"


AIMS = (
    Aim("life", "Battery life", "longest life", _life_s, hours, None),
    Aim("frames", "Frames", "most frames", _frames, "{:,.0f}".format, axis("frames (number)")),
    Aim("speed", "Speed", "fastest", _fps, "{:.2f} FPS".format, axis("speed (FPS)")),
    Aim("tail", "Latency of 99 %", "shortest tail", _tail_s,
        lambda s: f"99 % within {format_si(s, 's')}", si_axis("latency", "s"), sign=-1),
    Aim("energy-each", "Energy per frame, domain {domain}", "thriftiest", _joules, _j,
        si_axis("energy per frame", "J"), sign=-1),
    Aim("cell-each", "Battery energy a frame", "thriftiest of the cell", _cell_j, _j,
        si_axis("battery energy a frame", "J"), sign=-1),
)  # fmt: skip


def aim_figures(runs: Named) -> list[Figure]:
    """Return bars of each aim that a run has."""
    domain = runs[0][1].cap.domain
    broken = {name: _broken(report) for name, report in runs}
    return [_bars(aim, amounts, domain, broken) for aim in AIMS if (amounts := aim.of(runs))]


def _bars(aim: Aim, amounts: Mapping[str, float], domain: str, broken: Mapping[str, str]) -> Figure:
    winner, title = aim.winner(amounts), aim.title.format(domain=domain)
    all_alike = f"all alike: {aim.text(next(iter(amounts.values())))}"
    says = all_alike
    if winner is not None:
        says = f"{aim.best}: {winner}, {aim.text(amounts[winner])}{broken[winner]}"
    if aim.along is not None:
        return bars(aim.name, title, says, aim.along, amounts)
    unit = time_unit(amounts.values())
    scaled = {name: unit.scale * time_s for name, time_s in amounts.items()}
    return bars(aim.name, title, says, unit.axis("time"), scaled)


def aim_tiles(runs: Named) -> list[Tile]:
    """Return who is best at what; nobody where all are alike."""
    measured = ((aim, aim.of(runs)) for aim in AIMS)
    broken = {name: _broken(report) for name, report in runs}
    return [
        Tile(aim.best, winner, f"{aim.text(amounts[winner])}{broken[winner]}")
        for aim, amounts in measured
        if amounts and (winner := aim.winner(amounts)) is not None
    ]
