"""Mean power of rails: over a whole recording or a stretch of it.

Three things in a recording are power: counters in W sampled now and then, between whose samples
power goes in a straight line; counters in W written where they change, which hold until the next;
and counters in J that only grow, whose difference is the energy. The first are of power logs, the
second of timelines.
"""

from __future__ import annotations

import math
import re

import msgspec
import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.base.errors import InputError
from dfsrt.recording.recording import Recording
from dfsrt.recording.span import span_ns

SAMPLED = ("tegrastats", "power", "devlib")
"""Formats with a sample now and then; in others a counter is a step."""
_BATTERY = re.compile(r"battery\b.*")
_NOT_DRAWN = re.compile(r"cap|NPU limit|.* power (?:asked|limit)|zone \S+ .*")
"""Counters in W that nothing draws: of dfsrt's timelines and the kernel's thermal control."""


class RailPower(msgspec.Struct, frozen=True, kw_only=True):
    """A rail's mean power and energy in ``start_s`` to ``end_s`` of the recording.

    ``how`` is what lies between samples: ``line``, ``step``, or ``energy``, a count of joules.
    """

    rail: str
    mean_w: float
    energy_j: float
    start_s: float
    end_s: float
    samples: int
    how: str


def rail_powers(
    recording: Recording, start_s: float | None = None, end_s: float | None = None
) -> list[RailPower]:
    """Return the mean power of each rail, in the order of their first samples.

    A stretch is cut to where a rail has samples; a rail with none in it, or one alone, is left out.

    Raises:
        InputError: a stretch that is empty, or in which no rail has two samples.
    """
    if start_s is not None and end_s is not None and not start_s < end_s:
        raise InputError(f"from {start_s:g} s until {end_s:g} s is no time; give the earlier first")
    start_ns = -math.inf if start_s is None else start_s * 1e9
    end_ns = math.inf if end_s is None else end_s * 1e9
    sampled = recording.about.get("format") in SAMPLED
    last_ns = float(span_ns(recording)[1])
    c = recording.counters
    rails = []
    for track, unit in dict.fromkeys(zip(c.track.tolist(), c.unit.tolist(), strict=True)):
        name, how = recording.texts[track], _how(recording.texts[unit], sampled)
        if not how or _BATTERY.fullmatch(name) or _NOT_DRAWN.fullmatch(name):
            continue
        mine = (c.track == track) & (c.unit == unit)
        times, values = c.time_ns[mine].astype(np.float64), c.value[mine]
        until = min(end_ns, last_ns if how == "step" else times[-1])
        rail = _power(name, how, times, values, (max(start_ns, times[0]), until))
        rails += [rail] if rail is not None else []
    if not rails and (start_s is not None or end_s is not None):
        raise InputError(
            f"no rail has two samples in that stretch; the recording ends at {last_ns / 1e9:g} s"
        )
    return rails


def _how(unit: str, sampled: bool) -> str:
    return {"W": "line" if sampled else "step", "J": "energy"}.get(unit, "")


def _power(
    name: str, how: str, times: Floats, values: Floats, stretch: tuple[float, float]
) -> RailPower | None:
    """The power of one counter, of samples ``(n_samples,)``."""
    start, end = float(stretch[0]), float(stretch[1])
    if not start < end or not np.isfinite(values).all():
        return None
    inside = times[(times > start) & (times < end)]
    at = np.concatenate([[start], inside, [end]])
    if how == "energy":
        energy_j = _gained(times, values, start, end)
    elif how == "step":
        held = values[np.searchsorted(times, at[:-1], side="right") - 1]
        energy_j = float((held * np.diff(at)).sum()) * 1e-9
    else:
        energy_j = float(np.trapezoid(np.interp(at, times, values), at)) * 1e-9
    span_s = (end - start) * 1e-9
    return RailPower(
        rail=name.removesuffix(" energy") if how == "energy" else name,
        mean_w=energy_j / span_s,
        energy_j=energy_j,
        start_s=start * 1e-9,
        end_s=end * 1e-9,
        samples=int(((times >= start) & (times <= end)).sum()),
        how=how,
    )


def _gained(times: Floats, joules: Floats, start: float, end: float) -> float:
    """Energy between two times of a count, ``(n_samples,)``; where it falls it began anew at 0."""
    steps = np.diff(joules)
    grown = np.concatenate([[0.0], np.cumsum(np.where(steps < 0, joules[1:], steps))])
    first, last = np.interp([start, end], times, grown)
    return float(last - first)
