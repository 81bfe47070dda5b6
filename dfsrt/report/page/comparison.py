"""The page of several governors on one load, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dfsrt.base.arrays import Floats
from dfsrt.report.battery import surroundings_of
from dfsrt.report.battery_table import hours
from dfsrt.report.compare_table import compare_grids
from dfsrt.report.headline import subject_of
from dfsrt.report.look import DASHED
from dfsrt.report.page.actions import actions_section
from dfsrt.report.page.aims import Named, aim_figures, aim_tiles
from dfsrt.report.page.battery import over_time, thinned
from dfsrt.report.page.behind import behind_section
from dfsrt.report.page.clocks import clocks_section
from dfsrt.report.page.energy import domains
from dfsrt.report.page.grids import table_of
from dfsrt.report.page.idle import idle_section
from dfsrt.report.page.layers import layers_section
from dfsrt.report.page.page import Figure, Page, Section, Table
from dfsrt.report.page.regret import regrets
from dfsrt.report.page.report import roofline_section, what
from dfsrt.report.page.style import axis, colour, line
from dfsrt.report.page.time_unit import time_unit
from dfsrt.report.run_names import governor_text, run_names
from dfsrt.report.schema import ComparisonReport
from dfsrt.report.tables import Grid
from dfsrt.run.run import Run


def comparison_page(report: ComparisonReport, runs: Sequence[Run]) -> Page:
    """Return the page of a comparison; ``runs`` are those of its reports, in order."""
    names, first = run_names(report.runs, report.devices), report.runs[0]
    named, npu = list(zip(names, report.runs, strict=True)), runs[0].job.npu
    by_name = dict(zip(names, runs, strict=True))
    logs = [(name, run.log) for name, run in by_name.items()]
    grid, *more = compare_grids(report)
    sections = [
        _side_by_side(named, table_of(grid, f"{'Devices' if more else 'Governors'} side by side")),
        actions_section(named, more),
        _batteries(by_name) if first.battery is not None else None,
        layers_section(logs, all(run.has_rows for run in runs)),
        idle_section(named),
        clocks_section(named, npu.opps.freqs_hz),
        None if more else roofline_section(runs[0].log, names[0]),
        *_behind(report, runs, grid),
    ]
    return Page(
        title=_title(report),
        subject=_subject(report),
        what=what(first, grid.lines[0]),
        tiles=aim_tiles(named),
        sections=[section for section in sections if section is not None],
    )


def _behind(report: ComparisonReport, runs: Sequence[Run], grid: Grid) -> list[Section]:
    """What each device's numbers rest on, once a device; of one with the notes of all runs."""
    if not report.devices:
        said = [line.removeprefix("note: ") for line in grid.lines[1:]]
        return [behind_section(report.runs[0], runs[0].job.npu, said)]
    firsts = {device: k for k, device in reversed(list(enumerate(report.devices)))}
    return [
        replace(behind_section(report.runs[k], runs[k].job.npu), title=f"Behind {device}")
        for device, k in sorted(firsts.items(), key=lambda item: item[1])
    ]


def _title(report: ComparisonReport) -> str:
    """Load, device or how many there are, and the governor or how many of those."""
    devices = len(set(report.devices))
    where = f"{devices} devices" if devices > 1 else report.device
    governors = {governor_text(run) for run in report.runs}
    which = f"governor {governors.pop()}" if devices and len(governors) == 1 else _how_many(report)
    return f"{report.load} on {where}: {which}"


def _subject(report: ComparisonReport) -> str:
    """What is compared at every figure; several devices have caps of their own."""
    governors = [governor_text(run) for run in report.runs]
    if not report.devices:
        return subject_of(report.runs[0], governors)
    names = ", ".join(dict.fromkeys(governors))
    devices = ", ".join(dict.fromkeys(report.devices))
    return f"{report.load} on {devices}, each under its own cap, governor {names}"


def _how_many(report: ComparisonReport) -> str:
    """How many governors stand side by side, and how many idle ones."""
    governors = len({run.governor for run in report.runs})
    idles = len({run.idle and run.idle.governor for run in report.runs})
    said = f"{governors} governor{'s' * (governors != 1)}"
    return said if idles < 2 else f"{said}, {idles} idle governors"


def _side_by_side(runs: Named, table: Table) -> Section:
    text = "Percentages are against the first."
    return Section(
        table.caption.partition(" ")[0],
        text,
        [*aim_figures(runs), *regrets(runs), domains(runs)],
        [table],
    )


def _batteries(runs: Mapping[str, Run]) -> Section:
    """Charge and skin temperature of every run."""
    over = {name: thinned(run) for name, run in runs.items()}
    ends_s = [float(samples["time_s"][-1]) for samples in over.values()]
    unit = time_unit(ends_s)
    times = {name: samples["time_s"] * unit.scale for name, samples in over.items()}
    skin = {name: over[name][f"{_skin(run)}_c"] for name, run in runs.items()}
    charge = {name: 100 * samples["charge"] for name, samples in over.items()}
    lives = f"{hours(min(ends_s))} and {hours(max(ends_s))}"
    hottest = max(skin, key=lambda name: float(skin[name].max()))
    return Section("Battery and heat", "", [
        Figure("charges", "Charge", f"all end between {lives}",
               _lines(times, charge), {**over_time(unit), "yaxis": axis("charge (%)")}),
        Figure("skins", "Skin temperature",
               f"{hottest} gets hottest, {float(skin[hottest].max()):.1f} °C",
               _lines(times, skin), {**over_time(unit), "yaxis": axis("temperature (°C)")}),
    ])  # fmt: skip


def _skin(run: Run) -> str:
    return surroundings_of(run).setting.heat.skin


def _lines(x: Mapping[str, Floats], y: Mapping[str, Floats]) -> list[dict[str, object]]:
    """A line for each run, in a style of its own: where two are alike, both are seen."""
    return [
        line(name, x[name], y[name], colour(k), line={"dash": DASHED[k % len(DASHED)]})
        for k, name in enumerate(y)
    ]
