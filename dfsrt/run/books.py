"""Closing the books: from what the runtime wrote down to watts and joules, all rows at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.power.components import IN_DOMAIN
from dfsrt.power.table import LayerTable
from dfsrt.run.cap import PowerCap
from dfsrt.run.energy import row_energy
from dfsrt.run.expected import Expected
from dfsrt.run.held import held_by
from dfsrt.run.log import RunLog
from dfsrt.run.recorder import IDLE, Recorder, Rows


def close_books(
    table: LayerTable,
    cap: PowerCap,
    recorder: Recorder,
    expected: Expected,
    until_ns: int,
    cap_aware: bool = True,
    energy: Callable[[Rows], tuple[Floats, Floats, Ints]] | None = None,
) -> RunLog:
    """Return the run's log: every row's energy follows rule 5, ramps by their closed form.

    ``energy`` takes the place of ``row_energy`` where rows are not all of one NPU: joules and watts
    ``(n_rows, n_components)``, microvolts ``(n_rows,)``.
    """
    rows = recorder.rows()
    energy_j, running_w, rail_uv = energy(rows) if energy else row_energy(table, rows)
    cap_w = _limits(cap, rows["cap_step"])
    set_point = np.searchsorted(np.array(table.npu.opps.set_points_uv), rows.guaranteed_uv)
    held, unreachable = held_by(table, expected, rows, set_point, cap_w, cap_aware)
    ran = rows["layer"] != IDLE
    return RunLog(
        table=table,
        cap=cap,
        times=rows.times,
        frame=rows["frame"],
        layer=rows["layer"],
        start_ns=rows["start_ns"],
        end_ns=rows["end_ns"],
        stall_ns=rows["stall_ns"],
        level=rows["level"],
        freq_hz=np.where(ran, table.levels.freqs_hz[rows["level"]], 0),
        rail_uv=rail_uv,
        cap_w=cap_w,
        predicted_w=np.where(ran, expected.of_rows(rows, rows["level"], set_point), np.nan),
        power_w=running_w[:, : IN_DOMAIN[cap.domain]].sum(axis=1),
        energy_j=energy_j,
        held_by=held,
        cap_unreachable=unreachable,
        phase=rows["phase"],
        lane=rows.column.get("lane", np.zeros_like(rows.times)),
        ends=rows.column.get("ends", np.ones_like(rows.times)),
        left=recorder.left,
        repeated=tuple(recorder.repeated),
        moves=recorder.moves,
        moved=recorder.moved,
        transitions=recorder.transitions.copy(),
        until_ns=until_ns,
        correction=expected.correction,
    )


def _limits(cap: PowerCap, cap_step: Ints) -> Floats:
    """Return the limit of each row, ``(n_rows,)``, by the number of its step."""
    first, last = int(cap_step.min(initial=len(cap.steps))), int(cap_step.max(initial=0))
    limits = np.array([step.limit_w for step in cap.steps[first : last + 1]], dtype=np.float64)
    return np.asarray(limits[cap_step - first])
