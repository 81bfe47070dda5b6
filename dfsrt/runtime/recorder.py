"""The recorder: the few integers that the runtime writes down for each layer it runs."""

from __future__ import annotations

from array import array

import numpy as np

from dfsrt.governor.view import Ints
from dfsrt.runtime.rail_state import RailMove

IDLE = -1
"""Layer number of a row in which nothing runs."""

COLUMNS = (
    "frame",
    "layer",
    "start_ns",
    "end_ns",
    "stall_ns",
    "level",
    "guaranteed_uv",
    "cap_step",
)
"""What a row holds: one layer execution, or one idle stretch.

A row spans ``start_ns - stall_ns`` to ``end_ns``: the stall of the clock change that a layer asked
for is charged to it.
"""


class Recorder:
    """Rows in order of time, 64 bytes each, and how the rail moved in those where it did."""

    def __init__(self) -> None:
        self._values = array("q")
        self.moving: dict[int, RailMove] = {}
        self.arrival_ns = array("q")
        self.finish_ns = array("q")

    def add(self, row: tuple[int, ...], move: RailMove | None) -> None:
        """Append the values of ``COLUMNS``; ``move`` is the rail's transition, if it moves."""
        if move is not None:
            self.moving[len(self)] = move
        self._values.extend(row)

    def __len__(self) -> int:
        """Rows so far."""
        return len(self._values) // len(COLUMNS)

    def since(self, first: int) -> tuple[dict[str, Ints], dict[int, RailMove]]:
        """Return the columns from row ``first`` on, and the rail's moves in them, from 0 there."""
        moving = {i - first: self.moving[i] for i in range(first, len(self)) if i in self.moving}
        return self.rows(first), moving

    def rows(self, first: int = 0) -> dict[str, Ints]:
        """Return the columns by name, each ``(n_rows,)``, from row ``first`` on."""
        values = self._values[first * len(COLUMNS) :] if first else self._values
        table = np.array(values, dtype=np.int64).reshape(-1, len(COLUMNS))
        return dict(zip(COLUMNS, np.ascontiguousarray(table.T), strict=True))
