"""Both ends of each assumed range: what a number that nobody has measured may do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Unpack

from dfsrt.base.ranged import Ranged
from dfsrt.governor.idle.registry import idle_label
from dfsrt.report.battery import battery_of
from dfsrt.report.core import report_of
from dfsrt.report.samples import LifeRanges, RangeEnd
from dfsrt.report.schema import AssumedNumber, BatteryReport, Report
from dfsrt.run.fields import RunFields
from dfsrt.run.job import Job, make_job
from dfsrt.run.run import execute
from dfsrt.run.source import Runnable
from dfsrt.study.assumed import assumptions, setting_of, with_assumptions


def range_ends(
    load: Runnable, on_run: Callable[[int], None] | None = None, **fields: Unpack[RunFields]
) -> LifeRanges:
    """Run a scenario at both ends of each assumed number's range, all other numbers as they are.

    Those are numbers of the setting, of the device's idle power, and of the idle policy.
    ``fields`` are those of ``RunSpec``.

    Raises:
        InputError: no scenario, or a field that it cannot use.
    """
    job = make_job(load, **fields)
    middle, battery = _lived(job)
    ends: list[RangeEnd] = []
    for name, number in assumptions(job).items():
        ends.append(_ends(job, name, number))
        if on_run is not None:
            on_run(len(ends))
    ends.sort(key=lambda end: -abs(end.life_high_s - end.life_low_s))
    return LifeRanges(
        scenario=middle.load,
        governor=middle.governor,
        idle=idle_label(job.idle.governor),
        life_s=battery.life_s,
        ends=ends,
    )


def _lived(job: Job) -> tuple[Report, BatteryReport]:
    setting_of(job)
    run = execute(job)
    return report_of(run), battery_of(run)


def _ends(job: Job, name: str, number: Ranged) -> RangeEnd:
    (low, life_low), (high, life_high) = (
        _lived(with_assumptions(job, {name: end})) for end in (number.low, number.high)
    )
    return RangeEnd(
        number=AssumedNumber(
            name=name,
            value=number.value,
            low=number.low,
            high=number.high,
            unit=number.unit,
            source=number.source,
        ),
        life_low_s=life_low.life_s,
        life_high_s=life_high.life_s,
        frames_low=low.frames,
        frames_high=high.frames,
        skin_low_c=life_low.temperature_c.skin_max,
        skin_high_c=life_high.temperature_c.skin_max,
    )
