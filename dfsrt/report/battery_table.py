"""A scenario's parts for people: how long, how hot, where the energy went, what is assumed."""

from __future__ import annotations

from collections.abc import Sequence

from dfsrt.base.units import format_si
from dfsrt.report.schema import AssumedNumber, BatteryReport, ComponentUse
from dfsrt.report.tables import Grid

CAUSES = {
    "empty": "the battery is empty: cut-off voltage reached",
    "brown_out": "brown-out: the battery could not give what was asked",
    "time": "the time to stop",
    "requests": "the requests asked for are done",
}

LONG_S = 600
"""From here on a run's time is told in hours and minutes."""


def hours(seconds: float) -> str:
    """Return a life as people say it: hours and minutes, or seconds where it is short."""
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"


def lasted(life_s: float, end_cause: str | None) -> str:
    """Return a life as people say it; ``>`` stands before one that ended with charge left."""
    return f"{'> ' if end_cause in ('time', 'requests') else ''}{hours(life_s)}"


DEVICE_ASSUMED = "assumed of the device, see dfsrt device show"
"""Over what nobody has published of a device."""


def span_text(seconds: float) -> str:
    """Return a run's time: hours and minutes where it is long."""
    return format_si(seconds, "s") if seconds < LONG_S else hours(seconds)


def with_unit(value: float, unit: str) -> str:
    """Return a number with its unit; shares in per cent, times and joules with prefixes."""
    if unit == "ns":
        return with_unit(value * 1e-9, "s")
    if unit in ("s", "J") and 0 < value < 1:
        return format_si(value, unit)
    return f"{value * 100:g} %" if unit == "%" else f"{value:g} {unit}".strip()


def battery_grids(battery: BatteryReport, device_assumed: Sequence[str]) -> list[Grid]:
    """Return the tables of a battery: figures, the way of the energy, and all that is assumed."""
    energy = Grid(("<energy", "joules", "share", "mean", "<budget"), _energy(battery))
    return [
        Grid(("<battery", "value", "<note"), _figures(battery)),
        energy,
        assumed_grid(battery.assumed),
        Grid((), (), [f"{DEVICE_ASSUMED}: {', '.join(device_assumed)}"]),
    ]


def _figures(b: BatteryReport) -> list[tuple[str, str, str]]:
    each = "" if b.energy_per_frame_j is None else format_si(b.energy_per_frame_j, "J")
    left = f"of {b.capacity_ah * b.health:.3g} Ah; {b.voltage_end_v:.3g} V at the end"
    peak = f"on average; {format_si(b.power_peak_w, 'W')} in the hungriest moment"
    changes = f"by heat, charge or trips; {b.limit_changes:,} changes of its limit"
    return [
        ("life", hours(b.life_s), CAUSES[b.end_cause]),
        ("battery energy a frame", each, "everything included"),
        ("charge left", f"{b.charge_end:.1%}", left),
        ("battery power", format_si(b.power_mean_w, "W"), peak),
        ("hottest skin", f"{b.temperature_c.skin_max:.1f} C", ""),
        ("hottest die", f"{b.temperature_c.die_max:.1f} C", ""),
        ("NPU held back", hours(b.limited_s), changes),
        ("NPU over its limit", hours(b.over_cap_s), "in layers that took more than predicted"),
    ]


def _energy(b: BatteryReport) -> list[tuple[str, ...]]:
    e, budgets = b.energy_j, {use.name: _budget(use) for use in b.components}
    parts = {**e.components, "PMIC loss": e.pmic_loss, "loss in the cell": e.internal_loss}
    rows = [
        (name, *_amounts(joules, b), budgets.get(name, ""))
        for name, joules in sorted(parts.items(), key=lambda pair: -pair[1])
    ]
    return [*rows, ("out of the cell", *_amounts(e.chemical, b), "")]


def _budget(use: ComponentUse) -> str:
    if use.budget_w is None:
        return ""
    verdict = "kept" if use.within_budget else "exceeded"
    return f"{format_si(use.budget_w, 'W')} {verdict}, peak {format_si(use.power_peak_w, 'W')}"


def _amounts(joules: float, b: BatteryReport) -> tuple[str, str, str]:
    whole = b.energy_j.chemical
    share = f"{joules / whole:.1%}" if whole > 0 else ""
    mean = format_si(joules / b.life_s, "W") if b.life_s > 0 else ""
    return format_si(joules, "J"), share, mean


def assumed_grid(assumed: Sequence[AssumedNumber]) -> Grid:
    """Return every number that nobody has measured."""
    heads = ("<assumed", "value", "low", "high", "<why")
    rows = [
        (a.name, *(with_unit(v, a.unit) for v in (a.value, a.low, a.high)), a.source)
        for a in assumed
    ]
    return Grid(heads, rows)
