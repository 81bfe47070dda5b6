"""Rows of lanes: layer executions, parts of them, and idle time, as each lane sees them."""

from __future__ import annotations

from collections.abc import Sequence

from dfsrt.run.lanes.lane import ENDED, ONE, REST, Lane, Work
from dfsrt.run.lanes.progress import done_share
from dfsrt.run.machine import Asked, Machine, Out
from dfsrt.run.recorder import IDLE


def has_room(m: Machine, lanes: Sequence[Lane], out: Out) -> bool:
    """Whether the buffers have places for all rows of one moment."""
    return m.n_rows + 2 * len(lanes) < len(out.rows) and m.n_moves + len(lanes) < len(out.moves)


def cut(m: Machine, asked: Asked, out: Out, lanes: Sequence[Lane], work: Work, levels: int) -> None:
    """Close the present row of every lane: clock, rail or cap are to change, or the run ends."""
    for k in range(len(lanes)):
        if lanes[k].doing != ENDED and lanes[k].begin_ns < m.now_ns:
            write_lane_row(m, asked, out, lanes[k], k, work, levels)


def write_lane_row(
    m: Machine, asked: Asked, out: Out, lane: Lane, number: int, work: Work, levels: int
) -> None:
    """Write what a lane has done since its row began, and begin another row."""
    at, ends = lane.layer * levels + lane.level, lane.doing == ENDED
    stalled, done = 0, 0
    if lane.doing != REST:
        stalled = lane.stall_ns - lane.stalled_ns
        done = ONE if ends else done_share(lane, work, at)
    row = out.rows[m.n_rows]
    row[0], row[1] = lane.request, lane.layer
    row[2], row[3], row[4] = lane.begin_ns + stalled, m.now_ns, stalled
    row[5], row[6] = lane.level, asked.cap_step
    row[7], row[8], row[9] = m.from_uv, m.to_uv, m.settled_ns
    row[10], row[11], row[12] = number, done - lane.done, 1 if ends else 0
    m.n_rows += 1
    lane.done, lane.begin_ns, lane.stall_ns = done, m.now_ns, lane.stalled_ns


def rest_from(lane: Lane, now_ns: int) -> None:
    """Let a lane rest from now on; whose turn it is stays as it is."""
    lane.doing, lane.begin_ns, lane.stall_ns, lane.stalled_ns = REST, now_ns, 0, 0
    lane.request = lane.layer = IDLE
    lane.done = 0
