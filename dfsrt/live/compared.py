"""A recording of a board beside what is predicted for a network at the clocks it was at."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.live.chooser import nearest
from dfsrt.live.counter import CLOCK, LOAD, counter_of
from dfsrt.recording import Recording, rail_powers
from dfsrt.report.api import Job

SAME_CLOCK = 0.02
"""Firmware rounds clocks: so far from a device's point it is still that point."""


@dataclass(frozen=True, slots=True)
class AtClock:
    """A stretch of time at one clock: its share, and what is predicted there.

    ``predicted_w`` and ``busy`` are None where the device has no such clock.
    """

    freq_hz: int
    share: float
    load: float | None
    predicted_w: float | None
    busy: float | None


@dataclass(frozen=True, slots=True)
class Compared:
    """A recording's mean power by meter, and the mean that is predicted over its clocks."""

    clocks: tuple[AtClock, ...]
    measured_w: dict[str, float] = field(default_factory=dict)

    @property
    def predicted_w(self) -> float | None:
        """Mean over the time for which there is a prediction; None where there is none."""
        known = [(c.share, c.predicted_w) for c in self.clocks if c.predicted_w is not None]
        total = sum(share for share, _ in known)
        return sum(share * watts for share, watts in known) / total if total else None


def compare(recording: Recording, job: Job | None, domain: str) -> Compared:
    """Return a recording beside ``job``, run at each clock that the board was at.

    ``domain`` is what the meters show: ``npu``, ``npu+dram`` or ``system``. Without a job nothing
    is predicted.
    """
    times_ns, clocks = counter_of(recording, CLOCK)
    load_ns, loads = counter_of(recording, LOAD)
    lasts = np.diff(times_ns, append=times_ns[-1:] + _usual(times_ns))
    rows = []
    for hz in sorted(set(clocks.tolist())):
        at = clocks == hz
        with_load = np.isin(load_ns, times_ns[at])
        load = float(loads[with_load].mean()) / 100 if with_load.any() else None
        watts, busy = (None, None) if job is None else _predicted(job, int(hz), domain)
        rows.append(AtClock(int(hz), float(lasts[at].sum() / lasts.sum()), load, watts, busy))
    measured = {rail.rail: rail.mean_w for rail in rail_powers(recording)}
    return Compared(tuple(rows), measured)


def _predicted(job: Job, freq_hz: int, domain: str) -> tuple[float | None, float | None]:
    """Mean power and busy share of a job at one clock; None where the device has no such clock."""
    points = job.npu.opps.freqs_hz
    point_hz = points[nearest(points, freq_hz)]
    if abs(point_hz - freq_hz) > SAME_CLOCK * freq_hz:
        return None, None
    report = job.run(f"userspace:freq={point_hz}Hz").report
    energy = report.energy_by_domain_j
    joules = {"npu": energy.npu, "npu+dram": energy.npu + energy.dram, "system": energy.total}
    return joules[domain] / report.time_s, report.busy_share


def _usual(times_ns: Floats) -> float:
    """The usual time from one sample to the next, of times ``(n_samples,)``."""
    return float(np.median(np.diff(times_ns))) if len(times_ns) > 1 else 1.0
