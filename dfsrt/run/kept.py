"""Consumers that keep some of a run's log: rows of one request, first executions, requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields as dataclass_fields
from dataclasses import replace

import numpy as np

from dfsrt.base.arrays import Ints, Values
from dfsrt.base.errors import DfsrtError
from dfsrt.run.ended import Ended, joined_requests
from dfsrt.run.log import ROW_COLUMNS, RunLog


class OneRequest:
    """Keeps the rows of request ``number``, and nothing else."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._pieces: list[RunLog] = []

    def add(self, log: RunLog) -> None:
        """Take the next piece of the log."""
        rows = np.flatnonzero((log.frame == self._number) & (log.times == 1) & log.ran)
        if len(rows):
            self._pieces.append(rows_of(log, rows))

    @property
    def log(self) -> RunLog:
        """The request's rows as a log."""
        return joined(self._pieces)


class FirstPass:
    """Keeps the row of each layer's first execution, in order of time, as if of one request."""

    def __init__(self) -> None:
        self._seen: Ints = np.empty(0, dtype=np.int64)
        self._pieces: list[RunLog] = []

    def add(self, log: RunLog) -> None:
        """Take the next piece of the log."""
        ran = np.flatnonzero(log.ran)
        _, first = np.unique(log.layer[ran], return_index=True)
        rows = np.sort(ran[first])
        rows = rows[~np.isin(log.layer[rows], self._seen)]
        if len(rows):
            self._seen = np.concatenate([self._seen, log.layer[rows]])
            self._pieces.append(rows_of(log, rows))

    @property
    def log(self) -> RunLog:
        """The rows as a log."""
        log = joined(self._pieces)
        return replace(log, frame=np.zeros_like(log.frame))


class Rows:
    """Keeps every row."""

    def __init__(self) -> None:
        self._pieces: list[RunLog] = []

    def add(self, log: RunLog) -> None:
        """Take the next piece of the log."""
        self._pieces.append(log)

    @property
    def log(self) -> RunLog:
        """All rows as one log."""
        return self._pieces[0] if len(self._pieces) == 1 else joined(self._pieces)


class Requests:
    """Keeps the requests that have left, and at the end those still there."""

    def __init__(self) -> None:
        self._pieces: list[Ended] = []

    def add(self, log: RunLog) -> None:
        """Take the next piece of the log."""
        self._pieces.extend(log.left)

    @property
    def ended(self) -> Ended:
        """All requests, in order of their end."""
        return joined_requests(self._pieces)


def rows_of(log: RunLog, rows: Ints) -> RunLog:
    """Return ``log`` with these rows alone, by number, ``(n,)``."""
    return _with_columns(log, {c: getattr(log, c)[rows] for c in ROW_COLUMNS})


def joined(pieces: Sequence[RunLog]) -> RunLog:
    """Return the rows, requests and moves of all ``pieces`` as one log.

    Raises:
        DfsrtError: there is no piece.
    """
    if not pieces:
        raise DfsrtError("nothing that is to be kept has run yet")
    whole = replace(
        pieces[-1],
        left=tuple(piece for p in pieces for piece in p.left),
        repeated=tuple(r for p in pieces for r in p.repeated),
        moves=np.concatenate([p.moves for p in pieces]),
        moved=sum(p.moved for p in pieces),
        transitions=np.sum([p.transitions for p in pieces], axis=0),
    )
    columns = {c: np.concatenate([getattr(p, c) for p in pieces]) for c in ROW_COLUMNS}
    return _with_columns(whole, columns)


def _with_columns(log: RunLog, columns: Mapping[str, Values]) -> RunLog:
    """Return ``log`` with other rows: ``columns`` ``(n_rows,)``, all of ``ROW_COLUMNS``."""
    fields = {f.name: getattr(log, f.name) for f in dataclass_fields(log)}
    return RunLog(**{**fields, **columns})
