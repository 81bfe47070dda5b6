"""The recorder: the few integers that the runtime writes down for each layer it runs."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from dfsrt.base.arrays import Floats, Ints
from dfsrt.run.ended import Ended, Repeated

MOVE_COLUMNS = ("command_ns", "ramp_start_ns", "ramp_end_ns", "settled_ns", "from_uv", "to_uv")
"""What is written down of a move of the rail."""
IDLE = -1
"""Layer number of a row in which nothing runs; what the loop writes is less by a phase's code."""

COLUMNS = (
    "frame",
    "layer",
    "start_ns",
    "end_ns",
    "stall_ns",
    "level",
    "cap_step",
    "from_uv",
    "to_uv",
    "settled_ns",
)
"""What a row holds: one layer execution, or one idle stretch.

A row spans ``start_ns - stall_ns`` to ``end_ns``: the stall of the clock change that a layer asked
for is charged to it. The rail's last move goes ``from_uv`` ``to_uv`` and has settled at
``settled_ns``.
"""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows by column, and how often each stands for a run: all ``(n_rows,)``.

    ``phase`` is the code of an idle state's phase, 0 where the NPU is up.
    """

    column: dict[str, Ints]
    times: Ints

    def __getitem__(self, name: str) -> Ints:
        return self.column[name]

    def until(self, now_ns: int | None) -> Rows:
        """Return the rows that have ended by ``now_ns``; None is the end of time."""
        if now_ns is None:
            return self
        ended = int(np.searchsorted(self["end_ns"], now_ns, side="right"))
        columns = {name: values[:ended] for name, values in self.column.items()}
        return Rows(columns, self.times[:ended])

    @property
    def done(self) -> Floats:
        """The share of a layer that is in each row, ``(n_rows,)``: all of it, unless rows say."""
        return self.column["done"] / 1e6 if "done" in self.column else np.ones(len(self.times))

    @property
    def guaranteed_uv(self) -> Ints:
        """The voltage below which the rail does not go while each row's layer runs, (rule 1)."""
        to_uv = self["to_uv"]
        settled = self["start_ns"] >= self["settled_ns"]
        return np.where(settled, to_uv, np.minimum(self["from_uv"], to_uv))

    @property
    def moving(self) -> Ints:
        """The numbers of the rows in which the rail moves."""
        return np.flatnonzero(self["settled_ns"] > self["start_ns"] - self["stall_ns"])


class Recorder:
    """Rows, moves and requests in order of time, until the books are closed over them.

    Rows hold ``columns``, those of ``COLUMNS`` first. ``moved`` counts voltage moves since the last
    drop, whether or not they were written down; ``repeated`` are requests that come over again.
    """

    def __init__(self, n_levels: int, columns: tuple[str, ...] = COLUMNS) -> None:
        self._columns = columns
        self._ended: list[Ended] = []
        self._n_ended = 0
        self._rows = array("q")
        self._times = array("q")
        self._moves = array("q")
        self._dropped = 0
        self.moved = 0
        self.repeated: list[Repeated] = []
        self.transitions = np.zeros((n_levels, n_levels), dtype=np.int64)

    def __len__(self) -> int:
        """Rows from the run's start, dropped ones included."""
        return self._dropped + len(self._times)

    @property
    def pending(self) -> int:
        """Rows and requests over which the books are not closed yet."""
        return len(self._times) + self._n_ended

    def add_rows(self, rows: ArrayLike, times: Ints | None = None) -> None:
        """Append rows ``(n, n_columns)``, the values of the columns.

        ``times`` ``(n,)`` is how often each row stands for a run, once unless told.
        """
        table = np.asarray(rows, dtype=np.int64)
        once = np.ones(len(table), dtype=np.int64)
        self._rows.frombytes(table.tobytes())
        self._times.frombytes((once if times is None else times).tobytes())

    def add_moves(self, moves: ArrayLike) -> None:
        """Append moves ``(n, 6)``, the values of ``MOVE_COLUMNS``."""
        self._moves.frombytes(np.asarray(moves, dtype=np.int64).tobytes())

    def add_requests(self, ended: Ended) -> None:
        """Append requests that have left."""
        if len(ended):
            self._ended.append(ended)
            self._n_ended += len(ended)

    def rows(self, first: int = 0) -> Rows:
        """Return the rows from number ``first`` on that are not dropped."""
        skip = max(0, first - self._dropped)
        values = _table(self._rows[skip * len(self._columns) :], len(self._columns))
        columns = dict(zip(self._columns, np.ascontiguousarray(values.T), strict=True))
        columns["phase"] = np.maximum(IDLE - columns["layer"], 0)
        columns["layer"] = np.maximum(columns["layer"], IDLE)
        return Rows(columns, np.array(self._times[skip:], dtype=np.int64))

    @property
    def moves(self) -> Ints:
        """Moves that are not dropped, ``(n_moves, 6)``."""
        return _table(self._moves, len(MOVE_COLUMNS))

    @property
    def left(self) -> tuple[Ended, ...]:
        """Requests that are not dropped, in pieces."""
        return tuple(self._ended)

    def drop(self) -> None:
        """Forget what the books are closed over."""
        self._dropped += len(self._times)
        self._rows, self._times, self._moves = array("q"), array("q"), array("q")
        self._ended, self._n_ended, self.moved = [], 0, 0
        self.repeated = []
        self.transitions[:] = 0


def _table(values: array[int], width: int) -> Ints:
    return np.array(values, dtype=np.int64).reshape(-1, width)
