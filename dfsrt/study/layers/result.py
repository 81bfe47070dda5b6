"""From the trials of a search to its result: the Pareto set, the chosen point, files."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dfsrt.base.errors import InputError
from dfsrt.base.files import write_atomically
from dfsrt.optimize import apply_steps, transform_label
from dfsrt.optimize.layers import Layers
from dfsrt.report.schema import to_json
from dfsrt.study.entry import COMPLETE, FAILED, Entry
from dfsrt.study.layers.bench import MOST_DB, Bench
from dfsrt.study.layers.choice import choice_notes, chosen_point
from dfsrt.study.layers.fidelity import fidelity_of
from dfsrt.study.layers.schema import LayerPoint, LayerReport
from dfsrt.study.layers.space import MAPS, LayerSpace
from dfsrt.study.result import pareto

if TYPE_CHECKING:
    import onnx


@dataclass(frozen=True)
class Searched:
    """A finished search: ``report``, and a row for every trial that ran in ``points``."""

    report: LayerReport
    points: Sequence[LayerPoint]
    bench: Bench

    def to_json(self) -> bytes:
        """Return the report as JSON."""
        return to_json(self.report)

    def to_csv(self) -> bytes:
        """Return a row for each trial as comma-separated values."""
        from dfsrt.study.layers.rows import trials_csv

        return trials_csv(self.report, self.points)

    def save_page(self, path: str | Path) -> None:
        """Write the page."""
        from dfsrt.report.page import write_page
        from dfsrt.study.layers.page import layers_page

        write_page(layers_page(self.report, self.points), Path(path))

    def save_figure(self, path: str | Path) -> None:
        """Draw the trials, ``.svg`` or ``.png``."""
        from dfsrt.study.layers.figure import write_trials

        write_trials(self.report, self.points, Path(path))

    def model(self, point: LayerPoint | None = None) -> onnx.ModelProto:
        """Return the model of a point, the chosen one by default."""
        point = point or self.report.chosen
        how = Layers("/".join(point.weights.values()), point.maps, "refit" in point.steps)
        *_, last = apply_steps(self.bench.model, (how,), self.bench.data)
        return last.model

    def save(self, path: str | Path) -> None:
        """Write the chosen model."""
        data = self.model().SerializeToString()
        write_atomically(Path(path), lambda beside: beside.write_bytes(data))


def result_of(
    bench: Bench, space: LayerSpace, entries: Sequence[Entry], at_least: float | None
) -> Searched:
    """Return what a search has come to.

    Raises:
        InputError: no trial could run, or none keeps ``at_least``.
    """
    complete = [entry for entry in entries if entry.state == COMPLETE]
    if not complete:
        raise InputError(f"no trial could run: {entries[0].error}")
    points = [_point(space, entry) for entry in complete]
    front = _front(points, bench.search.fidelity)
    table = bench.job(bench.ready)
    cap_w = table.power_cap.first_w
    report = LayerReport(
        network=bench.search.name,
        device=table.npu.name,
        data=bench.data.judged_on.what,
        cap_w=cap_w if math.isfinite(cap_w) else None,
        governor=str(table.spec.governor),
        fidelity=bench.search.fidelity,
        at_least=at_least,
        trials=len(entries),
        failed=sum(entry.state == FAILED for entry in entries),
        seed=bench.search.seed,
        exhaustive=space.exhaustive,
        widest=points[0],
        chosen=chosen_point(front, bench.search.fidelity, at_least, points[0].energy_j),
        pareto=front,
        sensitivity_db=_sensitivity(space),
        failures=dict(sorted(Counter(e.error for e in entries if e.error).items())),
        notes=[*space.notes, *choice_notes(front, at_least, points[0].energy_j)],
    )
    return Searched(report, points, bench)


def _point(space: LayerSpace, entry: Entry) -> LayerPoint:
    figures, typed = entry.cells[0], dict(entry.typed)
    return LayerPoint(
        trial=entry.number,
        steps=transform_label(space.how(typed)),
        maps=typed.pop(MAPS),
        weights=typed,
        energy_j=figures["energy_j"],
        latency_s=figures["latency_s"],
        weight_bytes=int(figures["weight_bytes"]),
        sqnr_db=figures["sqnr_db"],
        cosine=figures["cosine"],
        accuracy=figures.get("accuracy"),
        same=figures.get("same"),
    )


def _front(points: Sequence[LayerPoint], fidelity: str) -> list[LayerPoint]:
    kept = pareto([(p.energy_j, -fidelity_of(p, fidelity)) for p in points])
    return sorted((points[i] for i in kept), key=lambda p: p.energy_j)


def _sensitivity(space: LayerSpace) -> dict[str, dict[str, float]]:
    def db(noise: float) -> float:
        return MOST_DB if noise <= 0 else min(-10 * math.log10(noise), MOST_DB)

    pairs = zip(space.layers, space.noises, strict=True)
    return {name: {str(c): db(noise) for c, noise in mine.items()} for name, mine in pairs}
