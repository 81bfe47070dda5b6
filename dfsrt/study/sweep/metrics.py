"""The numbers of a brief as columns: a flat name, what people call it, and which way is better."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from dfsrt.report.brief import Brief

Cell = float | int | str | None


@dataclass(frozen=True, slots=True)
class Metric:
    """A column of a sweep: its label, SI unit, and whether ``high`` or ``low`` is better."""

    label: str
    unit: str = ""
    better: str = ""


METRICS: Mapping[str, Metric] = {
    "fps": Metric("frames a second", "FPS", "high"),
    "energy_per_frame_total_j": Metric("energy a frame", "J", "low"),
    "fps_per_w": Metric("frames a second for a watt", "FPS/W", "high"),
    "tops_per_w": Metric("TOPS for a watt", "TOPS/W", "high"),
    "power_avg_w": Metric("power, mean", "W", "low"),
    "power_max_w": Metric("power, highest", "W", "low"),
    "energy_per_frame_npu_j": Metric("energy a frame, NPU", "J", "low"),
    "energy_per_frame_dram_j": Metric("energy a frame, DRAM", "J", "low"),
    "energy_per_frame_uncore_j": Metric("energy a frame, uncore", "J", "low"),
    "energy_per_frame_battery_j": Metric("energy a frame, battery", "J", "low"),
    "time_s": Metric("time", "s"),
    "frames": Metric("frames"),
    "busy_share": Metric("share of time busy"),
    "latency_p50_s": Metric("latency, median", "s", "low"),
    "latency_p99_s": Metric("latency, 99 %", "s", "low"),
    "missed": Metric("deadlines missed", "", "low"),
    "over_cap": Metric("share of time over the cap", "", "low"),
    "dram_bytes_per_frame": Metric("DRAM bytes a frame", "B", "low"),
    "life_s": Metric("battery life", "s", "high"),
    "skin_max_c": Metric("skin, highest", "°C", "low"),
    "die_max_c": Metric("die, highest", "°C", "low"),
}
TEXTS = ("held_by", "end_cause")
BEST = ("fps", "energy_per_frame_total_j", "energy_per_frame_battery_j", "fps_per_w")
"""Metrics whose best points are named."""


def flat(brief: Brief | None) -> dict[str, Cell]:
    """Return a brief's fields by flat names, ``METRICS`` and then ``TEXTS``; None has none."""
    values: dict[str, Cell] = {} if brief is None else msgspec.to_builtins(brief)
    if brief is not None and brief.energy_per_frame_j is not None:
        parts = msgspec.to_builtins(brief.energy_per_frame_j)
        values |= {f"energy_per_frame_{part}_j": joules for part, joules in parts.items()}
    return {name: values.get(name) for name in (*METRICS, *TEXTS)}
