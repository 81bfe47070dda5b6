"""The recorder: the few integers that the runtime writes down for each layer it runs."""

from __future__ import annotations

from typing import NamedTuple

from dfsrt.runtime.rail_state import RailMove

IDLE = -1
"""Layer number of a row in which nothing runs."""


class Row(NamedTuple):
    """One layer execution, or one idle stretch.

    The row spans ``start_ns - stall_ns`` to ``end_ns``: the stall of the clock change that the
    layer asked for is charged to it.
    """

    frame: int
    layer: int
    start_ns: int
    end_ns: int
    stall_ns: int
    level: int
    guaranteed_uv: int
    cap_step: int


class Recorder:
    """Rows in order of time, and for rows in which the rail moved, how."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.moving: dict[int, RailMove] = {}
        self.arrival_ns: list[int] = []
        self.finish_ns: list[int] = []

    def add(self, row: Row, move: RailMove | None) -> None:
        """Append ``row``; ``move`` is the rail's transition if it touches the row."""
        if move is not None:
            self.moving[len(self.rows)] = move
        self.rows.append(row)
