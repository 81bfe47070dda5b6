"""Execution on lanes: drives the loop of several cores from one control event to the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from dfsrt.base.record import as_records
from dfsrt.governor.governor import Governor, sees_cap
from dfsrt.power.table import LayerTable
from dfsrt.run.books import close_books
from dfsrt.run.cap import PowerCap
from dfsrt.run.detail import Detail
from dfsrt.run.execution import Execution, Steps
from dfsrt.run.lanes import (
    LANE_COLUMNS,
    Lane,
    LaneSetup,
    advance_lanes,
    cut,
    laid_out_work,
    lane_energy,
)
from dfsrt.run.live_requests import LiveRequests
from dfsrt.run.log import RunLog
from dfsrt.run.machine import EVERY_ROW
from dfsrt.run.recorder import Recorder
from dfsrt.run.tables import FEW_ROWS, ROWS


class LaneExecution(Execution):
    """Cores side by side that serve one queue under a governor and a cap; it runs once.

    The governor plans for one lane under its share of the cap. Each layer execution, or part of
    one, and each lane's idle time is a row. The rest is as in ``Execution``.
    """

    def __init__(
        self,
        table: LayerTable,
        governor: Governor,
        cap: PowerCap,
        requests: LiveRequests,
        detail: Detail,
        setup: LaneSetup,
        *,
        least_ns: int,
        until_ns: int,
        period_ns: int | None = None,
        on_done: Callable[[int], None] | None = None,
    ) -> None:
        self._setup = setup
        self._lanes: Sequence[Lane] = [Lane() for _ in setup.tables]
        self._work = laid_out_work(setup.work, detail.begins_compiled)
        super().__init__(
            table, governor, shared_cap(cap, len(self._lanes)), requests, detail,
            least_ns=least_ns, until_ns=until_ns, period_ns=period_ns, on_done=on_done,
        )  # fmt: skip
        self._recorder = Recorder(len(table.levels), LANE_COLUMNS)
        self._widen()
        for lane in self._lanes:
            lane.level = self.machine.level

    def _own_loop(self) -> Callable[..., int]:
        return advance_lanes

    def _around(self) -> tuple[object, ...]:
        return self._lanes, self._work

    def _rows(self) -> int:
        return EVERY_ROW

    def _compile(self) -> None:
        super()._compile()
        self._lanes = as_records(self._lanes, Lane)
        self._work = laid_out_work(self._work, compiled=True)

    def _move_over(self) -> None:
        super()._move_over()
        self._widen()

    def _widen(self) -> None:
        """Make room for rows of lanes, which hold more."""
        tables, width = self._tables, len(LANE_COLUMNS)
        if self._is_compiled:
            rows = np.empty((ROWS, width), dtype=np.int64)
        else:
            rows = [[0] * width for _ in range(FEW_ROWS)]  # type: ignore[assignment]
        tables.out = tables.out._replace(rows=rows)

    def _rest_till_the_end(self) -> Steps:
        """Stand idle until the run has lasted as long as it must, then close every lane's row."""
        m, state, tables = self.machine, self.requests.queue.state, self._tables
        self._asked.cap_step = self._cap_step
        if state.done < state.stop_done:
            m.now_ns = max(m.now_ns, self._least_ns)
        levels = len(tables.device.needs_uv)
        cut(m, self._asked, tables.out, self._lanes, self._work, levels)
        self._take_out()
        yield from self._catch_up()

    def _close(self) -> RunLog:
        self._recorder.transitions += self._tables.take_transitions()
        energy = partial(lane_energy, self._setup.tables)
        now_ns = self._env.now_ns
        log = close_books(
            self.table,
            self.cap,
            self._recorder,
            self._expected,
            now_ns,
            sees_cap(self.governor),
            energy,
        )
        return replace(log, cores=self._setup.lanes.names)


def shared_cap(cap: PowerCap, lanes: int) -> PowerCap:
    """Return each lane's part of a cap: an equal one."""
    steps = tuple(replace(step, limit_w=step.limit_w / lanes) for step in cap.steps)
    return replace(cap, steps=steps)
