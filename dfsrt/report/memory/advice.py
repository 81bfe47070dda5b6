"""What to type for fewer bytes."""

from __future__ import annotations

from collections.abc import Iterator

from dfsrt.base.units import format_si
from dfsrt.report.memory.parts import MemoryPolicy
from dfsrt.report.memory.policies import ENGINE, HALF_BUFFER
from dfsrt.report.memory.schema import MemoryReport


def advice(report: MemoryReport) -> Iterator[str]:
    """Yield what to type for the fewest bytes, where another policy moves fewer.

    Another mapper is not where the device's engine settles what is fetched; nor is the half-buffer
    rule, for what it counts may not be possible.
    """
    own = report.totals.dram_bytes
    moved, least = min(
        ((p.dram_bytes, p) for p in report.policies if p.dram_bytes and _is_open(p, report)),
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


def _is_open(policy: MemoryPolicy, report: MemoryReport) -> bool:
    """Whether a policy can be had: with the own mapper, or with another that counts all bytes."""
    if policy.mapper == report.mapper:
        return True
    return report.mapper != ENGINE and policy.mapper != HALF_BUFFER
