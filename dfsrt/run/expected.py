"""What the governor expects of each layer: the model's prediction, corrected where one learns."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.device.npu import Domain
from dfsrt.device.ramp_shares import Moves, shares_of_time
from dfsrt.governor.ramps import mean_w
from dfsrt.power.table import LayerTable
from dfsrt.run.corrector import Correction, Corrector
from dfsrt.run.energy import ramps_of
from dfsrt.run.recorder import Recorder, Rows
from dfsrt.run.stretch import Stretches


class Expected:
    """Predicted watts in the capped domain, row by row.

    Without a corrector they are the table's for all rows. With one, each row has the correction
    that was known when it began; it changes when a request has finished only.
    """

    def __init__(self, table: LayerTable, domain: Domain, corrector: Corrector | None) -> None:
        self._table = table
        self._domain = domain
        self._corrector = corrector
        self._stretches = None if corrector is None else Stretches(table, corrector)
        self._points = np.array(table.npu.opps.set_points_uv)
        self._ramps: tuple[Rows, Ints, Floats] | None = None
        self._seen_rows = 0
        self._first_row = 0
        self._from_row = [] if corrector is None else [(0, corrector.correction)]
        self.predicted_w = self._under(self.correction)

    @property
    def correction(self) -> Correction | None:
        """What has been learned so far; None without a corrector."""
        return self._from_row[-1][1] if self._from_row else None

    def learn(self, recorder: Recorder) -> bool:
        """Take in the rows of the request that has just finished; return whether to plan again."""
        if self._corrector is None or self._stretches is None:
            return False
        self._stretches.add(recorder.rows(self._seen_rows))
        self._seen_rows = len(recorder)
        self._from_row.append((len(recorder), self._corrector.correction))
        self.predicted_w = self._under(self.correction)
        return True

    def drop(self, first_row: int) -> None:
        """Forget the corrections of rows before ``first_row``, over which the books are closed."""
        self._first_row = first_row
        del self._from_row[:-1]

    def of_rows(self, rows: Rows, level: Ints, set_point: Ints) -> Floats:
        """Return what was expected of each row's layer at ``level`` and ``set_point`` then.

        All are ``(n_rows,)``. While the rail moves, a clock that runs at the voltage which it
        guarantees is expected to draw the watts of the voltages that it passes.
        """
        moving, shares = self._in_ramps(rows)
        guaranteed = self._points[set_point[moving]] == rows.guaranteed_uv[moving]
        moving, shares = moving[guaranteed], shares[guaranteed]
        watts = np.empty(len(level))
        for part, predicted_w in self._parts(len(level)):
            first, stop, _ = part.indices(len(level))
            watts[part] = predicted_w[rows["layer"][part], level[part], set_point[part]]
            inside = slice(*np.searchsorted(moving, (first, stop)).tolist())
            row = moving[inside]
            watts[row] = mean_w(predicted_w, rows["layer"][row], level[row], shares[inside])
        return watts

    def _in_ramps(self, rows: Rows) -> tuple[Ints, Floats]:
        """The numbers of the rows in which the rail moves, and their shares of set points."""
        if self._ramps is None or self._ramps[0] is not rows:
            moving = rows.moving
            moves = Moves(*ramps_of(self._table, rows, moving).T)
            start, end = rows["start_ns"][moving], rows["end_ns"][moving]
            shares = shares_of_time(start, end, moves, self._points)
            self._ramps = rows, moving, shares
        return self._ramps[1:]

    def _parts(self, count: int) -> Iterator[tuple[slice, Floats]]:
        """Each stretch of rows under one correction, and the predictions under it."""
        if not self._from_row:
            yield slice(None), self.predicted_w
        ends = [*(row for row, _ in self._from_row[1:]), self._first_row + count]
        for (first, correction), end in zip(self._from_row, ends, strict=False):
            part = slice(max(first - self._first_row, 0), end - self._first_row)
            if part.stop > part.start:
                yield part, self._under(correction)

    def _under(self, correction: Correction | None) -> Floats:
        npu_w = None if correction is None else correction.apply(self._table.predicted_w)
        return self._table.predicted_in(self._domain, npu_w)
