"""What levers did, in words: what limits now, and which lever comes next."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dfsrt.base.units import format_si
from dfsrt.device import Npu
from dfsrt.report.brief import Brief
from dfsrt.report.tables import shares
from dfsrt.run.job import limit_w
from dfsrt.run.scenario import Scenario
from dfsrt.run.spec import RunSpec
from dfsrt.study.levers.schema import LeftOut, Rung

NOTHING = 5e-4
"""A share that counts as no change: a twentieth of a per cent."""


def joules_of(brief: Brief) -> tuple[float | None, bool]:
    """Return joules of a frame, and whether they are the battery's; else of all domains."""
    energy = brief.energy_per_frame_j
    if energy is None:
        return None, False
    if energy.battery is None:
        return energy.total, False
    return energy.battery, True


def cap_text(spec: RunSpec, npu: Npu) -> str:
    """Return the cap of a specification, or the device's own, in watts, and what it holds."""
    own = spec.load.spec if isinstance(spec.load, Scenario) else None
    cap = spec.cap if spec.cap is not None else (None if own is None else own.cap)
    cap = npu.default_cap_w if cap is None else cap
    domain = spec.cap_domain or (own.cap_domain if own is not None else None) or "npu"
    cap_w = limit_w(cap)
    told = "no cap" if math.isinf(cap_w) else f"cap {format_si(cap_w, 'W')}"
    return f"{told} on {domain}"


def limit_lines(brief: Brief) -> list[str]:
    """Return what limits speed, and where the joules of a frame go."""
    lines = []
    if brief.held_by is not None:
        lines.append(f"the clock is held by {brief.held_by} for most of the running time")
    joules, of_battery = joules_of(brief)
    energy = brief.energy_per_frame_j
    if joules and energy is not None:
        parts = {"NPU": energy.npu, "DRAM": energy.dram, "uncore": energy.uncore}
        if of_battery:
            parts["other components and losses"] = joules - energy.total
        split = shares({name: part / joules for name, part in parts.items()})
        lines.append(f"of {format_si(joules, 'J')} a frame {split}")
    return lines


def next_lines(
    alone: Sequence[Rung],
    without: Sequence[Rung],
    beyond: Sequence[Rung],
    left_out: Sequence[LeftOut],
) -> list[str]:
    """Return which lever to pull first, which would be missed most, and which is next."""
    first, missed = _best(alone), _best(without, -1)
    lines = []
    if first is not None:
        lines.append(
            f"pull {first.lever} first: {_percent(first.energy_change)} joules a frame alone"
        )
    if missed is not None:
        lines.append(
            f"{missed.lever} would be missed most: {_percent(missed.energy_change)} without it"
        )
    vain = [rung for rung in without if (rung.energy_change or 0.0) < -NOTHING]
    if vain:
        each = ", ".join(
            f"{rung.lever} ({_percent(rung.energy_change)} without it)" for rung in vain
        )
        lines.append(f"does not pay with all others on: {each}")
    better = _best(beyond)
    if better is not None:
        lines.append(
            f"next best lever: {better.lever}, {_effect(better)} on top of all that are on"
        )
    elif beyond:
        lines.append("next best lever: none of the others saves anything on top of these")
    else:
        more = f", left out are {', '.join(one.lever for one in left_out)}" if left_out else ""
        lines.append(f"next best lever: none, for all that can be pulled here are on{more}")
    return lines


def _best(rungs: Sequence[Rung], sign: int = 1) -> Rung | None:
    """Return the rung that saves the most, or with a ``sign`` of -1 costs the most, if any does."""
    known = [r for r in rungs if r.energy_change is not None]
    best = min(known, key=lambda r: sign * (r.energy_change or 0.0), default=None)
    worth = best is not None and sign * (best.energy_change or 0.0) < -NOTHING
    return best if worth else None


def _effect(rung: Rung) -> str:
    """Return what a lever does to joules of a frame, and to speed where it does anything."""
    joules = f"{_percent(rung.energy_change)} joules a frame"
    if abs(rung.fps_change or 0.0) < NOTHING:
        return joules
    return f"{joules} and {_percent(rung.fps_change)} frames a second"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:+.1%}"
