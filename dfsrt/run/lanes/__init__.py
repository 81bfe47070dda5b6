"""Lanes: cores that work side by side, each on a request of its own, and share the memory.

Decision 0082 says by which rules.
"""

from dfsrt.run.lanes.advance import advance_lanes
from dfsrt.run.lanes.book import LaneBook
from dfsrt.run.lanes.energy import lane_energy
from dfsrt.run.lanes.lane import LANE_COLUMNS, ONE, Lane, Work
from dfsrt.run.lanes.parts import laid_out_work
from dfsrt.run.lanes.rows import cut
from dfsrt.run.lanes.setup import LaneSetup, lane_setup, with_share

__all__ = [
    "LANE_COLUMNS",
    "ONE",
    "Lane",
    "LaneBook",
    "LaneSetup",
    "Work",
    "advance_lanes",
    "cut",
    "laid_out_work",
    "lane_energy",
    "lane_setup",
    "with_share",
]
