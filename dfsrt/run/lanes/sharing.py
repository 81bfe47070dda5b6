"""Sharing: what each lane gets of the memory's bandwidth, max-min fairly."""

from __future__ import annotations

from collections.abc import Sequence

from dfsrt.run.lanes.lane import ONE, WORK, Lane, Work

_OPEN = -1
"""In place of a share: not settled yet."""


def share_out(lanes: Sequence[Lane], work: Work, levels: int) -> None:
    """Set the pace of each lane's bytes: nobody faster than alone, what is left in equal parts.

    Whoever needs no more than an equal part has its own pace; the others share the rest. Shares are
    rounded down, and so never add up to more than the memory has.
    """
    wanting, left, count = 0, ONE, len(lanes)
    for k in range(count):
        moves = is_moving(lanes[k])
        lanes[k].share = _OPEN if moves else 0
        wanting += moves
    settled = True
    while wanting > 0 and settled:
        settled, fair = False, left // wanting
        for k in range(count):
            if lanes[k].share == _OPEN and _need(lanes[k], work, levels) <= fair:
                lanes[k].share = ONE
                left -= _need(lanes[k], work, levels)
                wanting -= 1
                settled = True
    for k in range(count):
        if lanes[k].share == _OPEN:
            lanes[k].share = left // wanting * ONE // _need(lanes[k], work, levels)


def _need(lane: Lane, work: Work, levels: int) -> int:
    return int(work.need[lane.layer * levels + lane.level])


def is_moving(lane: Lane) -> bool:
    """Whether a lane's layer has bytes to move now."""
    begun = lane.doing == WORK and lane.stalled_ns == 0 and lane.head_ns == 0
    return begun and lane.bytes_ns > 0
