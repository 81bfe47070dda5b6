"""What crossed to and from DRAM in a run."""

from __future__ import annotations

import numpy as np

from dfsrt.base.arrays import exact_total
from dfsrt.cost.mapper import mapper_label
from dfsrt.cost.schedule import schedule_label
from dfsrt.report.energy import ratio
from dfsrt.report.schema import MemoryUse
from dfsrt.run.book import Book


def memory_use(book: Book) -> MemoryUse:
    """Return the bytes of all layer runs, and the least that they could have been."""
    table = book.table
    runs, memory, part = book.runs.sum(axis=1), table.npu.memory, table.npu.dram
    bound = np.array([cost.traffic.bound_bytes for cost in table.costs], dtype=np.int64)
    moved, least = exact_total(runs, table.load.dram_bytes), exact_total(runs, bound)
    return MemoryUse(
        mapper=mapper_label(memory.mapper),
        schedule=schedule_label(memory.schedule),
        dram=None if part is None else part.name,
        dram_bytes=moved,
        bound_bytes=least,
        times_bound=ratio(moved, least),
    )
