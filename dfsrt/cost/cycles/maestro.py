"""MAESTRO's CSV of results: a row for each layer, with its name under 'Layer Number'."""

from __future__ import annotations

from pathlib import Path

from dfsrt.cost.cycles.report import Row, whole_cycles
from dfsrt.cost.cycles.table import table

LAYER, RUNTIME = "Layer Number", "Runtime (Cycles)"


def rows(path: Path) -> tuple[list[Row], bytes]:
    """Return each layer's run time in cycles, and the file's bytes.

    Limits: its waits for the network on chip and for memory are in it and cannot be told apart.

    Raises:
        InputError: another header, or a row without a run time.
    """
    found, data = table(path, (LAYER, RUNTIME), "MAESTRO")
    return [
        Row(row[LAYER], whole_cycles(row[RUNTIME], f"'{path}', layer {row[LAYER]}"))
        for row in found
    ], data
