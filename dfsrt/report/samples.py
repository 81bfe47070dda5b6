"""Samples of a scenario and the ends of what is assumed: as JSON and as tables."""

from __future__ import annotations

import msgspec

from dfsrt.report.battery_table import hours, with_unit
from dfsrt.report.schema import SCHEMA_VERSION, AssumedNumber
from dfsrt.report.tables import Grid, make_console, say, show


class Distribution(msgspec.Struct, frozen=True, kw_only=True):
    """How a figure is spread over samples."""

    mean: float
    sd: float
    min: float
    p5: float
    p50: float
    p95: float
    max: float


class Influence(msgspec.Struct, frozen=True, kw_only=True):
    """How strongly a drawn number goes with the battery's life: Spearman's rank correlation."""

    name: str
    rank_correlation: float


class LifeSamples(msgspec.Struct, frozen=True, kw_only=True):
    """Samples of one scenario over dies, ambients, ages and activities.

    ``distributions`` are of life_s, frames, energy_per_frame_j, die_max_c, skin_max_c and
    missed_deadlines, null for a figure that no sample has; ``end_causes`` count how they ended.
    """

    schema_version: int = SCHEMA_VERSION
    scenario: str
    governor: str
    samples: int
    seed: int
    distributions: dict[str, Distribution | None]
    end_causes: dict[str, int]
    influences: list[Influence]
    notes: list[str]


class RangeEnd(msgspec.Struct, frozen=True, kw_only=True):
    """What an assumed number does at both ends of its range, all others as they are."""

    number: AssumedNumber
    life_low_s: float
    life_high_s: float
    frames_low: int
    frames_high: int
    skin_low_c: float
    skin_high_c: float


class LifeRanges(msgspec.Struct, frozen=True, kw_only=True):
    """A scenario at both ends of each assumed range, the most influential first."""

    schema_version: int = SCHEMA_VERSION
    scenario: str
    governor: str
    idle: str
    life_s: float
    ends: list[RangeEnd]


def samples_table(report: LifeSamples) -> None:
    """Print distributions of samples and what goes with a long life."""
    console = make_console()
    say(
        console,
        f"{report.scenario}, governor {report.governor}: {report.samples:,} samples, "
        f"seed {report.seed}",
        *(f"note: {note}" for note in report.notes),
    )
    spread = spread_grid(report)
    show(console, spread.heads, spread.rows)
    console.print()
    ends = ", ".join(f"{count:,} {cause}" for cause, count in report.end_causes.items())
    say(console, f"ends: {ends}")
    if report.influences:
        console.print()
        rows = [(i.name, f"{i.rank_correlation:+.2f}") for i in report.influences]
        show(console, ("<goes with life", "rank correlation"), rows)


def spread_grid(report: LifeSamples) -> Grid:
    """Return how each figure is spread over the samples."""
    heads = ("<figure", "5 %", "median", "95 %", "mean", "sd", "least", "most")
    return Grid(heads, [_spread(name, d) for name, d in report.distributions.items()])


def _spread(name: str, d: Distribution | None) -> tuple[str, ...]:
    if d is None:
        return (name, "none", *([""] * 6))
    write = hours if name == "life_s" else "{:.4g}".format
    values = (d.p5, d.p50, d.p95, d.mean, d.sd, d.min, d.max)
    return (name, *(write(v) for v in values))


def ranges_table(report: LifeRanges) -> None:
    """Print what both ends of each assumed range do to life, frames and skin."""
    console = make_console()
    who = f"governor {report.governor}, idle {report.idle}"
    say(console, f"{report.scenario}, {who}: {hours(report.life_s)} as it is")
    heads = ("<assumed", "low", "high", "life", "", "frames", "", "skin", "")
    rows = [
        (
            e.number.name,
            with_unit(e.number.low, e.number.unit),
            with_unit(e.number.high, e.number.unit),
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
