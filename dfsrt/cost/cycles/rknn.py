"""The NPU's cycles in rknn-toolkit2's table of layers, as its compiler reckons them."""

from __future__ import annotations

import re
from pathlib import Path

from dfsrt.cost.cycles.profiled import product_rows
from dfsrt.cost.cycles.report import Row

_SUFFIX = re.compile(
    r"_(?:rs|tp|mm|nc\d\w*|\d*(?:de)?conv|\d*gemm|i\d+|expand\d*|swp\d*|_u?int8|_b?float16)$"
)
"""What the compiler appends to the name of a node that it has rewritten."""


def rows(path: Path) -> tuple[list[Row], bytes]:
    """Return each product's NPU cycles, without those of DDR, and the file's bytes.

    Limits: they are of one core and of the precision that the table names.

    Raises:
        InputError: no such table, one that is cut short, or no cycles in it.
    """
    return product_rows("rknn", path, without_suffixes)


def without_suffixes(name: str) -> tuple[str, ...]:
    """Return what is left of a name without what the compiler appended, step by step."""
    names = []
    while (shorter := _SUFFIX.sub("", name)) not in (name, ""):
        names.append(shorter)
        name = shorter
    return tuple(names)
