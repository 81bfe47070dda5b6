"""Energy: by power domain, by component and layer, by stage."""

from __future__ import annotations

from collections.abc import Sequence

from dfsrt.base.units import format_si
from dfsrt.power.components import COMPONENTS
from dfsrt.report.page.page import Figure, Section, Table
from dfsrt.report.page.style import PALETTE, STACKED, bar, si_axis
from dfsrt.report.page.tree import Parts, by_layer, energy_tree
from dfsrt.report.schema import Report, StageReport
from dfsrt.run.book import Book

DOMAINS = {"npu": "NPU", "dram": "DRAM", "uncore": "uncore"}
"""Domains as a report names them, and as people do."""


def energy_section(report: Report, book: Book) -> Section:
    """Return the NPU's energy in all domains, and what took it."""
    tree = energy_tree("energy", "Where the energy went", "all domains", by_component(book))
    return Section("Energy", "", [domains([(report.governor, report)]), tree])


def by_component(book: Book) -> Parts:
    """Return each component's energy by layer."""
    names, component_j = book.table.load.names, book.component_j
    return {
        name.replace("_", " "): by_layer(names, book.energy_j[:, k], float(component_j[k]))
        for k, name in enumerate(COMPONENTS)
    }


def domains(runs: Sequence[tuple[str, Report]]) -> Figure:
    """Return the energy of every domain, a bar for each run: of a frame, or of the whole run."""
    each = all(report.frames for _, report in runs)
    per = "per frame" if each else "of the run"
    shades = zip(DOMAINS.items(), PALETTE, strict=False)
    return Figure(
        name="domains",
        title=f"Energy {per}, all domains",
        says=f"{_said(runs, each)}; the cap counts domain {runs[0][1].cap.domain}",
        data=[_bar(runs, key, name, shade, each) for (key, name), shade in shades],
        layout={**STACKED, "xaxis": si_axis(f"energy {per}", "J")},
        height=150 + 45 * len(runs),
        table=_domains_table(runs, each),
    )


def _said(runs: Sequence[tuple[str, Report]], each: bool) -> str:
    """Each domain of one run, or the sum of each of several."""
    if len(runs) > 1:
        return "; ".join(f"{name} {_text(report, 'total', each)}" for name, report in runs)
    report = runs[0][1]
    parts = [f"{name} {_text(report, key, each)}" for key, name in DOMAINS.items()]
    return f"{', '.join(parts)}: {_text(report, 'total', each)} together"


def _of(report: Report, domain: str, each: bool) -> float:
    joules = float(getattr(report.energy_by_domain_j, domain))
    return joules / report.frames if each else joules


def _text(report: Report, domain: str, each: bool) -> str:
    return format_si(_of(report, domain, each), "J")


def _bar(
    runs: Sequence[tuple[str, Report]], key: str, name: str, shade: str, each: bool
) -> dict[str, object]:
    amounts = [_of(report, key, each) for _, report in runs]
    hover = "%{fullData.name}: %{x:.4s}J<extra></extra>"
    return bar(name, [name for name, _ in runs], amounts, shade, hovertemplate=hover)


def _domains_table(runs: Sequence[tuple[str, Report]], each: bool) -> Table:
    """Joules of each domain, of all, and what of the capped one's went while nothing ran."""
    rows = [
        (
            name,
            *(_text(report, key, each) for key in (*DOMAINS, "total")),
            format_si(report.idle_j / report.frames if each else report.idle_j, "J"),
        )
        for name, report in runs
    ]
    idle = f"idle, of {runs[0][1].cap.domain}"
    heads = ("<governor", *DOMAINS.values(), "all domains", idle)
    return Table(heads, rows, "Energy by domain")


def stages_figure(stages: Sequence[StageReport], idle_j: float) -> Figure:
    """Return the energy of each workload's stages, and of the time in which nothing ran."""
    parts: dict[str, dict[str, float]] = {}
    for stage in stages:
        parts.setdefault(stage.workload, {})[stage.name] = stage.energy_by_domain_j.total
    whole = "all domains"
    return energy_tree("stages", "Energy by stage", whole, {**parts, "idle": idle_j})
