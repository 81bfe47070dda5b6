"""Scenarios for people: how long, how hot, where the energy went."""

from __future__ import annotations

from rich.console import Console

from dfsrt.base.units import format_si
from dfsrt.report.life_schema import (
    Distribution,
    LifeComparison,
    LifeRanges,
    LifeReport,
    LifeSamples,
)
from dfsrt.report.tables import make_console, say, shares, show

CAUSES = {
    "empty": "the battery is empty: cut-off voltage reached",
    "brown_out": "brown-out: the battery could not give what was asked",
    "time": "the time to stop",
    "requests": "the requests asked for are done",
}


def life_table(report: LifeReport) -> None:
    """Print a scenario: figures, the way of the energy, and all that is assumed."""
    console = make_console()
    say(console, _headline(report), *(f"note: {note}" for note in report.notes))
    show(console, ("<figure", "value", "<note"), _figures(report))
    console.print()
    show(console, ("<energy", "joules", "share", "mean", "<budget"), _energy(report))
    console.print()
    assumed_table(console, report)


def hours(seconds: float) -> str:
    """Return a life as people say it: hours and minutes, or seconds where it is short."""
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"


def said(value: float, unit: str) -> str:
    """Return a number with its unit; shares are said in per cent."""
    return f"{value * 100:g} %" if unit == "%" else f"{value:g} {unit}".strip()


def _headline(r: LifeReport) -> str:
    cap = "no cap" if r.cap_w is None else f"cap {format_si(r.cap_w, 'W')} on {r.cap_domain}"
    return (
        f"{r.scenario} on {r.device}, governor {r.governor}, {cap}, {r.ambient_c:g} C around, "
        f"battery {r.battery.name} at {r.battery.health:.0%} health"
    )


def _figures(r: LifeReport) -> list[tuple[str, str, str]]:
    b, t, n = r.battery, r.temperature_c, r.npu
    per_frame = "" if r.energy_per_frame_j is None else format_si(r.energy_per_frame_j, "J")
    missed = r.deadlines.met + r.deadlines.missed
    return [
        ("life", hours(r.life_s), CAUSES[r.end_cause]),
        ("frames", f"{r.frames:,}", f"{r.frames_per_s:.3g} a second on average"),
        ("energy a frame", per_frame, "out of the battery, everything included"),
        (
            "deadlines missed",
            f"{r.deadlines.missed:,}" if missed else "",
            f"of {missed:,}" if missed else "the load has none",
        ),
        (
            "charge left",
            f"{b.charge_end:.1%}",
            f"of {b.capacity_ah * b.health:.3g} Ah; {b.voltage_end_v:.3g} V at the end",
        ),
        (
            "battery power",
            format_si(b.power_mean_w, "W"),
            f"on average; {format_si(b.power_peak_w, 'W')} in the hungriest moment",
        ),
        ("hottest skin", f"{t.skin_max:.1f} C", ""),
        ("hottest die", f"{t.die_max:.1f} C", ""),
        (
            "NPU busy",
            f"{n.busy_share:.1%}",
            shares({_clock(e.freq_hz): e.share for e in n.residency}),
        ),
        (
            "NPU held back",
            hours(n.limited_s),
            f"by heat, charge or trips; {n.limit_changes:,} changes of its limit",
        ),
        (
            "NPU over its limit",
            hours(n.over_cap_s),
            f"in layers that took more than predicted; highest {format_si(n.power_max_w, 'W')}",
        ),
    ]


def _clock(freq_hz: int) -> str:
    return format_si(freq_hz, "Hz") if freq_hz else "idle"


def _energy(r: LifeReport) -> list[tuple[str, str, str, str, str]]:
    e, budgets = r.energy_j, {c.name: c for c in r.components}
    parts = {**e.components, "PMIC loss": e.pmic_loss, "loss in the cell": e.internal_loss}
    rows = []
    for name, joules in sorted(parts.items(), key=lambda pair: -pair[1]):
        use = budgets.get(name)
        told = ""
        if use is not None and use.budget_w is not None:
            kept = "kept" if use.within_budget else "exceeded"
            told = f"{format_si(use.budget_w, 'W')} {kept}, peak {format_si(use.power_peak_w, 'W')}"
        rows.append((name, *_amounts(joules, r), told))
    return [*rows, ("out of the cell", *_amounts(e.chemical, r), "")]


def _amounts(joules: float, r: LifeReport) -> tuple[str, str, str]:
    whole = r.energy_j.chemical
    share = f"{joules / whole:.1%}" if whole > 0 else ""
    mean = format_si(joules / r.life_s, "W") if r.life_s > 0 else ""
    return format_si(joules, "J"), share, mean


def assumed_table(console: Console, report: LifeReport) -> None:
    """Print every number of the scenario that nobody has measured."""
    heads = ("<assumed", "value", "low", "high", "<why")
    rows = [
        (a.name, said(a.value, a.unit), said(a.low, a.unit), said(a.high, a.unit), a.source)
        for a in report.assumed
    ]
    show(console, heads, rows)
    say(console, f"assumed of the device, without a range: {', '.join(report.device_assumed)}")


def comparison_table(report: LifeComparison) -> None:
    """Print governors side by side: hours, frames, joules, heat, deadlines."""
    console = make_console()
    first = report.runs[0]
    say(console, f"{_headline(first)}; {first.governor} is 100 %")
    heads = ("<governor", "life", "frames", "", "J a frame", "", "skin", "die", "missed", "<end")
    show(console, heads, [_compared(r, first) for r in report.runs])


def _compared(r: LifeReport, first: LifeReport) -> tuple[str, ...]:
    each = "" if r.energy_per_frame_j is None else f"{r.energy_per_frame_j:.4g}"
    ratio = (
        f"{r.energy_per_frame_j / first.energy_per_frame_j:.0%}"
        if r.energy_per_frame_j and first.energy_per_frame_j
        else ""
    )
    frames = f"{r.frames / first.frames:.0%}" if first.frames else ""
    return (
        r.governor, hours(r.life_s), f"{r.frames:,}", frames, each, ratio,
        f"{r.temperature_c.skin_max:.1f} C", f"{r.temperature_c.die_max:.1f} C",
        f"{r.deadlines.missed:,}", r.end_cause,
    )  # fmt: skip


def samples_table(report: LifeSamples) -> None:
    """Print distributions of samples and what goes with a long life."""
    console = make_console()
    say(
        console,
        f"{report.scenario}, governor {report.governor}: {report.samples:,} samples, "
        f"seed {report.seed}",
        *(f"note: {note}" for note in report.notes),
    )
    heads = ("<figure", "5 %", "median", "95 %", "mean", "sd", "least", "most")
    show(console, heads, [_spread(name, d) for name, d in report.distributions.items()])
    console.print()
    ends = ", ".join(f"{count:,} {cause}" for cause, count in report.end_causes.items())
    say(console, f"ends: {ends}")
    if report.influences:
        console.print()
        rows = [(i.name, f"{i.rank_correlation:+.2f}") for i in report.influences]
        show(console, ("<goes with life", "rank correlation"), rows)


def _spread(name: str, d: Distribution) -> tuple[str, ...]:
    said = hours if name == "life_s" else lambda x: f"{x:.4g}"
    values = (d.p5, d.p50, d.p95, d.mean, d.sd, d.min, d.max)
    return (name, *(said(v) for v in values))


def ranges_table(report: LifeRanges) -> None:
    """Print what both ends of each assumed range do to life, frames and skin."""
    console = make_console()
    say(console, f"{report.scenario}, governor {report.governor}: {hours(report.life_s)} as it is")
    heads = ("<assumed", "low", "high", "life", "", "frames", "", "skin", "")
    rows = [
        (
            e.number.name,
            said(e.number.low, e.number.unit),
            said(e.number.high, e.number.unit),
            hours(e.life_low_s),
            hours(e.life_high_s),
            f"{e.frames_low:,}",
            f"{e.frames_high:,}",
            f"{e.skin_low_c:.1f}",
            f"{e.skin_high_c:.1f} C",
        )
        for e in report.ends
    ]
    show(console, heads, rows)
