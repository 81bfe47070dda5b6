"""What the governor expects of each layer: the model's prediction, corrected where one learns."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.device.npu import Domain
from dfsrt.power.table import LayerTable
from dfsrt.run.corrector import Correction, Corrector
from dfsrt.run.recorder import Recorder, Rows
from dfsrt.run.stretch import Stretches


class Expected:
    """Predicted watts in the capped domain, frame by frame.

    Without a corrector they are the table's for all frames. With one, each frame has the
    correction that was known when it began; it changes between frames only.
    """

    def __init__(self, table: LayerTable, domain: Domain, corrector: Corrector | None) -> None:
        self._table = table
        self._domain = domain
        self._corrector = corrector
        self._stretches = None if corrector is None else Stretches(table, corrector)
        self._seen_rows = 0
        self._first_frame = 0
        self._of_frame = [] if corrector is None else [corrector.correction]
        self.predicted_w = self._under(self.correction)

    @property
    def correction(self) -> Correction | None:
        """What has been learned so far; None without a corrector."""
        return self._of_frame[-1] if self._of_frame else None

    def learn(self, recorder: Recorder) -> bool:
        """Take in the frame that has just finished; return whether to plan again."""
        if self._corrector is None or self._stretches is None:
            return False
        self._stretches.add(recorder.rows(self._seen_rows))
        self._seen_rows = len(recorder)
        self._of_frame.append(self._corrector.correction)
        self.predicted_w = self._under(self.correction)
        return True

    def drop(self) -> None:
        """Forget the corrections of frames over which the books are closed."""
        self._first_frame += max(0, len(self._of_frame) - 1)
        del self._of_frame[:-1]

    def of_rows(self, rows: Rows, level: Ints, set_point: Ints) -> Floats:
        """Return what was expected of each row's layer at ``level`` and ``set_point`` then."""
        watts = np.empty(len(level))
        for of_frame, predicted_w in self._frames(rows["frame"]):
            layer = rows["layer"][of_frame]
            watts[of_frame] = predicted_w[layer, level[of_frame], set_point[of_frame]]
        return watts

    def _frames(self, frame: Ints) -> Iterator[tuple[slice, Floats]]:
        """Each stretch of rows under one correction, and the predictions under it."""
        if not self._of_frame:
            yield slice(None), self.predicted_w
        for number, correction in enumerate(self._of_frame, self._first_frame):
            first, after = np.searchsorted(frame, [number, number + 1])
            if after > first:
                yield slice(first, after), self._under(correction)

    def _under(self, correction: Correction | None) -> Floats:
        npu_w = None if correction is None else correction.apply(self._table.predicted_w)
        return self._table.predicted_in(self._domain, npu_w)
