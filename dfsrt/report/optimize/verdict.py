"""What a device makes of a step, by what was measured: speed, energy, bytes, or nothing."""

from __future__ import annotations

from collections.abc import Iterator

from dfsrt.report.optimize.schema import OptimizeRow, StepChange

THRESHOLD = 0.01
"""Differences below this share count as none: less than what a power meter tells."""
SPEED, ENERGY, BYTES, NOTHING = "speed", "energy only", "bytes only", "no effect"
SLOWER, MORE_ENERGY = "slower", "more energy"


def change(before: OptimizeRow, after: OptimizeRow) -> StepChange:
    """Return what changed from one row to the next, as shares."""
    return StepChange(
        file_bytes=_share(before.file_bytes, after.file_bytes),
        stored_bytes=_share(before.stored_bytes, after.stored_bytes),
        dram_bytes=_share(before.dram_bytes, after.dram_bytes),
        latency=_share(before.latency_s, after.latency_s),
        energy=_share(before.energy_j.total, after.energy_j.total),
    )


def verdict(changed: StepChange) -> str:
    """Return what the device makes of a step: the first that holds, time before energy."""
    for amount, less, more in (
        (changed.latency, SPEED, SLOWER),
        (changed.energy, ENERGY, MORE_ENERGY),
    ):
        if amount is not None and abs(amount) >= THRESHOLD:
            return less if amount < 0 else more
    of_bytes = (changed.file_bytes, changed.stored_bytes, changed.dram_bytes)
    if any(b is not None and b <= -THRESHOLD for b in of_bytes):
        return BYTES
    return NOTHING


def trade(changed: StepChange) -> Iterator[str]:
    """Yield what energy does where time goes the other way, both by more than counts as none."""
    time, energy = changed.latency, changed.energy
    if time is None or energy is None or min(abs(time), abs(energy)) < THRESHOLD:
        return
    if (time < 0) != (energy < 0):
        yield f"for {abs(energy):.0%} {'more' if energy > 0 else 'less'} energy a frame"


def _share(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None or not before else after / before - 1
