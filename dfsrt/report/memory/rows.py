"""Reports of memory as rows: for CSV files and data frames."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

from dfsrt.base.json import Json
from dfsrt.report.memory.parts import OPERANDS, OperandBytes, Tile
from dfsrt.report.memory.schema import MemoryComparisonReport, MemoryLayer, MemoryReport

Columns = Mapping[str, list[Json]]
"""Columns by name, all of one length."""
_PLAIN = (
    *("name", "op", "dram_bytes", "dram_read_bytes", "dram_write_bytes", "bound_bytes"),
    *("times_bound", "order", "stays", "held_by", "place", "row_hit_rate", "dram_j", "dram_s"),
    "pj_per_byte",
)


def layer_rows(report: MemoryReport) -> Columns:
    """Return the layers as columns; operands and the tile's sizes have a column each."""
    return _columns(_layer_row(layer) for layer in report.layers)


def point_rows(report: MemoryComparisonReport) -> Columns:
    """Return the points as columns, a row for each policy in each buffer."""
    return _columns(
        {
            "buffer_bytes": p.buffer_bytes,
            "mapper": p.mapper,
            "schedule": p.schedule,
            "dram_bytes": p.dram_bytes,
            **_operands(p.bytes),
            "bound_bytes": p.bound_bytes,
        }
        for p in report.points
    )


def csv_bytes(columns: Columns) -> bytes:
    """Return columns as comma-separated values under their names; what is None is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return text.getvalue().encode()


def _layer_row(layer: MemoryLayer) -> dict[str, Json]:
    row: dict[str, Json] = {name: getattr(layer, name) for name in _PLAIN}
    return {**row, **_operands(layer.bytes), **_tile(layer.tile)}


def _operands(moved: OperandBytes | None) -> dict[str, Json]:
    return {f"{n}_bytes": None if moved is None else getattr(moved, n) for n in OPERANDS}


def _tile(tile: Tile | None) -> dict[str, Json]:
    return {f"tile_{n}": None if tile is None else getattr(tile, n) for n in "ckpq"}


def _columns(rows: Iterable[dict[str, Json]]) -> dict[str, list[Json]]:
    listed = list(rows)
    return {name: [row[name] for row in listed] for name in (listed[0] if listed else ())}
