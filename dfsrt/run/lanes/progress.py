"""Progress: how a lane's layer begins, goes on, and changes its clock on the way.

A layer's parts pass one after the other, its compute and its bytes side by side: the stall, the
launch, then both. All are whole nanoseconds. Bytes end within the nanosecond in which the last of
them crosses, so that no byte is lost and none crosses twice.
"""

from __future__ import annotations

from dfsrt.run.lanes.lane import ONE, Lane, Work
from dfsrt.run.lanes.sharing import is_moving


def begin_work(lane: Lane, work: Work, at: int, stall_ns: int) -> None:
    """Begin a layer whose tables stand ``at`` a place, after a stall."""
    lane.stall_ns = lane.stalled_ns = stall_ns
    lane.head_ns, lane.compute_ns = work.head_ns[at], work.compute_ns[at]
    lane.bytes_ns = work.memory_ns[at] * ONE
    lane.done = 0


def next_ns(lane: Lane) -> int:
    """Return how long a working lane's layer goes on as it does now."""
    if lane.stalled_ns > 0:
        return lane.stalled_ns
    if lane.head_ns > 0:
        return lane.head_ns
    if is_moving(lane):
        return -(-lane.bytes_ns // lane.share)
    return lane.compute_ns


def go_on(lane: Lane, passed_ns: int) -> None:
    """Let time pass for a working lane, no more than ``next_ns``."""
    if lane.stalled_ns > 0:
        lane.stalled_ns -= passed_ns
    elif lane.head_ns > 0:
        lane.head_ns -= passed_ns
    else:
        lane.compute_ns = max(0, lane.compute_ns - passed_ns)
        lane.bytes_ns = max(0, lane.bytes_ns - lane.share * passed_ns)


def is_done(lane: Lane) -> bool:
    """Whether nothing of a lane's layer is left."""
    rest = lane.stalled_ns + lane.head_ns + lane.compute_ns
    return rest == 0 and lane.bytes_ns == 0


def change_clock(lane: Lane, work: Work, before: int, after: int) -> None:
    """Take what is left of a layer from one clock to another, by their places in the tables."""
    lane.head_ns = _scaled(lane.head_ns, work.head_ns[before], work.head_ns[after])
    lane.compute_ns = _scaled(lane.compute_ns, work.compute_ns[before], work.compute_ns[after])
    lane.bytes_ns = _scaled(
        lane.bytes_ns, work.memory_ns[before] * ONE, work.memory_ns[after] * ONE
    )


def _scaled(left: int, whole: int, new_whole: int) -> int:
    """What is left of a whole that has become another, rounded up to a unit."""
    if left == 0 or whole == new_whole:
        return left
    if left == whole:
        return new_whole
    exact = left * (new_whole / whole)
    scaled = int(exact)
    return scaled + 1 if scaled < exact else scaled


def done_share(lane: Lane, work: Work, at: int) -> int:
    """Return the millionths of a layer that are done, by the time that it takes alone.

    Never less than before: what is left may take longer at another clock.
    """
    whole = work.head_ns[at] + max(work.compute_ns[at], work.memory_ns[at])
    left = lane.head_ns + max(lane.compute_ns, lane.bytes_ns / ONE)
    return max(lane.done, int((1.0 - left / whole) * ONE)) if whole > 0 else ONE
