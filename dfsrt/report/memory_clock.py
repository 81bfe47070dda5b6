"""The memory's clock of a report: how long it was at each of its points, and what changes cost."""

from __future__ import annotations

from dfsrt.base.units import format_si
from dfsrt.governor.memory import memory_label
from dfsrt.report.schema import MemoryClock, Residency
from dfsrt.report.tables import clock_text, shares
from dfsrt.run.run import Run

Row = tuple[str, str, str]


def memory_clock(run: Run) -> MemoryClock | None:
    """Return what became of the memory's clock; None where it has but one, unnamed."""
    book, policy = run.book, run.job.memory
    levels, seen = book.table.levels, book.memory_changes - book.memory_unseen
    if levels.n_memory == 1 and policy.governor is None:
        return None
    spent_ns = book.time_ns.sum(axis=0) + book.idle_level_ns
    at_ns = spent_ns.reshape(levels.n_memory, levels.n_core).sum(axis=1)
    whole_ns = max(int(at_ns.sum()), 1)
    pairs = zip(levels.memory_hz.tolist(), at_ns.tolist(), strict=True)
    return MemoryClock(
        governor=None if policy.governor is None else memory_label(policy.governor),
        blind=policy.blind,
        freqs_hz=levels.memory_hz.tolist(),
        residency=[Residency(freq_hz, ns / whole_ns) for freq_hz, ns in pairs if ns > 0],
        changes=book.memory_changes,
        unseen=book.memory_unseen,
        stall_s=seen * book.table.npu.memory.change.stall_ns * 1e-9,
    )


def memory_text(clock: MemoryClock | None) -> str:
    """Return who sets the memory's clock, after a comma; nothing where nobody was named."""
    if clock is None:
        return ""
    blind = ", blind to the memory's clock" if clock.blind else ""
    return blind if clock.governor is None else f", memory {clock.governor}{blind}"


def memory_rows(clock: MemoryClock | None) -> list[Row]:
    """Return changes of the memory's clock and shares of time, where it is not just the highest."""
    if clock is None or (clock.governor is None and _is_highest(clock)):
        return []
    unseen = f"; {clock.unseen:,} while nothing ran" if clock.unseen else ""
    stalled = f"{format_si(clock.stall_s, 's')} stalled{unseen}"
    return [
        ("memory changes", f"{clock.changes:,}", stalled),
        ("memory clocks", "", shares({clock_text(e.freq_hz): e.share for e in clock.residency})),
    ]


def _is_highest(clock: MemoryClock) -> bool:
    return {each.freq_hz for each in clock.residency} <= {clock.freqs_hz[-1]}
