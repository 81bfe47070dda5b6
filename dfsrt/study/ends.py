"""Both ends of each assumed range: what a number that nobody has measured may do."""

from __future__ import annotations

from collections.abc import Callable

from dfsrt.report.life_schema import LifeRanges, LifeReport, RangeEnd
from dfsrt.run.life_job import BatteryJob


def range_ends(job: BatteryJob, on_run: Callable[[int], None] | None = None) -> LifeRanges:
    """Run ``job`` at both ends of each assumed number's range, all other numbers as they are."""
    middle = job.run().report
    found: list[RangeEnd] = []
    for number in middle.assumed:
        low, high = (_at(job, number.name, end) for end in (number.low, number.high))
        found.append(
            RangeEnd(
                number=number,
                life_low_s=low.life_s,
                life_high_s=high.life_s,
                frames_low=low.frames,
                frames_high=high.frames,
                skin_low_c=low.temperature_c.skin_max,
                skin_high_c=high.temperature_c.skin_max,
            )
        )
        if on_run is not None:
            on_run(len(found))
    found.sort(key=lambda e: -abs(e.life_high_s - e.life_low_s))
    return LifeRanges(
        scenario=middle.scenario, governor=middle.governor, life_s=middle.life_s, ends=found
    )


def _at(job: BatteryJob, path: str, value: float) -> LifeReport:
    return job.with_scenario(job.scenario.at(**{path: value})).run().report
