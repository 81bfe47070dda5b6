"""The page of samples of a scenario: distributions, and what goes with a long life."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.report.battery_table import hours
from dfsrt.report.look import BLUE, GREEN, RED
from dfsrt.report.page.bars import bars
from dfsrt.report.page.grids import table_of
from dfsrt.report.page.page import Figure, Page, Section, Table, Tile
from dfsrt.report.page.style import axis, marks, si_axis
from dfsrt.report.page.time_unit import TimeUnit, time_unit
from dfsrt.report.samples import LifeSamples, spread_grid

SPREADS = (
    ("skin", "Hottest skin", "skin_max_c", "°C", RED),
    ("joules", "Battery energy a frame", "energy_per_frame_j", "J", GREEN),
)
"""Histograms beside that of life: name, title, figure of a sample, its unit and colour."""

FEW = 5
"""Samples in the highest bar up to which every number is marked."""


def samples_page(report: LifeSamples, rows: Sequence[Mapping[str, object]]) -> Page:
    """Return the page of samples; ``rows`` have what was drawn and what came of it."""
    life_s = _column(rows, "life_s")
    unit = time_unit(life_s)
    histograms = [
        _histogram("life-hours", "Battery life", unit.scale * life_s, unit.sign, BLUE),
        *(
            _histogram(name, title, _column(rows, figure), sign, shade)
            for name, title, figure, sign, shade in SPREADS
        ),
    ]
    return Page(
        title=f"{report.scenario}: {report.samples:,} samples",
        subject=f"{report.scenario}, governor {report.governor}, {report.samples:,} samples",
        what=f"Governor {report.governor}, seed {report.seed}.",
        tiles=_tiles(report),
        sections=[
            Section("Distributions", "", histograms,
                    [table_of(spread_grid(report), "How each figure is spread")]),
            Section("What it goes with", "", [_by_ambient(rows, unit), *_influences(report)]),
            Section("Behind the numbers", "",
                    tables=[Table(("<notes",), [(note,) for note in report.notes], "Notes")]),
        ],
    )  # fmt: skip


def _column(rows: Sequence[Mapping[str, object]], name: str) -> Floats:
    """A figure of each sample, ``(n_samples,)``; not a number where a sample has none."""
    return np.array([row[name] for row in rows], dtype=np.float64)


def _tiles(report: LifeSamples) -> list[Tile]:
    life = report.distributions["life_s"]
    ends = [Tile(f"ends: {cause}", f"{n:,}") for cause, n in report.end_causes.items()]
    if life is None:
        return ends
    return [
        Tile("median life", hours(life.p50)),
        Tile("5 % live shorter than", hours(life.p5)),
        Tile("5 % live longer than", hours(life.p95)),
        *ends,
    ]


def _histogram(name: str, title: str, values: Floats, unit: str, shade: str) -> Figure:
    finite = values[np.isfinite(values)]
    says = "no sample has it"
    if len(finite):
        low, middle, high = np.percentile(finite, [5, 50, 95])
        says = (
            f"half of the samples are under {middle:.4g} {unit}, 90 % between {low:.4g} and "
            f"{high:.4g} {unit}"
        )
    hover = "%{x}: %{y} samples<extra></extra>"
    named = title.lower()
    along = si_axis(named, unit) if unit == "J" else axis(f"{named} ({unit})")
    # Samples are counted in whole numbers; a bar says how many.
    most = np.histogram(finite, bins="auto")[0].max(initial=0)
    counted = axis("samples", **({"dtick": 1} if most <= FEW else {}))
    return Figure(
        name=name,
        title=title,
        says=says,
        data=[{"type": "histogram", "x": finite, "name": title, "marker": {"color": shade},
               "texttemplate": "%{y}", "hovertemplate": hover}],
        layout={"xaxis": along, "yaxis": counted, "bargap": 0.05},
        height=300,
    )  # fmt: skip


def _by_ambient(rows: Sequence[Mapping[str, object]], unit: TimeUnit) -> Figure:
    x, y = _column(rows, "ambient"), unit.scale * _column(rows, "life_s")
    marker, hover = {"color": BLUE, "size": 6}, f"%{{x:.1f}} °C: %{{y:.2f}} {unit.sign}"
    return Figure(
        name="by-ambient",
        title="Life over ambient temperature",
        says="one point a sample",
        data=[marks("samples", x, y, marker, hovertemplate=hover)],
        layout={"xaxis": axis("ambient (°C)"), "yaxis": unit.axis("life")},
    )


def _influences(report: LifeSamples) -> list[Figure]:
    amounts = {i.name: i.rank_correlation for i in report.influences}
    if not amounts:
        return []
    says = f"{next(iter(amounts))} goes with it most"
    return [bars("influences", "Rank correlation with life", says, axis("Spearman's ρ"), amounts)]
