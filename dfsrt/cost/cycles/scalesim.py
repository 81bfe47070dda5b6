"""SCALE-Sim's COMPUTE_REPORT.csv, versions 2 and 3."""

from __future__ import annotations

from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.cost.cycles.report import Row, whole_cycles
from dfsrt.cost.cycles.table import table

LAYER, TOTAL, STALL = "LayerID", "Total Cycles", "Stall Cycles"


def rows(path: Path) -> tuple[list[Row], bytes]:
    """Return each layer's total cycles less its stall cycles, and the file's bytes.

    Stalls wait for memory, whose time does not shrink with the clock: dfsrt's own memory model
    stands in for them. Version 3's column with prefetch is not used. Layers are numbered, so
    rows have no names.

    Raises:
        InputError: another header, numbers out of order, or more stalls than cycles.
    """
    found, data = table(path, (LAYER, TOTAL, STALL), "SCALE-Sim (COMPUTE_REPORT.csv)")
    out = []
    for place, row in enumerate(found):
        where = f"'{path}', layer {row[LAYER]}"
        if whole_cycles(row[LAYER], where) != place:
            raise InputError(f"{where}: layer {place} should come here; run SCALE-Sim again")
        cycles = whole_cycles(row[TOTAL], where) - whole_cycles(row[STALL], where)
        if cycles < 0:
            raise InputError(f"{where}: {row[STALL]} stall cycles of {row[TOTAL]} in total")
        out.append(Row("", cycles))
    return out, data
