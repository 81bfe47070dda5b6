"""The NPU's cycles in Vela's per-layer table."""

from __future__ import annotations

from pathlib import Path

from dfsrt.cost.cycles.profiled import product_rows
from dfsrt.cost.cycles.report import Row


def rows(path: Path) -> tuple[list[Row], bytes]:
    """Return the NPU's cycles of each product, waits for memory left out, and the file's bytes.

    Raises:
        InputError: no such table, one that is cut short, or no cycles in it.
    """
    return product_rows("vela", path)
