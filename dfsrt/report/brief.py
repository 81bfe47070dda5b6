"""The core of a report: the few numbers by which runs of any kind are laid side by side."""

from __future__ import annotations

import msgspec

from dfsrt.report.energy import ratio
from dfsrt.report.schema import Report


class FrameEnergy(msgspec.Struct, frozen=True, kw_only=True):
    """Joules of a frame by power domain, idle time included.

    ``total`` is the sum of the three domains; ``battery`` is what left the cell, everything
    around the NPU and all losses included, null where there is no battery.
    """

    npu: float
    dram: float
    uncore: float
    total: float
    battery: float | None = None


class Brief(msgspec.Struct, frozen=True, kw_only=True):
    """The core of one run's report.

    ``fps`` are requests that completed a second, of a pipeline with the frames that the host draws.
    ``fps_per_w`` are frames a second for each watt of all that is known: out of the
    battery where there is one, else of all domains of the device. ``tops_per_w`` are of the capped
    domain. Latencies are of requests, ``missed`` those that missed their deadline. ``over_cap`` is
    the share of time above the cap, ``held_by`` what held the clock for most of the running time.
    What is of a frame is null where none was shown, what is of a battery where there is none.
    """

    fps: float
    energy_per_frame_j: FrameEnergy | None
    fps_per_w: float | None
    tops_per_w: float | None
    power_avg_w: float
    power_max_w: float
    time_s: float
    frames: int
    busy_share: float
    latency_p50_s: float | None
    latency_p99_s: float | None
    missed: int
    over_cap: float
    dram_bytes_per_frame: float | None
    held_by: str | None
    life_s: float | None = None
    end_cause: str | None = None
    skin_max_c: float | None = None
    die_max_c: float | None = None


def brief_of(report: Report) -> Brief:
    """Return the core of ``report``."""
    frames, energy = report.frames, _frame_energy(report)
    latency, battery = report.latency_s, report.battery
    return Brief(
        fps=report.fps,
        energy_per_frame_j=energy,
        fps_per_w=None if energy is None else _per_joule(energy),
        tops_per_w=report.tops_per_w,
        power_avg_w=report.power_w.avg,
        power_max_w=report.power_w.max,
        time_s=report.time_s,
        frames=frames,
        busy_share=report.busy_share,
        latency_p50_s=None if latency is None else latency.p50,
        latency_p99_s=None if latency is None else latency.p99,
        missed=report.deadlines.missed,
        over_cap=ratio(report.cap.excess_time_s, report.time_s) or 0.0,
        dram_bytes_per_frame=ratio(float(report.memory.dram_bytes), frames),
        held_by=max(report.held_share, key=report.held_share.__getitem__, default=None),
        life_s=None if battery is None else battery.life_s,
        end_cause=None if battery is None else battery.end_cause,
        skin_max_c=None if battery is None else battery.temperature_c.skin_max,
        die_max_c=None if battery is None else battery.temperature_c.die_max,
    )


def _frame_energy(report: Report) -> FrameEnergy | None:
    if not report.frames:
        return None
    domains, battery = report.energy_by_domain_j, report.battery
    return FrameEnergy(
        npu=domains.npu / report.frames,
        dram=domains.dram / report.frames,
        uncore=domains.uncore / report.frames,
        total=domains.total / report.frames,
        battery=None if battery is None else battery.energy_per_frame_j,
    )


def _per_joule(energy: FrameEnergy) -> float | None:
    return ratio(1.0, energy.total if energy.battery is None else energy.battery)
