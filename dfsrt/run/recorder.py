"""The recorder: the few integers that the runtime writes down for each layer it runs."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import Any

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.run.ended import Ended, joined_requests

MOVE_COLUMNS = ("command_ns", "ramp_start_ns", "ramp_end_ns", "settled_ns", "from_uv", "to_uv")
"""What is written down of a move of the rail."""
IDLE = -1
"""Layer number of a row in which nothing runs."""
STANDS = -1
"""Move number of a row in which the rail stands still."""

COLUMNS = (
    "frame",
    "layer",
    "start_ns",
    "end_ns",
    "stall_ns",
    "level",
    "guaranteed_uv",
    "cap_step",
    "move",
)
"""What a row holds: one layer execution, or one idle stretch.

A row spans ``start_ns - stall_ns`` to ``end_ns``: the stall of the clock change that a layer asked
for is charged to it. ``move`` is the number of the rail's move under way, from the run's start.
"""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows by column, how often each stands for a run, and the moves they speak of.

    ``column`` arrays and ``times`` are ``(n_rows,)``; ``moves`` is ``(n_moves, 6)``, the columns
    of ``MOVE_COLUMNS``, from move number ``first_move`` on.
    """

    column: dict[str, Ints]
    times: Ints
    moves: Ints
    first_move: int

    def __getitem__(self, name: str) -> Ints:
        return self.column[name]

    def until(self, now_ns: int | None) -> Rows:
        """Return the rows that have ended by ``now_ns``; None is the end of time."""
        if now_ns is None:
            return self
        ended = int(np.searchsorted(self["end_ns"], now_ns, side="right"))
        columns = {name: values[:ended] for name, values in self.column.items()}
        return Rows(columns, self.times[:ended], self.moves, self.first_move)

    @property
    def moving(self) -> tuple[Ints, Ints]:
        """Return the numbers of the rows in which the rail moves, and the moves' own rows."""
        index = np.flatnonzero(self["move"] != STANDS)
        return index, self.moves[self["move"][index] - self.first_move]


class Recorder:
    """Rows, moves and requests in order of time, until the books are closed over them."""

    def __init__(self, n_levels: int) -> None:
        self._ended: list[Ended] = []
        self._n_ended = 0
        self._rows = array("q")
        self._times = array("q")
        self._moves = array("q")
        self._dropped = 0
        self._dropped_moves = 0
        self._carried = 0
        self.transitions = np.zeros((n_levels, n_levels), dtype=np.int64)

    def __len__(self) -> int:
        """Rows from the run's start, dropped ones included."""
        return self._dropped + len(self._times)

    @property
    def pending(self) -> int:
        """Rows and requests over which the books are not closed yet."""
        return len(self._times) + self._n_ended

    def add_rows(self, rows: Any, moves: Any, times: Ints | None = None) -> None:
        """Append rows ``(n, 9)``, the values of ``COLUMNS``, and moves ``(n, 6)``.

        ``times`` ``(n,)`` is how often each row stands for a run, once unless told.
        """
        once = np.ones(len(rows), dtype=np.int64)
        self._rows.frombytes(np.asarray(rows, dtype=np.int64).tobytes())
        self._times.frombytes((once if times is None else times).tobytes())
        self._moves.frombytes(np.asarray(moves, dtype=np.int64).tobytes())

    def add_requests(self, ended: Ended) -> None:
        """Append requests that have left."""
        if len(ended):
            self._ended.append(ended)
            self._n_ended += len(ended)

    def rows(self, first: int = 0) -> Rows:
        """Return the rows from number ``first`` on that are not dropped."""
        skip = max(0, first - self._dropped)
        values = _table(self._rows[skip * len(COLUMNS) :], len(COLUMNS))
        columns = dict(zip(COLUMNS, np.ascontiguousarray(values.T), strict=True))
        times = np.array(self._times[skip:], dtype=np.int64)
        return Rows(columns, times, self.moves, self._dropped_moves)

    @property
    def moves(self) -> Ints:
        """Moves that are not dropped, ``(n_moves, 6)``."""
        return _table(self._moves, len(MOVE_COLUMNS))

    @property
    def new_moves(self) -> Ints:
        """Moves commanded since the last drop, ``(n_moves, 6)``."""
        return self.moves[self._carried :]

    @property
    def requests(self) -> Ended:
        """Requests that are not dropped."""
        return joined_requests(self._ended)

    def drop(self) -> None:
        """Forget rows and requests, and all moves but the last, which may go on."""
        self._dropped += len(self._times)
        self._dropped_moves += max(0, len(self._moves) // len(MOVE_COLUMNS) - 1)
        self._moves = self._moves[-len(MOVE_COLUMNS) :]
        self._carried = len(self._moves) // len(MOVE_COLUMNS)
        self._rows, self._times = array("q"), array("q")
        self._ended, self._n_ended = [], 0
        self.transitions[:] = 0


def _table(values: array[int], width: int) -> Ints:
    return np.array(values, dtype=np.int64).reshape(-1, width)
