"""Governors side by side on one scenario."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dfsrt.base.errors import InputError
from dfsrt.report.life_schema import LifeComparison
from dfsrt.report.schema import to_json
from dfsrt.run.life_job import BatteryJob, BatteryRun


@dataclass(frozen=True)
class Compared:
    """Finished runs of one scenario."""

    report: LifeComparison
    runs: tuple[BatteryRun, ...]

    def to_json(self) -> bytes:
        """Return all reports as JSON."""
        return to_json(self.report)


def compare_governors(
    job: BatteryJob, governors: Sequence[str], on_time: Callable[[str, float], None] | None = None
) -> Compared:
    """Run ``job`` under each governor.

    Raises:
        InputError: no governor.
    """
    if not governors:
        raise InputError("no governor given; name at least one, like 'dfs'")
    runs = []
    for name in governors:

        def tell(seconds: float, name: str = name) -> None:
            if on_time is not None:
                on_time(name, seconds)

        runs.append(job.run(name, tell))
    report = LifeComparison(scenario=job.scenario.name, runs=[run.report for run in runs])
    return Compared(report, tuple(runs))
