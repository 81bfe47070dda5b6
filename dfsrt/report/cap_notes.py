"""Remarks on a cap that somebody gave: one that never binds, or that no layer can keep."""

from __future__ import annotations

import math

import numpy as np

from dfsrt.base.units import format_si
from dfsrt.power.components import rates_of
from dfsrt.power.plant import true_npu_w
from dfsrt.run.job import Job

_NEAR = 20
"""How far above all draws a cap may lie that somebody gives on purpose."""
_SLIPS = (1e-3, 1e-9, 1e-6, 1e3)
"""What is likely meant: W for mW, MW for mW, kW for mW, uW for mW."""


def cap_notes(job: Job, drawn_w: float = 0.0) -> list[str]:
    """Return what is wrong with the size of a cap that was given, and what may be meant.

    ``drawn_w`` is the most that a layer drew in a run.
    """
    spec = job.spec
    limits = [s.limit_w for s in job.power_cap.steps if math.isfinite(s.limit_w)]
    if not limits or (spec.cap is None and not spec.cap_changes):
        return []
    lowest_w, highest_w = draws_w(job)
    name, domain = job.npu.name, job.power_cap.domain
    if min(limits) >= max(highest_w, drawn_w):
        return [
            f"the cap, {_limits(limits)}, lies above all that this load draws of {name} ({domain}: "
            f"{format_si(highest_w, 'W')} at most), so it never binds"
            + _meant(limits, lowest_w, _NEAR * highest_w)
        ]
    if max(limits) < lowest_w and not job.power_cap.window_ns:
        return [
            f"the cap, {_limits(limits)}, lies below all that this load draws of {name} ({domain}: "
            f"{format_si(lowest_w, 'W')} at least), so every layer runs at its lowest clock and "
            "over the cap" + _meant(limits, lowest_w, highest_w)
        ]
    return []


def draws_w(job: Job) -> tuple[float, float]:
    """Return the lowest and the highest watts of any layer in the cap's domain.

    That is at any clock and voltage. The lowest as predicted, by which governors plan; the highest
    as predicted or as the plant draws it at its own temperature, whichever is more. Of all cores
    that work side by side.
    """
    table, npu, domain = job.table, job.npu, job.power_cap.domain
    runs = table.duration_ns[:, -1] > 0
    watts = table.predicted_in(domain)[runs]
    allowed = np.isfinite(watts)
    freqs_hz = table.levels.freqs_hz.astype(np.float64)
    true_w = np.stack(
        [
            true_npu_w(table.plant, table.load, freqs_hz, np.array(uv * 1e-6))
            for uv in npu.opps.set_points_uv
        ],
        axis=-1,
    )
    true_w += table.load.outside_w(domain, rates_of(npu), table.plant.standby)[:, :, None]
    highest_w = max(watts[allowed].max(), true_w[runs][allowed].max())
    cores = 1 if job.lanes is None else len(job.lanes)
    return cores * float(watts[allowed].min()), cores * float(highest_w)


def _limits(limits: list[float]) -> str:
    low, high = (format_si(w, "W") for w in (min(limits), max(limits)))
    return low if low == high else f"{low} to {high}"


def _meant(limits: list[float], lowest_w: float, highest_w: float) -> str:
    """The same digits with a prefix that lies between these watts; nothing where none does."""
    near = (limits[0] * slip for slip in _SLIPS)
    meant_w = next((w for w in near if lowest_w <= w <= highest_w), None)
    if meant_w is None:
        return ""
    text = f"{meant_w * 1e3:.6g}mW" if meant_w < 1 else f"{meant_w:.6g}W"
    return f"; if {format_si(meant_w, 'W')} is meant, give --cap {text}"
