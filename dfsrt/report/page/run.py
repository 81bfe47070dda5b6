"""Pages of runs and comparisons."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from dfsrt.base.units import format_si
from dfsrt.report.page import layers, parts
from dfsrt.report.page.card import card_tables
from dfsrt.report.page.envelope import Envelope
from dfsrt.report.page.page import Figure, Page, Section, Table, Tile
from dfsrt.report.schema import CompareReport, RunReport, StageReport
from dfsrt.run.log import RunLog

PAPER = "The frequency of every layer, as in Chung et al., ETRI Journal 2022."


def run_page(report: RunReport, log: RunLog, envelope: Envelope | None = None) -> Page:
    """Return the page of one run; ``envelope`` has its power over time, if that was kept."""
    named = [(report.governor, log)]
    found = [layers.clocks(named), layers.layer_power(named)]
    roof = layers.roofline(log)
    sections = [
        Section("Clock over layers", PAPER, found),
        *_over_time(envelope),
        Section("Clocks", "", _clock_figures([report], log)),
        Section("Energy", "", [parts.energy_tree("energy", _energy_parts(report, log))]),
    ]
    if roof is not None:
        sections.append(Section("Roofline", "", [roof]))
    if report.stages:
        sections.append(Section("Stages", "", tables=[stages_table(report.stages)]))
    return Page(
        title=f"{report.network} on {report.device}",
        what=_what(report),
        tiles=_tiles(report),
        sections=[*sections, about_run(report, log)],
    )


def compare_page(report: CompareReport, logs: Sequence[RunLog]) -> Page:
    """Return the page of a comparison."""
    named = [(r.governor, log) for r, log in zip(report.runs, logs, strict=True)]
    best = max(report.runs, key=lambda r: r.fps)
    thrifty = min(report.runs, key=lambda r: r.energy_per_inference_j)
    roof = layers.roofline(logs[0])
    return Page(
        title=f"{report.network} on {report.device}: {len(named)} governors",
        what=_what(report.runs[0]),
        tiles=[
            Tile("fastest", best.governor, f"{best.fps:.4g} inferences a second"),
            Tile("thriftiest", thrifty.governor,
                 f"{format_si(thrifty.energy_per_inference_j, 'J')} an inference"),
        ],
        sections=[
            Section("Governors", "Percentages are against the first.",
                    _compared(report.runs), [_compare_table(report.runs)]),
            Section("Clock over layers", PAPER, [layers.clocks(named), layers.layer_power(named)]),
            Section("Clocks", "", _clock_figures(report.runs, logs[0])),
            *([Section("Roofline", "", [roof])] if roof else []),
            about_run(report.runs[0], logs[0]),
        ],
    )  # fmt: skip


def _over_time(envelope: Envelope | None) -> list[Section]:
    if envelope is None:
        text = "The run was too long to keep every layer; power over time was not recorded."
        return [Section("Power over time", text)]
    return [Section("Power over time", "", [parts.power_over_time(envelope)])]


def _what(r: RunReport) -> str:
    cap = "no cap" if r.cap_w is None else f"cap {format_si(r.cap_w, 'W')} on {r.cap.domain}"
    sure = "" if r.prediction.confidence is None else f" at {r.prediction.confidence:.0%}"
    return (
        f"Governor {r.governor}, {cap}, {r.frames:,} frames, {r.precision}; power model "
        f"{r.power_model}{sure}; bin {r.bin}, rail {r.rail}, seed {r.seed}."
    )


def _tiles(r: RunReport) -> list[Tile]:
    over = f"highest layer {format_si(r.power_w.max, 'W')}"
    return [
        Tile("speed", f"{r.fps:.4g} FPS", f"latency {format_si(r.latency_s.p50, 's')} median"),
        Tile("energy an inference", format_si(r.energy_per_inference_j, "J"), r.cap.domain),
        Tile("average power", format_si(r.power_w.avg, "W"), over),
        Tile("layers over the cap", f"{r.cap.layers_over:,}", f"of {r.cap.layer_runs:,}"),
        Tile("efficiency", f"{r.tops_per_w:.3g} TOPS/W" if math.isfinite(r.tops_per_w) else "-"),
        Tile("clock changes", f"{r.transitions.frequency:,}",
             f"{r.transitions.voltage:,} of voltage"),
    ]  # fmt: skip


def _clock_figures(reports: Sequence[RunReport], log: RunLog) -> list[Figure]:
    found = [parts.residency([(r.governor, r.residency) for r in reports])]
    freqs = log.table.npu.opps.freqs_hz
    first = parts.transitions(reports[0].governor, reports[0].transitions, freqs)
    return [*found, first] if first else found


def _energy_parts(r: RunReport, log: RunLog) -> Mapping[str, float | Mapping[str, float]]:
    """Components of the capped domain, and beside them the largest layers of the last frame."""
    named: dict[str, float | Mapping[str, float]] = {}
    by_part = dict(r.energy_breakdown_j) | {k: v for k, v in r.outside_domain_j.items() if v > 0}
    for column, (name, joules) in enumerate(by_part.items()):
        named[name.replace("_", " ")] = _by_layer(log, column, joules)
    return named


def _by_layer(log: RunLog, column: int, joules: float, most: int = 24) -> Mapping[str, float]:
    """Share a component's energy among the last frame's layers as they took it."""
    rows = log.last_frame
    own = log.energy_j[rows, column]
    if own.sum() <= 0:
        return {"idle": joules}
    order = np.argsort(-own)
    scale = joules / own.sum()
    shown = order[:most]
    found: dict[str, float] = {}
    for r in shown.tolist():
        name = log.table.load.names[log.layer[rows[r]]]
        found[name] = found.get(name, 0.0) + float(own[r]) * scale
    rest = float(own[order[most:]].sum()) * scale
    return found | ({f"{len(order) - most} smaller layers": rest} if rest > 0 else {})


def _compared(runs: Sequence[RunReport]) -> list[Figure]:
    speed = {r.governor: r.fps for r in runs}
    energy = {r.governor: 1e3 * r.energy_per_inference_j for r in runs}
    return [
        parts.bars("speed", "Inferences a second", _most(speed, "is the fastest"), "FPS", speed),
        parts.bars(
            "energy-each",
            "Energy an inference",
            _most({k: -v for k, v in energy.items()}, "takes the least"),
            "mJ",
            energy,
        ),
    ]


def _most(found: Mapping[str, float], what: str) -> str:
    return f"{max(found, key=lambda k: found[k])} {what}"


def _compare_table(runs: Sequence[RunReport]) -> Table:
    first = runs[0]
    rows = [
        (
            r.governor, f"{r.fps:.4g}", f"{r.fps / first.fps:.1%}",
            format_si(r.energy_per_inference_j, "J"),
            f"{r.energy_per_inference_j / first.energy_per_inference_j:.1%}",
            format_si(r.power_w.avg, "W"), format_si(r.power_w.max, "W"),
            f"{r.cap.layers_over:,}", f"{r.transitions.frequency:,}",
            f"{r.transitions.voltage:,}",
        )
        for r in runs
    ]  # fmt: skip
    heads = ("<governor", "FPS", "", "energy", "", "mean power", "highest layer",
             "layers over", "clock changes", "voltage changes")  # fmt: skip
    return Table(heads, rows, "Governors side by side")


def stages_table(stages: Sequence[StageReport]) -> Table:
    """Return the stages of a pipeline."""
    rows = [
        (s.name, s.where, f"{s.calls:,}", format_si(s.time_s, "s"), format_si(s.energy_j, "J"),
         f"{s.energy_share:.1%}")
        for s in stages
    ]  # fmt: skip
    return Table(("<stage", "<on", "calls", "time", "energy", "of it"), rows, "Stages")


def about_run(r: RunReport, log: RunLog) -> Section:
    """What is behind the numbers: notes, the power model, all that is assumed."""
    p = r.prediction
    model = [
        ("power model", r.power_model),
        ("confidence of its bound", "none" if p.confidence is None else f"{p.confidence:.0%}"),
        ("mean error on this run", f"{p.mape:.2%}"),
        ("predicted too low", f"{p.under_share:.1%} of layer runs"),
        ("layers outside its samples", f"{p.out_of_range:,}"),
    ]
    card = card_tables(r.power_model, log.table.npu)
    return about(r.notes, r.assumed, Table(("<of the model", "<"), model, "Power model"), *card)


def about(notes: Sequence[str], assumed: Sequence[str], *tables: Table) -> Section:
    """Return the section on what a report rests on."""
    found = list(tables)
    if notes:
        found.append(Table(("<notes",), [(note,) for note in notes]))
    told = [(name,) for name in assumed] or [("nothing",)]
    found.append(Table(("<assumed: no source is known",), told))
    return Section("Behind the numbers", "", tables=found)
