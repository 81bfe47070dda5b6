"""Race or pace: energy of a whole period for each clock and plan, as JSON, table and CSV."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from dfsrt.base.units import format_si
from dfsrt.report.tables import Grid, clock_text

TIE = 1e-3
"""A plan that takes less by no more than this share is not named in place of one clock."""


class PeriodPoint(msgspec.Struct, frozen=True, kw_only=True):
    """A frame a period in steady state: work, then idle time with what the idle policy does.

    ``freq_hz`` is the clock that all layers have, null for a plan with a clock for each layer.
    ``memory_hz`` is the memory's clock then, null where a plan says one for each layer or the
    device has but one. ``time_s`` is work, stalls included. What one that does not fit in the
    period takes is null; one that ``fits`` is done before the next frame comes, its wait for the
    NPU to wake included. ``energy_j`` is in the capped domain and ``idle_j`` of it in idle time,
    ``all_domains_j`` in all domains. ``states_s`` and ``entries`` are time, ways included, and
    entries a frame by idle state. ``layers_over`` counts layers of a frame that break the cap by
    prediction.
    """

    freq_hz: int | None
    memory_hz: int | None = None
    time_s: float
    fits: bool
    layers_over: float
    latency_s: float | None = None
    energy_j: float | None = None
    idle_j: float | None = None
    all_domains_j: float | None = None
    states_s: dict[str, float] = {}
    entries: dict[str, float] = {}

    @property
    def sleeps(self) -> bool:
        """Whether any state is entered."""
        return any(entries > 0 for entries in self.entries.values())


class PeriodReport(msgspec.Struct, frozen=True, kw_only=True):
    """Energy of a period by clock and by plan, true and with idle time counted.

    ``best`` is the place in ``points`` of the least energy under the cap, which ``says`` in words;
    ``best_clock`` that of the best clock held for all layers, null where none fits and keeps the
    cap.
    """

    period_s: float
    idle: str
    idle_rail: str
    domain: str
    points: list[PeriodPoint]
    best: int
    says: str
    best_clock: int | None
    clock_says: str | None


def in_words(points: list[PeriodPoint], best: int) -> str:
    """Return what the NPU does at a point: race, where a slower clock would fit, or pace."""
    point = points[best]
    if point.freq_hz is None:
        where = f"in {format_si(point.time_s, 's')} a frame, a clock for each layer"
    else:
        where = f"at {_clock(point)}"
    slower = any(p.fits and p.time_s > (1 + TIE) * point.time_s for p in points)
    verb = "race" if slower else "pace"
    return f"{verb} {where}{' and sleep' if point.sleeps else ' and wait' * slower}"


def best_of(points: list[PeriodPoint], clocks: bool) -> int | None:
    """Return the place of the least energy among points, or ``clocks`` alone, under the cap."""
    joules = {
        k: p.energy_j * (1.0 if p.freq_hz is not None else 1.0 + TIE)
        for k, p in enumerate(points)
        if p.energy_j is not None and p.layers_over == 0 and (p.freq_hz is not None or not clocks)
    }
    return min(joules, key=lambda k: joules[k], default=None)


def period_grid(report: PeriodReport) -> Grid:
    """Return the table of a period."""
    heads = ("<clock", "work", "latency", "energy", "idle", "all domains", "<asleep", "<")
    rows = [_row(report, k) for k in range(len(report.points))]
    rail = f", rail {report.idle_rail} while idle" if report.idle_rail != "hold" else ""
    lines = [
        f"one frame every {format_si(report.period_s, 's')}, idle governor {report.idle}{rail}: "
        f"true energy of a whole period in domain {report.domain}, work and idle time",
        f"best: {_verdict(report, report.best, report.says)}",
    ]
    if report.best_clock not in (None, report.best):
        lines.append(
            "best clock for all layers: "
            + _verdict(report, report.best_clock or 0, report.clock_says or "")
        )
    return Grid(heads, rows, lines)


def _verdict(report: PeriodReport, at: int, says: str) -> str:
    joules = report.points[at].energy_j or 0.0
    verdict = f"{says}: {format_si(joules, 'J', 4)} a frame"
    clocks = [p for p in report.points if p.fits and p.freq_hz is not None]
    ends = [p for p in (*clocks[:1], *clocks[-1:]) if p is not report.points[at]]
    if not ends:
        return verdict
    other = ends[0]  # the slowest clock that fits, or where that is best, the fastest
    share = joules / (other.energy_j or joules) - 1
    return f"{verdict}, {share:+.1%} against {_clock(other)}"


def _clock(point: PeriodPoint) -> str:
    memory = f", memory {clock_text(point.memory_hz)}" if point.memory_hz else ""
    return f"{clock_text(point.freq_hz or 0)}{memory}"


def _row(report: PeriodReport, at: int) -> tuple[str, ...]:
    p = report.points[at]
    clock = "by layer" if p.freq_hz is None else _clock(p)
    if p.energy_j is None:
        return clock, format_si(p.time_s, "s", 4), "", "", "", "", "", "does not fit"
    joules = (p.energy_j, p.idle_j or 0.0, p.all_domains_j or 0.0)
    asleep = [f"{name} {s / report.period_s:.0%}" for name, s in p.states_s.items() if s > 0]
    layers = f"{p.layers_over:g} layer{'s' * (p.layers_over != 1)}"
    return (
        clock,
        format_si(p.time_s, "s", 4),
        format_si(p.latency_s or 0.0, "s", 4),
        *(format_si(j, "J", 4) for j in joules),
        ", ".join(asleep),
        "best" if at == report.best else f"{layers} over the cap" * (p.layers_over > 0),
    )


HEADS = ("freq_hz", "latency_s", "period_j", "idle_j", "all_domains_j", "fits", "best")
"""Further columns of a frontier's CSV where there is a period."""


def period_rows(report: PeriodReport) -> Iterator[tuple[tuple[object, ...], tuple[object, ...]]]:
    """Yield each point's kind and work's time, and what stands under ``HEADS``."""
    for k, p in enumerate(report.points):
        kind = "plan in the period" if p.freq_hz is None else "clock in the period"
        joules = (p.energy_j, p.idle_j, p.all_domains_j)
        yield (kind, p.time_s), (p.freq_hz, p.latency_s, *joules, p.fits, k == report.best)
