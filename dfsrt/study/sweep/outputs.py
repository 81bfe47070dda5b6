"""The files of a finished sweep: JSON, CSV and Parquet, and the points of its page."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dfsrt.base.files import write_atomically
from dfsrt.report.counted import counted
from dfsrt.report.parquet import write_table
from dfsrt.report.pivot import Column, Points
from dfsrt.report.schema import to_json
from dfsrt.study.sweep.alike import text_of
from dfsrt.study.sweep.metrics import METRICS, TEXTS, Cell, flat
from dfsrt.study.sweep.schema import SweepReport
from dfsrt.study.sweep.words import shared_text, size_text

if TYPE_CHECKING:
    import pyarrow as pa

RESULT, CSV, PARQUET, TIMING = "result.json", "points.csv", "points.parquet", "timing.json"
FILES = (RESULT, CSV, PARQUET, TIMING)
"""All that a finished sweep leaves in its folder beside the journal."""


def write_sweep(report: SweepReport, out: Path) -> None:
    """Write ``report`` into the folder ``out`` in all three forms.

    Raises:
        OutputError: a file that cannot be written.
    """
    _write(out / RESULT, to_json(report))
    columns = columns_of(report)
    _write(out / CSV, _csv_text(columns).encode())
    about = {"study": report.study, "sampler": report.sampler, "seed": report.seed}
    write_table(_typed(columns), about, out / PARQUET)


def columns_of(report: SweepReport) -> dict[str, list[Cell]]:
    """Return a column for each thing varied or said, and each number, ``(n_points,)``."""
    briefs = [flat(point.brief) for point in report.points]
    said = dict.fromkeys(name for point in report.points for name in point.spec)
    columns: dict[str, list[Cell]] = {"point": [point.number for point in report.points]}
    columns |= {
        name: [None if name not in p.spec else _plain(p.spec[name]) for p in report.points]
        for name in said
    }
    # Numbers of the device stand in its text, and by themselves too.
    columns |= {
        name: [p.varied[name] for p in report.points] for name in report.vary if name not in said
    }
    columns |= {name: [brief[name] for brief in briefs] for name in (*METRICS, *TEXTS)}
    columns["error"] = [point.error for point in report.points]
    return columns


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ",".join(f"{name}={text_of(each)}" for name, each in value.items())
    return text_of(value)


def _csv_text(columns: dict[str, list[Cell]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in zip(*columns.values(), strict=True):
        writer.writerow("" if cell is None else cell for cell in row)
    return text.getvalue()


def _typed(columns: dict[str, list[Cell]]) -> pa.Table:
    import pyarrow as pa

    def kind(name: str) -> pa.DataType:
        if name in ("point", "frames", "missed"):
            return pa.int64()
        return pa.float64() if name in METRICS else pa.string()

    # "frames" as said and as run is one column: what ran stands last.
    return pa.table({name: pa.array(cells, kind(name)) for name, cells in columns.items()})


def failed_notes(report: SweepReport) -> list[str]:
    """Return why points could not run, and how many each."""
    failures = report.failures.items()
    return [f"{counted(count, 'point')} could not run: {why}" for why, count in failures]


def pivot_points(report: SweepReport, notes: Sequence[str] = ()) -> Points:
    """Return the points of the sweep's page; those that could not run are left out, and counted."""
    ran = [point for point in report.points if point.brief is not None]
    briefs = [flat(point.brief) for point in ran]
    left_out = failed_notes(report)
    varied = {name: [point.varied[name] for point in ran] for name in report.vary}
    columns = {}
    for name, metric in METRICS.items():
        values = [_number(brief[name]) for brief in briefs]
        if not all(map(math.isnan, values)):
            columns[name] = Column(metric.label, metric.unit, metric.better, values)
    order = {
        name: [text for text in dict.fromkeys([*report.vary[name], *texts]) if text in set(texts)]
        for name, texts in varied.items()
    }
    said = [size_text(report), shared_text(report), *notes, *left_out]
    title = f"Sweep {report.study}".replace("Sweep sweep", "Sweep")
    return Points(title, [line for line in said if line], varied, order, columns)


def _number(cell: Cell) -> float:
    return float(cell) if isinstance(cell, int | float) else math.nan


def _write(path: Path, data: bytes) -> None:
    write_atomically(path, lambda beside: beside.write_bytes(data))
