"""The page of a run of any load: a section for each part that its report has."""

from __future__ import annotations

from dfsrt.report.headline import headline, subject_of
from dfsrt.report.page.battery import battery_section, cell_section
from dfsrt.report.page.behind import behind_section
from dfsrt.report.page.clocks import clocks_section
from dfsrt.report.page.energy import energy_section, stages_figure
from dfsrt.report.page.envelope import Envelope
from dfsrt.report.page.grids import figures_section, table_of, tiles
from dfsrt.report.page.idle import idle_section
from dfsrt.report.page.layers import layers_section
from dfsrt.report.page.page import Page, Section
from dfsrt.report.page.power import power_section
from dfsrt.report.page.requests import requests_section
from dfsrt.report.page.roofline import roofline
from dfsrt.report.queue_table import stages_grid
from dfsrt.report.schema import Report
from dfsrt.run.log import RunLog
from dfsrt.run.run import Run


def report_page(report: Report, run: Run, envelope: Envelope | None = None) -> Page:
    """Return the page of a run; ``envelope`` has its power over time, if that was kept."""
    named, npu = [(report.governor, report)], run.job.npu
    sections = [
        *_battery(report, run),
        requests_section(report, run),
        layers_section([(report.governor, run.log)], run.has_rows),
        power_section(run, envelope) if report.battery is None else None,
        idle_section(named),
        clocks_section(named, npu.opps.freqs_hz),
        energy_section(report, run.book) if report.battery is None else None,
        roofline_section(run.log),
        _stages(report, run),
        figures_section(report),
        behind_section(report, npu),
    ]
    return Page(
        title=f"{report.load} on {report.device}",
        subject=subject_of(report),
        what=what(report, headline(report)),
        tiles=tiles(report),
        sections=[section for section in sections if section is not None],
    )


def what(report: Report, line: str) -> str:
    """Return what ran, in a ``line`` on load, device and cap, and what predicted its power."""
    about = f"{report.what[0].upper()}{report.what[1:].rstrip('.')}. " if report.what else ""
    confidence = report.prediction.confidence
    sure = "" if confidence is None else f" at {confidence:.0%}"
    return f"{about}{line}; power model {report.power_model}{sure}, seed {report.seed}."


def roofline_section(log: RunLog, whose: str = "") -> Section | None:
    """Return the roofline, of ``whose`` run where there are several; None without products."""
    figure = roofline(log, whose)
    return None if figure is None else Section("Roofline", "", [figure])


def _battery(report: Report, run: Run) -> list[Section]:
    if report.battery is None:
        return []
    return [battery_section(run), cell_section(report, report.battery, run.book)]


def _stages(report: Report, run: Run) -> Section | None:
    if not report.stages:
        return None
    idle_j = float(run.book.idle_j.sum())
    table = table_of(stages_grid(report.stages), "Stages")
    return Section("Stages", "", [stages_figure(report.stages, idle_j)], [table])
