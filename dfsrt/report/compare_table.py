"""Runs side by side for people: one table for all loads, with the columns that they have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce

import msgspec
from rich.console import Console

from dfsrt.base.units import format_si
from dfsrt.report.actions_table import actions_grid
from dfsrt.report.battery_table import hours
from dfsrt.report.bound import bound_notes
from dfsrt.report.headline import cap_of, frames_text, idle_text, where
from dfsrt.report.idle_table import asleep_share
from dfsrt.report.memory_clock import memory_text
from dfsrt.report.notes import order_notes, period_notes, regret_notes
from dfsrt.report.run_names import governor_text, run_names
from dfsrt.report.schema import ComparisonReport, Report
from dfsrt.report.tables import Grid, show_grids
from dfsrt.run.idle_policy import STAYS_UP

Value = float | str | None
MOST_NAMED = 4
"""Runs that a note names."""


@dataclass(frozen=True, slots=True)
class Column:
    """A head, and a figure of each report; the column stands where any report has that figure.

    ``against`` adds a column of what the figure is against the first report's. With ``differs`` it
    stands only where the reports do not all say the same.
    """

    head: str
    value: Callable[[Report], Value]
    form: Callable[[float], str] = str
    against: bool = False
    differs: bool = False

    def stands(self, reports: Sequence[Report]) -> bool:
        """Return whether reports have the figure, and, if it has to, more values than one."""
        values = {self.value(report) for report in reports}
        return len(values) > 1 if self.differs else values != {None}

    def heads(self) -> list[str]:
        """Return the heads."""
        return [self.head, ""] if self.against else [self.head]

    def cells(self, report: Report, first: Report) -> list[str]:
        """Return the cells of one report."""
        value = self.value(report)
        text = value or "" if value is None or isinstance(value, str) else self.form(value)
        return [text, _against(value, self.value(first))] if self.against else [text]


def _against(value: Value, base: Value) -> str:
    if isinstance(value, str) or isinstance(base, str) or not value or not base:
        return ""
    return "" if value == base else f"{value / base - 1:+.1%}"


def _figure(path: str) -> Callable[[Report], Value]:
    """The figure at a path like ``battery.life_s``; None where the report has no such part."""
    names = path.split(".")
    return lambda report: reduce(lambda part, name: part and getattr(part, name), names, report)  # type: ignore[return-value]


def _millijoules(path: str) -> Callable[[Report], Value]:
    """The joules at a path, in mJ of a frame."""
    joules = _figure(path)

    def each(report: Report) -> Value:
        total = joules(report)
        return float(total or 0.0) / report.frames * 1e3 if report.frames else None

    return each


def _mj(amount: float) -> str:
    """Three decimals, and three digits of a small network's microjoules."""
    return f"{amount:#.3g}" if 0 < amount < 0.1 else f"{amount:.3f}"


def _missed(r: Report) -> Value:
    return r.deadlines.missed if r.deadlines.met + r.deadlines.missed else None


def _over(r: Report) -> Value:
    return r.cap.layers_over / r.cap.layer_runs if r.cap.layer_runs else None


def _stalled(r: Report) -> Value:
    return r.transitions.stall_s / r.time_s if r.time_s else None


def _memory_hz(r: Report) -> Value:
    """The mean clock of the memory over the run."""
    clock = r.memory_clock
    return None if clock is None else sum(e.freq_hz * e.share for e in clock.residency)


def _tail(r: Report) -> Value:
    """The tail of latencies, where requests queue up."""
    return r.latency_s.p99 if r.queue is not None and r.latency_s is not None else None


def _asleep(r: Report) -> Value:
    return None if r.idle is None else asleep_share(r.idle)


def _times_oracle(r: Report) -> Value:
    """Energy of idle time over what the oracle had spent on it."""
    return None if r.idle is None or r.idle.regret is None else 1.0 + r.idle.regret


def _woken_early(r: Report) -> Value:
    return None if r.idle is None else sum(state.woken_early for state in r.idle.states)


COLUMNS = (
    Column("<governor", governor_text),
    Column("<idle", _figure("idle.governor"), differs=True),
    Column("<cap", cap_of, differs=True),
    Column("<precision", _figure("precision"), differs=True),
    Column("life", _figure("battery.life_s"), hours),
    Column("FPS", _figure("fps"), "{:.2f}".format, against=True),
    Column("99 %", _tail, lambda seconds: format_si(seconds, "s"), against=True),
    Column("missed", _missed, "{:,}".format),
    Column("mJ/inference", _millijoules("energy_j"), _mj, against=True),
    Column("all domains", _millijoules("energy_by_domain_j.total"), _mj, against=True),
    Column("J/frame of the cell", _figure("battery.energy_per_frame_j"), "{:.4g}".format, True),
    Column("avg W", _figure("power_w.avg"), "{:.3f}".format),
    Column("max W", _figure("power_w.max"), "{:.3f}".format),
    Column("over cap", _over, "{:.0%}".format),
    Column("memory", _memory_hz, lambda hz: format_si(hz, "Hz"), differs=True),
    Column("stalled", _stalled, "{:.2%}".format),
    Column("V moves", _figure("transitions.voltage")),
    Column("asleep", _asleep, "{:.1%}".format),
    Column("woken early", _woken_early, "{:,}".format),
    Column("added waits", _figure("idle.latency_s"), lambda seconds: format_si(seconds, "s")),
    Column("idle / oracle", _times_oracle, "{:.2f}x".format),
    Column("skin", _figure("battery.temperature_c.skin_max"), "{:.1f} C".format),
    Column("die", _figure("battery.temperature_c.die_max"), "{:.1f} C".format),
    Column("time regret", _figure("regret.time"), "{:.1%}".format),
    Column("energy regret", _figure("regret.energy"), "{:.1%}".format),
    Column("above bound", _figure("bound.npu_above"), "{:.1%}".format),
    Column("all domains above", _figure("bound.total_above"), "{:.1%}".format),
    Column("<end", _figure("battery.end_cause")),
)
"""What a table of runs may tell, from left to right."""


def _own_least(runs: Sequence[Report]) -> list[str]:
    """What is against another least where idle states were open to some runs, and to others not."""
    regret = ["energy regret"] * any(run.regret and run.period_s is not None for run in runs)
    what = " and ".join([*regret, *["above bound"] * any(run.bound is not None for run in runs)])
    if not what or len({r.idle is None or r.idle.governor == STAYS_UP for r in runs}) < 2:
        return []
    return [
        f"{what}: a row that never sleeps is held against the least of those that never sleep; "
        "compare it with the others by its energy"
    ]


def compare_table(console: Console, report: ComparisonReport) -> None:
    """Print runs of any load side by side; the percentages are against the first."""
    show_grids(console, compare_grids(report))


def _longer_search(report: ComparisonReport) -> str:
    """What finds a better optimum, where one may name it: the governor itself searches longer."""
    named = any(run.governor.split(":")[0] == "optimal" for run in report.runs)
    return "" if named or report.devices else "; with -g optimal among them the search is longer"


def compare_grids(report: ComparisonReport) -> list[Grid]:
    """Return the table of runs side by side; of several devices with where their energy goes."""
    runs, first = report.runs, report.runs[0]
    columns = [c for c in COLUMNS if c.stands(runs)]
    heads = [head for c in columns for head in c.heads()]
    rows = [[cell for c in columns for cell in c.cells(run, first)] for run in runs]
    if report.devices:
        heads = ["<device", *heads]
        rows = [[name, *row] for name, row in zip(report.devices, rows, strict=True)]
    notes = _notes(report)
    frames = f", {frames_text(first)}" if first.queue is None and first.battery is None else ""
    said = [
        *notes,
        *order_notes(runs),
        *period_notes(first),
        *regret_notes([run.regret for run in runs if run.regret], _longer_search(report)),
        *bound_notes([run.bound for run in runs if run.bound], report.no_bound),
        *_own_least(runs),
    ]
    alike = {idle_text(run) for run in runs}
    idle = alike.pop() if len(alike) == 1 else ""
    clock = first.memory_clock and msgspec.structs.replace(first.memory_clock, blind=False)
    lines = [
        f"{_where(report)}{memory_text(clock)}{idle}, {_cap(report)}{frames}",
        *(f"note: {note}" for note in said),
    ]
    side_by_side = Grid(heads, rows, lines)
    if not report.devices:
        return [side_by_side]
    return [side_by_side, actions_grid(run_names(runs, report.devices), runs)]


def _notes(report: ComparisonReport) -> dict[str, None]:
    """Notes of all runs, each once, with the device or run that one is of where not of all."""
    names = report.devices or run_names(report.runs)
    said: dict[str, dict[str, None]] = {}
    for name, run in zip(names, report.runs, strict=True):
        for note in run.notes:
            said.setdefault(note, {})[name] = None
    every = len(set(names))
    return dict.fromkeys(
        note if len(of) == every else f"{_named(list(of))}: {note}" for note, of in said.items()
    )


def _named(names: Sequence[str]) -> str:
    """The names, or the first of them and how many more."""
    if len(names) <= MOST_NAMED:
        return ", ".join(names)
    return f"{', '.join(names[: MOST_NAMED - 1])} and {len(names) - MOST_NAMED + 1} more"


def _where(report: ComparisonReport) -> str:
    """Load and device, or how many devices."""
    first = report.runs[0]
    if not report.devices:
        return where(first)
    precisions = {run.precision for run in report.runs}
    numbers = f" in {first.precision}" if len(precisions) == 1 else ""
    return f"{first.load} on {len(set(report.devices))} devices{numbers}"


def _cap(report: ComparisonReport) -> str:
    """The cap, where all devices have one."""
    alike = {cap_of(run) for run in report.runs}
    return alike.pop() if len(alike) == 1 else "each device under its own cap"
