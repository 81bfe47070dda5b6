"""The NPU's cycles in rknn-toolkit2's table of layers, as its compiler reckons them."""

from __future__ import annotations

from pathlib import Path

from dfsrt.cost.cycles.profiled import product_rows
from dfsrt.cost.cycles.report import Row


def rows(path: Path) -> tuple[list[Row], bytes]:
    """Return each product's NPU cycles, without those of DDR, and the file's bytes.

    Limits: they are of one core and of the precision that the table names.

    Raises:
        InputError: no such table, one that is cut short, or no cycles in it.
    """
    return product_rows("rknn", path)
