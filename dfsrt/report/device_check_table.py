"""A device against its measurements, as tables for people; conditions and sources are notes."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console

from dfsrt.base.units import format_si
from dfsrt.device.truth_file import USES
from dfsrt.report.device_check import (
    CheckedEntry,
    CheckedLayer,
    CheckedProfile,
    CheckedUse,
    DeviceCheck,
)
from dfsrt.report.prose import Notes, prose_width, wrapped, write_lines
from dfsrt.report.tables import Grid, show_grids

UNMEASURED = "never held against a real chip; it has no truth file: give yours with --truth"

_HEADS = (
    "<network",
    "<precision",
    "cores",
    "clock",
    "predicted",
    "measured",
    "error",
    "<used",
    "<note",
)
_PROFILE_HEADS = (
    "<profile",
    "cores",
    "layers",
    "mean error",
    "rank",
    "predicted",
    "measured",
    "<used",
    "<note",
)
_LAYER_HEADS = ("<layer", "predicted", "measured", "error", "predicted", "measured", "error")


def show_check(console: Console, check: DeviceCheck) -> None:
    """Print ``check``: errors by use, networks, profiles, and notes on where each was measured."""
    if not check.measured:
        write_lines(console, [f"{check.device}: {UNMEASURED}"])
        return
    notes, width = Notes(), prose_width(console)
    lines = (f"{check.device}: {check.what}", *summary(check))
    write_lines(console, [line for text in lines for line in wrapped(text, width)])
    for grid in check_grids(check, notes):
        console.print()
        show_grids(console, [grid])
    console.print()
    write_lines(console, notes.lines(width))


def check_grids(check: DeviceCheck, notes: Notes) -> Iterator[Grid]:
    """Yield the tables of networks and of profiles; their last column has the numbers of notes."""
    if check.measurements:
        rows = [(*_row(m), notes.number(_note(m))) for m in check.measurements]
        yield Grid(
            _HEADS, rows, ["errors are of time, energy or power: + is too slow or too hungry"]
        )
    if check.profiles:
        rows = [(*_profile_row(p), notes.number(_note(p))) for p in check.profiles]
        yield Grid(_PROFILE_HEADS, rows)
        yield from power_grids(check)


def summary(check: DeviceCheck) -> Iterator[str]:
    """Yield a line for each use: how many measurements, and how far they are missed.

    What is held out comes first, for it is to be trusted; its precisions apart where there are
    several.
    """
    for used in reversed(USES):
        if used in check.by_use:
            yield _missed(check.by_use[used], used)
        if used == "held out" and len(check.held_out) > 1:
            for precision, errors in check.held_out.items():
                yield f"  in {precision}: {_missed(errors, used)}"


def _missed(errors: CheckedUse, used: str) -> str:
    noun = "measurement" if errors.count == 1 else "measurements"
    return (
        f"{errors.count} {noun} {used}: error {errors.mean_error:.1%} on average, "
        f"{errors.worst_error:+.1%} at worst"
    )


def _row(m: CheckedEntry) -> tuple[str, ...]:
    amounts = (f"{m.predicted:.4g} {m.unit}", f"{m.measured:.4g} {m.unit}", f"{m.error:+.1%}")
    return (m.network, m.precision, str(m.cores), format_si(m.freq_hz, "Hz"), *amounts, m.used)


def _profile_row(p: CheckedProfile) -> tuple[str, ...]:
    times = (format_si(p.predicted_s, "s"), format_si(p.measured_s, "s"))
    rank = "-" if p.rank_correlation is None else f"{p.rank_correlation:.3f}"
    return (p.profile, str(p.cores), str(p.layers), f"{p.mean_error:.1%}", rank, *times, p.used)


def _note(entry: CheckedEntry | CheckedProfile) -> str:
    return f"{entry.conditions}. Source: {entry.source}"


def power_grids(check: DeviceCheck) -> Iterator[Grid]:
    """Yield a table for each profile with measured watts: time and power of those layers."""
    for profile in check.profiles:
        power = profile.power
        if power is None:
            continue
        line = (
            f"{profile.profile}, time and power of {power.count} layers ({profile.used}): power "
            f"is off {power.mean_error:.1%} on average, {power.worst_error:+.1%} at worst"
        )
        numbered = enumerate(profile.by_layer, start=1)
        yield Grid(_LAYER_HEADS, [_layer_row(n, r) for n, r in numbered if r.measured_w], [line])


def _layer_row(number: int, r: CheckedLayer) -> tuple[str, ...]:
    times = (format_si(r.predicted_s, "s"), format_si(r.measured_s, "s"))
    ours, theirs = r.predicted_w or 0.0, r.measured_w or 1.0
    watts = (format_si(ours, "W"), format_si(theirs, "W"))
    slow, hungry = r.predicted_s / r.measured_s - 1, ours / theirs - 1
    return (f"{number}: {r.op}", *times, f"{slow:+.1%}", *watts, f"{hungry:+.1%}")
