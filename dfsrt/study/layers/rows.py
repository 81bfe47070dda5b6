"""The trials of a search as rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from dfsrt.study.layers.schema import LayerPoint, LayerReport

FIGURES = (
    "energy_j", "latency_s", "weight_bytes", "sqnr_db", "cosine", "accuracy", "same",
)  # fmt: skip


def trials_csv(report: LayerReport, points: Sequence[LayerPoint]) -> bytes:
    """Return a row for each trial: what it costs and leaves, and the choice of each layer."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    front = {point.trial for point in report.pareto}
    layers = list(report.widest.weights)
    writer.writerow(["trial", "pareto", *FIGURES, "maps", *layers])
    for point in points:
        values = [getattr(point, name) for name in FIGURES]
        on_front = str(point.trial in front).lower()
        chosen = [point.weights[name] for name in layers]
        writer.writerow([point.trial, on_front, *values, point.maps, *chosen])
    return text.getvalue().encode()
