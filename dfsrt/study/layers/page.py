"""The page of a search: trials, the Pareto set, what each layer alone does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dfsrt.base.units import format_si
from dfsrt.report.look import BLUE, RED
from dfsrt.report.page import Figure, Page, Section, Tile
from dfsrt.report.page.grids import table_of
from dfsrt.report.page.style import RING, axis, line, si_axis
from dfsrt.study.layers.fidelity import fidelity_of
from dfsrt.study.layers.schema import LayerPoint, LayerReport
from dfsrt.study.layers.search import FIDELITIES
from dfsrt.study.layers.words import (
    fidelity_text,
    fidelity_title,
    head_lines,
    points_grid,
    sensitivity_grid,
)


def layers_page(report: LayerReport, points: Sequence[LayerPoint]) -> Page:
    """Return the page of a finished search."""
    best = report.chosen
    return Page(
        title=f"{report.network} made smaller for {report.device}, layer by layer",
        subject=head_lines(report)[0],
        what="; ".join(head_lines(report)),
        tiles=[
            Tile("energy of a frame", format_si(best.energy_j, "J"),
                 f"{best.energy_j / report.widest.energy_j - 1:+.1%} against the widest"),
            Tile(fidelity_title(report), fidelity_text(best, report.fidelity),
                 f"{fidelity_text(report.widest, report.fidelity)} of the widest"),
            Tile("weights", format_si(best.weight_bytes, "B"),
                 f"from {format_si(report.widest.weight_bytes, 'B')}"),
        ],
        sections=[
            Section("Trials", f"The chosen point is made by --steps {best.steps}.",
                    [_trials(report, points)],
                    [table_of(points_grid(report), "The Pareto set")]),
            Section("Each layer alone", "Signal to error at the outputs, all else as given.",
                    tables=[table_of(sensitivity_grid(report), "Options by layer")]),
        ],
    )  # fmt: skip


def _trials(report: LayerReport, points: Sequence[LayerPoint]) -> Figure:
    name, front = report.fidelity, report.pareto
    x, y = _places(points, name)
    data: list[Mapping[str, object]] = [
        {
            "type": "scatter", "mode": "markers", "name": "trial", "x": x, "y": y,
            "text": ["/".join(p.weights.values()) for p in points],
            "marker": {"color": "@muted", "size": 6, "opacity": 0.7},
            "hovertemplate": "%{text}: %{x:.4s}J, %{y:.4g}",
        },
        line("Pareto set", *_places(front, name), BLUE, mode="lines+markers", line={"shape": "hv"}),
        _chosen(report.chosen, name),
    ]  # fmt: skip
    return Figure(
        name="trials",
        title="Fidelity over energy a frame",
        says=f"{len(points)} trials, {len(front)} of them on the Pareto set; chosen is trial "
        f"{report.chosen.trial}",
        data=data,
        layout={"xaxis": si_axis("energy a frame", "J"), "yaxis": axis(FIDELITIES[name])},
        height=460,
    )


def _chosen(point: LayerPoint, name: str) -> Mapping[str, object]:
    x, y = _places([point], name)
    ring = {"color": RED, **RING}
    return {
        "type": "scatter", "mode": "markers", "name": "chosen", "x": x, "y": y, "marker": ring,
        "hovertemplate": "chosen: %{x:.4s}J, %{y:.4g}<extra></extra>",
    }  # fmt: skip


def _places(points: Sequence[LayerPoint], name: str) -> tuple[list[float], list[float]]:
    return [p.energy_j for p in points], [fidelity_of(p, name) for p in points]
