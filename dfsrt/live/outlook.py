"""What a governor may know of a board: its points, and what is predicted for a network there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dfsrt.base.errors import InputError
from dfsrt.device.opp import OperatingPoint, OppTable
from dfsrt.device.rail import Rail
from dfsrt.governor.view import View
from dfsrt.run.job import Job
from dfsrt.run.outlook import first_view

_UNKNOWN_UV = 1
"""Voltage of points where nobody says it: one for all, so that no rail ever moves."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """A view whose levels are the board's clocks, ``opps`` for them, and the job it is of.

    Without a job the view is of one layer that stands for all work: times go with the clock,
    watts are unknown (NaN), voltages are one.
    """

    view: View
    opps: OppTable
    job: Job | None = None


def outlook_of_board(freqs_hz: Sequence[int]) -> Outlook:
    """Return what is known of a board alone: its clocks, ascending.

    Raises:
        InputError: it has none.
    """
    _check_any(freqs_hz)
    n = len(freqs_hz)
    opps = OppTable(tuple(OperatingPoint(f, _UNKNOWN_UV) for f in freqs_hz))
    view = View(
        freqs_hz=np.array(freqs_hz),
        rails_uv=np.full(n, _UNKNOWN_UV),
        set_points_uv=np.array([_UNKNOWN_UV]),
        duration_ns=np.array([[10**18 // f for f in freqs_hz]]),
        predicted_w=np.full((1, n, 1), np.nan),
        cap_w=np.inf,
        stall_ns=np.zeros((n, n), dtype=np.int64),
        rail=Rail("unknown", 0, np.inf, 0, 1.0),
        level=0,
        rail_uv=_UNKNOWN_UV,
    )
    return Outlook(view, opps)


def outlook_of_job(job: Job, freqs_hz: Sequence[int]) -> Outlook:
    """Return what is predicted for a job at the clocks that board and device both have.

    The memory is taken to stay at its highest point.

    Raises:
        InputError: they have none in common.
    """
    _check_any(freqs_hz)
    points = job.npu.opps.points
    levels = [n for n, point in enumerate(points) if point.freq_hz in freqs_hz]
    if not levels:
        own = ", ".join(f"{point.freq_hz / 1e6:g}" for point in points)
        raise InputError(
            f"device {job.npu.name} has no clock of the board's; it has {own} MHz: name the "
            "board's own with --device"
        )
    top_memory = job.table.levels.n_memory - 1
    view = first_view(job.table, job.power_cap, job.period_ns, memory=top_memory)
    return Outlook(_narrowed(view, levels), OppTable(tuple(points[n] for n in levels)), job)


def _narrowed(view: View, levels: list[int]) -> View:
    """Return the view of some levels alone, with the voltages that they need."""
    rails_uv = view.rails_uv[levels]
    keep = np.isin(view.set_points_uv, rails_uv)
    npu_w = view.npu_predicted_w
    return replace(
        view,
        freqs_hz=view.freqs_hz[levels],
        rails_uv=rails_uv,
        set_points_uv=view.set_points_uv[keep],
        duration_ns=view.duration_ns[:, levels],
        predicted_w=view.predicted_w[:, levels][..., keep],
        npu_predicted_w=None if npu_w is None else npu_w[:, levels][..., keep],
        stall_ns=view.stall_ns[np.ix_(levels, levels)],
        rail_uv=int(rails_uv[0]),
        memory=None,
        rest=None,
    )


def _check_any(freqs_hz: Sequence[int]) -> None:
    if not freqs_hz:
        raise InputError("the board lists no clock in available_frequencies; nothing can be set")
