"""A life: what a budget looks at in a scenario's run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from dfsrt.report.battery import NPU_FLOW, battery_of
from dfsrt.report.brief import brief_of
from dfsrt.report.core import report_of
from dfsrt.run.run import Run


@dataclass(frozen=True, slots=True)
class Life:
    """Figures of one run of a scenario; ``power_w`` are means of its components by name."""

    fps: float
    life_s: float
    skin_max_c: float
    end_cause: str
    held_by: str | None
    busy_share: float
    npu_w: float
    power_w: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Refused:
    """A run that could not be, like that of a battery below its components, and ``why``."""

    why: str


Outcome: TypeAlias = Life | Refused


def life_of(run: Run) -> Life:
    """Return the figures of a run; ``npu_w`` is of the NPU with its memory traffic and uncore."""
    report = report_of(run)
    battery = report.battery or battery_of(run)
    spent, seconds = battery.energy_j.components, max(battery.life_s, 1e-9)
    return Life(
        fps=report.fps,
        life_s=battery.life_s,
        skin_max_c=battery.temperature_c.skin_max,
        end_cause=battery.end_cause,
        held_by=brief_of(report).held_by,
        busy_share=report.busy_share,
        npu_w=sum(spent[part] for part in NPU_FLOW) / seconds,
        power_w={c.name: c.power_mean_w for c in battery.components},
    )
