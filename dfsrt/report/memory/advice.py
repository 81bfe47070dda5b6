"""What to type for fewer bytes."""

from __future__ import annotations

from collections.abc import Iterator

from dfsrt.base.units import format_si
from dfsrt.report.memory.policies import HALF_BUFFER
from dfsrt.report.memory.schema import MemoryReport


def advice(report: MemoryReport) -> Iterator[str]:
    """Yield what to type for the fewest bytes, where another policy moves fewer.

    The half-buffer rule is never it: what it counts may not be possible.
    """
    own = report.totals.dram_bytes
    possible = [(p.dram_bytes, p) for p in report.policies if p.mapper != HALF_BUFFER]
    moved, least = min(
        ((size, p) for size, p in possible if size is not None),
        key=lambda pair: pair[0],
        default=(own, None),
    )
    if least is None or moved >= own:
        return
    options = [
        *([f"--mapper {least.mapper}"] if least.mapper != report.mapper else []),
        *([f"--schedule {least.schedule}"] if least.schedule != report.schedule else []),
    ]
    if options:
        share = f"{moved / own - 1:.1%}"
        yield f"the fewest: {format_si(moved, 'B')}, {share}, with {' '.join(options)}"
