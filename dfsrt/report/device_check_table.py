"""A device against its measurements, as tables for people."""

from __future__ import annotations

from collections.abc import Iterator

from dfsrt.base.units import format_si
from dfsrt.report.device_check import CheckedEntry, CheckedLayer, CheckedProfile, DeviceCheck
from dfsrt.report.tables import Grid

_HEADS = (
    "<network",
    "<precision",
    "cores",
    "clock",
    "predicted",
    "measured",
    "<",
    "error",
    "<used",
)
_PROFILE_HEADS = ("<profile", "cores", "layers", "mean error", "rank", "predicted", "measured")
_LAYER_HEADS = ("<layer", "predicted", "measured", "error", "predicted", "measured", "error")


def check_grids(check: DeviceCheck) -> Iterator[Grid]:
    """Yield the tables of ``check``: networks, profiles, and where each number comes from."""
    if not check.measured:
        yield Grid(
            (), (), (f"{check.device}: never held against a real chip; it has no truth file",)
        )
        return
    lines = [f"{check.device}: {check.what}", *_summary(check)]
    yield Grid(_HEADS, [_row(m) for m in check.measurements], lines)
    if check.profiles:
        yield Grid((*_PROFILE_HEADS, "<used"), [_profile_row(p) for p in check.profiles])
    yield from power_grids(check)
    sourced: list[CheckedEntry | CheckedProfile] = [*check.measurements, *check.profiles]
    yield Grid(("<of", "<conditions", "<source"), [_source_row(entry) for entry in sourced])


def _summary(check: DeviceCheck) -> Iterator[str]:
    for used, of_use in check.by_use.items():
        noun = "measurement" if of_use.count == 1 else "measurements"
        yield (
            f"{of_use.count} {noun} {used}: error {of_use.mean_error:.1%} on average, "
            f"{of_use.worst_error:+.1%} at worst"
        )


def _row(m: CheckedEntry) -> tuple[str, ...]:
    clock = format_si(m.freq_hz, "Hz")
    sizes = (f"{m.predicted:.4g}", f"{m.measured:.4g}", m.unit, f"{m.error:+.1%}", m.used)
    return (m.network, m.precision, str(m.cores), clock, *sizes)


def _profile_row(p: CheckedProfile) -> tuple[str, ...]:
    times = (format_si(p.predicted_s, "s"), format_si(p.measured_s, "s"))
    rank = "-" if p.rank_correlation is None else f"{p.rank_correlation:.3f}"
    return (p.profile, str(p.cores), str(p.layers), f"{p.mean_error:.1%}", rank, *times, p.used)


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


def _source_row(entry: CheckedEntry | CheckedProfile) -> tuple[str, str, str]:
    name = entry.network if isinstance(entry, CheckedEntry) else entry.profile
    return (name, entry.conditions, entry.source)
