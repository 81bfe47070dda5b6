"""Pages of scenarios: the battery's life, governors side by side, samples."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from dfsrt.base.units import format_si
from dfsrt.device import Npu
from dfsrt.report.life_compare import Compared
from dfsrt.report.life_schema import LifeReport
from dfsrt.report.life_table import CAUSES, hours, said
from dfsrt.report.page import Figure, Page, Section, Table, Tile, layers, parts
from dfsrt.report.page.card import card_tables
from dfsrt.report.page.style import BLUE, GREEN, ORANGE, RED, axis, colour, line
from dfsrt.report.series import series
from dfsrt.run.life_job import BatteryRun
from dfsrt.study.sampling import FIGURES, Sampled

MOST_LAYERS = 30
MOST_SAMPLES = 1200
TIME = {"xaxis": axis("time (h)"), "hovermode": "x unified"}


def life_page(run: BatteryRun) -> Page:
    """Return the page of one scenario."""
    report, over, npu = run.report, _thinned(run), run.job.mix.table.npu
    moved = report.npu.transitions
    changes = parts.transitions(report.governor, moved, npu.opps.freqs_hz)
    return Page(
        title=report.scenario,
        what=f"{report.what}. {report.device}, governor {report.governor}, battery "
        f"{report.battery.name} at {report.battery.health:.0%} health, {report.ambient_c:g} °C "
        f"around; power model {report.power_model}, seed {report.seed}.",
        tiles=_tiles(report),
        sections=[
            Section("Battery and heat", "", [_charge(over), _temperatures(over, run)]),
            Section("Power", "", [_power(over)]),
            Section("Energy", "", [parts.energy_tree("out of the cell", _tree(run))],
                    [_components(report)]),
            Section("Clocks", "", [
                parts.residency([(report.governor, report.npu.residency)]),
                *([changes] if changes else []),
            ]),
            _layers(run),
            _behind(report, npu),
        ],
    )  # fmt: skip


def compared_page(done: Compared) -> Page:
    """Return the page of governors side by side on one scenario."""
    runs = {run.report.governor: run for run in done.runs}
    life = {name: run.report.life_s / 3600 for name, run in runs.items()}
    frames = {name: float(run.report.frames) for name, run in runs.items()}
    longest, most = (max(d, key=lambda n, d=d: d[n]) for d in (life, frames))  # type: ignore[misc]
    first = done.runs[0].report
    lines = [
        line(name, _thinned(run)["time_s"] / 3600, 100 * _thinned(run)["charge"], colour(k))
        for k, (name, run) in enumerate(runs.items())
    ]
    skins = [
        line(name, _thinned(run)["time_s"] / 3600, _skin(run), colour(k))
        for k, (name, run) in enumerate(runs.items())
    ]
    return Page(
        title=f"{first.scenario}: {len(runs)} governors",
        what=first.what,
        tiles=[
            Tile("longest life", longest, hours(life[longest] * 3600)),
            Tile("most frames", most, f"{int(frames[most]):,}"),
        ],
        sections=[
            Section("Governors", "", [
                parts.bars("life", "Hours until the end", f"{longest} lasts longest", "h", life),
                parts.bars("frames", "Frames", f"{most} makes the most", "frames", frames),
            ], [_governors(done)]),
            Section("Battery and heat", "", [
                Figure("charges", "Charge", f"all end between {min(life.values()):.2f} h and "
                       f"{max(life.values()):.2f} h", lines,
                       {**TIME, "yaxis": axis("charge (%)")}),
                Figure("skins", "Skin temperature", "one line for each governor", skins,
                       {**TIME, "yaxis": axis("°C")}),
            ]),
            Section("Clocks", "", [
                parts.residency([(name, run.report.npu.residency) for name, run in runs.items()])
            ]),
            _behind(first, done.runs[0].job.mix.table.npu),
        ],
    )  # fmt: skip


def samples_page(done: Sampled) -> Page:
    """Return the page of samples: distributions, and what goes with a long life."""
    report = done.report
    life = report.distributions["life_s"]
    values: dict[str, Any] = {n: np.array([row[n] for row in done.rows]) for n in FIGURES}
    ambient = np.array([row["ambient"] for row in done.rows])
    influences = {i.name: i.rank_correlation for i in report.influences}
    strongest = next(iter(influences), None)
    sections = [
        Section("Distributions", "", [
            _histogram("life-hours", "Battery life", values["life_s"] / 3600, "h", BLUE),
            _histogram("skin", "Hottest skin", values["skin_max_c"], "°C", RED),
            _histogram("joules", "Energy a frame", values["energy_per_frame_j"], "J", GREEN),
        ], [_spreads(done)]),
        Section("What it goes with", "", [
            Figure("by-ambient", "Life over ambient temperature", "one point a sample", [
                {"type": "scatter", "mode": "markers", "name": "samples", "x": ambient,
                 "y": values["life_s"] / 3600, "marker": {"color": ORANGE, "size": 6},
                 "hovertemplate": "%{x:.1f} °C: %{y:.2f} h"},
            ], {"xaxis": axis("ambient (°C)"), "yaxis": axis("life (h)")}),
            *([parts.bars("influences", "Rank correlation with life",
                          f"{strongest} goes with it most", "Spearman's ρ", influences)]
              if strongest else []),
        ]),
        Section("Behind the numbers", "",
                tables=[Table(("<notes",), [(note,) for note in report.notes])]),
    ]  # fmt: skip
    return Page(
        title=f"{report.scenario}: {report.samples:,} samples",
        what=f"Governor {report.governor}, seed {report.seed}.",
        tiles=[
            Tile("median life", hours(life.p50)),
            Tile("5 % live shorter than", hours(life.p5)),
            Tile("5 % live longer than", hours(life.p95)),
            *(Tile(f"ends: {cause}", f"{n:,}") for cause, n in report.end_causes.items()),
        ],
        sections=sections,
    )


def _tiles(r: LifeReport) -> list[Tile]:
    due = r.deadlines.met + r.deadlines.missed
    each = "-" if r.energy_per_frame_j is None else format_si(r.energy_per_frame_j, "J")
    return [
        Tile("life", hours(r.life_s), CAUSES[r.end_cause]),
        Tile("frames", f"{r.frames:,}", f"{r.frames_per_s:.3g} a second"),
        Tile("energy a frame", each, "out of the battery"),
        Tile("hottest skin", f"{r.temperature_c.skin_max:.1f} °C"),
        Tile("hottest die", f"{r.temperature_c.die_max:.1f} °C"),
        Tile("deadlines missed", f"{r.deadlines.missed:,}" if due else "-",
             f"of {due:,}" if due else "the load has none"),
        Tile("battery power", format_si(r.battery.power_mean_w, "W"),
             f"at most {format_si(r.battery.power_peak_w, 'W')}"),
        Tile("NPU held back", hours(r.npu.limited_s), "by heat, charge or trips"),
    ]  # fmt: skip


def _charge(over: Any) -> Figure:
    x = over["time_s"] / 3600
    volts = line("voltage (V)", x, over["voltage_v"], ORANGE, yaxis="y2")
    return Figure(
        name="charge",
        title="Charge and voltage of the cell",
        says=f"from {over['charge'][0]:.0%} to {max(float(over['charge'][-1]), 0):.1%} of its "
        f"charge and from {over['voltage_v'][0]:.2f} V to {over['voltage_v'][-1]:.2f} V",
        data=[line("charge (%)", x, 100 * over["charge"], BLUE), volts],
        layout={
            **TIME,
            "yaxis": axis("charge (%)", range=[0, 102]),
            "yaxis2": axis("voltage (V)", overlaying="y", side="right", showgrid=False),
        },
    )


def _layers(run: BatteryRun) -> Section:
    """Single layers: clocks and power of a first request, and the roofline."""
    named = [(run.report.governor, run.first_pass)]
    roof = layers.roofline(run.first_pass)
    found = [layers.clocks(named), layers.layer_power(named), *([roof] if roof else [])]
    text = "One request of each workload under the first cap, before anything has warmed up."
    return Section("Single layers", text, found)


def _thinned(run: BatteryRun) -> dict[str, Any]:
    """The samples over time, so many of them that a page draws them at once."""
    found = series(run)
    step = -(-len(found["time_s"]) // MOST_SAMPLES)
    # From the end: the last moment is the one that matters.
    return {name: values[::-1][::step][::-1] for name, values in found.items()}


def _skin(run: BatteryRun) -> Any:
    return _thinned(run)[f"{run.job.scenario.setting.heat.skin}_c"]


def _temperatures(over: Any, run: BatteryRun) -> Figure:
    x, nodes = over["time_s"] / 3600, run.job.scenario.setting.node_names
    highest = {n: float(over[f"{n}_c"].max()) for n in nodes}
    return Figure(
        name="temperatures",
        title="Temperatures",
        says="; ".join(f"{n} up to {c:.1f} °C" for n, c in highest.items()),
        data=[line(n, x, over[f"{n}_c"], colour(k)) for k, n in enumerate(nodes)],
        layout={**TIME, "yaxis": axis("°C")},
        table=Table(("<node", "highest"), [(n, f"{c:.1f} °C") for n, c in highest.items()]),
    )


def _power(over: Any) -> Figure:
    x = over["time_s"] / 3600
    data = [
        line("out of the battery", x, over["power_w"], BLUE),
        line("NPU", x, over["npu_w"], GREEN),
    ]
    if np.isfinite(over["limit_w"]).any():
        shown = line("NPU's limit", x, over["limit_w"], "@text", line={"dash": "dash"}, width=1.1)
        data.append(shown)
    return Figure(
        name="power",
        title="Power over time",
        says=f"{format_si(float(over['power_w'].mean()), 'W')} out of the battery on average, "
        f"{format_si(float(over['npu_w'].mean()), 'W')} of it the NPU's; the limit is the least "
        "of cap, heat and charge",
        data=data,
        layout={**TIME, "yaxis": axis("power (W)", rangemode="tozero")},
        height=420,
    )


def _tree(run: BatteryRun) -> dict[str, Any]:
    """Components; the NPU's energy, all its parts, by its layers."""
    report, meter, table = run.report, run.meter, run.job.mix.table
    e = report.energy_j
    own = {c.name: c.energy_j for c in report.components}
    npu = math.fsum(report.npu.energy_breakdown_j.values())
    order = np.argsort(-meter.layer_j)[:MOST_LAYERS]
    inside: dict[str, float] = {}
    for k in order.tolist():
        name = table.load.names[k]
        inside[name] = inside.get(name, 0.0) + float(meter.layer_j[k])
    rest = float(meter.layer_j.sum()) - sum(inside.values())
    inside["smaller layers"] = max(rest, 0.0)
    inside["idle"] = max(float(npu - meter.layer_j.sum()), 0.0)
    pmic = e.pmic_loss - report.npu.energy_breakdown_j["regulator_loss"]
    return {
        "NPU and its memory": inside,
        **own,
        "PMIC loss": pmic,
        "loss in the cell": e.internal_loss,
    }


def _components(r: LifeReport) -> Table:
    rows = [
        (
            c.name, format_si(c.energy_j, "J"), f"{c.share:.1%}", format_si(c.power_mean_w, "W"),
            format_si(c.power_peak_w, "W"),
            "" if c.budget_w is None else format_si(c.budget_w, "W"),
            "" if c.within_budget is None else ("kept" if c.within_budget else "exceeded"),
        )
        for c in r.components
    ]  # fmt: skip
    heads = ("<component", "energy", "share", "mean", "peak", "budget", "<")
    return Table(heads, rows, "Components and their budgets")


def _governors(done: Compared) -> Table:
    rows = [
        (
            r.governor, hours(r.life_s), f"{r.frames:,}",
            "-" if r.energy_per_frame_j is None else format_si(r.energy_per_frame_j, "J"),
            f"{r.temperature_c.skin_max:.1f} °C", f"{r.temperature_c.die_max:.1f} °C",
            f"{r.deadlines.missed:,}", r.end_cause,
        )
        for r in done.report.runs
    ]  # fmt: skip
    heads = ("<governor", "life", "frames", "energy a frame", "skin", "die", "missed", "<end")
    return Table(heads, rows, "Governors side by side")


def _spreads(done: Sampled) -> Table:
    rows = [
        (n, *(f"{v:.4g}" for v in (d.p5, d.p50, d.p95, d.mean, d.sd, d.min, d.max)))
        for n, d in done.report.distributions.items()
    ]
    return Table(("<figure", "5 %", "median", "95 %", "mean", "sd", "least", "most"), rows)


def _histogram(name: str, title: str, values: Any, unit: str, shade: str) -> Figure:
    kept = values[np.isfinite(values)]
    low, middle, high = np.percentile(kept, [5, 50, 95]) if len(kept) else (0.0, 0.0, 0.0)
    return Figure(
        name=name,
        title=title,
        says=f"half of the samples are under {middle:.4g} {unit}, 90 % between {low:.4g} and "
        f"{high:.4g} {unit}",
        data=[{"type": "histogram", "x": kept, "name": title, "marker": {"color": shade},
               "hovertemplate": "%{x}: %{y} samples<extra></extra>"}],
        layout={"xaxis": axis(unit), "yaxis": axis("samples"), "bargap": 0.05},
        height=300,
    )  # fmt: skip


def _behind(r: LifeReport, npu: Npu) -> Section:
    rows = [
        (a.name, said(a.value, a.unit), said(a.low, a.unit), said(a.high, a.unit), a.source)
        for a in r.assumed
    ]
    tables = [Table(("<assumed", "value", "low", "high", "<why"), rows, "Assumed numbers")]
    if r.notes:
        tables.append(Table(("<notes",), [(note,) for note in r.notes]))
    tables += card_tables(r.power_model, npu)
    tables.append(
        Table(("<assumed of the device, without a range",), [(x,) for x in r.device_assumed])
    )
    return Section("Behind the numbers", "", tables=tables)
